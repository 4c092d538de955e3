#include "api_fixture.h"

namespace headwater::tests {
namespace {

class SourceConnectionsTest : public ApiFixture {
 protected:
  std::string type_of(std::string_view path, std::string_view body) {
    const auto type = post(path, body).at("type");
    return type.substr(type.rfind('/') + 1);
  }
  std::string body(const std::string& base, std::string_view params) {
    return R"({"name":"m","baseConnectionId":")" + base + R"(","connectionSpec":{"id":")" +
           std::string(kGenericRest) + R"("},"data":{"format":"json"},"params":)" + std::string(params) + "}";
  }
};

constexpr std::string_view kParams =
    R"({"urlParams":{"path":"/m","method":"GET"},"contentPath":{"path":"$.m"},"paginationParams":{"type":"NONE"}})";

TEST_F(SourceConnectionsTest, LookupInheritsTheBaseConnection) {
  const auto base = create_connection();
  const auto found = get(fs("/sourceConnections/" + create_source(base)));
  ASSERT_EQ(found.status, 200);
  const auto& source = found.item();
  EXPECT_EQ(source.find_path("inheritedAttributes.baseConnection.id")->dump(), "\"" + base + "\"");
  EXPECT_EQ(source.find_path("inheritedAttributes.baseConnection.connectionSpec.id")->dump(),
            "\"" + std::string(kGenericRest) + "\"");
  EXPECT_EQ(source.find_path("connectionSpec.version")->dump(), "\"1.0\"") << "the latest by default";
  EXPECT_EQ(source.string_at("state"), "enabled");
}

TEST_F(SourceConnectionsTest, ParamsAreCheckedAgainstTheSpec) {
  const auto base = create_connection();
  const auto answer =
      post(fs("/sourceConnections"), body(base, R"({"urlParams":{"path":"/m","method":"GET"}})"));
  EXPECT_EQ(answer.status, 400) << answer.text;
  EXPECT_NE(answer.text.find("contentPath"), std::string::npos) << answer.text;
}

TEST_F(SourceConnectionsTest, TheBaseConnectionMustExistAndMatch) {
  EXPECT_EQ(type_of(fs("/sourceConnections"), body("none", kParams)), "CONNECTOR-1302-400");
  const auto other =
      post(fs("/connections"), R"({"name":"o","connectionSpec":{"id":")" + std::string(kRestStorage) +
                                   R"("},"auth":{"specName":"Basic Authentication","params":{
      "host":"https://a.test","username":"u","password":"p"}}})");
  ASSERT_EQ(other.status, 201) << other.text;
  EXPECT_EQ(type_of(fs("/sourceConnections"), body(other.id(), kParams)), "CONNECTOR-1332-400");
}

TEST_F(SourceConnectionsTest, OAuthAccountsWithoutTestUrlAreProbedHere) {
  const auto base =
      post(fs("/connections"), R"({"name":"o","connectionSpec":{"id":")" + std::string(kGenericRest) +
                                   R"("},"auth":{"specName":"OAuth2 Refresh Code","params":{
      "host":"https://a.test","accessToken":"tok"}}})");
  ASSERT_EQ(base.status, 201) << base.text;
  EXPECT_TRUE(asked.probes.empty());
  ASSERT_EQ(post(fs("/sourceConnections"), body(base.id(), kParams)).status, 201);
  ASSERT_EQ(asked.probes.size(), 1U);
  EXPECT_EQ(asked.probes.back().account, base.id());
  EXPECT_EQ(asked.probes.back().auth.find_path("params.accessToken")->dump(), "\"tok\"");
  EXPECT_FALSE(asked.only_test_url.back());
}

TEST_F(SourceConnectionsTest, StreamingSourcesNeedNeitherBaseNorParams) {
  const auto answer = post(fs("/sourceConnections"),
                           R"({"name":"s","connectionSpec":{"id":"e77fd9d2-22a8-11ed-861d-0242ac120002"}})");
  EXPECT_EQ(answer.status, 201) << answer.text;
}

TEST_F(SourceConnectionsTest, PatchChangesParamsWithinTheSchema) {
  const auto id = create_source(create_connection());
  const auto etag = std::string(get(fs("/sourceConnections/" + id)).item().string_at("etag"));
  const auto wrong =
      patch(fs("/sourceConnections/" + id),
            R"([{"op":"replace","path":"/params/paginationParams/type","value":"SIDEWAYS"}])", etag);
  EXPECT_EQ(wrong.status, 400) << wrong.text;
  const auto right = patch(fs("/sourceConnections/" + id),
                           R"([{"op":"replace","path":"/params/urlParams/path","value":"/n"}])", etag);
  ASSERT_EQ(right.status, 200) << right.text;
  EXPECT_EQ(right.body.if_object()->size(), 2U);
  EXPECT_EQ(get(fs("/sourceConnections/" + id)).item().find_path("params.urlParams.path")->dump(), "\"/n\"");
}

TEST_F(SourceConnectionsTest, ADraftWaitsForItsBase) {
  const auto base = post(fs("/connections?mode=draft"),
                         R"({"name":"b","connectionSpec":{"id":")" + std::string(kGenericRest) + R"("}})");
  EXPECT_EQ(type_of(fs("/sourceConnections"), body(base.id(), kParams)), "FLOW-1456-400");
  const auto draft = post(fs("/sourceConnections?mode=draft"), body(base.id(), kParams));
  ASSERT_EQ(draft.status, 201) << draft.text;
  EXPECT_EQ(type_of(fs("/sourceConnections/" + draft.id() + "/action?op=publish"), ""), "FLOW-1456-400");
}

TEST_F(SourceConnectionsTest, FiltersReachIntoParams) {
  const auto base = create_connection();
  create_source(base);
  const auto answer = get(fs("/sourceConnections?property=baseConnectionId==" + base +
                             "&property=params.urlParams.path==/members"));
  EXPECT_EQ(answer.body.find("items")->if_array()->size(), 1U) << answer.text;
}

TEST_F(SourceConnectionsTest, AnAccountIsNamedWhereTheSpecNeedsOne) {
  const auto with = [this](std::string_view base) {
    return post(fs("/sourceConnections"),
                R"({"name":"s","connectionSpec":{"id":")" + std::string(kGenericRest) +
                    R"("},"data":{"format":"json"},"params":{"urlParams":{"path":"/m",
        "method":"GET"},"contentPath":{"path":"$.m"},"paginationParams":{"type":"NONE"}})" +
                    std::string(base) + "}");
  };
  EXPECT_TRUE(with(R"(,"data":{"format":"delimited"})").at("type").ends_with("CONNECTOR-1327-400"));
  const auto missing = with("");
  EXPECT_TRUE(missing.at("type").ends_with("CONNECTOR-1304-400")) << missing.text;
  EXPECT_EQ(missing.at("report.pointer"), "/baseConnectionId");
  EXPECT_EQ(with(R"(,"baseConnectionId":5)").at("report.pointer"), "/baseConnectionId");
  EXPECT_EQ(with(R"(,"baseConnectionId":")" + create_connection() + "\"").status, 201);
}

TEST_F(SourceConnectionsTest, ParamsThatTheSpecCallsSecretAreNeverReturned) {
  auto spec = get(fs("/connectionSpecs/" + std::string(kGenericRest))).item();
  spec.if_object()->erase("id");
  spec.if_object()->set("authSpec", json::Array{});
  spec.find("sourceSpec")->if_object()->set("spec", *json::parse(R"({"type":"object","properties":{
      "tenantKey":{"type":"string","format":"password","minLength":5},"label":{"type":"string"}},"required":["tenantKey"]})"));
  spec.find("sourceSpec")
      ->find("attributes")
      ->if_object()
      ->set("urlParams", *json::parse(R"({"host":"https://a.test","path":"/m","method":"GET"})"));
  spec.find("sourceSpec")
      ->find("attributes")
      ->if_object()
      ->set("contentPath", *json::parse(R"({"path":"$.m"})"));
  spec.find("sourceSpec")
      ->find("attributes")
      ->if_object()
      ->set("paginationParams", *json::parse(R"({"type":"NONE"})"));
  const auto made_spec = post(fs("/connectionSpecs"), spec.dump());
  ASSERT_EQ(made_spec.status, 201) << made_spec.text;
  const auto made =
      post(fs("/sourceConnections"), R"({"name":"s","connectionSpec":{"id":")" + made_spec.id() +
                                         R"("},"data":{"format":"json"},
      "params":{"tenantKey":"t0p-s3cret","label":"token"}})");
  ASSERT_EQ(made.status, 201) << made.text;
  const auto path = fs("/sourceConnections/" + made.id());
  const auto tenant_key = [&] {
    std::string text;
    EXPECT_TRUE(store->read([&](store::Transaction& transaction) -> Result<void> {
      const auto secrets = TRY(transaction.secrets_of(made.id()));
      for (const auto& [name, sealed] : secrets) text += name + "=" + (sealed.empty() ? "" : "sealed");
      return {};
    }));
    return text;
  };
  EXPECT_EQ(get(path).text.find("t0p-s3cret"), std::string::npos);
  EXPECT_EQ(get(path).item().find_path("params.label")->dump(), "\"token\"") << "what is no secret is shown";
  EXPECT_EQ(tenant_key(), "/tenantKey=sealed");
  const auto renamed = patch(path, R"([{"op":"replace","path":"/params/label","value":"x"}])", made.etag());
  EXPECT_EQ(renamed.status, 200) << "the stored secret satisfies the schema: " << renamed.text;
  EXPECT_EQ(tenant_key(), "/tenantKey=sealed");
  const auto short_key =
      patch(path, R"([{"op":"replace","path":"/params/tenantKey","value":"abc"}])", renamed.etag());
  EXPECT_EQ(short_key.status, 400) << "a new one is checked";
  EXPECT_EQ(del(path).status, 204);
  EXPECT_EQ(tenant_key(), "");
}

}  // namespace
}  // namespace headwater::tests
