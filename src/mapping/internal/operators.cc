#include "mapping/internal/operators.h"

#include <algorithm>
#include <cstdlib>

#include "mapping/internal/characters.h"
#include "mapping/internal/evaluation.h"
#include "mapping/internal/numbers.h"

namespace headwater::mapping {
namespace {

using Kind = Syntax::Kind;
using Type = Value::Kind;

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

}  // namespace headwater::mapping
