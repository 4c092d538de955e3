#include "authoring/dotnet_time.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/time.h"
#include "base/time_range.h"

namespace headwater::authoring {
namespace {

constexpr std::size_t kNanoDigits = 9;

/// Reads a text along a format, part by part.
class Reading {
 public:
  Reading(std::string_view text, std::string_view format) : text_(text), format_(format) {}

  std::optional<TimePoint> time() {
    while (!format_.empty())
      if (!part()) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year_)),
                                           std::chrono::month(static_cast<unsigned>(month_)),
                                           std::chrono::day(static_cast<unsigned>(day_)));
    if (!date.ok() || hour_ > 23 || minute_ > 59 || second_ > 60) return std::nullopt;
    const std::int64_t half_day = afternoon_ && hour_ < 12 ? 12 : 0;
    return time_point(std::chrono::sys_days(date) + std::chrono::hours(hour_ + half_day) +
                          std::chrono::minutes(minute_ - offset_minutes_) + std::chrono::seconds(second_),
                      std::chrono::nanoseconds(nanoseconds_));
  }

 private:
  bool part() {
    const char token = format_.front();
    if (token == '\'' || token == '"') return quoted(token);
    if (token == '\\') return literal(1);
    if (token == '%') {
      format_.remove_prefix(1);
      return !format_.empty();
    }
    const std::size_t count =
        std::min(format_.find_first_not_of(token), format_.size());  // of the same letter in a row
    constexpr std::string_view kTokens = "yMdHhmsfFtKzg";
    if (kTokens.find(token) == std::string_view::npos) return literal(0);
    format_.remove_prefix(count);
    return value(token, count);
  }

  bool value(char token, std::size_t count) {
    switch (token) {
      case 'y':
        if (!number(count <= 2 ? 2 : count, year_)) return false;
        if (count <= 2) year_ += 2000;
        return true;
      case 'M':
        return count > 2 ? name(kMonthNames, count, &month_) : number(2, month_);
      case 'd':
        return count > 2 ? name(kWeekdayNames, count, nullptr) : number(2, day_);
      case 'H':
        return number(2, hour_);
      case 'h':
        return number(2, hour_) && (hour_ %= 12, true);
      case 'm':
        return number(2, minute_);
      case 's':
        return number(2, second_);
      case 'f':
      case 'F':
        return fraction(count, token == 'F');
      case 't':
        return half(count);
      case 'g':
        return skip("A.D.");
      default:
        return offset();
    }
  }

  bool skip(std::string_view expected) {
    if (!text_.starts_with(expected)) return false;
    text_.remove_prefix(expected.size());
    return true;
  }
  bool literal(std::size_t escape) {
    if (format_.size() <= escape) return false;
    const std::string_view expected = format_.substr(escape, 1);
    // A full stop before a fraction that is all zero is dropped with it.
    const bool may_miss = expected == "." && format_.substr(1).starts_with('F');
    format_.remove_prefix(escape + 1);
    return skip(expected) || may_miss;
  }
  bool quoted(char quote) {
    const auto end = format_.find(quote, 1);
    if (end == std::string_view::npos) return false;
    const auto expected = format_.substr(1, end - 1);
    format_.remove_prefix(end + 1);
    return skip(expected);
  }
  std::string_view digits(std::size_t most) {
    std::size_t count = 0;
    while (count < std::min(most, text_.size()) && text_[count] >= '0' && text_[count] <= '9') ++count;
    const auto found = text_.substr(0, count);
    text_.remove_prefix(count);
    return found;
  }
  bool number(std::size_t most, std::int64_t& out) {
    const auto found = digits(most);
    if (found.empty() || found.size() > 9) return false;
    out = std::stoll(std::string(found));
    return true;
  }
  bool fraction(std::size_t most, bool may_miss) {
    std::string found(digits(std::min(most, kNanoDigits)));
    if (found.empty()) return may_miss;
    found.resize(kNanoDigits, '0');
    nanoseconds_ = std::stoll(found);
    return true;
  }
  template <class Names>
  bool name(const Names& names, std::size_t count, std::int64_t* out) {
    constexpr std::size_t kShort = 3;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (skip(count == kShort ? names.at(i).substr(0, kShort) : names.at(i))) {
        if (out != nullptr) *out = static_cast<std::int64_t>(i) + 1;
        return true;
      }
    return false;
  }
  bool half(std::size_t count) {
    afternoon_ = text_.starts_with('P');
    return skip(std::string_view(afternoon_ ? "PM" : "AM").substr(0, count > 1 ? 2 : 1));
  }
  // "Z", "+01:00", "+01" or nothing.
  bool offset() {
    if (skip("Z") || text_.empty() || (text_.front() != '+' && text_.front() != '-')) return true;
    const std::int64_t sign = text_.front() == '-' ? -1 : 1;
    text_.remove_prefix(1);
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    if (!number(2, hours)) return false;
    if (text_.starts_with(':')) {
      text_.remove_prefix(1);
      if (!number(2, minutes)) return false;
    }
    offset_minutes_ = sign * (hours * 60 + minutes);
    return true;
  }

  std::string_view text_, format_;
  std::int64_t year_ = 2000, month_ = 1, day_ = 1, hour_ = 0, minute_ = 0, second_ = 0, nanoseconds_ = 0;
  std::int64_t offset_minutes_ = 0;
  bool afternoon_ = false;
};

std::optional<std::int64_t> leading_number(std::string_view text) {
  const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end == 0 || end > 18) return std::nullopt;
  return std::stoll(std::string(text.substr(0, end)));
}

}  // namespace

std::optional<TimePoint> read_dotnet(std::string_view text, std::string_view format) {
  if (format == "epoch" || format == "unix" || format == "epochMillis") {
    const auto number = leading_number(text);
    if (!number) return std::nullopt;
    return format == "epochMillis" ? from_epoch_millis(*number) : from_epoch_seconds(*number);
  }
  // The standard formats of one letter.
  if (format == "r" || format == "R") return parse_http_date(text.substr(0, 29));
  if (format == "o" || format == "O") format = "yyyy-MM-ddTHH:mm:ss.fffffffK";
  if (format == "s") format = "yyyy-MM-ddTHH:mm:ss";
  if (format == "u") format = "yyyy-MM-dd HH:mm:ssZ";
  if (format.empty()) return std::nullopt;
  return Reading(text, format).time();
}

}  // namespace headwater::authoring
