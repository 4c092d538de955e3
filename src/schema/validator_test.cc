#include "schema/validator.h"

#include <gtest/gtest.h>

#include <string>

namespace headwater::schema {
namespace {

json::Value doc(std::string_view text) { return *json::parse(text); }

Validator compiled(std::string_view schema, const CompileOptions& options = {}) {
  return *Validator::compile(doc(schema), options);
}

struct BadSchema {
  const char* schema;
  const char* pointer;
};

TEST(Validator, NamesEveryFaultOfASchemaByPointer) {
  constexpr BadSchema kSchemas[] = {
      {R"({"type":"strnig"})", "/type"},
      {R"({"properties":{"a":{"type":["null","x"]}}})", "/properties/a/type/1"},
      {R"({"properties":{"a/b":{"pattern":"("}}})", "/properties/a~1b/pattern"},
      {R"({"patternProperties":{"[":{}}})", "/patternProperties/["},
      {R"({"required":true})", "/required"},
      {R"({"required":["a","a"]})", "/required/1"},
      {R"({"minimum":0,"exclusiveMinimum":true})", "/exclusiveMinimum"},
      {R"({"multipleOf":0})", "/multipleOf"},
      {R"({"minLength":-1})", "/minLength"},
      {R"({"maxItems":1.5})", "/maxItems"},
      {R"({"allOf":[]})", "/allOf"},
      {R"({"items":[{"$ref":"#/nowhere"}]})", "/items/0/$ref"},
      {R"({"$ref":"http://example.com/other.json"})", "/$ref"},
      {R"({"definitions":{"unused":{"enum":1}}})", "/definitions/unused/enum"},
      {R"({"properties":{"a":5}})", "/properties/a"},
      {"5", ""},
  };
  for (const auto& row : kSchemas) {
    const auto result = Validator::compile(doc(row.schema));
    ASSERT_FALSE(result) << row.schema;
    EXPECT_EQ(result.error().kind, ErrorKind::invalid_argument);
    ASSERT_EQ(result.error().problems.size(), 1U) << row.schema;
    EXPECT_EQ(result.error().problems[0].pointer, row.pointer) << row.schema;
  }
}

// Each name, and each reference, was looked for among all members; a base was kept for each schema.
TEST(Validator, CompilesALargeSchemaInTimeThatGrowsWithIt) {
  constexpr int kMembers = 45'000;
  std::vector<json::Member> definitions, properties;
  json::Array required;
  for (int i = 0; i < kMembers; ++i) {
    const auto name = "v" + std::to_string(i);
    definitions.push_back({name, json::Object{{"type", "string"}}});
    properties.push_back({name, json::Object{{"$ref", "#/definitions/" + name}}});
    required.emplace_back(name);
  }
  required.emplace_back("v1");
  json::Value schema = json::Object{{"definitions", json::Object::from_members(std::move(definitions))},
                                    {"properties", json::Object::from_members(std::move(properties))},
                                    {"required", std::move(required)}};
  auto result = Validator::compile(schema);
  ASSERT_FALSE(result);
  ASSERT_EQ(result.error().problems.size(), 1U);
  EXPECT_EQ(result.error().problems[0].pointer, "/required/" + std::to_string(kMembers));
  schema.find("required")->if_array()->pop_back();
  EXPECT_TRUE(Validator::compile(schema));
  schema.if_object()->set("$id", "http://a.test/" + std::string(1'000'000, 'x'));
  result = Validator::compile(schema);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().problems[0].pointer, "/$id");
}

// Compiled each took 50 KB.
TEST(Validator, PatternsAreCompiledOnceAndThereMayBeAThousand) {
  const auto with_patterns = [](int count, const auto& pattern) {
    std::vector<json::Member> properties;
    properties.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
      properties.push_back({"v" + std::to_string(i), json::Object{{"pattern", pattern(i)}}});
    return json::Value(json::Object{{"properties", json::Object::from_members(std::move(properties))}});
  };
  const std::string large = "(?:(?:[ab]c){1,60}){1,20}";
  EXPECT_TRUE(Validator::compile(with_patterns(50'000, [&](int) -> const std::string& { return large; })));
  const auto refused =
      Validator::compile(with_patterns(20'000, [&](int i) { return large + std::to_string(i); }));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().problems[0].pointer, "/properties/v1000/pattern");
}

TEST(Validator, ReportsAllSchemaFaultsAtOnce) {
  const auto result =
      Validator::compile(doc(R"({"type":"x","properties":{"a":{"minLength":"1"}},"not":[]})"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().problems.size(), 3U);
}

TEST(Validator, RefusesReferencesInACircle) {
  for (
      const auto* schema :
      {R"({"$ref":"#"})", R"({"allOf":[{"$ref":"#"}]})",
       R"({"definitions":{"a":{"not":{"$ref":"#/definitions/b"}},"b":{"anyOf":[{"$ref":"#/definitions/a"}]}}})"}) {
    const auto result = Validator::compile(doc(schema));
    ASSERT_FALSE(result) << schema;
    EXPECT_NE(result.error().message.find("circle"), std::string::npos) << result.error().message;
  }
}

TEST(Validator, WarnsOfWhatLooksWrong) {
  const auto validator = compiled(
      R"({"$schema":"http://json-schema.org/draft-04/schema#","properties":{"a":{}},"required":["a","b"]})");
  ASSERT_EQ(validator.warnings().size(), 2U);
  EXPECT_EQ(validator.warnings()[0].pointer, "/$schema");
  EXPECT_EQ(validator.warnings()[1].pointer, "/required/1");
  EXPECT_EQ(validator.warnings()[1].severity, Severity::warning);
  EXPECT_TRUE(compiled(R"({"$schema":"http://json-schema.org/draft-07/schema#"})").warnings().empty());
}

TEST(Validator, ReportsEveryFaultOfADocumentWithPointerReasonAndHint) {
  const auto validator = compiled(R"({"type":"object","required":["host","port"],"additionalProperties":false,
      "properties":{"host":{"type":"string","format":"hostname"},"port":{"type":"integer","minimum":1},
                    "tags/x":{"items":{"enum":["a","b"]}}}})");
  const auto problems = validator.validate(doc(R"({"host":"-","tags/x":["a","c"],"extra":1})"));
  ASSERT_EQ(problems.size(), 4U);
  EXPECT_EQ(problems[0].pointer, "/host");
  EXPECT_EQ(problems[0].reason, "is no valid hostname.");
  EXPECT_EQ(problems[1].pointer, "/tags~1x/1");
  EXPECT_EQ(problems[1].reason, "must be one of \"a\", \"b\".");
  EXPECT_EQ(problems[2].pointer, "/extra");
  EXPECT_EQ(problems[2].hint, "Known are: host, port, tags/x.");
  EXPECT_EQ(problems[3].pointer, "");
  EXPECT_EQ(problems[3].reason, "lacks the member \"port\".");
  EXPECT_TRUE(validator.validate(doc(R"({"host":"a","port":1})")).empty());
  EXPECT_EQ(validator.validate(doc(R"({"port":"80","host":"a"})"))[0].hint, "Write it without quotes.");
  EXPECT_EQ(validator.validate(doc(R"({"host":"-"})"), 1).size(), 1U);
}

TEST(Validator, NeverRepeatsAnInstanceValueInAProblem) {
  const auto validator = compiled(
      R"({"properties":{"t":{"type":"string","pattern":"^x","minLength":100,"enum":["a"],"const":"b","format":"date"}}})");
  for (const auto& problem : validator.validate(doc(R"({"t":"s3cr3t"})")))
    EXPECT_EQ((problem.reason + problem.hint).find("s3cr3t"), std::string::npos) << problem.reason;
}

TEST(Validator, NamesTheClosestAlternative) {
  const auto validator =
      compiled(R"({"anyOf":[{"type":"string"},{"required":["a"],"properties":{"a":{"type":"integer"}}}]})");
  const auto problems = validator.validate(doc(R"({"a":"x"})"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].hint, "Closest: /a is a string, but must be a whole number.");
}

TEST(Validator, GivesRecordViolationsThatCodeCanActOn) {
  const auto validator =
      compiled(R"({"required":["id"],"properties":{"p":{"required":["q"]},"n":{"type":"string"}}})");
  json::RecordParser parser;
  json::RecordGroup group;
  group.append(R"({"p":{},"n":null})");
  const auto violations = validator.violations(*parser.parse(group[0]));
  ASSERT_EQ(violations.size(), 3U);
  EXPECT_EQ(violations[0].keyword, Keyword::required);
  EXPECT_EQ(violations[0].pointer, "/p");
  EXPECT_EQ(violations[0].member, "q");
  EXPECT_EQ(violations[1].keyword, Keyword::type);
  EXPECT_TRUE(violations[1].is_null);
  EXPECT_EQ(violations[2].member, "id");
}

TEST(Validator, FormatsCanBeAnnotations) {
  CompileOptions options;
  options.assert_formats = false;
  EXPECT_TRUE(compiled(R"({"format":"date"})", options).accepts(json::Value("x")));
  EXPECT_FALSE(compiled(R"({"format":"date"})").accepts(json::Value("x")));
}

TEST(Validator, ResolvesReferencesIntoGivenDocuments) {
  CompileOptions options;
  options.documents.emplace_back("http://localhost:1234/dir/int.json",
                                 doc(R"({"$ref":"other.json#/definitions/i"})"));
  options.documents.emplace_back("http://localhost:1234/dir/other.json#",
                                 doc(R"({"definitions":{"i":{"type":"integer"}}})"));
  options.documents.emplace_back("http://localhost:1234/bad.json", doc(R"({"type":"x"})"));
  const auto validator =
      compiled(R"({"$id":"http://localhost:1234/","properties":{"a":{"$ref":"dir/int.json"}}})", options);
  EXPECT_TRUE(validator.accepts(doc(R"({"a":1})")));
  EXPECT_FALSE(validator.accepts(doc(R"({"a":"x"})")));
  const auto bad = Validator::compile(doc(R"({"$ref":"http://localhost:1234/bad.json"})"), options);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().where, "http://localhost:1234/bad.json#/type");
}

TEST(Validator, GivesUpOnExponentialSchemas) {
  std::string schema = R"({"definitions":{"d0":{"type":"integer"})";
  for (int i = 1; i < 40; ++i) {
    const auto ref = "{\"$ref\":\"#/definitions/d" + std::to_string(i - 1) + "\"}";
    schema.append(R"(,"d)").append(std::to_string(i)).append(R"(":{"allOf":[)").append(ref).append(",");
    schema.append(ref).append("]}");
  }
  schema += R"(},"$comment":"x","allOf":[{"$ref":"#/definitions/d39"}]})";
  const auto validator = compiled(schema);
  EXPECT_FALSE(validator.accepts(json::Value(1)));
  const auto violations = validator.violations(json::Value(1));
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations.back().keyword, Keyword::limit);
}

TEST(Validator, BoundsTheNumberOfSubschemas) {
  CompileOptions options;
  options.schemas_max = 3;
  EXPECT_FALSE(Validator::compile(doc(R"({"properties":{"a":{},"b":{},"c":{}}})"), options));
}

TEST(Validator, SurvivesDeepInstances) {
  const auto validator = compiled(R"({"properties":{"a":{"$ref":"#"}},"items":{"allOf":[{"$ref":"#"}]}})");
  std::string text;
  for (int i = 0; i < 190; ++i) text += "[";
  for (int i = 0; i < 190; ++i) text += "]";
  EXPECT_TRUE(validator.accepts(doc(text)));
}

TEST(Validator, HandlesSchemasWithManyNames) {
  std::string properties, required, instance;
  for (int i = 0; i < 1000; ++i) {
    const auto name = "\"member" + std::to_string(i) + "\"";
    const std::string comma = i == 0 ? "" : ",";
    properties += comma + name + R"(:{"type":"integer"})";
    required += comma + name;
    instance += comma + name + ":" + std::to_string(i);
  }
  const auto validator = compiled("{\"properties\":{" + properties + "},\"required\":[" + required +
                                  "],\"additionalProperties\":false}");
  EXPECT_TRUE(validator.accepts(doc("{" + instance + "}")));
  EXPECT_FALSE(validator.accepts(doc("{" + instance + ",\"member1000\":1}")));
  EXPECT_EQ(validator.violations(doc("{}"), 2000).size(), 1000U);
}

}  // namespace
}  // namespace headwater::schema
