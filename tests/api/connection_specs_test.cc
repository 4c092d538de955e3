#include "api/shipped_specs.h"
#include "api_fixture.h"
#include "domain/spec_check.h"

namespace headwater::tests {
namespace {

class ConnectionSpecsTest : public ApiFixture {};

// Members in an order that no map would keep, and members that no reader knows.
constexpr std::string_view kSpec =
    R"({"version":"1.0","zeta":[1,2.50],"name":"acme-orders","type":"generic-rest","providerId":)"
    R"("0ed90a81-07f4-4586-8190-b40eccef1c5a","authSpec":[],"sourceSpec":{"attributes":{"urlParams":{"host":)"
    R"("https://api.acme.test","path":"/v1/orders","method":"GET"},"contentPath":{"path":"$.orders"},)"
    R"("paginationParams":{"type":"NONE"}},"spec":{"type":"object","properties":{}}},"alpha":null})";

TEST_F(ConnectionSpecsTest, CreateAnswersTheStoredSpecWithItsId) {
  const auto answer = post(fs("/connectionSpecs"), kSpec);
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(answer.header("location"), fs("/connectionSpecs/") + answer.id());
  const auto& spec = answer.item();
  EXPECT_EQ(spec.string_at("id"), answer.id());
  for (const char* name : {"createdAt", "updatedAt", "createdBy", "updatedBy", "createdClient",
                           "updatedClient", "sandboxId", "sandboxName", "imsOrgId"})
    EXPECT_NE(spec.find(name), nullptr) << name;
  EXPECT_EQ(spec.string_at("sandboxName"), "prod");
  EXPECT_EQ(spec.string_at("version"), "1.0");
  EXPECT_EQ(spec.find("zeta")->dump(), "[1,2.50]") << "numbers stay as they were written";
  EXPECT_EQ(spec.find("authSpec")->dump(), "[]");
  EXPECT_NE(spec.find("alpha"), nullptr);
}

TEST_F(ConnectionSpecsTest, ADraftIsComparedWithWhatIsStored) {
  const auto made = post(fs("/connectionSpecs"), kSpec);
  const auto draft = [](std::string_view id) {
    return R"({"id":")" + std::string(id) + R"(","connectionSpec":)" + std::string(kSpec) + "}";
  };
  const auto answer = post("/headwater/drafts/compare", draft(made.id()));
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.body.find("flows")->dump(), "[]");
  EXPECT_EQ(answer.body.string_at("etag"), get(fs("/connectionSpecs/" + made.id())).item().string_at("etag"));
  EXPECT_EQ(post("/headwater/drafts/compare", draft("no-such-spec")).status, 404);
  EXPECT_EQ(post("/headwater/drafts/compare", R"({"connectionSpec":{}})").status, 400);
  EXPECT_EQ(post("/headwater/drafts/compare", R"({"id":"x"})").status, 400);
}

TEST_F(ConnectionSpecsTest, WhatWasSentComesBackInItsOrder) {
  const auto id = post(fs("/connectionSpecs"), kSpec).id();
  const auto found = get(fs("/connectionSpecs/" + id));
  ASSERT_EQ(found.status, 200);
  const auto sent = *json::parse(kSpec);
  std::vector<std::string> sent_names, names;
  for (const auto& [name, value] : *sent.if_object()) sent_names.push_back(name);
  for (const auto& [name, value] : *found.item().if_object())
    if (sent.find(name) != nullptr) names.push_back(name);
  EXPECT_EQ(names, sent_names);
  EXPECT_EQ(found.item().find("sourceSpec")->dump(), sent.find("sourceSpec")->dump());
}

// The streaming guide's spec, with every member that it has: nothing is authenticated, nothing is asked for.
constexpr std::string_view kStreamingSpec =
    R"({"attributes":{"category":"Streaming","isSource":true,"documentationLink":"https://docs.acme.test/inlets",)"
    R"("uiAttributes":{"apiFeatures":{"updateSupported":false}}},"authSpec":[],"name":"acme-events",)"
    R"("permissionsInfo":{"view":[{"name":"StreamingSource","@type":"lowLevel","permissions":["read"]}],)"
    R"("manage":[{"name":"StreamingSource","@type":"lowLevel","permissions":["write"]}]},)"
    R"("providerId":"521eee4d-8cbe-4906-bb48-fb6bd4450033","sourceSpec":{"attributes":{"uiAttributes":{)"
    R"("documentationLink":"https://docs.acme.test/events","isSource":true,"monitoringSupported":false,)"
    R"("category":{"key":"streaming"},"icon":{"key":"acme"},"description":{"text":"Events of Acme"},)"
    R"("label":{"text":"Acme"},"frequency":{"text":"streaming"}}}},)"
    R"("exploreSpec":{"type":"StreamingConnection"},"type":"generic-streaming","version":"1.0"})";

TEST_F(ConnectionSpecsTest, AStreamingSpecIsAnsweredWithEveryMember) {
  const auto answer = post(fs("/connectionSpecs"), kStreamingSpec);
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_FALSE(answer.id().empty());
  const auto stored = get(fs("/connectionSpecs/" + answer.id()));
  const auto sent = *json::parse(kStreamingSpec);
  for (const auto& [name, value] : *sent.if_object())
    for (const auto& spec : {answer.item(), stored.item()}) {
      ASSERT_NE(spec.find(name), nullptr) << name;
      EXPECT_EQ(spec.find(name)->dump(), value.dump()) << name;
    }
  EXPECT_EQ(answer.item().string_at("id"), answer.id());
  EXPECT_EQ(post(fs("/connectionSpecs?validate=only"), kStreamingSpec).body.find("problems")->dump(), "[]");
}

// Authored once, it is used: added to the flow spec, a source connection, a flow, and there is its inlet.
TEST_F(ConnectionSpecsTest, AStreamingSpecLeadsToAnInlet) {
  const auto spec = post(fs("/connectionSpecs"), kStreamingSpec).id();
  const auto flow_spec = fs("/flowSpecs/e77fde5a-22a8-11ed-861d-0242ac120002");
  auto extended = get(flow_spec).item();
  extended.find("sourceConnectionSpecIds")->if_array()->emplace_back(spec);
  ASSERT_EQ(put(flow_spec, extended.dump()).status, 200);
  const auto source =
      post(fs("/sourceConnections"), R"({"name":"s","providerId":"521eee4d-8cbe-4906-bb48-fb6bd4450033",
      "connectionSpec":{"id":")" + spec + R"(","version":"1.0"},"data":{"format":"json"}})");
  ASSERT_EQ(source.status, 201) << source.text;
  const auto flow =
      post(fs("/flows"), R"({"name":"events","flowSpec":{"id":"e77fde5a-22a8-11ed-861d-0242ac120002"},
      "sourceConnectionIds":[")" +
                             source.id() + R"("],"targetConnectionIds":[")" +
                             create_target(create_dataset()) + R"("]})");
  ASSERT_EQ(flow.status, 201) << flow.text;
  const auto url = get(fs("/flows/" + flow.id())).item().find_path("options.inletUrl")->dump();
  EXPECT_EQ(url.find('"' + std::string(kInletBase) + "/collection/"), 0U) << url;
}

TEST_F(ConnectionSpecsTest, AllProblemsAreReportedAtOnce) {
  const auto answer = post(
      fs("/connectionSpecs"),
      R"({"name":"x","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a","type":"generic-rest","sourceSpec":)"
      R"({"attributes":{"urlParams":{"host":"https://${domain}.acme.test","path":"/a","method":"GET"},)"
      R"("contentPath":{"path":"$.a["},"paginationParams":{"type":"SIDEWAYS"}},"spec":{"type":"object","properties":{}}}})");
  ASSERT_EQ(answer.status, 400) << answer.text;
  const auto* problems = answer.body.find_path("report.problems");
  ASSERT_NE(problems, nullptr) << answer.text;
  std::vector<std::string> pointers;
  for (const auto& problem : *problems->if_array()) {
    EXPECT_FALSE(problem.string_at("reason").empty());
    EXPECT_FALSE(problem.string_at("hint").empty());
    if (problem.string_at("severity") == "error") pointers.emplace_back(problem.string_at("pointer"));
  }
  EXPECT_GE(pointers.size(), 3U) << answer.text;
  EXPECT_NE(std::find(pointers.begin(), pointers.end(), "/sourceSpec/attributes/paginationParams/type"),
            pointers.end())
      << answer.text;
}

TEST_F(ConnectionSpecsTest, ValidateOnlyStoresNothing) {
  const auto count = [this] { return get(fs("/connectionSpecs?count=true")).at("count"); };
  const auto before = count();
  const auto answer = post(fs("/connectionSpecs?validate=only"), kSpec);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.at("valid"), "true");
  EXPECT_TRUE(answer.body.find("problems")->is_array());
  EXPECT_EQ(count(), before);
  const auto wrong = post(fs("/connectionSpecs?validate=only"), R"({"name":"x"})");
  EXPECT_EQ(wrong.status, 200);
  EXPECT_EQ(wrong.at("valid"), "false");
}

TEST_F(ConnectionSpecsTest, AnythingElseThanValidateOnlyStoresNothingEither) {
  const auto count = [this] { return get(fs("/connectionSpecs?count=true")).at("count"); };
  const auto before = count();
  for (const char* only : {"ONLY", "Only"})
    EXPECT_EQ(post(fs("/connectionSpecs?validate=") + only, kSpec).at("valid"), "true") << only;
  for (const char* wrong : {"true", "1", "xx", "only%20", ""}) {
    const auto answer = post(fs("/connectionSpecs?validate=") + wrong, kSpec);
    EXPECT_EQ(answer.status, 400) << wrong;
    EXPECT_EQ(answer.at("report.pointer"), "validate");
  }
  EXPECT_EQ(count(), before);
}

TEST_F(ConnectionSpecsTest, TheTemplateIsFoundByItsName) {
  const auto answer = get(fs("/connectionSpecs?property=name%3D%3D%22generic-rest-extension%22"));
  ASSERT_EQ(answer.status, 200);
  ASSERT_EQ(answer.body.find("items")->if_array()->size(), 1U) << answer.text;
  EXPECT_EQ(answer.item().string_at("id"), "c4b4d052-0aa6-46e0-9970-5088a8b05327");
}

TEST_F(ConnectionSpecsTest, ATemplateThatWasReadAndEditedGetsAnIdOfItsOwn) {
  auto spec = get(fs("/connectionSpecs/c4b4d052-0aa6-46e0-9970-5088a8b05327")).item();
  spec.if_object()->set("name", "my-source");
  const auto answer = post(fs("/connectionSpecs"), spec.dump());
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_NE(answer.id(), "c4b4d052-0aa6-46e0-9970-5088a8b05327");
}

TEST_F(ConnectionSpecsTest, PutReplacesTheWholeSpec) {
  const auto id = post(fs("/connectionSpecs"), kSpec).id();
  auto spec = *json::parse(kSpec);
  spec.if_object()->erase("zeta");
  spec.if_object()->set("description", "new");
  const auto answer = put(fs("/connectionSpecs/" + id), spec.dump());
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.id(), id);
  EXPECT_EQ(answer.at("description"), "new");
  EXPECT_EQ(answer.body.find("zeta"), nullptr);
  EXPECT_EQ(put(fs("/connectionSpecs/" + id), R"({"name":"x"})").status, 400);
  spec.if_object()->set("id", id);
  EXPECT_EQ(put(fs("/connectionSpecs/" + id), spec.dump()).status, 200);
  spec.if_object()->set("id", kGenericRest);
  const auto another = put(fs("/connectionSpecs/" + id), spec.dump());
  EXPECT_EQ(another.status, 400);
  EXPECT_EQ(another.at("report.pointer"), "/id");
  for (const std::string_view named : {std::string_view(id), kGenericRest})
    EXPECT_NE(another.text.find(named), std::string::npos) << another.text;
  spec.if_object()->erase("id");
  EXPECT_EQ(put(fs("/connectionSpecs/none"), spec.dump()).status, 404);
}

TEST_F(ConnectionSpecsTest, ASpecInUseIsNotDeleted) {
  const auto id = post(fs("/connectionSpecs"), kSpec).id();
  const auto connection =
      post(fs("/connections"), R"({"name":"c","auth":null,"connectionSpec":{"id":")" + id + R"("}})");
  ASSERT_EQ(connection.status, 201) << connection.text;
  EXPECT_EQ(del(fs("/connectionSpecs/" + id)).at("type"), "https://ns.adobe.com/aep/errors/FLOW-1417-400");
  EXPECT_EQ(del(fs("/connections/" + connection.id() + "/")).status, 204);
  EXPECT_EQ(del(fs("/connectionSpecs/" + id)).status, 204);
  EXPECT_EQ(get(fs("/connectionSpecs/" + id)).status, 404);
}

TEST_F(ConnectionSpecsTest, SpecsAreSeenByEveryOrganisation) {
  const auto id = post(fs("/connectionSpecs"), kSpec).id();
  EXPECT_EQ(call_as_stranger("GET", fs("/connectionSpecs/" + id)).status, 200);
}

TEST_F(ConnectionSpecsTest, ExploreNeedsAConnection) {
  EXPECT_EQ(get(fs("/connectionSpecs/" + std::string(kGenericRest) + "/explore")).at("type"),
            "https://ns.adobe.com/aep/errors/CONNECTOR-1372-400");
}

TEST(ShippedSpecsTest, EachCanRunAndHasItsFixedId) {
  std::vector<std::string> ids;
  for (const auto& shipped : api::shipped_specs()) {
    const auto spec = json::parse(shipped.text);
    ASSERT_TRUE(spec) << shipped.name;
    ids.emplace_back(spec->string_at("id"));
    if (shipped.kind != domain::ResourceKind::connection_spec) continue;
    const auto problems = domain::check_connection_spec(*spec);
    for (const auto& problem : problems)
      if (problem.severity == Severity::error)
        ADD_FAILURE() << shipped.name << problem.pointer << problem.reason;
  }
  for (const char* id : {"4e98f16f-87d6-4ef0-bdc6-7a2b0fe76e62", "c4b4d052-0aa6-46e0-9970-5088a8b05327",
                         "2d46966e-4fcc-4015-9f9e-a67594e395a3", "e77fd9d2-22a8-11ed-861d-0242ac120002",
                         "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb", "c604ff05-7f1a-43c0-8e18-33bf874cb11c",
                         "6499120c-0b15-42dc-936e-847ea3c24d72", "e77fde5a-22a8-11ed-861d-0242ac120002",
                         "d8a6f005-7eaf-4153-983e-e8574508b877", "c1a19761-d2c7-4702-b9fa-fe91f0613e81"})
    EXPECT_NE(std::find(ids.begin(), ids.end(), id), ids.end()) << id;
}

TEST_F(ConnectionSpecsTest, AnotherOrganisationUsesButDoesNotChangeThem) {
  const std::string path = fs("/connectionSpecs/" + std::string(kGenericRest));
  const auto spec = call_as_stranger("GET", path);
  ASSERT_EQ(spec.status, 200) << "specs are for everybody";
  const auto put_by_stranger = call_as_stranger("PUT", path, spec.item().dump());
  EXPECT_EQ(put_by_stranger.status, 403) << "else it could send everybody's credentials elsewhere";
  EXPECT_TRUE(put_by_stranger.at("type").ends_with("FLOW-2120-403"));
  EXPECT_EQ(call_as_stranger("DELETE", path).status, 403);
  EXPECT_EQ(get(path).status, 200);
}

TEST_F(ConnectionSpecsTest, ConfigsPageOverNothing) {
  const std::string path = fs("/connectionSpecs/" + std::string(kGenericRest) + "/configs");
  EXPECT_EQ(get(path + "?outputType=activationDatasets&outputField=datasets&start=0&limit=20").text,
            R"({"items":[],"pageInfo":{"start":0,"limit":20,"total":0,"hasNext":false}})");
  for (const char* query : {"?limit=0", "?limit=101", "?limit=x", "?start=-1"})
    EXPECT_EQ(get(path + query).status, 400) << query;
}

}  // namespace
}  // namespace headwater::tests
