#include "mapping/internal/function_table.h"
#include "mapping/internal/functions/arguments.h"

namespace headwater::mapping {
namespace {

Value json_to_object(Evaluation& run, std::span<const Value> values) {
  Arguments in(run, "json_to_object", values);
  if (in[0].is_container()) return in[0];
  const auto text = in.text(0, "input");
  if (in.failed()) return in.failure();
  if (text.empty()) return {};
  const auto parsed = run.parse_json(text);
  return parsed.failed() ? in.fail_for("input is not JSON", parsed.characters()) : parsed;
}

}  // namespace

std::vector<Function> json_functions() {
  return {{.info = {.name = "json_to_object",
                    .category = "JSON",
                    .description = "Reads a JSON text.",
                    .returns =
                        "The value that the text writes; null for an empty text. An object or array is given "
                        "back as it is.",
                    .return_type = ValueType::any,
                    .parameters = {{"input", "the JSON text", ValueType::string}},
                    .examples = {{R"(json_to_object('{"a":[1,2]}').a[1])", "2"},
                                 {R"(json_to_object(text).k)", R"("é\n\"")",
                                  R"({"text":"{\"k\": \"\\u00e9\\n\\\"\"}"})"},
                                 {R"(json_to_object('[1, {"b": null}]'))", R"([1,{"b":null}])"},
                                 {R"(json_to_object({"a": 1}))", R"({"a":1})"},
                                 {R"(json_to_object(list))", R"([1,2])", R"({"list":[1,2]})"},
                                 {R"(json_to_object("12"))", "12"},
                                 {R"(json_to_object(12))", "12"},
                                 {R"(json_to_object(" true "))", "true"},
                                 {R"(json_to_object(""))", "null"},
                                 {R"(json_to_object("null"))", "null"},
                                 {R"(json_to_object(null))", "null"}}},
           .call = &json_to_object,
           .works_on = 0}};
}

}  // namespace headwater::mapping
