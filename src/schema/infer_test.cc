#include "schema/infer.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "schema/validator.h"

namespace headwater::schema {
namespace {

void add(Inference& inference, std::initializer_list<std::string_view> records) {
  json::RecordParser parser;
  json::RecordGroup group;
  for (const auto text : records) group.append(text);
  for (std::size_t i = 0; i < group.size(); ++i) inference.add(*parser.parse(group[i]));
}

struct InferRow {
  const char* name;
  std::vector<std::string_view> records;
  const char* schema;  // of the member "v"
};

TEST(Inference, DerivesEachKindAndMergesThem) {
  constexpr const char* kInteger =
      R"({"type":"integer","minimum":-9007199254740992,"maximum":9007199254740991})";
  const InferRow rows[] = {
      {"string", {R"({"v":"a"})"}, R"({"type":"string"})"},
      {"integer", {R"({"v":1})", R"({"v":-9007199254740992})"}, kInteger},
      {"integer beyond the bounds", {R"({"v":9007199254740992})"}, R"({"type":"integer"})"},
      {"fraction", {R"({"v":1.0})"}, R"({"type":"number"})"},
      {"boolean", {R"({"v":true})"}, R"({"type":"boolean"})"},
      {"null only", {R"({"v":null})"}, "{}"},
      {"null beside integer", {R"({"v":null})", R"({"v":2})"}, kInteger},
      {"integer and fraction", {R"({"v":1})", R"({"v":1e3})"}, R"({"type":"number"})"},
      {"integer and string", {R"({"v":1})", R"({"v":"x"})"}, R"({"type":"string"})"},
      {"boolean and integer", {R"({"v":true})", R"({"v":1})"}, R"({"type":"string"})"},
      {"scalar and object", {R"({"v":1})", R"({"v":{}})"}, "{}"},
      {"array and object", {R"({"v":[]})", R"({"v":{}})"}, "{}"},
      {"empty array", {R"({"v":[]})"}, R"({"type":"array","items":{}})"},
      {"array of mixed objects",
       {R"({"v":[{"a":1.5},{"b":"x"}]})", R"({"v":[]})"},
       R"({"type":"array","items":{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"string"}}}})"},
      {"escaped name",
       {R"({"v":{"a\u0062":"x"}})", R"({"v":{"ab":"y"}})"},
       R"({"type":"object","properties":{"ab":{"type":"string"}}})"},
  };
  for (const auto& row : rows) {
    Inference inference;
    json::RecordParser parser;
    json::RecordGroup group;
    for (const auto text : row.records) group.append(text);
    for (std::size_t i = 0; i < group.size(); ++i) inference.add(*parser.parse(group[i]));
    const auto schema = inference.schema();
    const auto* properties = schema.find("properties");
    ASSERT_NE(properties, nullptr) << row.name;
    EXPECT_EQ(properties->find("v")->dump(), row.schema) << row.name;
    EXPECT_EQ(schema.find("required"), nullptr);
    EXPECT_TRUE(Validator::compile(schema)) << row.name;
  }
}

TEST(Inference, KnowsWhichMembersAreNullable) {
  Inference inference;
  add(inference,
      {R"({"a":1,"b":2,"c":{"d":1}})", R"({"a":2,"b":null,"c":{}})", R"({"a":3,"b":1,"c":{"d":2}})"});
  const auto& root = inference.shape();
  EXPECT_FALSE(is_nullable(root, *root.find("a")));
  EXPECT_TRUE(is_nullable(root, *root.find("b")));
  EXPECT_FALSE(is_nullable(root, *root.find("c")));
  EXPECT_TRUE(is_nullable(root.find("c")->shape, *root.find("c")->shape.find("d")));
  EXPECT_EQ(root.find("nothing"), nullptr);
}

TEST(Inference, BoundsThePlacesItLooksAt) {
  Inference inference(2);
  add(inference, {R"({"a":1,"b":2,"c":3})"});
  EXPECT_TRUE(inference.truncated());
  EXPECT_EQ(inference.shape().members.size(), 2U);
}

}  // namespace
}  // namespace headwater::schema
