#include "mapping/internal/operators.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "mapping/internal/big_number.h"
#include "mapping/internal/characters.h"
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

Value joined(Evaluation& run, const Value& left, const Value& right) {
  const auto a = run.text(left);
  TextBuilder out(run.arena());
  out.append(a);
  out.append(run.text(right));
  return out.finish();
}

Value add(Evaluation& run, const Value& left, const Value& right) {
  if (left.is_string() || right.is_string()) {
    if (left.is_null() || right.is_null() || left.kind == right.kind) return joined(run, left, right);
    const auto& text = left.is_string() ? left : right;
    const auto& other = left.is_string() ? right : left;
    const bool adds = (other.is_number() || other.kind == Type::boolean) &&
                      (text.size == 0 || number_in(text.characters()).has_value());
    if (!adds) return joined(run, left, right);
  }
  return arithmetic(run, Kind::add, left, right);
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

int sign_of(double difference) { return difference < 0 ? -1 : difference > 0 ? 1 : 0; }

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

int compare_dates(const ZonedTime& a, const ZonedTime& b) {
  if (a.seconds != b.seconds) return a.seconds < b.seconds ? -1 : 1;
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

bool deep_equal(Evaluation& run, const Value& left, const Value& right) {
  if (left.is_array() && right.is_array()) {
    const auto a = run.elements(left);
    const auto b = run.elements(right);
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(),
                      [&run](const Value& x, const Value& y) { return equal_leniently(run, x, y); });
  }
  if (!left.is_object() || !right.is_object()) return false;
  const auto a = run.members(left);
  const auto b = run.members(right);
  return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const Member& member) {
           if (!run.charge(b.size())) return false;
           const auto found = std::find_if(
               b.begin(), b.end(), [&member](const Member& other) { return other.name == member.name; });
           return found != b.end() && equal_leniently(run, member.value, found->value);
         });
}

// As ==: nothing when the two cannot be compared, `reason` says why.
std::optional<bool> equality(Evaluation& run, const Value& left, const Value& right,
                             std::string_view& reason) {
  if (left.is_null() || right.is_null()) return left.is_null() && right.is_null();
  if (left.kind == Type::boolean || right.kind == Type::boolean) return truth(left) == truth(right);
  if (left.is_container() || right.is_container()) return deep_equal(run, left, right);
  const auto order = compare(run, left, right, reason);
  if (!order) return std::nullopt;
  return *order == 0;
}

Value equals(Evaluation& run, Kind kind, const Value& left, const Value& right) {
  std::string_view reason;
  const auto same = equality(run, left, right, reason);
  if (!same) return Value::failure(reason);
  return Value::of(*same == (kind == Kind::equal));
}

Value ordered(Evaluation& run, Kind kind, const Value& left, const Value& right) {
  if (left.is_null() || right.is_null())
    return Value::of((kind == Kind::less_equal || kind == Kind::greater_equal) && left.is_null() &&
                     right.is_null());
  std::string_view reason;
  const auto order = compare(run, left, right, reason);
  if (!order) return Value::failure(reason);
  switch (kind) {
    case Kind::less:
      return Value::of(*order < 0);
    case Kind::less_equal:
      return Value::of(*order <= 0);
    case Kind::greater:
      return Value::of(*order > 0);
    default:
      return Value::of(*order >= 0);
  }
}

Value matches(Evaluation& run, const Value& left, const Value& right, bool wanted) {
  if (left.is_null() || right.is_null()) return Value::of((left.is_null() && right.is_null()) == wanted);
  bool found = false;
  if (right.is_array()) {
    const auto elements = run.elements(right);
    found = std::any_of(elements.begin(), elements.end(),
                        [&](const Value& element) { return equal_leniently(run, left, element); });
  } else if (right.is_object()) {
    const auto members = run.members(right);
    const auto name = run.text(left);
    found = std::any_of(members.begin(), members.end(),
                        [&](const Member& member) { return member.name == name; });
  } else {
    std::string_view reason;
    const auto* regex = run.regex(run.text(right), reason);
    if (regex == nullptr) return Value::failure(reason);
    const auto outcome = run.match(*regex, Evaluation::Where::whole, run.text(left));
    if (outcome == Regex::Outcome::too_hard)
      return Value::failure("the regular expression takes too long on this text");
    found = outcome == Regex::Outcome::match;
  }
  return Value::of(found == wanted);
}

Value affix(Evaluation& run, const Value& left, const Value& right, bool at_start, bool wanted) {
  if (left.is_null() || right.is_null()) return Value::of((left.is_null() && right.is_null()) == wanted);
  const auto text = run.text(left);
  const auto part = run.text(right);
  return Value::of((at_start ? text.starts_with(part) : text.ends_with(part)) == wanted);
}

Value range(Evaluation& run, const Value& left, const Value& right) {
  const auto from = run.whole(left);
  const auto to = run.whole(right);
  if (!from || !to) return Value::failure("\"..\" needs whole numbers");
  constexpr std::int64_t kElementsMax = 1'000'000;
  std::int64_t distance = 0;
  if (__builtin_sub_overflow(*to, *from, &distance) || distance >= kElementsMax || distance <= -kElementsMax)
    return Value::failure("the range has more than 1,000,000 elements");
  ArrayBuilder out(run.arena(), static_cast<std::size_t>(std::abs(distance)) + 1);
  const std::int64_t step = distance < 0 ? -1 : 1;
  for (auto at = *from; at != *to + step; at += step) out.push_back(Value::of(at));
  return out.finish();
}

}  // namespace

Value unary(Evaluation& run, Kind kind, const Value& value) {
  switch (kind) {
    case Kind::logical_not:
      return Value::of(!truth(value));
    case Kind::is_empty:
      return Value::of(is_empty_value(run, value));
    case Kind::size:
      if (value.is_string()) return Value::of(static_cast<std::int64_t>(utf16_length(value.characters())));
      if (value.is_array()) return Value::of(static_cast<std::int64_t>(run.elements(value).size()));
      if (value.is_object()) return Value::of(static_cast<std::int64_t>(run.members(value).size()));
      return Value::of(std::int64_t{0});
    default:
      break;
  }
  if (value.is_null() && kind != Kind::complement) return value;
  const auto number = numeric(run, kind, value);
  if (number.failed() || kind == Kind::plus) return number;
  if (kind == Kind::complement) {
    const auto bits_of = to_int64(number);
    if (!bits_of) return Value::failure("\"~\" needs a number of 64 bits");
    return Value::of(~*bits_of);
  }
  if (number.kind == Type::real) {
    const auto real = real_of(number);
    if (!real) return Value::failure("the number is out of range for \"-\"");
    return Value::of(-*real, number.flags & Value::kSingle);
  }
  return arithmetic(run, Kind::subtract, Value::of(std::int64_t{0}), number);
}

Value binary(Evaluation& run, Kind kind, const Value& left, const Value& right) {
  switch (kind) {
    case Kind::add:
      return add(run, left, right);
    case Kind::subtract:
    case Kind::multiply:
    case Kind::divide:
    case Kind::modulo:
      return arithmetic(run, kind, left, right);
    case Kind::bit_and:
    case Kind::bit_or:
    case Kind::bit_xor:
      return bits(run, kind, left, right);
    case Kind::equal:
    case Kind::not_equal:
      return equals(run, kind, left, right);
    case Kind::less:
    case Kind::less_equal:
    case Kind::greater:
    case Kind::greater_equal:
      return ordered(run, kind, left, right);
    case Kind::matches:
    case Kind::matches_not:
      return matches(run, left, right, kind == Kind::matches);
    case Kind::starts:
    case Kind::starts_not:
      return affix(run, left, right, true, kind == Kind::starts);
    case Kind::ends:
    case Kind::ends_not:
      return affix(run, left, right, false, kind == Kind::ends);
    case Kind::range:
      return range(run, left, right);
    default:
      return Value::failure("the operator is not known");
  }
}

bool truth(const Value& value) {
  switch (value.kind) {
    case Type::null:
      return false;
    case Type::boolean:
      return value.boolean;
    case Type::integer:
      return value.integer != 0;
    case Type::big_integer:
    case Type::decimal:
    case Type::real:
      return !is_zero(value);
    case Type::string:
      return value.size > 0 && value.characters() != "false";
    default:
      return true;
  }
}

bool is_empty_value(const Evaluation& run, const Value& value) {
  if (value.kind == Type::node)
    return value.node->next == static_cast<std::uint32_t>(value.node - run.record().nodes) + 1;
  if (value.kind == Type::array || value.kind == Type::object) return value.size == 0;
  if (value.is_string()) return value.size == 0;
  if (value.is_number()) return is_zero(value);
  return value.is_null();
}

bool equal_leniently(Evaluation& run, const Value& left, const Value& right) {
  std::string_view reason;
  return equality(run, left, right, reason).value_or(false);
}

std::optional<int> compare(Evaluation& run, const Value& left, const Value& right, std::string_view& reason) {
  if (left.is_container() || right.is_container()) {
    reason = run.fail({kind_phrase(left), " and ", kind_phrase(right), " have no order"}).characters();
    return std::nullopt;
  }
  if (left.kind == Type::date || right.kind == Type::date) {
    const auto a = run.date(left);
    const auto b = run.date(right);
    if (a && b) return compare_dates(*a, *b);
    if (!left.is_string() && !right.is_string()) {
      reason = run.fail({kind_phrase(left), " and ", kind_phrase(right), " have no order"}).characters();
      return std::nullopt;
    }
    return compare_utf16(run.text(left), run.text(right));
  }
  if (left.is_string() && right.is_string()) return compare_utf16(left.characters(), right.characters());
  // No number among them: they compare as texts.
  if ((left.is_string() && right.kind == Type::boolean) || (left.kind == Type::boolean && right.is_string()))
    return compare_utf16(run.text(left), run.text(right));
  const auto a = numeric(run, Kind::equal, left);
  const auto b = numeric(run, Kind::equal, right);
  if (!a.failed() && !b.failed()) return compare_numbers(a, b);
  const auto& text = left.is_string() ? left : right;
  reason = run.fail({"\"", text.characters(), "\" cannot be compared with a number"}).characters();
  return std::nullopt;
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
