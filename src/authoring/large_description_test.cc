// Descriptions of APIs that were made large on purpose: what is too much is refused where it stands, before
// it is held. Their sizes are such that the work took minutes, or more memory than a machine has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/openapi_operation.h"
#include "authoring/yaml_document.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;
using testing::HasSubstr;

constexpr std::size_t kMegabyte = 1'000'000;

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// The parser went through all that were open with each token.
TEST(LargeYaml, NestingIsRefusedWhereItIsTooDeep) {
  for (const char* text : {"[", "{a: ", "- ", "? "}) {
    const auto read = read_yaml("a: 1\nb:\n  " + repeated(text, 200'000));
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::too_large) << text;
    EXPECT_THAT(read.error().message, HasSubstr("line 3, column")) << text;
    EXPECT_THAT(read.error().message, HasSubstr("nested more than 200 deep")) << text;
  }
  EXPECT_TRUE(read_yaml(repeated("[", 199) + repeated("]", 199)));
  EXPECT_EQ(read_yaml("a: &a " + repeated("[", 150) + repeated("]", 150) + "\nb: " + repeated("[", 100) +
                      "*a" + repeated("]", 100))
                .error()
                .kind,
            ErrorKind::too_large);
}

// Values were counted, and not what they hold.
TEST(LargeYaml, ALongTextThatManyReferToIsRefused) {
  const auto read = read_yaml("a: &a " + std::string(kMegabyte, 'x') + "\nb:\n" + repeated("- *a\n", 10'000));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::too_large);
  EXPECT_THAT(read.error().message, HasSubstr("line 6"));
}

// Each was compared with all others.
TEST(LargeYaml, AnchorsMergesAndDirectivesAreNotGoneThroughForEach) {
  std::string anchors, merged, directives;
  for (int i = 0; i < 100'000; ++i) {
    const auto number = std::to_string(i);
    anchors.append("- &a").append(number).append(" x\n- *a").append(number).append("\n");
    merged.append("k").append(number).append(": x, ");
    directives.append("%TAG !").append(number).append("! !b\n");
  }
  EXPECT_EQ(read_yaml(anchors)->if_array()->size(), 200'000U);
  EXPECT_EQ(read_yaml("a: &a {" + merged + "}\nb: {<<: *a, own: 1}")->find("b")->if_object()->size(),
            100'001U);
  EXPECT_EQ(read_yaml(directives + "---\na: 1").error().kind, ErrorKind::too_large);
}

class LargeOpenApi : public testing::Test {
 protected:
  static Value document(Value operation, Object schemas) {
    operation.if_object()->set("operationId", "list");
    return Object{{"openapi", "3.0.0"},
                  {"servers", Array{Object{{"url", "https://a.test"}}}},
                  {"paths", Object{{"/a", Object{{"get", std::move(operation)}}}}},
                  {"components", Object{{"schemas", std::move(schemas)}}}};
  }
  static Value reference(const std::string& name) { return Object{{"$ref", "#/components/schemas/" + name}}; }
  static Value answering(Value schema) {
    Object media{{"application/json", Object{{"schema", std::move(schema)}}}};
    return Object{{"responses", Object{{"200", Object{{"content", std::move(media)}}}}}};
  }
};

// Each of them got a copy of its own.
TEST_F(LargeOpenApi, AnExampleThatManyReferToIsRefusedByItsPlace) {
  std::vector<json::Member> properties;
  properties.reserve(20'000);
  for (int i = 0; i < 20'000; ++i) properties.push_back({"p" + std::to_string(i), reference("Long")});
  const auto read = observe_operation(
      document(
          answering(Object{{"type", "object"}, {"properties", Object::from_members(std::move(properties))}}),
          Object{{"Long", Object{{"example", std::string(kMegabyte, 'x')}}}}),
      "list");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::too_large);
  EXPECT_THAT(read.error().message, HasSubstr("#/components/schemas/Long/example"));
}

TEST_F(LargeOpenApi, ASchemaThatManyParametersHaveIsRefused) {
  Array parameters;
  for (int i = 0; i < 2'000; ++i)
    parameters.push_back(
        Object{{"name", "p" + std::to_string(i)}, {"in", "query"}, {"schema", reference("Long")}});
  const auto read =
      observe_operation(document(Object{{"parameters", std::move(parameters)}},
                                 Object{{"Long", Object{{"example", std::string(kMegabyte, 'x')}}}}),
                        "list");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("#/components/schemas/Long"));
}

TEST_F(LargeOpenApi, ABodysLongValueThatManyMembersHaveIsRefused) {
  std::vector<json::Member> properties;
  properties.reserve(5'000);
  for (int i = 0; i < 5'000; ++i) properties.push_back({"p" + std::to_string(i), reference("Long")});
  Object schema{{"type", "object"}, {"properties", Object::from_members(std::move(properties))}};
  const Value body =
      Object{{"requestBody", Object{{"content", Object{{"application/json", Object{{"schema", schema}}}}}}}};
  auto posted = document(body, Object{{"Long", Object{{"example", std::string(kMegabyte, 'x')}}}});
  auto* item = posted.find("paths")->find("/a")->if_object();
  item->set("post", *item->find("get"));
  item->erase("get");
  const auto read = observe_operation(posted, "POST /a");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("#/components/schemas/Long/example"));
}

TEST_F(LargeOpenApi, AnAddressFullOfBracesIsReadOnce) {
  for (const char* text : {"${", "{}", "{"}) {
    auto described = document(Object{}, {});
    described.if_object()->set("servers",
                               Array{Object{{"url", "https://a.test/" + repeated(text, 500'000) + "}"}}});
    EXPECT_TRUE(observe_operation(described, "list")) << text;
  }
}

TEST_F(LargeOpenApi, PartsOfPartsEnd) {
  Object schemas;
  for (int i = 0; i < 9; ++i)
    schemas.set("S" + std::to_string(i),
                Object{{"allOf", Array(50, reference("S" + std::to_string(i + 1)))}});
  schemas.set("S9", Object{{"properties", Object{{"id", Object{{"type", "string"}}}}}});
  EXPECT_TRUE(observe_operation(document(answering(reference("S0")), schemas), "list"));
  const Value body =
      Object{{"requestBody", Object{{"content", Object{{"application/x-www-form-urlencoded",
                                                        Object{{"schema", reference("S0")}}}}}}}};
  auto posted = document(body, schemas);
  auto* item = posted.find("paths")->find("/a")->if_object();
  item->set("post", *item->find("get"));
  item->erase("get");
  EXPECT_TRUE(observe_operation(posted, "POST /a"));
}

TEST_F(LargeOpenApi, OfManyParametersTheFirstAreRead) {
  Array parameters;
  for (int i = 0; i < 50'000; ++i)
    parameters.push_back(Object{{"name", "p" + std::to_string(i)}, {"in", "query"}, {"required", true}});
  const auto read = observe_operation(document(Object{{"parameters", std::move(parameters)}}, {}), "list");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->query.size(), 2'000U);
  EXPECT_THAT(read->notes, testing::Contains(HasSubstr("more than 2000 parameters")));
}

// All operations were converted, each with a copy of what it refers to.
TEST(LargeSwagger, OnlyTheOperationThatIsWantedIsConverted) {
  Value operation =
      Object{{"operationId", "other"}, {"parameters", Array(10, Object{{"$ref", "#/parameters/p"}})}};
  std::vector<json::Member> paths;
  paths.reserve(3'001);
  for (int i = 0; i < 3'000; ++i) paths.push_back({"/" + std::to_string(i), Object{{"get", operation}}});
  paths.push_back({"/a", Object{{"get", Object{{"operationId", "list"}}}}});
  Value document = Object{{"swagger", "2.0"}, {"host", "a.test"}};
  document.if_object()->set("paths", Object::from_members(std::move(paths)));
  document.if_object()->set(
      "parameters",
      Object{{"p", Object{{"name", "p"}, {"in", "query"}, {"x-text", std::string(kMegabyte, 'x')}}}});
  EXPECT_TRUE(observe_operation(document, "list"));
  EXPECT_TRUE(observe_operation(document, "other"));
  (*document.find("paths")->find("/0")->find("get")->if_object())
      .set("parameters", Array(1'000, Object{{"$ref", "#/parameters/p"}}));
  const auto read = observe_operation(document, "GET /0");
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("#/paths/~10/get/parameters"));
}

}  // namespace
}  // namespace headwater::authoring
