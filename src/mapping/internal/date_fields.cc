#include "mapping/internal/date_fields.h"

#include "mapping/internal/zoned_time.h"

namespace headwater::mapping {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month;
using std::chrono::year_month_day;

unsigned week_of_month(year_month_day date) {
  const auto iso_day = static_cast<int>(std::chrono::weekday(sys_days(date)).iso_encoding());
  const int thursday = static_cast<int>(unsigned{date.day()}) + 4 - iso_day;
  return thursday < 1 ? 0 : static_cast<unsigned>((thursday - 1) / 7 + 1);
}

bool DateFields::set(DateField field, std::int32_t value) {
  auto& slot = values_[static_cast<std::size_t>(field)];
  if (slot != kUnset && slot != value) return false;
  slot = value;
  return true;
}

std::int32_t DateFields::get(DateField field, std::int32_t otherwise) const {
  return has(field) ? values_[static_cast<std::size_t>(field)] : otherwise;
}

std::optional<DateFields::Day> DateFields::find_day_in_month(year_month month) const {
  const auto weekday = std::chrono::weekday(static_cast<unsigned>(get(DateField::weekday, 1)));
  const bool has_weekday = has(DateField::weekday);
  if (!has(DateField::day) && has_weekday && has(DateField::weekday_ordinal)) {
    const auto date = month / weekday[static_cast<unsigned>(get(DateField::weekday_ordinal, 1))];
    if (!date.ok()) return std::nullopt;
    return Day{sys_days(date)};
  }
  if (!has(DateField::day) && has_weekday && has(DateField::week_of_month)) {
    const sys_days week_one = sys_days(month / std::chrono::Thursday[1]) - days(3);
    const days into(get(DateField::weekday, 1) - 1 + 7 * (get(DateField::week_of_month, 1) - 1));
    return Day{week_one + into};
  }
  const auto date = month / std::chrono::day(static_cast<unsigned>(get(DateField::day, 1)));
  if (!date.ok()) return std::nullopt;
  return Day{sys_days(date), has(DateField::day)};
}

std::optional<DateFields::Day> DateFields::find_day() const {
  const int year_number = get(DateField::year, get(DateField::week_year, 1970));
  const std::chrono::year year(year_number);
  const bool has_month = has(DateField::month) || has(DateField::quarter);
  if (!has_month && !has(DateField::day)) {
    if (has(DateField::day_of_year))
      return Day{sys_days(year / 1 / 1) + days(get(DateField::day_of_year, 1) - 1)};
    if (has(DateField::week)) {
      const int week_year = get(DateField::week_year, year_number);
      // January the 4th is in week 1 of every year.
      const sys_days fourth(std::chrono::year(week_year) / 1 / 4);
      const days into_week(std::chrono::weekday(fourth).iso_encoding() - 1);
      const days weeks(7 * (get(DateField::week, 1) - 1));
      const Day found{fourth - into_week + weeks + days(get(DateField::weekday, 1) - 1)};
      if (iso_week(found.day).year != week_year) return std::nullopt;
      return found;
    }
  }
  const int month = get(DateField::month, 3 * get(DateField::quarter, 1) - 2);
  return find_day_in_month(year / std::chrono::month(static_cast<unsigned>(month)));
}

bool DateFields::agrees_with(const Day& found) const {
  const year_month_day date(found.day);
  const auto month = unsigned{date.month()};
  if (!agrees(DateField::month, month) || !agrees(DateField::quarter, (month + 2) / 3)) return false;
  if (!found.exact) return true;
  // A calendar year that stands for the year of a week need not be that of the day.
  const bool by_week = has(DateField::week) && !has(DateField::week_year);
  if (!by_week && !agrees(DateField::year, int{date.year()})) return false;
  // Most texts have none of what takes calculating.
  if (has(DateField::week_year) || has(DateField::week)) {
    const auto [week_year, week] = iso_week(found.day);
    if (!agrees(DateField::week_year, week_year) || !agrees(DateField::week, week)) return false;
  }
  if (has(DateField::week_of_month) && !agrees(DateField::week_of_month, week_of_month(date))) return false;
  if (has(DateField::day_of_year) &&
      !agrees(DateField::day_of_year, (found.day - sys_days(date.year() / 1 / 1)).count() + 1))
    return false;
  return agrees(DateField::weekday_ordinal, (unsigned{date.day()} - 1) / 7 + 1) &&
         (!has(DateField::weekday) ||
          agrees(DateField::weekday, std::chrono::weekday(found.day).iso_encoding()));
}

std::optional<std::int64_t> DateFields::local_seconds() const {
  const auto found = find_day();
  if (!found || !agrees_with(*found)) return std::nullopt;
  if (const int year = int{year_month_day(found->day).year()}; year < 1 || year > 9999) return std::nullopt;
  const int half_day_hour = get(DateField::hour_of_half_day, 0) + 12 * get(DateField::half_day, 0);
  const int hour = get(DateField::hour, half_day_hour);
  if (!agrees(DateField::hour_of_half_day, hour % 12) || !agrees(DateField::half_day, hour / 12))
    return std::nullopt;
  const auto time = std::chrono::hours(hour) + std::chrono::minutes(get(DateField::minute, 0)) +
                    std::chrono::seconds(get(DateField::second, 0));
  return (found->day + time).time_since_epoch().count();
}

}  // namespace headwater::mapping
