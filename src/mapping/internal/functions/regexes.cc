#include <algorithm>
#include <memory>
#include <vector>

#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/arguments.h"

namespace headwater::mapping {
namespace {

using Type = ValueType;
using In = std::span<const Value>;
constexpr std::string_view kCategory = "Regular Expression";
constexpr std::string_view kTooHard = "the text takes too many steps to match";
constexpr std::size_t kGroupsMax = 1000;

Value extract_regex(Evaluation& run, In values) {
  Arguments in(run, "extract_regex", values);
  const auto text = in.text(0, "input");
  const auto pattern = in.text(1, "regex");
  if (in.failed()) return in.failure();
  std::string_view reason;
  const auto* regex = run.regex(pattern, reason);
  if (regex == nullptr) return in.fail_for("regex", reason);
  const auto count = std::min(regex->group_count(), kGroupsMax) + 1;
  auto* groups = run.arena().take<Regex::Group>(count);
  if (groups == nullptr) return Value::failure(kTooLarge);
  std::uninitialized_default_construct_n(groups, count);
  ArrayBuilder out(run.arena(), count);
  switch (run.match(*regex, Evaluation::Where::anywhere, text, 0, std::span(groups, count))) {
    case Regex::Outcome::too_hard:
      return in.fail({kTooHard});
    case Regex::Outcome::no_match:
      break;
    case Regex::Outcome::match:
      for (const auto& group : std::span(groups, count))
        out.push_back(group.matched() ? Value::of(group.in(text)) : Value());
  }
  return out.finish();
}

Value matches_regex(Evaluation& run, In values) {
  Arguments in(run, "matches_regex", values);
  if (in[0].is_null()) return Value::of(false);
  const auto text = in.text(0, "input");
  const auto pattern = in.text(1, "regex");
  if (in.failed()) return in.failure();
  std::string_view reason;
  const auto* regex = run.regex(pattern, reason);
  if (regex == nullptr) return in.fail_for("regex", reason);
  const auto outcome = run.match(*regex, Evaluation::Where::whole, text);
  if (outcome == Regex::Outcome::too_hard) return in.fail({kTooHard});
  return Value::of(outcome == Regex::Outcome::match);
}

}  // namespace

std::vector<Function> regex_functions() {
  const std::vector<Parameter> parameters{{"input", "the text to look at", Type::string},
                                          {"regex", "the regular expression", Type::string}};
  return {
      {.info = {.name = "extract_regex",
                .category = kCategory,
                .description = "Looks for the first place of a text that a regular expression matches.",
                .returns =
                    "What matched, then what each group took, in their order; null for a group that took no "
                    "part. An empty array when nothing matches.",
                .return_type = Type::array,
                .parameters = parameters,
                .examples = {{R"x(extract_regex("SKU-42-red", "(\\d+)-(\\w+)"))x",
                              R"(["42-red","42","red"])"},
                             {R"x(extract_regex("SKU-42-red", "\d+"))x", R"(["42"])"},
                             {R"x(extract_regex("ac", "(a)(b)?(c)"))x", R"(["ac","a",null,"c"])"},
                             {R"x(extract_regex("ab", "(a)(b)?(c)?"))x", R"(["ab","a","b",null])"},
                             {R"x(extract_regex("abc", "\d"))x", "[]"},
                             {R"x(extract_regex("ABC", "(?i)b(?<rest>.*)"))x", R"(["BC","C"])"},
                             {R"x(extract_regex("naïve 😀!", "\p{L}+ (.)"))x", R"(["naïve 😀","😀"])"},
                             {R"x(extract_regex("", "x*"))x", R"([""])"},
                             {R"x(extract_regex(2024, "(..)$"))x", R"(["24","24"])"},
                             {R"x(extract_regex(null, "a"))x", "null"}}},
       .call = &extract_regex,
       .works_on = 0,
       .literal = Function::Literal::regex},
      {.info = {.name = "matches_regex",
                .category = kCategory,
                .description = "Tells whether a regular expression matches the whole text.",
                .returns = "true or false; false for null.",
                .return_type = Type::boolean,
                .parameters = parameters,
                .examples = {{R"x(matches_regex("AB12", "[A-Z]+\\d+"))x", "true"},
                             {R"x(matches_regex("AB12x", "[A-Z]+\\d+"))x", "false"},
                             {R"x(matches_regex("ab", "a|ab"))x", "true"},
                             {R"x(matches_regex("٣", "\d"))x", "false"},
                             {R"x(matches_regex("a.b", "\Qa.b\E"))x", "true"},
                             {R"x(matches_regex("", ""))x", "true"},
                             {R"x(matches_regex(12, "\d{2}"))x", "true"},
                             {R"x(matches_regex(null, "a"))x", "false"}}},
       .call = &matches_regex,
       .literal = Function::Literal::regex}};
}

}  // namespace headwater::mapping
