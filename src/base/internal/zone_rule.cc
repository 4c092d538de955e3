#include "base/internal/zone_rule.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace headwater {
namespace {

using std::chrono::sys_days;

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// "3", "-1", "9:30", "+24:00:00" in seconds.
std::optional<std::int32_t> take_time(std::string_view& text) {
  const bool behind = take(text, '-');
  if (!behind) take(text, '+');
  std::int32_t seconds = 0, unit = 3600;
  do {
    const auto number = take_number(text);
    if (!number || *number > 167) return std::nullopt;
    seconds += *number * unit;
    unit /= 60;
  } while (unit > 0 && take(text, ':'));
  return behind ? -seconds : seconds;
}

// "CET" or "<+03>".
std::string_view take_name(std::string_view& text) {
  const bool quoted = take(text, '<');
  const auto is_end = [quoted](char c) { return quoted ? c == '>' : !((c | 32) >= 'a' && (c | 32) <= 'z'); };
  const auto end = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_end) - text.begin());
  const auto name = text.substr(0, end);
  text.remove_prefix(end);
  if (quoted) take(text, '>');
  return name;
}

}  // namespace

std::optional<ZoneRule::Change> ZoneRule::parse_change(std::string_view& text) {
  if (!take(text, ',') || !take(text, 'M')) return std::nullopt;
  const auto month = take_number(text);
  if (!month || *month < 1 || *month > 12 || !take(text, '.')) return std::nullopt;
  const auto week = take_number(text);
  if (!week || *week < 1 || *week > 5 || !take(text, '.')) return std::nullopt;
  const auto weekday = take_number(text);
  if (!weekday || *weekday > 6) return std::nullopt;
  Change change;
  change.month = std::chrono::month(static_cast<unsigned>(*month));
  change.week = static_cast<unsigned>(*week);
  change.weekday = std::chrono::weekday(static_cast<unsigned>(*weekday));
  change.local_seconds = 2 * 3600;
  if (take(text, '/')) {
    const auto time = take_time(text);
    if (!time) return std::nullopt;
    change.local_seconds = *time;
  }
  return change;
}

std::optional<ZoneRule> ZoneRule::parse(std::string_view text) {
  ZoneRule rule;
  rule.standard_.abbreviation = take_name(text);
  const auto standard = take_time(text);
  if (!standard) return std::nullopt;
  rule.standard_.seconds = -*standard;  // POSIX counts west of UTC
  rule.daylight_.abbreviation = take_name(text);
  if (rule.daylight_.abbreviation.empty()) return std::nullopt;
  rule.daylight_.daylight = true;
  rule.daylight_.seconds = rule.standard_.seconds + 3600;
  if (!text.starts_with(',')) {
    const auto daylight = take_time(text);
    if (!daylight) return std::nullopt;
    rule.daylight_.seconds = -*daylight;
  }
  const auto begin = parse_change(text);
  const auto end = begin ? parse_change(text) : std::nullopt;
  if (!end || !text.empty()) return std::nullopt;
  rule.begin_ = *begin;
  rule.end_ = *end;
  return rule;
}

std::int64_t ZoneRule::Change::utc(std::chrono::year year, std::int32_t offset_before) const {
  const sys_days day = week == 5 ? sys_days(year / month / weekday[std::chrono::last])
                                 : sys_days(year / month / weekday[week]);
  return std::chrono::sys_seconds(day).time_since_epoch().count() + local_seconds - offset_before;
}

const ZoneOffset& ZoneRule::offset_at(std::int64_t utc_seconds) const {
  const std::chrono::sys_seconds local(std::chrono::seconds(utc_seconds + standard_.seconds));
  const auto year = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(local)).year();
  const std::int64_t begin = begin_.utc(year, standard_.seconds);
  const std::int64_t end = end_.utc(year, daylight_.seconds);
  const bool daylight =
      begin < end ? begin <= utc_seconds && utc_seconds < end : begin <= utc_seconds || utc_seconds < end;
  return daylight ? daylight_ : standard_;
}

}  // namespace headwater
