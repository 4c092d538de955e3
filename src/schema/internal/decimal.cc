#include "schema/internal/decimal.h"

#include <algorithm>
#include <vector>

#include "json/value.h"

namespace headwater::schema {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::int64_t kExponentMax = 1'000'000'000'000'000;
// Past this many digits a value is not divided by a divisor that does not fit 64 bits: the work grows with
// the product of both.
constexpr std::size_t kLongDivisionDigitsMax = 100'000;

std::int64_t parse_exponent(std::string_view text) {
  if (text.empty()) return 0;
  const bool negative = text.front() == '-';
  if (text.front() == '-' || text.front() == '+') text.remove_prefix(1);
  std::int64_t value = 0;
  for (const char c : text) value = std::min(value * 10 + (c - '0'), kExponentMax);
  return negative ? -value : value;
}

// The remainder of digits * 10^zeros by a divisor of at most 18 digits.
std::uint64_t remainder_small(const Decimal& value, std::uint64_t zeros, std::uint64_t divisor) {
  std::uint64_t rest = 0;
  const auto push = [&rest, divisor](unsigned digit) {
    rest = static_cast<std::uint64_t>((Wide{rest} * 10 + digit) % divisor);
  };
  for (std::size_t i = 0; i < value.digit_count(); ++i) push(value.digit(i));
  for (std::uint64_t i = 0; i < zeros && rest != 0; ++i) push(0);
  return rest;
}

// The same for any divisor, by schoolbook long division on digits (most significant first).
bool divides_long(const Decimal& value, std::uint64_t zeros, const Decimal& divisor) {
  const auto size = divisor.digit_count() + 1;
  std::vector<unsigned char> by(size, 0), rest(size, 0);
  for (std::size_t i = 0; i + 1 < size; ++i) by[i + 1] = static_cast<unsigned char>(divisor.digit(i));
  const auto push = [&by, &rest, size](unsigned digit) {
    std::rotate(rest.begin(), rest.begin() + 1, rest.end());
    rest[size - 1] = static_cast<unsigned char>(digit);
    while (rest >= by) {
      int borrow = 0;
      for (auto i = size; i-- > 0;) {
        const int difference = rest[i] - by[i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        rest[i] = static_cast<unsigned char>(difference + 10 * borrow);
      }
    }
  };
  for (std::size_t i = 0; i < value.digit_count(); ++i) push(value.digit(i));
  for (std::uint64_t i = 0; i < zeros; ++i) push(0);
  return std::all_of(rest.begin(), rest.end(), [](unsigned char digit) { return digit == 0; });
}

}  // namespace

Decimal::Decimal(std::string_view number) {
  if (!number.empty() && number.front() == '-') {
    negative_ = true;
    number.remove_prefix(1);
  }
  const auto e = number.find_first_of("eE");
  if (e != std::string_view::npos) {
    exponent_ = parse_exponent(number.substr(e + 1));
    number = number.substr(0, e);
  }
  const auto point = number.find('.');
  whole_ = number.substr(0, point);
  if (point != std::string_view::npos) fraction_ = number.substr(point + 1);
  last_ = whole_.size() + fraction_.size();
  while (first_ < last_ &&
         (first_ < whole_.size() ? whole_[first_] : fraction_[first_ - whole_.size()]) == '0')
    ++first_;
  exponent_ -= static_cast<std::int64_t>(fraction_.size());
  while (last_ > first_ && digit(last_ - first_ - 1) == 0) {
    --last_;
    ++exponent_;
  }
  if (is_zero()) {
    negative_ = false;
    exponent_ = 0;
  }
}

unsigned Decimal::digit(std::size_t i) const {
  const auto at = first_ + i;
  const char c = at < whole_.size() ? whole_[at] : fraction_[at - whole_.size()];
  return static_cast<unsigned>(c - '0');
}

std::uint64_t Decimal::hash() const {
  std::uint64_t h = negative_ ? 0x9E3779B97F4A7C15ULL : 0xCBF29CE484222325ULL;
  for (std::size_t i = 0; i < digit_count(); ++i) h = (h ^ digit(i)) * 0x100000001B3ULL;
  return (h ^ static_cast<std::uint64_t>(exponent_)) * 0x100000001B3ULL;
}

bool is_multiple_of(std::string_view value_text, std::string_view divisor_text) {
  const Decimal value(value_text);
  const Decimal divisor(divisor_text);
  if (value.is_zero()) return true;
  // The digits end in no zero, so they are no multiple of ten: a coarser divisor never fits.
  if (value.exponent() < divisor.exponent()) return false;
  // 10^zeros adds only factors 2 and 5, and a divisor of n digits has fewer than 4n of each.
  const auto zeros = std::min(static_cast<std::uint64_t>(value.exponent() - divisor.exponent()),
                              std::uint64_t{4} * divisor.digit_count());
  if (divisor.digit_count() <= 18) {
    std::uint64_t by = 0;
    for (std::size_t i = 0; i < divisor.digit_count(); ++i) by = by * 10 + divisor.digit(i);
    return by != 0 && remainder_small(value, zeros, by) == 0;
  }
  return value.digit_count() <= kLongDivisionDigitsMax && divides_long(value, zeros, divisor);
}

bool is_whole_number(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos || Decimal(number).is_integer();
}

std::optional<std::int64_t> small_integer(std::string_view number) {
  const bool negative = !number.empty() && number.front() == '-';
  if (negative) number.remove_prefix(1);
  if (number.empty() || number.size() > 18) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : number) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return negative ? -value : value;
}

int Bound::compare_to(std::string_view number) const {
  if (small_) {
    if (const auto value = small_integer(number)) return *value < *small_ ? -1 : *value > *small_ ? 1 : 0;
  }
  return json::compare_numbers(number, text_);
}

}  // namespace headwater::schema
