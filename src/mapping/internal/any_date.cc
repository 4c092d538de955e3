#include <algorithm>
#include <array>

#include "mapping/internal/date_pattern.h"
#include "mapping/internal/date_text.h"

namespace headwater::mapping {
namespace {

// The default patterns of E.3 but for the first six, "yyyy-MM-dd" and what begins like it: parse_iso reads
// those, and no text that begins like them matches one of these.
constexpr std::string_view kDefaultPatterns[] = {"yyyy/MM/dd",
                                                 "yyyy.MM.dd",
                                                 "yyyy-MMM-dd",
                                                 "yyyyMMdd",
                                                 "MM-dd-yyyy",
                                                 "MMddyyyy",
                                                 "M/dd/yyyy",
                                                 "dd.M.yyyy",
                                                 "M/dd/yyyy hh:mm:ss a",
                                                 "dd.M.yyyy hh:mm:ss a",
                                                 "dd.MMM.yyyy",
                                                 "dd-MMM-yyyy"};

const std::array<DatePattern, std::size(kDefaultPatterns)>& default_patterns() {
  static const auto patterns = [] {
    std::array<DatePattern, std::size(kDefaultPatterns)> compiled;
    std::transform(std::begin(kDefaultPatterns), std::end(kDefaultPatterns), compiled.begin(),
                   [](std::string_view pattern) { return *DatePattern::compile(pattern); });
    return compiled;
  }();
  return patterns;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// 0 to 99, or more when `text` has no two digits at `at`.
unsigned two_digits(std::string_view text, std::size_t at) {
  constexpr unsigned kNone = 1000;
  if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) return kNone;
  return static_cast<unsigned>((text[at] - '0') * 10 + (text[at + 1] - '0'));
}

// "yyyy-MM-dd" and whatever follows.
bool looks_iso(std::string_view text) {
  return text.size() >= 10 && text[4] == '-' && text[7] == '-' && two_digits(text, 0) < 100 &&
         two_digits(text, 2) < 100 && two_digits(text, 5) < 100 && two_digits(text, 8) < 100;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

struct Clock {
  std::int64_t seconds = 0;  // since midnight
  std::uint32_t nanos = 0;
};

// "HH:mm", "HH:mm:ss", "HH:mm:ss.S" with any number of digits; what is below a nanosecond is dropped.
std::optional<Clock> take_clock(std::string_view& text) {
  const unsigned hour = two_digits(text, 0), minute = two_digits(text, 3);
  if (hour > 23 || minute > 59 || text[2] != ':') return std::nullopt;
  text.remove_prefix(5);
  Clock clock{hour * 3600 + minute * 60, 0};
  if (!take(text, ':')) return clock;
  const unsigned second = two_digits(text, 0);
  if (second > 59) return std::nullopt;
  clock.seconds += second;
  text.remove_prefix(2);
  if (!take(text, '.')) return clock;
  if (text.empty() || !is_digit(text[0])) return std::nullopt;
  for (std::uint32_t unit = 100'000'000; !text.empty() && is_digit(text[0]);
       text.remove_prefix(1), unit /= 10)
    clock.nanos += static_cast<std::uint32_t>(text[0] - '0') * unit;
  return clock;
}

// What may stand behind the time: an offset, a zone's name, or both ("+02:00[Europe/Paris]").
std::optional<ZonedTime> read_zone(std::string_view text, std::int64_t local, std::uint32_t nanos,
                                   const Zones& zones) {
  take(text, ' ');
  std::string_view rest = text;
  const auto offset = take_offset(rest);
  const bool good = offset && (offset->is_z || offset->hour_digits == 2);
  if (offset && !good) return std::nullopt;
  if (good && rest.empty()) return from_local(local, nanos, {nullptr, offset->seconds});
  // "Zulu" begins like an offset, but is none.
  const bool named_behind = good && (rest[0] == ' ' || rest[0] == '[');
  std::string_view name = named_behind ? rest : text;
  if (named_behind) take(name, ' ');
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  const auto zone = find_zone(name, zones);
  if (!zone) return std::nullopt;
  if (!named_behind) return from_local(local, nanos, *zone);
  if (!zone->zone && zone->offset != offset->seconds) return std::nullopt;
  return at_zone(local - offset->seconds, nanos, *zone);
}

// Of a text that looks_iso.
std::optional<ZonedTime> parse_iso(std::string_view text, const Zones& zones) {
  const auto year = static_cast<int>(two_digits(text, 0) * 100 + two_digits(text, 2));
  const std::chrono::year_month_day date = std::chrono::year(year) / std::chrono::month(two_digits(text, 5)) /
                                           std::chrono::day(two_digits(text, 8));
  if (!date.ok() || year == 0) return std::nullopt;
  const auto midnight = std::chrono::sys_seconds(std::chrono::sys_days(date)).time_since_epoch().count();
  text.remove_prefix(10);
  if (text.empty()) return ZonedTime{midnight, 0, 0, nullptr};
  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  const auto clock = take_clock(text);
  if (!clock) return std::nullopt;
  const std::int64_t local = midnight + clock->seconds;
  if (text.empty()) return ZonedTime{local, 0, 0, nullptr};  // DP-20: no zone, no fraction
  return read_zone(text, local, clock->nanos, zones);
}

}  // namespace

std::optional<ZonedTime> parse_any_date(std::string_view text, const Zones& zones) {
  if (looks_iso(text)) return parse_iso(text, zones);
  for (const auto& pattern : default_patterns())
    if (auto time = pattern.parse(text, zones)) return time;
  return std::nullopt;
}

}  // namespace headwater::mapping
