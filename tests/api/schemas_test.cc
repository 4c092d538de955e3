#include "api_fixture.h"
#include "base/url.h"

namespace headwater::tests {
namespace {

constexpr const char* kSchemas = "/data/foundation/schemaregistry/tenant/schemas";

class SchemasTest : public ApiFixture {
 protected:
  Answer lookup(const std::string& name, const std::string& accept) {
    return call("GET", std::string(kSchemas) + "/" + percent_encode(name), {}, {{"accept", accept}});
  }
};

TEST_F(SchemasTest, CreateGivesTheIdsAndTheVersion) {
  const auto answer =
      post(kSchemas, R"({"title":"Member","type":"object","properties":{"id":{"type":"string"}},
      "allOf":[{"$ref":"https://ns.adobe.com/xdm/context/profile"}]})");
  ASSERT_EQ(answer.status, 201) << answer.text;
  const auto id = std::string(answer.body.string_at("$id"));
  EXPECT_TRUE(id.starts_with("https://ns.") && id.find("/schemas/") != std::string::npos) << id;
  EXPECT_EQ(answer.body.string_at("meta:resourceType"), "schemas");
  EXPECT_EQ(answer.body.string_at("version"), "1.0");
  EXPECT_EQ(answer.body.find("allOf")->if_array()->front().string_at("$ref"),
            "https://ns.adobe.com/xdm/context/profile");
  const auto alt = std::string(answer.body.string_at("meta:altId"));
  EXPECT_TRUE(alt.starts_with("_") && alt.ends_with(id.substr(id.rfind('/') + 1))) << alt;
  const std::string full = "application/vnd.adobe.xed-full+json; version=1";
  EXPECT_EQ(lookup(id, full).body.string_at("$id"), id);
  EXPECT_EQ(lookup(alt, full).body.string_at("$id"), id);
}

TEST_F(SchemasTest, TheAcceptHeaderDecidesTheForm) {
  const auto id = create_schema();
  const auto no_text = lookup(id, "application/vnd.adobe.xed-full-notext+json; version=1");
  ASSERT_EQ(no_text.status, 200) << no_text.text;
  EXPECT_EQ(no_text.body.find("title"), nullptr);
  EXPECT_EQ(no_text.body.find_path("properties.id.title"), nullptr);
  EXPECT_NE(no_text.body.find_path("properties.id.type"), nullptr);
  const auto invalid = lookup(id, "application/vnd.adobe.xed+json");
  EXPECT_EQ(invalid.status, 400);
  EXPECT_TRUE(invalid.at("type").ends_with("XDM-1007-400")) << invalid.text;
  EXPECT_NE(invalid.body.find_path("report.registryRequestId"), nullptr);
  EXPECT_EQ(lookup(id, "application/vnd.adobe.xed+json;version=2").status, 406);
  EXPECT_EQ(lookup(id, "*/*").status, 200);
  EXPECT_EQ(lookup("https://ns.adobe.com/x/schemas/none", "*/*").status, 404);
}

TEST_F(SchemasTest, ListsAreSummariesOrWhole) {
  const auto id = create_schema();
  const auto list = [this](const std::string& accept) {
    return call("GET", kSchemas, {}, {{"accept", accept}});
  };
  const auto summary = list("application/vnd.adobe.xed-id+json");
  ASSERT_EQ(summary.status, 200) << summary.text;
  EXPECT_EQ(summary.body.find("results")->if_array()->front().if_object()->size(), 4U);
  EXPECT_EQ(summary.at("_page.count"), "1");
  EXPECT_NE(
      list("application/vnd.adobe.xed+json").body.find("results")->if_array()->front().find("properties"),
      nullptr);
  EXPECT_TRUE(list("application/vnd.adobe.xed+json;version=1").at("type").ends_with("XDM-1006-400"));
  EXPECT_EQ(get("/data/foundation/schemaregistry/global/schemas").at("results"), "[]");
}

TEST_F(SchemasTest, TheOlderMediaTypesWork) {
  const auto path = std::string(kSchemas) + "/" + percent_encode(create_schema());
  for (const char* accept :
       {"application/vnd.adobe.xdm+json; version=1", "application/vnd.adobe.xdm-full+json; version=1",
        "application/vnd.adobe.xdm-full-desc+json; version=1",
        "application/vnd.adobe.xed-full-flat-deprecated+json; version=1"})
    EXPECT_EQ(call("GET", path, "", {{"accept", accept}}).status, 200) << accept;
  for (const char* accept : {"application/vnd.adobe.xdm+json", "application/vnd.adobe.xdm-id+json"})
    EXPECT_EQ(call("GET", kSchemas, "", {{"accept", accept}}).status, 200) << accept;
}

TEST_F(SchemasTest, StatsNameTheTenant) {
  const auto id = create_schema();
  const auto answer = get("/data/foundation/schemaregistry/stats");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.at("counts.schemas"), "1");
  EXPECT_NE(id.find("/" + answer.at("tenantId") + "/schemas/"), std::string::npos) << answer.text;
}

TEST_F(SchemasTest, ChangesRaiseTheMinorVersion) {
  const auto id = create_schema();
  const std::string path = std::string(kSchemas) + "/" + percent_encode(id);
  const auto answer =
      call("PATCH", path, R"([{"op":"add","path":"/properties/extra","value":{"type":"boolean"}}])");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.body.string_at("version"), "1.1");
  EXPECT_NE(answer.body.find_path("properties.extra"), nullptr);
  EXPECT_EQ(call("PUT", path, R"({"title":"M2","type":"object","properties":{}})").body.string_at("version"),
            "1.2");
}

TEST_F(SchemasTest, ASchemaThatDoesNotCompileIsRefused) {
  EXPECT_EQ(post(kSchemas, R"({"type":"object"})").status, 400) << "no title";
  const auto answer =
      post(kSchemas, R"({"title":"x","type":"object","properties":{"a":{"type":"strange"}}})");
  EXPECT_EQ(answer.status, 400) << answer.text;
  EXPECT_NE(answer.body.find("report"), nullptr);
}

TEST_F(SchemasTest, ASchemaInUseIsNotDeleted) {
  const auto id = create_schema();
  const std::string path = std::string(kSchemas) + "/" + percent_encode(id);
  const auto dataset = create_dataset(id);
  EXPECT_EQ(del(path).status, 400);
  EXPECT_EQ(del("/data/foundation/catalog/dataSets/" + dataset).status, 200);
  EXPECT_EQ(del(path).status, 204);
  EXPECT_EQ(call_as_stranger("GET", path).status, 404);
}

}  // namespace
}  // namespace headwater::tests
