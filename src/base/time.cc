#include "base/time.h"

#include <date/date.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <sstream>

#include "base/time_range.h"

namespace headwater {
namespace {

using std::chrono::floor;

struct CivilTime {
  int year = 0;
  unsigned month = 0, day = 0, weekday = 0;
  unsigned hour = 0, minute = 0, second = 0, nanosecond = 0;
};

CivilTime civil(TimePoint time) {
  const auto day_point = floor<date::days>(time);
  const date::year_month_day ymd{day_point};
  const date::hh_mm_ss clock{time - day_point};
  CivilTime out;
  out.year = static_cast<int>(ymd.year());
  out.month = static_cast<unsigned>(ymd.month());
  out.day = static_cast<unsigned>(ymd.day());
  out.weekday = date::weekday{day_point}.c_encoding();
  out.hour = static_cast<unsigned>(clock.hours().count());
  out.minute = static_cast<unsigned>(clock.minutes().count());
  out.second = static_cast<unsigned>(clock.seconds().count());
  out.nanosecond = static_cast<unsigned>(clock.subseconds().count());
  return out;
}

std::string padded(std::uint64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() >= width ? digits : std::string(width - digits.size(), '0') + digits;
}

// Reads exactly `width` digits; moves `text` past them.
std::optional<unsigned> digits(std::string_view& text, std::size_t width) {
  unsigned value = 0;
  const std::string_view number = text.substr(0, width);
  if (number.size() < width) return std::nullopt;
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (code != std::errc() || end != number.data() + number.size()) return std::nullopt;
  text.remove_prefix(width);
  return value;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

Error not_a_time(std::string_view text) {
  return Error{ErrorKind::invalid_argument,
               "\"" + std::string(text) + "\" is not an RFC 3339 time; write it as 2024-03-05T09:07:03Z."};
}

Error out_of_range(std::string_view text) {
  return Error{ErrorKind::invalid_argument, "\"" + std::string(text) +
                                                "\" is outside of the times that can be told, " +
                                                format_rfc3339(kTimeMin) + " to " +
                                                format_rfc3339(floor<std::chrono::seconds>(kTimeMax)) + "."};
}

// ---- .NET formats ----

std::string fraction(const CivilTime& t, std::size_t count) {
  return padded(t.nanosecond / 100, 7).substr(0, count);
}

std::string year_text(const CivilTime& t, std::size_t count) {
  const auto year = static_cast<unsigned>(t.year);
  if (count == 1) return std::to_string(year % 100);
  if (count == 2) return padded(year % 100, 2);
  return padded(year, count);
}

std::string named(std::string_view name, unsigned number, std::size_t count) {
  if (count >= 4) return std::string(name);
  if (count == 3) return std::string(name.substr(0, 3));
  return padded(number, count);
}

// The text of one token: `c` repeated `count` times.
std::string token_text(const CivilTime& t, char c, std::size_t count, std::string& out) {
  const std::size_t two = std::min<std::size_t>(count, 2);
  switch (c) {
    case 'y':
      return year_text(t, count);
    case 'M':
      return named(kMonthNames[t.month - 1], t.month, count);
    case 'd':
      return named(kWeekdayNames[t.weekday], t.day, count);
    case 'H':
      return padded(t.hour, two);
    case 'h':
      return padded(t.hour % 12 == 0 ? 12 : t.hour % 12, two);
    case 'm':
      return padded(t.minute, two);
    case 's':
      return padded(t.second, two);
    case 'f':
      return fraction(t, count);
    case 'F': {
      std::string text = fraction(t, count);
      while (!text.empty() && text.back() == '0') text.pop_back();
      if (text.empty() && !out.empty() && out.back() == '.') out.pop_back();
      return text;
    }
    case 't':
      return std::string(t.hour < 12 ? "AM" : "PM").substr(0, two);
    case 'K':
      return std::string(count, 'Z');
    case 'z':
      return count == 1 ? "+0" : count == 2 ? "+00" : "+00:00";
    case 'g':
      return "A.D.";
    default:
      return std::string(count, c);
  }
}

bool is_token(char c) { return std::string_view("yMdHhmsfFtKzg").find(c) != std::string_view::npos; }

std::optional<std::string_view> standard_format(std::string_view format) {
  if (format == "o" || format == "O") return "yyyy-MM-ddTHH:mm:ss.fffffffK";
  if (format == "s") return "yyyy-MM-ddTHH:mm:ss";
  if (format == "u") return "yyyy-MM-dd HH:mm:ssZ";
  if (format == "r" || format == "R") return "ddd, dd MMM yyyy HH:mm:ss 'GMT'";
  return std::nullopt;
}

}  // namespace

std::int64_t epoch_seconds(TimePoint time) {
  return floor<std::chrono::seconds>(time).time_since_epoch().count();
}
std::int64_t epoch_millis(TimePoint time) {
  return floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}
std::optional<TimePoint> time_point(std::chrono::sys_seconds seconds, std::chrono::nanoseconds more) {
  if (seconds < floor<std::chrono::seconds>(kTimeMin) || seconds > floor<std::chrono::seconds>(kTimeMax))
    return std::nullopt;
  return TimePoint(seconds) + more;
}
TimePoint from_epoch_seconds(std::int64_t seconds) {
  return TimePoint(
      std::chrono::seconds(std::clamp(seconds, epoch_seconds(kTimeMin), epoch_seconds(kTimeMax))));
}
TimePoint from_epoch_millis(std::int64_t millis) {
  return TimePoint(
      std::chrono::milliseconds(std::clamp(millis, epoch_millis(kTimeMin), epoch_millis(kTimeMax))));
}

std::string format_rfc3339(TimePoint time) {
  const CivilTime t = civil(time);
  std::string out = padded(static_cast<unsigned>(t.year), 4) + "-" + padded(t.month, 2) + "-" +
                    padded(t.day, 2) + "T" + padded(t.hour, 2) + ":" + padded(t.minute, 2) + ":" +
                    padded(t.second, 2);
  if (t.nanosecond != 0) {
    std::string tail = padded(t.nanosecond, 9);
    while (tail.back() == '0') tail.pop_back();
    out += "." + tail;
  }
  return out + "Z";
}

Result<TimePoint> parse_rfc3339(std::string_view text) {
  const Error wrong = not_a_time(text);
  std::string_view rest = text;
  const auto year = digits(rest, 4);
  if (!year || !take(rest, '-')) return wrong;
  const auto month = digits(rest, 2);
  if (!month || !take(rest, '-')) return wrong;
  const auto day = digits(rest, 2);
  if (!day) return wrong;
  const date::year_month_day ymd{date::year(static_cast<int>(*year)), date::month(*month), date::day(*day)};
  if (!ymd.ok()) return wrong;
  std::chrono::sys_seconds time = date::sys_days(ymd);
  std::chrono::nanoseconds fraction{0};
  const auto told = [&]() -> Result<TimePoint> {
    if (const auto point = time_point(time, fraction)) return *point;
    return out_of_range(text);
  };
  if (rest.empty()) return told();
  if (!take(rest, 'T') && !take(rest, 't') && !take(rest, ' ')) return wrong;
  const auto hour = digits(rest, 2);
  if (!hour || *hour > 23 || !take(rest, ':')) return wrong;
  const auto minute = digits(rest, 2);
  if (!minute || *minute > 59) return wrong;
  unsigned second = 0;
  if (take(rest, ':')) {
    const auto read = digits(rest, 2);
    if (!read || *read > 60) return wrong;
    second = *read;
  }
  time += std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(second);
  if (take(rest, '.')) {
    std::int64_t unit = 100'000'000;
    if (rest.empty() || rest.front() < '0' || rest.front() > '9') return wrong;
    for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; rest.remove_prefix(1), unit /= 10)
      fraction += std::chrono::nanoseconds((rest.front() - '0') * unit);
  }
  if (rest.empty() || rest == "Z" || rest == "z") return told();
  const bool behind = rest.front() == '-';
  if (!behind && rest.front() != '+') return wrong;
  rest.remove_prefix(1);
  const auto offset_hours = digits(rest, 2);
  if (!offset_hours || *offset_hours > 23) return wrong;
  take(rest, ':');
  const auto offset_minutes = digits(rest, 2);
  if (!offset_minutes || *offset_minutes > 59 || !rest.empty()) return wrong;
  const auto offset = std::chrono::hours(*offset_hours) + std::chrono::minutes(*offset_minutes);
  time += behind ? offset : -offset;
  return told();
}

std::string format_http_date(TimePoint time) { return *format_dotnet(time, "r"); }

std::optional<TimePoint> parse_http_date(std::string_view text) {
  for (const char* format : {"%a, %d %b %Y %T GMT", "%A, %d-%b-%y %T GMT", "%a %b %e %T %Y"}) {
    std::istringstream in{std::string(text)};
    date::sys_seconds seconds;
    in >> date::parse(format, seconds);
    if (!in.fail()) return time_point(seconds);
  }
  return std::nullopt;
}

Result<std::string> format_dotnet(TimePoint time, std::string_view format) {
  if (format == "epoch" || format == "unix") return std::to_string(epoch_seconds(time));
  if (format == "epochMillis") return std::to_string(epoch_millis(time));
  if (const auto standard = standard_format(format)) format = *standard;
  const CivilTime t = civil(time);
  const auto wrong = [&](std::string_view what) {
    return Error{ErrorKind::invalid_argument,
                 "The date format \"" + std::string(format) + "\" " + std::string(what) + "."};
  };
  std::string out;
  for (std::size_t i = 0; i < format.size();) {
    const char c = format[i];
    if (c == '\'' || c == '"') {
      const auto close = format.find(c, i + 1);
      if (close == std::string_view::npos) return wrong("has an unclosed quote");
      out += format.substr(i + 1, close - i - 1);
      i = close + 1;
    } else if (c == '\\') {
      if (i + 1 == format.size()) return wrong("ends in a backslash");
      out += format[i + 1];
      i += 2;
    } else if (c == '%') {
      if (i + 1 == format.size()) return wrong("ends in a percent sign");
      ++i;
    } else if (is_token(c)) {
      std::size_t count = 1;
      while (i + count < format.size() && format[i + count] == c) ++count;
      if ((c == 'f' || c == 'F') && count > 7)
        return wrong("asks for more than 7 digits of a second's fraction");
      const std::string token = token_text(t, c, count, out);
      out += token;
      i += count;
    } else {
      out += c;
      ++i;
    }
  }
  return out;
}

}  // namespace headwater
