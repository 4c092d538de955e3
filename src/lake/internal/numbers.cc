#include "lake/internal/numbers.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstring>
#include <string>

namespace headwater::lake {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Exponents are bounded: what lies beyond is out of every column's range anyway.
std::int64_t exponent_of(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed == std::errc() && value > -1'000'000 && value < 1'000'000) return value;
  return !text.empty() && text.front() == '-' ? -1'000'000 : 1'000'000;
}

/// The digits without sign, point, exponent and outer zeros, and the power of ten of the last one.
struct Normal {
  std::string digits;
  std::int64_t power = 0;
};

Normal normal_of(std::string_view text) {
  Normal out;
  std::int64_t behind = 0;
  bool point = false;
  std::size_t i = !text.empty() && text.front() == '-' ? 1 : 0;
  for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    if (point) ++behind;
    if (!out.digits.empty() || text[i] != '0') out.digits += text[i];
  }
  out.power = (i < text.size() ? exponent_of(text.substr(i + 1)) : 0) - behind;
  while (!out.digits.empty() && out.digits.back() == '0') {
    out.digits.pop_back();
    ++out.power;
  }
  if (out.digits.empty()) out.power = 0;
  return out;
}

std::optional<int> two_digits(std::string_view text, std::size_t at) {
  if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1])) return std::nullopt;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

/// Seconds east of UTC that `text` ("Z", "+02:00", "-0530", "") stands for.
std::optional<std::int64_t> offset_of(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  if (text.front() != '+' && text.front() != '-') return std::nullopt;
  const bool colon = text.size() == 6 && text[3] == ':';
  if (!colon && text.size() != 5) return std::nullopt;
  const auto hours = two_digits(text, 1);
  const auto minutes = two_digits(text, colon ? 4 : 3);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = *hours * 3600 + *minutes * 60;
  return text.front() == '-' ? -seconds : seconds;
}

}  // namespace

NumberParts parts_of(std::string_view text) {
  NumberParts out;
  std::size_t i = 0;
  if (!text.empty() && text[0] == '-') {
    out.negative = true;
    i = 1;
  }
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.') {
      out.has_point = true;
    } else if (is_digit(c)) {
      if (out.digits != 0 || c != '0') ++out.digits;
      if (out.has_point)
        ++out.scale;
      else if (out.integer_digits != 0 || c != '0')
        ++out.integer_digits;
    } else {
      out.has_exponent = true;
      break;
    }
  }
  out.trailing_zero = out.scale > 1 && text[i - 1] == '0';
  return out;
}

namespace {

/// Up to 18 digits, with or without a point: what nearly all numbers are. Digits are counted from the first
/// that is not zero.
struct PlainNumber {
  std::int64_t value = 0;
  unsigned digits = 0;
  unsigned behind = 0;  // the point
  bool has_point = false;
};

std::optional<PlainNumber> plain_number(std::string_view text) {
  PlainNumber out;
  const bool negative = !text.empty() && text.front() == '-';
  for (const char c : text.substr(negative ? 1 : 0)) {
    if (c == '.') {
      out.has_point = true;
      continue;
    }
    if (!is_digit(c) || out.digits == 18) return std::nullopt;
    out.value = out.value * 10 + (c - '0');
    out.digits += out.value != 0 ? 1 : 0;
    out.behind += out.has_point ? 1 : 0;
  }
  if (negative) out.value = -out.value;
  return out;
}

constexpr auto kPowersOfTen = [] {
  std::array<std::int64_t, 19> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

}  // namespace

std::optional<std::int64_t> to_integer(std::string_view text) {
  if (const auto plain = plain_number(text); plain && !plain->has_point) return plain->value;
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed == std::errc() && end == text.data() + text.size()) return value;
  const auto wide = to_decimal(text, 19, 0);
  if (!wide || *wide > INT64_MAX || *wide < INT64_MIN) return std::nullopt;
  return static_cast<std::int64_t>(*wide);
}

std::optional<Int128> to_decimal(std::string_view text, unsigned width, unsigned scale) {
  if (const auto plain = plain_number(text); plain && plain->behind <= scale) {
    if (plain->value == 0) return 0;
    const unsigned missing = scale - plain->behind;
    const unsigned digits = plain->digits + missing;
    if (digits <= 18)
      return digits <= width ? std::optional<Int128>(plain->value * kPowersOfTen[missing]) : std::nullopt;
  }
  const bool negative = !text.empty() && text.front() == '-';
  // The common form first: digits, a point, at most `scale` digits.
  Int128 value = 0;
  unsigned digits = 0;
  std::int64_t behind = -1;
  std::size_t i = negative ? 1 : 0;
  for (; i < text.size(); ++i) {
    if (text[i] == '.') {
      behind = 0;
      continue;
    }
    if (!is_digit(text[i]) || digits == 38) break;
    value = value * 10 + (text[i] - '0');
    if (value != 0) ++digits;
    if (behind >= 0) ++behind;
  }
  auto missing = static_cast<std::int64_t>(scale) - (behind < 0 ? 0 : behind);
  if (i < text.size() || missing < 0) {
    const auto normal = normal_of(text);
    missing = normal.power + static_cast<std::int64_t>(scale);
    if (normal.digits.empty()) return 0;
    if (missing < 0 || normal.digits.size() > 38) return std::nullopt;
    value = 0;
    for (const char c : normal.digits) value = value * 10 + (c - '0');
    digits = static_cast<unsigned>(normal.digits.size());
  }
  if (value == 0) return 0;
  if (missing > 38 || digits + static_cast<unsigned>(missing) > width) return std::nullopt;
  for (; missing > 0; --missing) value *= 10;
  return negative ? -value : value;
}

std::optional<DoubleValue> to_double(std::string_view text) {
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  const auto parts = parts_of(text);
  // Fifteen digits always survive a double, as long as it is a normal one.
  if (parts.digits <= 15 && !parts.has_exponent && parts.scale < 290) return DoubleValue{value, true};
  std::array<char, 64> shortest{};
  const auto written = std::to_chars(shortest.data(), shortest.data() + shortest.size(), value);
  const auto again = normal_of({shortest.data(), static_cast<std::size_t>(written.ptr - shortest.data())});
  const auto wanted = normal_of(text);
  return DoubleValue{value, again.power == wanted.power && again.digits == wanted.digits};
}

std::optional<std::int32_t> to_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto century = two_digits(text, 0), year = two_digits(text, 2), month = two_digits(text, 5),
             day = two_digits(text, 8);
  if (!century || !year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*century * 100 + *year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

std::optional<TimestampValue> to_timestamp(std::string_view text) {
  const auto days = to_date(text.substr(0, 10));
  if (!days) return std::nullopt;
  constexpr std::int64_t kDaySeconds = 86400, kSecondMicros = 1'000'000;
  if (text.size() == 10) return TimestampValue{*days * kDaySeconds * kSecondMicros, true};
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return std::nullopt;
  const auto hour = two_digits(text, 11), minute = two_digits(text, 14);
  if (!hour || !minute || text[13] != ':' || *hour > 23 || *minute > 59) return std::nullopt;
  std::size_t at = 16;
  int second = 0;
  if (at < text.size() && text[at] == ':') {
    const auto read = two_digits(text, 17);
    if (!read || *read > 60) return std::nullopt;
    second = *read;
    at = 19;
  }
  std::int64_t micros = 0;
  bool exact = second != 60;  // A leap second has no place in the count.
  if (at < text.size() && text[at] == '.') {
    std::int64_t unit = kSecondMicros;
    const auto first = ++at;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      unit /= 10;
      micros += (text[at] - '0') * unit;
      if (unit == 0 && text[at] != '0') exact = false;
    }
    if (at == first) return std::nullopt;
  }
  const auto offset = offset_of(text.substr(at));
  if (!offset) return std::nullopt;
  const auto seconds =
      *days * kDaySeconds + std::int64_t{*hour} * 3600 + std::int64_t{*minute} * 60 + second - *offset;
  return TimestampValue{seconds * kSecondMicros + micros, exact};
}

}  // namespace headwater::lake
