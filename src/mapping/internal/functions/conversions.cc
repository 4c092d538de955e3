#include <algorithm>
#include <charconv>

#include "mapping/internal/big_number.h"
#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/arguments.h"
#include "mapping/internal/text.h"

namespace headwater::mapping {
namespace {

using Type = ValueType;
using In = std::span<const Value>;
constexpr std::string_view kCategory = "Type Conversions";

// A number in decimal: sign, digits, fraction, exponent.
struct NumberText {
  std::string_view all;       // without "+"
  std::string_view whole;     // digits before the point
  std::string_view fraction;  // behind it
  bool negative = false;
  bool exponent = false;
  std::string_view power;  // "-12"
  bool valid = false;

  bool is_zero() const {
    return whole.find_first_not_of('0') == whole.npos && fraction.find_first_not_of('0') == fraction.npos;
  }
  bool is_below_one() const;
};

std::string_view take_digits(std::string_view& text) {
  const auto end = std::ranges::find_if_not(text, [](char c) { return c >= '0' && c <= '9'; });
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

NumberText read_number(std::string_view text) {
  NumberText out;
  if (!take(text, '+')) {
    out.all = text;
    out.negative = take(text, '-');
  } else {
    out.all = text;
  }
  out.whole = take_digits(text);
  if (take(text, '.')) out.fraction = take_digits(text);
  out.valid = !out.whole.empty() || !out.fraction.empty();
  if (take(text, 'e') || take(text, 'E')) {
    out.exponent = true;
    out.power = text;
    if (!take(text, '-') && take(text, '+')) out.power = text;
    out.valid = out.valid && !take_digits(text).empty();
  }
  out.valid = out.valid && text.empty();
  return out;
}

// Of a number that no real number holds: whether it is too small, not too large.
bool NumberText::is_below_one() const {
  const auto first = whole.find_first_not_of('0');
  // The power of ten of the first digit that counts, plus one.
  const auto size =
      first != whole.npos
          ? static_cast<std::int64_t>(whole.size() - first)
          : -static_cast<std::int64_t>(std::min(fraction.find_first_not_of('0'), fraction.size()));
  std::int64_t shift = 0;
  const auto [end, error] = std::from_chars(power.data(), power.data() + power.size(), shift);
  if (exponent && error != std::errc()) return power.starts_with('-');
  return shift <= -size;
}

Value not_a_number(Arguments& in) { return in.fail({"input must be a number, it is ", in.shown(in[0])}); }
Value too_large(Arguments& in, std::string_view type) {
  return in.fail({"input is too large for ", type, ": ", in.shown(in[0])});
}

// Digits without needless zeros before them.
Value exact(Evaluation& run, const NumberText& number) {
  auto whole = number.whole;
  whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
  TextBuilder out(run.arena());
  if (number.negative && !number.is_zero()) out.push_back('-');
  out.append(whole.empty() ? "0" : whole);
  if (!number.fraction.empty()) {
    out.push_back('.');
    out.append(number.fraction);
    return out.finish(Value::Kind::decimal);
  }
  const auto digits = out.view();
  std::int64_t small = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), small);
  return error == std::errc() ? Value::of(small) : out.finish(Value::Kind::big_integer);
}

Value to_bigint(Evaluation& run, In values) {
  Arguments in(run, "to_bigint", values);
  const auto text = trim(in.text(0, "input"));
  if (in.failed()) return in.failure();
  if (text.empty()) return {};
  auto number = read_number(text);
  if (!number.valid) return not_a_number(in);
  if (text.size() > kBigDigitsMax) return too_large(in, "a number of 10000 digits");
  if (!number.exponent) return exact(run, number);
  const auto plain = plain_decimal(number.all);
  if (!plain) return too_large(in, "a number of 10000 digits");
  const auto kept = run.make_text(*plain);
  return kept.failed() ? kept : exact(run, read_number(kept.characters()));
}

// "5." and ".5" are numbers to people, and to from_chars.
template <class Real>
Value to_real(Arguments& in, std::string_view type, std::uint8_t flags) {
  const auto text = trim(in.text(0, "input"));
  if (in.failed()) return in.failure();
  if (text.empty()) return {};
  const auto number = read_number(text);
  if (!number.valid) return not_a_number(in);
  Real real = 0;
  const auto [end, error] = std::from_chars(number.all.data(), number.all.data() + number.all.size(), real);
  if (error == std::errc::result_out_of_range) {
    // from_chars does not tell too small, which is zero as everywhere, from too large.
    if (!number.is_below_one()) return too_large(in, type);
    real = number.negative ? -Real{0} : Real{0};
  }
  return Value::of(static_cast<double>(real), flags);
}

Value to_decimal(Evaluation& run, In values) {
  Arguments in(run, "to_decimal", values);
  return to_real<double>(in, "a double", Value::kPlain);
}

Value to_float(Evaluation& run, In values) {
  Arguments in(run, "to_float", values);
  return to_real<float>(in, "a float", Value::kSingle);
}

Value to_integer(Evaluation& run, In values) {
  Arguments in(run, "to_integer", values);
  const auto text = trim(in.text(0, "input"));
  if (in.failed()) return in.failure();
  if (text.empty()) return {};
  const auto number = read_number(text);
  if (!number.valid) return not_a_number(in);
  if (number.exponent || number.fraction.find_first_not_of('0') != std::string_view::npos)
    return in.fail({"input must be a whole number, it is ", in.shown(in[0])});
  const auto digits = number.all.substr(0, number.all.find('.'));
  std::int32_t out = 0;
  if (!number.whole.empty() &&
      std::from_chars(digits.data(), digits.data() + digits.size(), out).ec != std::errc())
    return too_large(in, "an integer of 32 bits");
  return Value::of(std::int64_t{out});
}

Function row(std::string_view name, std::string_view description, std::string_view returns, Type type,
             std::vector<Example> examples, decltype(Function::call) call) {
  return {.info = {.name = name,
                   .category = kCategory,
                   .description = description,
                   .returns = returns,
                   .return_type = type,
                   .parameters = {{"input", "a number as text, blanks around it aside; empty is null",
                                   Type::string}},
                   .examples = std::move(examples)},
          .call = call,
          .works_on = 0};
}

}  // namespace

std::vector<Function> conversion_functions() {
  return {row("to_bigint", "Reads a number of any size without losing a digit.",
              "The number, its fraction included.", Type::number,
              {{R"(to_bigint("12345678901234567890"))", "12345678901234567890"},
               {R"(to_bigint("-000123"))", "-123"},
               {R"(to_bigint("+7"))", "7"},
               {R"(to_bigint("9223372036854775808"))", "9223372036854775808"},
               {R"(to_bigint("12345678901234567890.50"))", "12345678901234567890.50"},
               {R"(to_bigint("1.5e3"))", "1500"},
               {R"(to_bigint("-0"))", "0"},
               {R"(to_bigint("-0.0"))", "0.0"},
               {R"(to_bigint(" 42 "))", "42"},
               {R"(to_bigint(1.25))", "1.25"},
               {R"(to_bigint(""))", "null"},
               {R"(to_bigint(null))", "null"}},
              &to_bigint),
          row("to_decimal", "Reads a number as a double.", "The double next to the number.", Type::number,
              {{R"(to_decimal("3.25"))", "3.25"},
               {R"(to_decimal("-1e-2"))", "-0.01"},
               {R"(to_decimal(" .5"))", "0.5"},
               {R"(to_decimal("7"))", "7.0"},
               {R"(to_decimal("1e-400"))", "0.0"},
               {R"(to_decimal(amount))", "12.5", R"({"amount":12.5})"},
               {R"(to_decimal(""))", "null"},
               {R"(to_decimal(null))", "null"}},
              &to_decimal),
          row("to_float", "Reads a number as a float of 32 bits.",
              "The float next to the number, written with as few digits as give it back.", Type::number,
              {{R"(to_float("0.1"))", "0.1"},
               {R"(to_float("16777217"))", "16777216.0"},
               {R"(to_float("1e-60"))", "0.0"},
               {R"(to_float("3.4028235e38") > 3e38)", "true"},
               {R"(to_float(""))", "null"},
               {R"(to_float(null))", "null"}},
              &to_float),
          row("to_integer", "Reads a whole number of 32 bits.", "The number.", Type::integer,
              {{R"(to_integer("-40"))", "-40"},
               {R"(to_integer(" +40 "))", "40"},
               {R"(to_integer("2147483647"))", "2147483647"},
               {R"(to_integer("-2147483648"))", "-2147483648"},
               {R"(to_integer(007))", "7"},
               {R"(to_integer(5.0))", "5"},
               {R"(to_integer(""))", "null"},
               {R"(to_integer("  "))", "null"},
               {R"(to_integer(null))", "null"}},
              &to_integer)};
}

}  // namespace headwater::mapping
