#include "mapping/internal/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "mapping/internal/big_number.h"
#include "mapping/internal/evaluation.h"
#include "mapping/internal/text.h"

namespace headwater::mapping {
namespace {

using Kind = Syntax::Kind;
using Type = Value::Kind;

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view symbol(Kind kind) { return symbol_of(kind); }

std::string digits_of(const Value& number) {
  switch (number.kind) {
    case Type::integer:
      return std::to_string(number.integer);
    case Type::real:
      if ((number.flags & Value::kLexeme) == 0) {
        std::string out;
        append_real(out, number.real, (number.flags & Value::kSingle) != 0);
        return out;
      }
      [[fallthrough]];
    default:
      return std::string(number.characters());
  }
}

std::optional<double> to_double(const Value& number) {
  if (number.kind == Type::integer) return static_cast<double>(number.integer);
  if (number.kind == Type::real) return real_of(number);
  double out = 0;
  const auto text = number.characters();
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() ? std::optional(out) : std::nullopt;
}

BigOperation big_operation(Kind kind) {
  switch (kind) {
    case Kind::add:
      return BigOperation::add;
    case Kind::subtract:
      return BigOperation::subtract;
    case Kind::multiply:
      return BigOperation::multiply;
    case Kind::divide:
      return BigOperation::divide;
    default:
      return BigOperation::modulo;
  }
}

Value divided_by_zero(Evaluation& run, Kind kind) {
  return run.fail({kind == Kind::divide ? "division" : "remainder of a division", " by zero"});
}

Value of_reals(Evaluation& run, Kind kind, double a, double b) {
  double out = 0;
  switch (kind) {
    case Kind::add:
      out = a + b;
      break;
    case Kind::subtract:
      out = a - b;
      break;
    case Kind::multiply:
      out = a * b;
      break;
    case Kind::divide:
      if (b == 0) return divided_by_zero(run, kind);
      out = a / b;
      break;
    default:
      if (b == 0) return divided_by_zero(run, kind);
      out = std::fmod(a, b);
      break;
  }
  if (!std::isfinite(out)) return run.fail({"the result of \"", symbol(kind), "\" is out of range"});
  return Value::of(out);
}

// Nothing on overflow.
std::optional<std::int64_t> of_integers(Kind kind, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  bool overflow = false;
  switch (kind) {
    case Kind::add:
      overflow = __builtin_add_overflow(a, b, &out);
      break;
    case Kind::subtract:
      overflow = __builtin_sub_overflow(a, b, &out);
      break;
    case Kind::multiply:
      overflow = __builtin_mul_overflow(a, b, &out);
      break;
    case Kind::divide:
      overflow = b == -1 && a == INT64_MIN;
      if (!overflow) out = a / b;
      break;
    default:
      out = b == -1 ? 0 : a % b;
      break;
  }
  return overflow ? std::nullopt : std::optional(out);
}

Value of_digits(Evaluation& run, Kind kind, Type type, const std::optional<std::string>& digits) {
  if (!digits) return run.fail({"the result of \"", symbol(kind), "\" has too many digits"});
  if (type == Type::big_integer) {
    std::int64_t small = 0;
    const auto* end = digits->data() + digits->size();
    const auto read = std::from_chars(digits->data(), end, small);
    if (read.ec == std::errc() && read.ptr == end) return Value::of(small);
  }
  auto out = run.make_text(*digits);
  if (!out.failed()) out.kind = type;
  return out;
}

int sign_of(double difference) { return difference < 0 ? -1 : difference > 0 ? 1 : 0; }

}  // namespace

std::string_view kind_phrase(const Value& value) {
  switch (value.kind) {
    case Type::null:
      return "null";
    case Type::boolean:
      return "a boolean";
    case Type::integer:
    case Type::big_integer:
    case Type::real:
    case Type::decimal:
      return "a number";
    case Type::string:
      return "a text";
    case Type::date:
      return "a date";
    case Type::lambda:
      return "a lambda";
    default:
      return value.is_array() ? "an array" : "an object";
  }
}

// What an operand counts as in arithmetic: a number, or a failure.
Value numeric(Evaluation& run, Kind kind, const Value& value) {
  if (value.is_number()) return value;
  if (value.is_null()) return Value::of(std::int64_t{0});
  if (value.kind == Type::boolean) return Value::of(std::int64_t{value.boolean ? 1 : 0});
  if (value.is_string()) {
    if (value.size == 0) return Value::of(std::int64_t{0});
    if (const auto number = number_in(value.characters())) return *number;
    return run.fail({"\"", symbol(kind), "\" needs numbers, \"", value.characters(), "\" is none"});
  }
  return run.fail({"\"", symbol(kind), "\" needs numbers, not ", kind_phrase(value)});
}

std::optional<std::int64_t> to_int64(const Value& number) {
  if (number.kind == Type::integer) return number.integer;
  if (number.kind == Type::real) {
    const auto real = real_of(number);
    if (real && *real >= -9223372036854775808.0 && *real < 9223372036854775808.0)
      return static_cast<std::int64_t>(*real);
    return std::nullopt;
  }
  std::int64_t out = 0;
  const auto text = number.characters();
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() ? std::optional(out) : std::nullopt;
}

bool is_zero(const Value& number) {
  if (number.kind == Type::integer) return number.integer == 0;
  if (number.kind == Type::real) return real_of(number) == 0.0;
  return number.characters().find_first_of("123456789") == std::string_view::npos;
}

Value arithmetic(Evaluation& run, Kind kind, const Value& left, const Value& right) {
  const auto a = numeric(run, kind, left);
  if (a.failed()) return a;
  const auto b = numeric(run, kind, right);
  if (b.failed()) return b;
  const bool divides = kind == Kind::divide || kind == Kind::modulo;
  if (divides && is_zero(b)) return divided_by_zero(run, kind);
  if (a.kind == Type::integer && b.kind == Type::integer) {
    if (const auto out = of_integers(kind, a.integer, b.integer)) return Value::of(*out);
  }
  if (a.kind == Type::decimal || b.kind == Type::decimal)
    return of_digits(run, kind, Type::decimal, big_decimal(big_operation(kind), digits_of(a), digits_of(b)));
  if (a.kind == Type::real || b.kind == Type::real) {
    const auto x = to_double(a);
    const auto y = to_double(b);
    if (!x || !y) return run.fail({"a number is out of range for \"", symbol(kind), "\""});
    return of_reals(run, kind, *x, *y);
  }
  return of_digits(run, kind, Type::big_integer,
                   big_integer(big_operation(kind), digits_of(a), digits_of(b)));
}

Value bits(Evaluation& run, Kind kind, const Value& left, const Value& right) {
  const auto a = numeric(run, kind, left);
  if (a.failed()) return a;
  const auto b = numeric(run, kind, right);
  if (b.failed()) return b;
  const auto x = to_int64(a);
  const auto y = to_int64(b);
  if (!x || !y) return run.fail({"\"", symbol(kind), "\" needs numbers of 64 bits"});
  if (kind == Kind::bit_and) return Value::of(*x & *y);
  return Value::of(kind == Kind::bit_or ? *x | *y : *x ^ *y);
}

int compare_numbers(const Value& a, const Value& b) {
  if (a.kind == Type::integer && b.kind == Type::integer)
    return a.integer < b.integer ? -1 : a.integer > b.integer ? 1 : 0;
  const bool real = a.kind == Type::real || b.kind == Type::real;
  const bool decimal = a.kind == Type::decimal || b.kind == Type::decimal;
  if (real && !decimal) {
    const auto x = to_double(a);
    const auto y = to_double(b);
    if (x && y) return *x < *y ? -1 : sign_of(*x - *y);
  }
  return compare_decimal(digits_of(a), digits_of(b));
}

std::optional<double> real_of(const Value& value) {
  if ((value.flags & Value::kLexeme) == 0) return value.real;
  double out = 0;
  const auto text = value.characters();
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc()) {
    // Too small is zero, too large is none.
    const bool tiny =
        read.ec == std::errc::result_out_of_range &&
        (text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos);
    return tiny ? std::optional(0.0) : std::nullopt;
  }
  return out;
}

void append_real(std::string& out, double value, bool single) {
  std::array<char, 64> digits{};
  const auto size = std::abs(value);
  const bool plain = value == 0 || (size >= 1e-6 && size < 1e21);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  auto* const begin = digits.data();
  auto* const end = begin + digits.size();
  const auto written = single ? std::to_chars(begin, end, static_cast<float>(value), format)
                              : std::to_chars(begin, end, value, format);
  std::string_view text(begin, static_cast<std::size_t>(written.ptr - begin));
  const auto exponent = text.find('e');
  const auto mantissa = text.substr(0, exponent);
  out.append(mantissa);
  if (mantissa.find('.') == std::string_view::npos) out.append(".0");
  if (exponent == std::string_view::npos) return;
  text.remove_prefix(exponent + 1);
  out += 'E';
  if (text.front() == '-') out += '-';
  text.remove_prefix(1);
  out.append(text.substr(std::min(text.find_first_not_of('0'), text.size() - 1)));
}

std::optional<Value> number_in(std::string_view text) {
  text = trim(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  auto unsigned_text = text;
  if (unsigned_text.starts_with('-')) unsigned_text.remove_prefix(1);
  if (is_digits(unsigned_text)) {
    std::int64_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc())
      return Value::of(value);
    return Value::of(Type::big_integer, text);
  }
  if (unsigned_text.empty() || !(is_digits(unsigned_text.substr(0, 1)) || unsigned_text.front() == '.'))
    return std::nullopt;
  double real = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), real);
  if (read.ptr != text.data() + text.size() || !std::isfinite(real) || read.ec == std::errc::invalid_argument)
    return std::nullopt;
  return Value::of(real);
}

}  // namespace headwater::mapping
