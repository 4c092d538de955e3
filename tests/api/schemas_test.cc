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

TEST_F(SchemasTest, ReplacedVersionsStayReadable) {
  const auto id = create_schema();
  const std::string path = std::string(kSchemas) + "/" + percent_encode(id);
  ASSERT_EQ(
      call("PATCH", path, R"([{"op":"add","path":"/properties/extra","value":{"type":"boolean"}}])").status,
      200);
  const auto at = [&](const std::string& version) {
    return lookup(id, "application/vnd.adobe.xed-full+json; version=" + version);
  };
  EXPECT_EQ(at("1").body.string_at("version"), "1.1");
  EXPECT_EQ(at("1.1").body.string_at("version"), "1.1");
  EXPECT_EQ(at("1.0").body.string_at("version"), "1.0");
  EXPECT_EQ(at("1.0").body.find_path("properties.extra"), nullptr);
  EXPECT_EQ(at("1.2").status, 406);
  EXPECT_EQ(get(kSchemas).body.find("results")->if_array()->size(), 1U) << "a list names each schema once";
  EXPECT_EQ(get("/data/foundation/schemaregistry/stats").at("counts.schemas"), "1");
  EXPECT_EQ(lookup(id + ";version=1.0", "*/*").status, 404);
  EXPECT_EQ(del(path).status, 204);
  EXPECT_EQ(at("1.0").status, 404);
}

TEST_F(SchemasTest, ASchemaInUseTakesOnlyOptionalMembers) {
  const auto id = create_schema();
  create_dataset(id);
  const std::string path = std::string(kSchemas) + "/" + percent_encode(id);
  const auto patched = [&](const std::string& operation) {
    return call("PATCH", path, "[" + operation + "]");
  };
  EXPECT_EQ(patched(R"({"op":"add","path":"/properties/extra","value":{"type":"boolean"}})").status, 200);
  const auto removed = patched(R"({"op":"remove","path":"/properties/score"})");
  EXPECT_EQ(removed.status, 400);
  EXPECT_NE(removed.at("detail").find("/properties/score"), std::string::npos) << removed.text;
  EXPECT_EQ(removed.body.find_path("report.sub-errors")->if_array()->size(), 1U) << removed.text;
  EXPECT_EQ(patched(R"({"op":"replace","path":"/properties/score/type","value":"string"})").status, 400);
  EXPECT_EQ(patched(R"({"op":"add","path":"/required","value":["id"]})").status, 400);
  EXPECT_EQ(call("PUT", path, R"({"title":"M2","type":"object","properties":{}})").status, 400);
  EXPECT_EQ(lookup(id, "*/*").body.string_at("version"), "1.1");
}

TEST_F(SchemasTest, ListsArePagedByTheOrderField) {
  for (const char* title : {"Cc", "Aa", "Bb", "Bb", "Dd"})
    ASSERT_EQ(post(kSchemas, R"({"title":")" + std::string(title) + R"(","type":"object"})").status, 201);
  const auto titles = [](const Answer& answer) {
    std::string out;
    for (const auto& item : *answer.body.find("results")->if_array()) out += item.string_at("title");
    return out;
  };
  const auto first = get(std::string(kSchemas) + "?orderby=title&limit=2");
  ASSERT_EQ(first.status, 200) << first.text;
  EXPECT_EQ(titles(first), "AaBbBb") << "those of one title stay together";
  EXPECT_EQ(first.at("_page.next"), "Bb");
  const auto rest = get(first.at("_links.next.href"));
  EXPECT_EQ(titles(rest), "CcDd") << rest.text;
  EXPECT_EQ(rest.at("_page.next"), "null");
  EXPECT_EQ(titles(get(std::string(kSchemas) + "?orderby=-title&start=Cc")), "BbBbAa");
  EXPECT_EQ(titles(get(std::string(kSchemas) + "?property=title==Dd")), "Dd");
  EXPECT_EQ(get(std::string(kSchemas) + "?property=title==Dd&property=title").at("results"),
            R"([{"title":"Dd"}])");
  for (const char* bad : {"orderby=", "orderby=a'b", "limit=x", "limit=-1"})
    EXPECT_EQ(get(std::string(kSchemas) + "?" + bad).status, 400) << bad;
  EXPECT_EQ(get("/data/foundation/schemaregistry/other/schemas").status, 404);
}

TEST_F(SchemasTest, ASchemaThatRefersToItselfEndsNowhere) {
  const auto answer = post(kSchemas, R"({"title":"Circle","type":"object","properties":{
      "a":{"$ref":"#"},"b":{"$ref":"#"},"c":{"$ref":"#"}}})");
  ASSERT_EQ(answer.status, 201) << answer.text;
  const auto id = std::string(answer.body.string_at("$id"));
  create_dataset(id);
  EXPECT_EQ(call("PATCH", std::string(kSchemas) + "/" + percent_encode(id),
                 R"([{"op":"add","path":"/properties/d","value":{"type":"string"}}])")
                .status,
            200);
}

TEST_F(SchemasTest, ProblemsHaveTheRegistrysForm) {
  const auto missing = lookup("https://ns.adobe.com/x/schemas/none", "*/*");
  EXPECT_TRUE(missing.at("type").ends_with("XDM-1012-404")) << missing.text;
  EXPECT_FALSE(missing.at("report.timestamp").empty());
  EXPECT_EQ(missing.at("report.sub-errors"), "[]");
  EXPECT_EQ(lookup(create_schema(), "application/vnd.adobe.xed+json").at("title"), "Accept header invalid");
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
