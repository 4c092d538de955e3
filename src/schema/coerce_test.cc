#include "schema/coerce.h"

#include <gtest/gtest.h>

namespace headwater::schema {
namespace {

json::Value doc(std::string_view text) { return *json::parse(text); }

struct CoerceRow {
  const char* schema;
  const char* text;
  const char* want;  // JSON; "" when it must fail
};

TEST(Coerce, ReadsTextAsTheDeclaredType) {
  constexpr CoerceRow kRows[] = {
      {R"({"type":"integer"})", "42", "42"},
      {R"({"type":"integer"})", "42.0", "42.0"},
      {R"({"type":"integer"})", "42.5", ""},
      {R"({"type":"integer"})", "12345678901234567890", "12345678901234567890"},
      {R"({"type":"number"})", "1e3", "1e3"},
      {R"({"type":"number"})", "x", ""},
      {R"({"type":"boolean"})", "true", "true"},
      {R"({"type":"boolean"})", "maybe", ""},
      {R"({"type":"string"})", "42", "\"42\""},
      {"{}", "42", "\"42\""},
      {R"({"type":"array"})", "[1,2]", "[1,2]"},
      {R"({"type":"object"})", R"({"a":1})", R"({"a":1})"},
      {R"({"type":"object"})", "[1]", ""},
      {R"({"type":["string","integer"]})", "42", "42"},
      {R"({"type":["string","integer"]})", "a", "\"a\""},
  };
  for (const auto& row : kRows) {
    const auto value = coerce_text(row.text, doc(row.schema));
    ASSERT_EQ(value.has_value(), row.want[0] != '\0') << row.schema << " " << row.text;
    if (value) {
      EXPECT_EQ(value->dump(), row.want);
    }
  }
}

TEST(Coerce, PlacesParametersByTheirSchema) {
  const auto schema = doc(R"({"definitions":{"n":{"type":"integer"}},
      "properties":{"count":{"$ref":"#/definitions/n"},"a.b":{"type":"boolean"},"o":{"properties":{"x":{"type":"number"}}}}})");
  const auto params = coerce_params(
      {{"count", "5"}, {"a.b", "true"}, {"o.x", "1.5"}, {"o.y", "2"}, {"free.name", "7"}}, schema);
  ASSERT_TRUE(params);
  EXPECT_EQ(json::Value(*params).dump(), R"({"count":5,"a.b":true,"o":{"x":1.5,"y":"2"},"free.name":"7"})");
}

TEST(Coerce, ReportsEveryParameterThatDoesNotFit) {
  const auto schema =
      doc(R"({"properties":{"a":{"type":"integer"},"b":{"type":"integer","format":"password"}}})");
  const auto params = coerce_params({{"a", "x"}, {"b", "hidden"}}, schema);
  ASSERT_FALSE(params);
  ASSERT_EQ(params.error().problems.size(), 2U);
  EXPECT_EQ(params.error().problems[0].reason, "Parameter \"a\": \"x\" is no valid integer.");
  EXPECT_EQ(params.error().problems[1].reason.find("hidden"), std::string::npos);
}

}  // namespace
}  // namespace headwater::schema
