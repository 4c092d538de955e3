#include "mapping/internal/evaluation.h"
#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/arguments.h"
#include "mapping/internal/operators.h"

namespace headwater::mapping {
namespace {

using Type = ValueType;
using Values = std::span<const Value>;

// The evaluator takes the branch itself: the other one is not evaluated (DP-11).
Value lazy(Evaluation&, Values) { return {}; }

// The least for direction -1, the greatest for 1.
Value extreme(Evaluation& run, std::string_view name, Values values, int direction) {
  Arguments in(run, name, values);
  const auto all = values.size() == 1 && values[0].is_array() ? run.elements(values[0]) : values;
  Value best;
  for (const auto& value : all) {
    if (value.is_null()) continue;
    if (best.is_null()) {
      best = value;
      continue;
    }
    const bool same_kind = value.kind == best.kind || (value.is_number() && best.is_number());
    std::string_view reason;
    const auto order = same_kind ? compare(run, value, best, reason) : std::nullopt;
    if (!order)
      return in.fail({"values of different kinds have no order: ", in.shown(best), " and ", in.shown(value)});
    if (*order * direction > 0) best = value;
  }
  return best;
}

Value least(Evaluation& run, Values values) { return extreme(run, "min", values, -1); }
Value greatest(Evaluation& run, Values values) { return extreme(run, "max", values, 1); }

}  // namespace

std::vector<Function> logical_functions() {
  constexpr std::string_view kCategory = "Logical Operators";
  return {
      {.info = {.name = "iif",
                .category = kCategory,
                .description = "Chooses between two values; only the chosen one is evaluated.",
                .returns = "The second argument when the condition holds, else the third.",
                .return_type = Type::any,
                .parameters = {{"condition", "null, false, 0 and \"\" do not hold", Type::any},
                               {"whenTrue", "the value when it holds", Type::any},
                               {"whenFalse", "the value when it does not", Type::any}},
                .examples = {{R"(iif(score >= 50, "pass", "fail"))", R"("pass")", R"({"score":50})"},
                             {R"(iif(score >= 50, "pass", "fail"))", R"("fail")", R"({"score":49})"},
                             {R"(iif(missing, "yes", "no"))", R"("no")"},
                             {R"(iif(true, 1, 1 / 0))", "1"},
                             {R"(iif(a == 1, "one", iif(a == 2, "two", "many")))", R"("two")", R"({"a":2})"},
                             {"iif(flag, amount, 0)", "1.10", R"({"flag":true,"amount":1.10})"}}},
       .call = &lazy,
       .form = Function::Form::lazy_condition},
      {.info = {.name = "decode",
                .category = kCategory,
                .description =
                    "Translates a key by a list of keys and values; keys are compared by their text form.",
                .returns = "The value of the first equal key, else the default, else null.",
                .return_type = Type::any,
                .parameters = {{"key", "what to look up", Type::any},
                               {"k1", "a key", Type::any},
                               {"v1", "its value", Type::any},
                               {"more", "more keys and values; the default when one is left over",
                                Type::any}},
                .variadic = true,
                .examples = {{R"(decode(grade, "A", 4, "B", 3, 0))", "3", R"({"grade":"B"})"},
                             {R"(decode(grade, "A", 4, "B", 3, 0))", "0", R"({"grade":"E"})"},
                             {R"(decode(grade, "A", 4, "B", 3))", "null", R"({"grade":"E"})"},
                             {R"(decode(1, "1", "one", "2", "two"))", R"("one")"},
                             {R"(decode(missing, null, "none", "x"))", R"("none")"},
                             {R"(decode(missing, "", "empty", "x"))", R"("x")"},
                             {R"(decode("a", "a", 1, 1 / 0))", "1"}}},
       .call = &lazy,
       .form = Function::Form::lazy_decode}};
}

std::vector<Function> aggregation_functions() {
  constexpr std::string_view kCategory = "Aggregation";
  const Parameter values{"value", "values of one kind, or one array of them", Type::any};
  return {
      {.info =
           {.name = "min",
            .category = kCategory,
            .description = "The least of several values. Nulls are left out.",
            .returns =
                "The least number, the first text by code units, the earliest date; null when there is none.",
            .return_type = Type::any,
            .parameters = {values},
            .variadic = true,
            .examples = {{"min([9, 2.5])", "2.5"},
                         {R"(min("pear", "apple"))", R"("apple")"},
                         {"min(null, 3, 2)", "2"},
                         {"min([])", "null"},
                         {"min(12345678901234567890, 5)", "5"},
                         {R"(min(date("2024-01-02"), date("2023-01-02")))", R"("2023-01-02T00:00:00Z")"}}},
       .call = &least},
      {.info =
           {.name = "max",
            .category = kCategory,
            .description = "The greatest of several values. Nulls are left out.",
            .returns =
                "The greatest number, the last text by code units, the latest date; null when there is none.",
            .return_type = Type::any,
            .parameters = {values},
            .variadic = true,
            .examples = {{R"(max("pear", "apple"))", R"("pear")"},
                         {"max(1, 2.5, 2)", "2.5"},
                         {"max(l)", "7", R"({"l":[3,null,7]})"},
                         {"max()", "null"}}},
       .call = &greatest}};
}

}  // namespace headwater::mapping
