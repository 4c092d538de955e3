#include "mapping/internal/big_number.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>

namespace headwater::mapping {
namespace {

// Without expression templates: each operation gives a number, not a plan that refers to its operands.
using Integer =
    boost::multiprecision::number<boost::multiprecision::cpp_int_backend<>, boost::multiprecision::et_off>;

// digits * 10^-scale
struct Decimal {
  Integer digits;
  std::int64_t scale = 0;
};

constexpr int kQuotientDigits = 34;

Integer ten_to(std::int64_t power) {
  return boost::multiprecision::pow(Integer(10), static_cast<unsigned>(power));
}

// cpp_int takes a leading 0 for octal.
Integer integer_of(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto first = std::min(text.find_first_not_of('0'), text.size());
  const Integer value = first == text.size() ? Integer(0) : Integer(std::string(text.substr(first)));
  return negative ? -value : value;
}

std::optional<Decimal> decimal_of(std::string_view text) {
  Decimal out;
  std::int64_t exponent = 0;
  const auto e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    auto digits = text.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
    if (read.ec != std::errc()) return std::nullopt;
    text = text.substr(0, e);
  }
  const auto limit = static_cast<std::int64_t>(kBigDigitsMax);
  if (exponent > limit || exponent < -limit || text.size() > kBigDigitsMax) return std::nullopt;
  std::string digits(text.substr(0, text.find('.')));
  if (digits.size() < text.size()) {
    const auto fraction = text.substr(digits.size() + 1);
    digits += fraction;
    out.scale = static_cast<std::int64_t>(fraction.size());
  }
  out.digits = integer_of(digits);
  out.scale -= exponent;
  if (out.scale < 0) {
    out.digits *= ten_to(-out.scale);
    out.scale = 0;
  }
  return out;
}

std::optional<std::string> text_of(const Integer& value) {
  auto text = value.str();
  if (text.size() > kBigDigitsMax) return std::nullopt;
  return text;
}

std::optional<std::string> text_of(const Decimal& value) {
  auto text = text_of(value.digits);
  if (!text || value.scale == 0) return text;
  const bool negative = text->starts_with('-');
  std::string digits = negative ? text->substr(1) : *std::move(text);
  const auto scale = static_cast<std::size_t>(value.scale);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  digits.insert(digits.size() - scale, ".");
  if (digits.size() > kBigDigitsMax) return std::nullopt;
  return negative ? "-" + digits : digits;
}

void align(Decimal& a, Decimal& b) {
  if (a.scale < b.scale) {
    a.digits *= ten_to(b.scale - a.scale);
    a.scale = b.scale;
  } else if (b.scale < a.scale) {
    b.digits *= ten_to(a.scale - b.scale);
    b.scale = a.scale;
  }
}

Decimal without_trailing_zeros(Decimal value, std::int64_t scale_min) {
  while (value.scale > scale_min && value.digits % 10 == 0) {
    value.digits /= 10;
    --value.scale;
  }
  return value;
}

// Rounded half to even at 34 significant digits.
std::optional<Decimal> quotient(Decimal a, Decimal b) {
  if (b.digits == 0) return std::nullopt;
  const auto wanted_scale = std::max<std::int64_t>(a.scale - b.scale, 0);
  align(a, b);
  Decimal out;
  const auto size = [](const Integer& value) { return static_cast<std::int64_t>(abs(value).str().size()); };
  const auto shift = std::max<std::int64_t>(kQuotientDigits - (size(a.digits) - size(b.digits)) + 1, 0);
  const bool negative = (a.digits < 0) != (b.digits < 0);
  Integer dividend = abs(a.digits) * ten_to(shift);
  const Integer divisor = abs(b.digits);
  out.scale = shift;
  Integer drop = 1;
  out.digits = dividend / divisor;
  const auto surplus = size(out.digits) - kQuotientDigits;
  if (surplus > 0 && surplus <= out.scale) {
    drop = ten_to(surplus);
    out.scale -= surplus;
  }
  const Integer scaled = divisor * drop;
  Integer rest;
  divide_qr(dividend, scaled, out.digits, rest);
  const Integer twice = rest * 2;
  if (twice > scaled || (twice == scaled && out.digits % 2 != 0)) ++out.digits;
  if (negative) out.digits = -out.digits;
  return without_trailing_zeros(std::move(out), wanted_scale);
}

}  // namespace

std::string decimal_of(std::string_view digits, unsigned base) {
  Integer value = 0;
  for (const char c : digits) {
    const unsigned digit =
        c <= '9' ? static_cast<unsigned>(c - '0') : (static_cast<unsigned>(c) | 0x20U) - 'a' + 10;
    value = value * base + digit;
  }
  return value.str();
}

std::optional<std::string> big_integer(BigOperation operation, std::string_view a, std::string_view b) {
  if (a.size() > kBigDigitsMax || b.size() > kBigDigitsMax) return std::nullopt;
  const auto x = integer_of(a);
  const auto y = integer_of(b);
  switch (operation) {
    case BigOperation::add:
      return text_of(Integer(x + y));
    case BigOperation::subtract:
      return text_of(Integer(x - y));
    case BigOperation::multiply:
      return text_of(Integer(x * y));
    case BigOperation::divide:
      if (y == 0) return std::nullopt;
      return text_of(Integer(x / y));
    case BigOperation::modulo:
      if (y == 0) return std::nullopt;
      return text_of(Integer(x % y));
  }
  return std::nullopt;
}

std::optional<std::string> big_decimal(BigOperation operation, std::string_view a, std::string_view b) {
  auto x = decimal_of(a);
  auto y = decimal_of(b);
  if (!x || !y) return std::nullopt;
  switch (operation) {
    case BigOperation::add:
      align(*x, *y);
      return text_of(Decimal{x->digits + y->digits, x->scale});
    case BigOperation::subtract:
      align(*x, *y);
      return text_of(Decimal{x->digits - y->digits, x->scale});
    case BigOperation::multiply:
      return text_of(Decimal{x->digits * y->digits, x->scale + y->scale});
    case BigOperation::divide: {
      const auto out = quotient(*std::move(x), *std::move(y));
      return out ? text_of(*out) : std::nullopt;
    }
    case BigOperation::modulo:
      if (y->digits == 0) return std::nullopt;
      align(*x, *y);
      return text_of(Decimal{x->digits % y->digits, x->scale});
  }
  return std::nullopt;
}

int compare_decimal(std::string_view a, std::string_view b) {
  auto x = decimal_of(a);
  auto y = decimal_of(b);
  if (!x || !y) return 0;
  align(*x, *y);
  return x->digits.compare(y->digits) < 0 ? -1 : x->digits == y->digits ? 0 : 1;
}

std::optional<std::string> plain_decimal(std::string_view number) {
  const auto value = decimal_of(number);
  return value ? text_of(*value) : std::nullopt;
}

}  // namespace headwater::mapping
