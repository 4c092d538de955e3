#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/array_calls.h"

namespace headwater::mapping {
namespace {

using Type = ValueType;
constexpr std::string_view kCategory = "Hierarchies - Arrays";
constexpr Parameter kValues{"value", "values, or one array", Type::any};
constexpr Parameter kArray{"array", "an array", Type::array};

void add_pickers(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "coalesce",
                .category = kCategory,
                .description = "The first of several values that is there.",
                .returns = "The first that is not null; of one array, its first such element.",
                .return_type = Type::any,
                .parameters = {kValues},
                .variadic = true,
                .examples = {{"coalesce(null, 0, 5)", "0"},
                             {R"(coalesce(missing, "", "x"))", R"("")"},
                             {"coalesce([null, 7])", "7"},
                             {"coalesce(items.flag)", R"("y")", R"({"items":[{"n":1},{"flag":"y"}]})"},
                             {"coalesce(null)", "null"},
                             {"coalesce()", "null"}}},
       .call = &ArrayCalls::coalesce});
  out.push_back({.info = {.name = "first",
                          .category = kCategory,
                          .description = "The first of several values, or of an array.",
                          .returns = "The value; null for null and for an empty array.",
                          .return_type = Type::any,
                          .parameters = {kValues},
                          .variadic = true,
                          .examples = {{"first([])", "null"},
                                       {"first([3,1])", "3"},
                                       {R"(first("a", "b"))", R"("a")"},
                                       {"first(null)", "null"},
                                       {"first(l)", R"({"a":1})", R"({"l":[{"a":1},{"a":2}]})"}}},
                 .call = &ArrayCalls::first});
  out.push_back({.info = {.name = "last",
                          .category = kCategory,
                          .description = "The last of several values, or of an array.",
                          .returns = "The value; null for null and for an empty array.",
                          .return_type = Type::any,
                          .parameters = {kValues},
                          .variadic = true,
                          .examples = {{"last([3,1])", "1"},
                                       {R"(last("a", "b"))", R"("b")"},
                                       {"last(null)", "null"},
                                       {"last([])", "null"}}},
                 .call = &ArrayCalls::last});
}

void add_builders(std::vector<Function>& out) {
  out.push_back({.info = {.name = "add_to_array",
                          .category = kCategory,
                          .description = "Puts values behind the elements of an array, each as one element.",
                          .returns = "The longer array; null counts as an empty one.",
                          .return_type = Type::array,
                          .parameters = {kArray, {"value", "what to append", Type::any}},
                          .variadic = true,
                          .examples = {{"add_to_array([1], [2,3])", "[1,[2,3]]"},
                                       {R"(add_to_array(["a"], "b", null))", R"(["a","b",null])"},
                                       {"add_to_array(null, 1)", "[1]"},
                                       {"add_to_array(l, 9)", "[1,9]", R"({"l":[1]})"}}},
                 .call = &ArrayCalls::add_to_array});
  out.push_back({.info = {.name = "join_arrays",
                          .category = kCategory,
                          .description = "Puts the elements of several arrays behind each other.",
                          .returns = "One array; null arrays are left out, another value is one element.",
                          .return_type = Type::array,
                          .parameters = {kArray, {"more", "more arrays", Type::array}},
                          .variadic = true,
                          .examples = {{"join_arrays([1],[2,3],[])", "[1,2,3]"},
                                       {R"(join_arrays(null, ["a"], "b"))", R"(["a","b"])"},
                                       {"join_arrays(l, l)", "[1,2,1,2]", R"({"l":[1,2]})"}}},
                 .call = &ArrayCalls::join_arrays});
  out.push_back({.info = {.name = "to_array",
                          .category = kCategory,
                          .description = "Makes an array of values.",
                          .returns = "The array, with its nulls or without.",
                          .return_type = Type::array,
                          .parameters = {{"includeNulls", "whether nulls are elements", Type::boolean},
                                         {"value", "the elements", Type::any}},
                          .variadic = true,
                          .examples = {{"to_array(true, 1, null)", "[1,null]"},
                                       {"to_array(false, 1, null)", "[1]"},
                                       {"to_array(false)", "[]"},
                                       {R"(to_array("true", null))", "[null]"}}},
                 .call = &ArrayCalls::to_array});
  out.push_back(
      {.info = {.name = "size_of",
                .category = kCategory,
                .description = "How much there is in a value.",
                .returns = "Elements of an array, members of an object, UTF-16 units of a text; 0 for null.",
                .return_type = Type::integer,
                .parameters = {{"value", "what to count", Type::any}},
                .examples = {{R"(size_of(["a","b"]))", "2"},
                             {"size_of(null)", "0"},
                             {R"(size_of({"a":1}))", "1"},
                             {R"(size_of("héllo"))", "5"},
                             {R"(size_of("😀"))", "2"},
                             {"size_of(l)", "3", R"({"l":[1,{"a":2},[3]]})"}}},
       .call = &ArrayCalls::size_of});
}

void add_upserts(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "upsert_array_append",
                .category = kCategory,
                .description = "Asks for an array's elements to be appended to those that are stored, when a "
                               "record is updated.",
                .returns = "The array as it is: records are inserted here, not updated.",
                .return_type = Type::array,
                .parameters = {kArray},
                .examples = {{"upsert_array_append([1,2])", "[1,2]"}, {"upsert_array_append(null)", "null"}}},
       .call = &ArrayCalls::unchanged,
       .works_on = 0});
  out.push_back({.info = {.name = "upsert_array_replace",
                          .category = kCategory,
                          .description = "Asks for an array's elements to take the place of those that are "
                                         "stored, when a record is updated.",
                          .returns = "The array as it is: records are inserted here, not updated.",
                          .return_type = Type::array,
                          .parameters = {kArray, {"number", "of no effect", Type::integer}},
                          .optional = 1,
                          .examples = {{"upsert_array_replace([1,2])", "[1,2]"},
                                       {"upsert_array_replace([1], 1)", "[1]"}}},
                 .call = &ArrayCalls::unchanged,
                 .works_on = 0});
}

void add_loops(std::vector<Function>& out) {
  out.push_back(
      {.info = {.name = "array_to_string",
                .category = kCategory,
                .description = "Joins the elements of an array, and of the arrays in it, as one text. The "
                               "separator comes first.",
                .returns =
                    "The text; objects stand as JSON with single quotes, dates as milliseconds since 1970.",
                .return_type = Type::string,
                .parameters = {{"separator", "what to put between elements", Type::string}, kArray},
                .examples = {{R"(array_to_string("-", [[1,2],[3]]))", R"("1-2-3")"},
                             {R"(array_to_string("; ", ["a", {"k":"v","n":[1]}]))",
                              R"("a; {'k':'v','n':[1]}")"},
                             {R"(array_to_string(",", [date("1970-01-01T00:00:01Z")]))", R"("1000")"},
                             {R"(array_to_string(",", []))", R"("")"},
                             {R"(array_to_string(",", null))", "null"}}},
       .call = &ArrayCalls::array_to_string,
       .works_on = 1});
  out.push_back(
      {.info = {.name = "filterArray",
                .category = kCategory,
                .description = "Keeps the elements for which a condition holds.",
                .returns = "The elements that stay, in their order.",
                .return_type = Type::array,
                .parameters = {kArray, {"condition", "x -> condition on x", Type::lambda}},
                .examples = {{R"(filterArray(["a","","b"], s -> s != ""))", R"(["a","b"])"},
                             {"filterArray(orders, o -> o.total > min)", R"([{"total":9}])",
                              R"({"orders":[{"total":3},{"total":9}],"min":5})"},
                             {"filterArray([1,2,3], x -> false)", "[]"},
                             {"filterArray(null, x -> true)", "null"},
                             {"filterArray([[1],[2,3]], a -> size_of(filterArray(a, b -> b > 2)) > 0)",
                              "[[2,3]]"}}},
       .call = &ArrayCalls::filter,
       .works_on = 0});
  out.push_back(
      {.info = {.name = "transformArray",
                .category = kCategory,
                .description = "Calculates a new value of each element.",
                .returns = "The new values, in the order of the elements.",
                .return_type = Type::array,
                .parameters = {kArray, {"expression", "x -> expression of x", Type::lambda}},
                .examples = {{"transformArray([1,2], n -> n * 10)", "[10,20]"},
                             {R"(transformArray(people, p -> concat(p.first, " ", p.last)))",
                              R"(["Ada L","Bo K"])",
                              R"({"people":[{"first":"Ada","last":"L"},{"first":"Bo","last":"K"}]})"},
                             {"transformArray([[1,2],[3]], a -> transformArray(a, b -> b + size_of(a)))",
                              "[[3,4],[4]]"},
                             {"transformArray(null, n -> n)", "null"}}},
       .call = &ArrayCalls::transform,
       .works_on = 0});
  out.push_back({.info = {.name = "flattenArray",
                          .category = kCategory,
                          .description = "Takes the elements out of the arrays in an array, at all levels.",
                          .returns = "One array without arrays in it.",
                          .return_type = Type::array,
                          .parameters = {kArray},
                          .examples = {{"flattenArray([[1],[2,[3]]])", "[1,2,3]"},
                                       {"flattenArray(l)", R"([1,{"a":[2]}])", R"({"l":[[1],{"a":[2]},[]]})"},
                                       {"flattenArray([])", "[]"},
                                       {"flattenArray(null)", "null"}}},
                 .call = &ArrayCalls::flatten,
                 .works_on = 0});
}

}  // namespace

std::vector<Function> array_functions() {
  std::vector<Function> out;
  add_pickers(out);
  add_builders(out);
  add_upserts(out);
  add_loops(out);
  return out;
}

}  // namespace headwater::mapping
