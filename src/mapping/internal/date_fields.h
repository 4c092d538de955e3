#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace headwater::mapping {

enum class DateField : std::uint8_t {
  year,
  week_year,
  month,
  quarter,
  week,           // of the ISO year
  week_of_month,  // Monday first; week 1 holds the month's first Thursday, days before it are in week 0
  day_of_year,
  day,
  weekday_ordinal,  // the third Friday: 3
  weekday,          // 1 = Monday
  half_day,         // 0: AM
  hour,
  hour_of_half_day,
  minute,
  second,
};

/// Week of the month as DateField::week_of_month has it.
unsigned week_of_month(std::chrono::year_month_day date);

/// What a text says of a date and a time; one field may follow from others.
class DateFields {
 public:
  /// False when the field already has another value.
  bool set(DateField field, std::int32_t value);
  /// The clock reading, in seconds as if it were UTC. Missing fields are those of 1970-01-01T00:00:00.
  /// Nullopt when there is no such day, when fields contradict each other, and outside the years 0001 to
  /// 9999.
  std::optional<std::int64_t> local_seconds() const;

 private:
  struct Day {
    std::chrono::sys_days day;
    bool exact = true;  // false: the first of a month or year, for lack of a better
  };
  bool has(DateField field) const { return values_[static_cast<std::size_t>(field)] != kUnset; }
  std::int32_t get(DateField field, std::int32_t otherwise) const;
  bool agrees(DateField field, std::int64_t value) const { return !has(field) || get(field, 0) == value; }
  std::optional<Day> find_day() const;
  std::optional<Day> find_day_in_month(std::chrono::year_month month) const;
  bool agrees_with(const Day& day) const;

  static constexpr std::int32_t kUnset = -1;
  static constexpr std::size_t kFields = static_cast<std::size_t>(DateField::second) + 1;
  std::array<std::int32_t, kFields> values_ = [] {
    std::array<std::int32_t, kFields> unset{};
    unset.fill(kUnset);
    return unset;
  }();
};

}  // namespace headwater::mapping
