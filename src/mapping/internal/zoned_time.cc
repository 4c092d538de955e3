#include "mapping/internal/zoned_time.h"

#include <algorithm>

#include "mapping/internal/date_text.h"

namespace headwater::mapping {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// The first and last second of the years 0001 to 9999.
constexpr std::int64_t kFirst =
    std::chrono::sys_seconds(sys_days(std::chrono::year(1) / 1 / 1)).time_since_epoch().count();
constexpr std::int64_t kLast =
    std::chrono::sys_seconds(sys_days(std::chrono::year(10'000) / 1 / 1)).time_since_epoch().count() - 1;

enum class Part : std::uint8_t {
  year,
  quarter,
  month,
  day_of_year,
  day,
  week,
  weekday,
  hour,
  half_day_hour,
  minute,
  second,
  millisecond,
};

struct PartWord {
  std::string_view word;
  Part part;
  bool can_be_set;
};

constexpr PartWord kPartWords[] = {
    {"year", Part::year, true},
    {"yyyy", Part::year, true},
    {"yy", Part::year, true},
    {"quarter", Part::quarter, false},
    {"qq", Part::quarter, false},
    {"q", Part::quarter, false},
    {"month", Part::month, true},
    {"mm", Part::month, true},
    {"m", Part::month, true},
    {"dayofyear", Part::day_of_year, false},
    {"dy", Part::day_of_year, false},
    {"y", Part::day_of_year, false},
    {"day", Part::day, true},
    {"dd", Part::day, true},
    {"d", Part::day, true},
    {"week", Part::week, false},
    {"ww", Part::week, false},
    {"w", Part::week, false},
    {"weekday", Part::weekday, false},
    {"dw", Part::weekday, false},
    {"hour", Part::hour, true},
    {"hh", Part::hour, true},
    {"hh24", Part::hour, false},
    {"hh12", Part::half_day_hour, false},
    {"minute", Part::minute, true},
    {"mi", Part::minute, true},
    {"n", Part::minute, true},
    {"second", Part::second, true},
    {"ss", Part::second, true},
    {"s", Part::second, true},
    {"millisecond", Part::millisecond, false},
    {"sss", Part::millisecond, false},
};

const PartWord* find_part(std::string_view word) {
  const auto at = std::find_if(std::begin(kPartWords), std::end(kPartWords),
                               [word](const PartWord& row) { return same_letters(word, row.word); });
  return at == std::end(kPartWords) ? nullptr : at;
}

std::string_view range_problem(const DateTimeFields& fields) {
  const auto outside = [](std::int64_t value, std::int64_t least, std::int64_t most) {
    return value < least || value > most;
  };
  if (outside(fields.year, 1, 9999)) return "a year is 1 to 9999";
  if (outside(fields.month, 1, 12)) return "a month is 1 to 12";
  if (outside(fields.day, 1, 31)) return "a day is 1 to 31";
  if (outside(fields.hour, 0, 23)) return "an hour is 0 to 23";
  if (outside(fields.minute, 0, 59)) return "a minute is 0 to 59";
  if (outside(fields.second, 0, 59)) return "a second is 0 to 59";
  if (outside(fields.nanosecond, 0, 999'999'999)) return "a nanosecond is 0 to 999999999";
  return {};
}

// The field that a component with `can_be_set` names.
std::int64_t* settable(DateTimeFields& fields, Part part) {
  if (part == Part::year) return &fields.year;
  if (part == Part::month) return &fields.month;
  if (part == Part::day) return &fields.day;
  if (part == Part::hour) return &fields.hour;
  return part == Part::minute ? &fields.minute : &fields.second;
}

// Of fields that are in range.
year_month_day date_of(const DateTimeFields& fields) {
  return std::chrono::year(static_cast<int>(fields.year)) /
         std::chrono::month(static_cast<unsigned>(fields.month)) /
         std::chrono::day(static_cast<unsigned>(fields.day));
}

std::int64_t local_seconds(year_month_day date, const DateTimeFields& fields) {
  return std::chrono::sys_seconds(sys_days(date)).time_since_epoch().count() + fields.hour * 3600 +
         fields.minute * 60 + fields.second;
}

struct Abbreviation {
  std::string_view name;
  std::int32_t hours;
};
constexpr Abbreviation kAbbreviations[] = {{"UTC", 0},  {"GMT", 0},  {"EST", -5}, {"EDT", -4},
                                           {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6},
                                           {"PST", -8}, {"PDT", -7}, {"CET", 1},  {"CEST", 2}};

}  // namespace

LocalTime local_time(const ZonedTime& time) {
  const std::int64_t seconds = time.seconds + time.offset;
  LocalTime local;
  local.day = std::chrono::floor<days>(std::chrono::sys_seconds(std::chrono::seconds(seconds)));
  const auto in_day =
      static_cast<unsigned>(seconds - std::chrono::sys_seconds(local.day).time_since_epoch().count());
  local.date = year_month_day(local.day);
  local.hour = in_day / 3600;
  local.minute = in_day / 60 % 60;
  local.second = in_day % 60;
  return local;
}

IsoWeek iso_week(sys_days day) {
  const auto iso_day = days(std::chrono::weekday(day).iso_encoding());
  const sys_days thursday = day - iso_day + days(4);
  const auto year = year_month_day(thursday).year();
  const auto week = (thursday - sys_days(year / 1 / 1)).count() / 7 + 1;
  return {int{year}, static_cast<unsigned>(week)};
}

ZonedTime at_zone(std::int64_t utc_seconds, std::uint32_t nanos, ZoneChoice zone) {
  const std::int32_t offset = zone.zone ? zone.zone->offset_at(utc_seconds).seconds : zone.offset;
  return {utc_seconds, nanos, offset, zone.zone};
}

ZonedTime with_zone(const ZonedTime& time, ZoneChoice zone) {
  return at_zone(time.seconds, time.nanos, zone);
}

ZonedTime from_local(std::int64_t local_seconds, std::uint32_t nanos, ZoneChoice zone) {
  if (!zone.zone) return {local_seconds - zone.offset, nanos, zone.offset, nullptr};
  return at_zone(zone.zone->to_utc(local_seconds), nanos, zone);
}

std::optional<ZonedTime> from_millis(std::int64_t epoch_millis) {
  const auto time = std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(epoch_millis));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::int64_t count = seconds.time_since_epoch().count();
  if (count < kFirst || count > kLast) return std::nullopt;
  const auto millis = static_cast<std::uint32_t>((time - seconds).count());
  return ZonedTime{count, millis * 1'000'000, 0, nullptr};
}

std::int64_t to_millis(const ZonedTime& time) { return time.seconds * 1000 + time.nanos / 1'000'000; }

void append_iso(std::string& out, const ZonedTime& time) {
  const LocalTime local = local_time(time);
  const int year = int{local.date.year()};
  if (year > 9999) out += '+';
  append_padded(out, static_cast<std::uint64_t>(year), 4);
  out += '-';
  append_padded(out, unsigned{local.date.month()}, 2);
  out += '-';
  append_padded(out, unsigned{local.date.day()}, 2);
  out += 'T';
  append_padded(out, local.hour, 2);
  out += ':';
  append_padded(out, local.minute, 2);
  out += ':';
  append_padded(out, local.second, 2);
  if (time.nanos != 0) {
    std::uint32_t fraction = time.nanos;
    std::size_t digits = 9;
    for (; fraction % 1000 == 0; fraction /= 1000) digits -= 3;
    out += '.';
    append_padded(out, fraction, digits);
  }
  append_offset(out, time.offset, {.colon = true, .z_for_utc = true, .seconds = true});
}

std::optional<std::int64_t> date_part(std::string_view component, const ZonedTime& time) {
  const PartWord* word = find_part(component);
  if (!word) return std::nullopt;
  const LocalTime local = local_time(time);
  switch (word->part) {
    case Part::year:
      return int{local.date.year()};
    case Part::quarter:
      return (unsigned{local.date.month()} + 2) / 3;
    case Part::month:
      return unsigned{local.date.month()};
    case Part::day_of_year:
      return (local.day - sys_days(local.date.year() / 1 / 1)).count() + 1;
    case Part::day:
      return unsigned{local.date.day()};
    case Part::week:
      return iso_week(local.day).week;
    case Part::weekday:
      return std::chrono::weekday(local.day).c_encoding() + 1;
    case Part::hour:
      return local.hour;
    case Part::half_day_hour:
      return (local.hour + 11) % 12 + 1;
    case Part::minute:
      return local.minute;
    case Part::second:
      return local.second;
    case Part::millisecond:
      return time.nanos / 1'000'000;
  }
  return std::nullopt;
}

std::string_view set_date_part(std::string_view component, std::int64_t value, ZonedTime& time) {
  const PartWord* word = find_part(component);
  if (!word) return "no component of a date has this name";
  if (!word->can_be_set) return "this component of a date can be read, not set";
  const LocalTime local = local_time(time);
  DateTimeFields fields{int{local.date.year()},
                        unsigned{local.date.month()},
                        unsigned{local.date.day()},
                        local.hour,
                        local.minute,
                        local.second,
                        time.nanos};
  *settable(fields, word->part) = value;
  if (const auto problem = range_problem(fields); !problem.empty()) return problem;

  year_month_day date = date_of(fields);
  if (!date.ok() && word->part == Part::day) return "the month has no such day";
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  const std::int64_t reading = local_seconds(date, fields);
  const ZoneChoice zone{time.zone, time.offset};
  // Of a reading that the clocks show twice, the one with the offset that it had.
  const bool same_offset = !time.zone || time.zone->offset_at(reading - time.offset).seconds == time.offset;
  time =
      same_offset ? at_zone(reading - time.offset, time.nanos, zone) : from_local(reading, time.nanos, zone);
  return {};
}

std::string_view make_date_time(const DateTimeFields& fields, ZoneChoice zone, ZonedTime& out) {
  if (const auto problem = range_problem(fields); !problem.empty()) return problem;
  const year_month_day date = date_of(fields);
  if (!date.ok()) return "the month has no such day";
  out = from_local(local_seconds(date, fields), static_cast<std::uint32_t>(fields.nanosecond), zone);
  return {};
}

std::optional<ZoneChoice> find_zone(std::string_view text, const Zones& zones) {
  for (const auto& [name, hours] : kAbbreviations)
    if (text == name) return ZoneChoice{nullptr, hours * 3600};
  std::string_view rest = text;
  if (rest.starts_with("UTC") || rest.starts_with("GMT")) rest.remove_prefix(3);
  const bool bare = rest.size() == text.size();
  if (const auto offset = take_offset(rest); offset && rest.empty() && (bare || !offset->is_z))
    return ZoneChoice{nullptr, offset->seconds};
  if (const Zone* zone = zones.find(text)) return ZoneChoice{zone, 0};
  return std::nullopt;
}

}  // namespace headwater::mapping
