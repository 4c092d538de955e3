#include "json/internal/decimal.h"

#include <algorithm>

namespace headwater::json::internal {
namespace {

void strip_front_zeros(std::string_view& digits) {
  while (!digits.empty() && digits.front() == '0') digits.remove_prefix(1);
}
void strip_back_zeros(std::string_view& digits) {
  while (!digits.empty() && digits.back() == '0') digits.remove_suffix(1);
}

Decimal::Exponent read_exponent(std::string_view text) {
  if (text.empty()) return 0;
  const bool negative = text.front() == '-';
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  strip_front_zeros(text);
  Decimal::Exponent value = 0;
  for (const char c : text.substr(0, 36)) value = value * 10 + (c - '0');
  if (text.size() > 36) value *= 10;
  return negative ? -value : value;
}

int compare_magnitudes(const Decimal& a, const Decimal& b) {
  if (a.exponent != b.exponent) return a.exponent < b.exponent ? -1 : 1;
  const std::size_t shared = std::min(a.digits(), b.digits());
  for (std::size_t i = 0; i < shared; ++i)
    if (a.digit(i) != b.digit(i)) return a.digit(i) < b.digit(i) ? -1 : 1;
  if (a.digits() == b.digits()) return 0;
  return a.digits() < b.digits() ? -1 : 1;
}

}  // namespace

Decimal::Decimal(std::string_view number) {
  if (number.starts_with('-')) {
    negative = true;
    number.remove_prefix(1);
  }
  const std::size_t mark = number.find_first_of("eE");
  if (mark != std::string_view::npos) exponent = read_exponent(number.substr(mark + 1));
  const std::string_view mantissa = number.substr(0, mark);
  const std::size_t point = mantissa.find('.');
  head = mantissa.substr(0, point);
  tail = point == std::string_view::npos ? std::string_view() : mantissa.substr(point + 1);
  strip_front_zeros(head);
  exponent += static_cast<Exponent>(head.size());
  if (head.empty()) {
    const std::size_t before = tail.size();
    strip_front_zeros(tail);
    exponent -= static_cast<Exponent>(before - tail.size());
  }
  strip_back_zeros(tail);
  if (tail.empty()) strip_back_zeros(head);
  zero = digits() == 0;
}

std::optional<std::int64_t> Decimal::as_int64() const {
  if (zero) return 0;
  if (exponent > 19 || exponent < static_cast<Exponent>(digits())) return std::nullopt;
  std::uint64_t magnitude = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(exponent); ++i)
    magnitude = magnitude * 10 + (i < digits() ? static_cast<std::uint64_t>(digit(i) - '0') : 0U);
  constexpr std::uint64_t kLimit = 1ULL << 63;
  if (magnitude > kLimit || (magnitude == kLimit && !negative)) return std::nullopt;
  return static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude);
}

int compare(const Decimal& a, const Decimal& b) {
  if (a.zero && b.zero) return 0;
  if (a.zero) return b.negative ? 1 : -1;
  if (b.zero) return a.negative ? -1 : 1;
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  const int magnitudes = compare_magnitudes(a, b);
  return a.negative ? -magnitudes : magnitudes;
}

}  // namespace headwater::json::internal
