#include "plain_source.h"

namespace headwater::tests {
namespace {

class ConnectionsTest : public PlainSourceTest {
 protected:
  std::string body(std::string_view auth) {
    return R"({"name":"Acme","auth":)" + std::string(auth) + R"(,"connectionSpec":{"id":")" +
           std::string(kGenericRest) + R"(","version":"1.0"}})";
  }
  std::string problem_type(const Answer& answer) {
    const auto type = answer.at("type");
    return type.substr(type.rfind('/') + 1);
  }
};

TEST_F(ConnectionsTest, CreateLookupAndEtag) {
  const auto created = post(fs("/connections"), body(R"({"specName":"Basic Authentication","params":{
      "host":"https://a.test","username":"ada","password":"pa55"}})"));
  ASSERT_EQ(created.status, 201) << created.text;
  EXPECT_EQ(created.body.if_object()->size(), 2U) << "id and etag, nothing else";
  EXPECT_EQ(created.header("location"), fs("/connections/") + created.id());
  EXPECT_EQ(created.etag().front(), '"') << "an etag contains its quotes";
  const auto found = get(fs("/connections/" + created.id()));
  ASSERT_EQ(found.status, 200);
  EXPECT_EQ(found.item().string_at("etag"), created.etag());
  EXPECT_EQ(found.item().string_at("version"), created.etag());
  EXPECT_EQ(found.item().string_at("state"), "enabled");
  EXPECT_EQ(found.header("etag"), created.etag());
}

TEST_F(ConnectionsTest, SecretsAreNeverReturned) {
  const auto id = create_connection("s3cret-w0rd");
  for (const std::string& path :
       {fs("/connections/" + id), fs("/connections"), fs("/connections?property=id==" + id)}) {
    const auto answer = get(path);
    EXPECT_EQ(answer.text.find("s3cret-w0rd"), std::string::npos) << path;
    EXPECT_NE(answer.text.find("ada"), std::string::npos) << "what is no secret is shown: " << path;
  }
  // The source gets the real one.
  EXPECT_EQ(get(fs("/connections/" + id + "/test")).text, R"({"result":true})");
  EXPECT_EQ(asked.probes.back().auth.find_path("params.password")->dump(), "\"s3cret-w0rd\"");
}

TEST_F(ConnectionsTest, SecretsRestEncrypted) {
  create_connection("s3cret-w0rd");
  const auto page = *store->list(store::Scope::all(), domain::ResourceKind::connection, {});
  EXPECT_EQ(page.items.front().body.dump().find("s3cret-w0rd"), std::string::npos);
}

TEST_F(ConnectionsTest, AuthIsCheckedAgainstTheSpec) {
  const auto unknown = post(fs("/connections"), body(R"({"specName":"Telepathy","params":{}})"));
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(problem_type(unknown), "FLOW-1415-400");
  EXPECT_EQ(problem_type(post(fs("/connections"), body("null"))), "FLOW-1415-400");
  const auto incomplete = post(fs("/connections"), body(R"({"specName":"Basic Authentication","params":{
      "host":"https://a.test","username":7}})"));
  EXPECT_EQ(incomplete.status, 400);
  EXPECT_GE(incomplete.body.find_path("report.problems")->if_array()->size(), 2U) << incomplete.text;
  EXPECT_NE(incomplete.text.find("/auth/params/username"), std::string::npos);
}

TEST_F(ConnectionsTest, SpecNamesMayDifferInCaseAndHyphens) {
  const auto answer = post(fs("/connections"), body(R"({"specName":"basic-authentication","params":{
      "host":"https://a.test","username":"u","password":"p"}})"));
  EXPECT_EQ(answer.status, 201) << answer.text;
}

TEST_F(ConnectionsTest, TheSpecMustExist) {
  const auto answer = post(fs("/connections"), R"({"name":"x","connectionSpec":{"id":"none"}})");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(problem_type(answer), "FLOW-1413-400");
  EXPECT_EQ(problem_type(post(fs("/connections"), R"({"name":"x"})")), "FLOW-1413-400");
}

TEST_F(ConnectionsTest, OnlyAnAuthorizationTestUrlIsCalledAtCreation) {
  create_connection();
  EXPECT_TRUE(asked.probes.empty()) << "Basic accounts are not probed";
  const std::string oauth = R"({"specName":"OAuth2 Refresh Code","params":{"host":"https://a.test",
      "accessToken":"tok-1","authorizationTestUrl":"https://a.test/me"}})";
  const auto answer = post(fs("/connections"), body(oauth));
  ASSERT_EQ(answer.status, 201) << answer.text;
  ASSERT_EQ(asked.probes.size(), 1U);
  EXPECT_TRUE(asked.only_test_url.front());
  EXPECT_EQ(get(fs("/connections/" + answer.id())).text.find("tok-1"), std::string::npos);
}

TEST_F(ConnectionsTest, TokensThatRotateWhileTheSourceIsAskedAreKept) {
  rotated = json::Object{{"accessToken", "tok-2"}};
  const auto created = post(fs("/connections"), body(R"({"specName":"OAuth2 Refresh Code","params":{
      "host":"https://a.test","accessToken":"tok-1","authorizationTestUrl":"https://a.test/me"}})"));
  ASSERT_EQ(created.status, 201) << created.text;
  const auto token = [&] {
    get(fs("/connections/" + created.id() + "/test"));
    return asked.probes.back().auth.find_path("params.accessToken")->dump();
  };
  EXPECT_EQ(token(), "\"tok-2\"");
  rotated = json::Object{{"accessToken", "tok-3"}};
  token();
  EXPECT_EQ(token(), "\"tok-3\"");
  // A rename neither probes again nor writes an older token back.
  const auto probes = asked.probes.size();
  const auto etag = std::string(get(fs("/connections/" + created.id())).item().string_at("etag"));
  EXPECT_EQ(
      patch(fs("/connections/" + created.id()), R"([{"op":"replace","path":"/name","value":"n"}])", etag)
          .status,
      200);
  EXPECT_EQ(asked.probes.size(), probes);
  EXPECT_EQ(token(), "\"tok-3\"");
}

TEST_F(ConnectionsTest, ASourceThatCannotBeReachedIsNoErrorOfOurs) {
  probe_error = Error{ErrorKind::unavailable, "The source does not answer."};
  const auto refused = post(fs("/connections"), body(R"({"specName":"OAuth2 Refresh Code","params":{
      "host":"https://a.test","accessToken":"t","authorizationTestUrl":"https://a.test/me"}})"));
  EXPECT_EQ(refused.status, 502);
  const auto id = create_connection();
  EXPECT_EQ(get(fs("/connections/" + id + "/test")).text, R"({"result":false})");
  probe_error = Error{ErrorKind::rate_limited, "Too many sources are being asked at once."};
  EXPECT_EQ(get(fs("/connections/" + id + "/test")).status, 429) << "nobody was asked";
}

TEST_F(ConnectionsTest, PatchKeepsWhatItDoesNotName) {
  const auto id = create_connection("first");
  const auto etag = std::string(get(fs("/connections/" + id)).item().string_at("etag"));
  const auto patched = patch(fs("/connections/" + id + "/"),
                             R"([{"op":"Replace","path":"/auth/params/username","value":"bob"},
                                 {"op":"add","path":"/description","value":"d"}])",
                             etag);
  ASSERT_EQ(patched.status, 200) << patched.text;
  EXPECT_NE(patched.etag(), etag);
  get(fs("/connections/" + id + "/test"));
  EXPECT_EQ(asked.probes.back().auth.find_path("params.password")->dump(), "\"first\"");
  EXPECT_EQ(asked.probes.back().auth.find_path("params.username")->dump(), "\"bob\"");
  EXPECT_TRUE(asked.forgotten.empty()) << "a run that is under way goes on with the tokens it has";
}

TEST_F(ConnectionsTest, PatchOfTheParamsReplacesTheSecret) {
  const auto id = create_connection("first");
  const auto etag = std::string(get(fs("/connections/" + id)).item().string_at("etag"));
  const auto patched = patch(
      fs("/connections/" + id),
      R"([{"op":"add","path":"/auth/params","value":{"host":"https://b.test","username":"u","password":"second"}}])",
      etag);
  ASSERT_EQ(patched.status, 200) << patched.text;
  get(fs("/connections/" + id + "/test"));
  EXPECT_EQ(asked.probes.back().auth.find_path("params.password")->dump(), "\"second\"");
  EXPECT_EQ(get(fs("/connections/" + id)).text.find("second"), std::string::npos);
  EXPECT_EQ(
      patch(fs("/connections/" + id), R"([{"op":"remove","path":"/auth/params/username"}])", patched.etag())
          .status,
      400);
}

TEST_F(ConnectionsTest, PatchNeedsTheCurrentEtag) {
  const auto id = create_connection();
  const std::string rename = R"([{"op":"replace","path":"/name","value":"n"}])";
  EXPECT_EQ(problem_type(call("PATCH", fs("/connections/" + id), rename)), "FLOW-1403-400");
  const auto stale = patch(fs("/connections/" + id), rename, "\"0000\"");
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(problem_type(stale), "FLOW-1404-412");
  EXPECT_TRUE(stale.at("errorMessage").starts_with("Supplied version=[\"0000\"] does not match"))
      << stale.text;
  auto etag = std::string(get(fs("/connections/" + id)).item().string_at("etag"));
  etag = etag.substr(1, etag.size() - 2);
  EXPECT_EQ(patch(fs("/connections/" + id), rename, etag).status, 200) << "without quotes, too";
  const auto now = get(fs("/connections/" + id)).etag();
  const auto query = std::string(get(fs("/connections/" + id)).item().string_at("etag"));
  EXPECT_EQ(call("PATCH", fs("/connections/" + id + "?if-match=") + percent_encode(query), rename).status,
            200);
}

TEST_F(ConnectionsTest, PatchRefusesWhatIsNotPatched) {
  const auto id = create_connection();
  const auto etag = std::string(get(fs("/connections/" + id)).item().string_at("etag"));
  const auto type = [&](std::string_view patch_body) {
    return problem_type(patch(fs("/connections/" + id), patch_body, etag));
  };
  EXPECT_EQ(type("[]"), "FLOW-1405-400");
  EXPECT_EQ(type(R"([{"op":"move","from":"/name","path":"/description"}])"), "FLOW-1434-400");
  EXPECT_EQ(type(R"([{"op":"replace","path":"/name"}])"), "FLOW-1455-400");
  EXPECT_EQ(type(R"([{"op":"replace","path":"/connectionSpec/id","value":"x"}])"), "FLOW-1414-400");
  EXPECT_EQ(type(R"([{"op":"replace","path":"/state","value":"x"}])"), "CONNECTOR-1365-400");
}

TEST_F(ConnectionsTest, ExploreDecodesTheSourceParams) {
  const auto id = create_plain_connection(plain_spec(), "pa55");
  const std::string base =
      fs("/connections/" + id + "/explore?objectType=REST&object=json&fileType=json&preview=true");
  const auto answer = get(base + "&sourceParams=eyJsaXN0SWQiOiJhMSJ9");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.at("format"), "hierarchical");
  EXPECT_NE(answer.body.find("data"), nullptr);
  EXPECT_EQ(asked.previews.back().params.dump(), R"({"listId":"a1"})");
  EXPECT_EQ(asked.previews.back().auth.find_path("params.password")->dump(), "\"pa55\"");
  for (const char* empty : {"e30", "e30=", "e30%3D", "e30%253D", ""})
    EXPECT_EQ(get(base + "&sourceParams=" + empty).status, 200) << empty;
  EXPECT_EQ(asked.previews.back().params.dump(), "{}");
  EXPECT_EQ(problem_type(get(base + "&sourceParams=%21%21")), "CONNECTOR-1389-400");
  EXPECT_EQ(problem_type(get(base + "&sourceParams=WzFd")), "CONNECTOR-1389-400") << "a JSON array";
  EXPECT_EQ(problem_type(get(fs("/connections/" + id + "/explore?objectType=table"))), "CONNECTOR-1334-400");
  EXPECT_EQ(get(fs("/connections/" + id + "/explore?OBJECTTYPE=rest")).body.find("data"), nullptr)
      << "data comes with preview=true only";
}

TEST_F(ConnectionsTest, ExploreChecksTheSourceParamsLikeASourceConnectionsOnes) {
  auto spec = plain_spec();
  spec.find("sourceSpec")
      ->if_object()
      ->set("spec", *json::parse(R"({"type":"object","properties":{"listId":{"type":"integer"}},
                                     "required":["listId"]})"));
  const auto id = create_plain_connection(spec);
  const std::string path = fs("/connections/" + id + "/explore?objectType=rest&preview=true&sourceParams=");
  for (const char* wrong : {"e30=", "", "eyJsaXN0SWQiOiJ4In0="}) {
    const auto answer = get(path + wrong);
    EXPECT_EQ(answer.status, 400) << wrong;
    EXPECT_EQ(problem_type(answer), "CONNECTOR-1302-400");
    EXPECT_NE(answer.text.find("listId"), std::string::npos) << answer.text;
    EXPECT_TRUE(answer.at("report.pointer").starts_with("/sourceParams")) << answer.text;
  }
  EXPECT_EQ(get(fs("/connections/" + id + "/configs?sourceParams=e30=")).status, 400);
  EXPECT_TRUE(asked.previews.empty()) << "nobody is called";
  EXPECT_EQ(get(path + "eyJsaXN0SWQiOjd9").status, 200);
}

TEST_F(ConnectionsTest, AWrongContentPathIsToldByItsOwnCode) {
  const auto id = create_plain_connection();
  probe_error = Error{ErrorKind::upstream, "Page 1: there is no \"items\".", "", "CONNECTOR-1313-400"};
  const auto answer = get(fs("/connections/" + id + "/explore?objectType=rest"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(problem_type(answer), "CONNECTOR-1313-400");
  EXPECT_EQ(answer.at("title"), "Bad request");
}

TEST_F(ConnectionsTest, WhyCredentialsAreNotKnownToWorkIsTold) {
  const auto create = [this] {
    return post(fs("/connections"), body(R"({"specName":"OAuth2 Refresh Code","params":{
      "host":"https://a.test","accessToken":"t","authorizationTestUrl":"https://a.test/me"}})"));
  };
  struct Row {
    ErrorKind kind;
    std::string_view type, words;
  };
  for (const Row& row :
       {Row{ErrorKind::unauthorized, "CONNECTOR-1001-400", "The source refused the credentials: it says so."},
        Row{ErrorKind::upstream, "CONNECTOR-1001-502", "could not be asked"},
        Row{ErrorKind::rate_limited, "CONNECTOR-1001-502", "could not be asked"},
        Row{ErrorKind::unavailable, "CONNECTOR-1001-502", "could not be asked"},
        Row{ErrorKind::timeout, "CONNECTOR-1001-504", "could not be asked"}}) {
    probe_error = Error{row.kind, "it says so.", "/auth/params/authorizationTestUrl", "CONNECTOR-1001-500"};
    const auto answer = create();
    EXPECT_EQ(problem_type(answer), row.type);
    EXPECT_NE(answer.at("errorMessage").find(row.words), std::string::npos) << answer.text;
    EXPECT_NE(answer.at("errorMessage").find("it says so."), std::string::npos) << answer.text;
    EXPECT_EQ(answer.at("report.pointer"), "/auth/params/authorizationTestUrl");
  }
}

TEST_F(ConnectionsTest, ARemoteRefusalIsTheCallersToRepair) {
  const auto id = create_plain_connection();
  probe_error = Error{ErrorKind::unauthorized, "The source answered 401.", "", "CONNECTOR-1001-500"};
  const auto answer = get(fs("/connections/" + id + "/explore?objectType=rest"));
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.text.find("401"), std::string::npos);
}

TEST_F(ConnectionsTest, AConnectionInUseIsNotDeleted) {
  const auto id = create_connection();
  const auto source = create_source(id);
  EXPECT_EQ(problem_type(del(fs("/connections/" + id))), "FLOW-1418-400");
  EXPECT_EQ(del(fs("/sourceConnections/" + source)).status, 204);
  EXPECT_EQ(del(fs("/connections/" + id + "/")).status, 204);
  EXPECT_EQ(get(fs("/connections/" + id)).status, 404);
  EXPECT_EQ(del(fs("/connections/" + id)).status, 404);
}

TEST_F(ConnectionsTest, AnotherOrganisationSeesNothing) {
  const auto id = create_connection();
  EXPECT_EQ(call_as_stranger("GET", fs("/connections/" + id)).status, 404);
  EXPECT_EQ(call_as_stranger("DELETE", fs("/connections/" + id)).status, 404);
  EXPECT_EQ(call_as_stranger("GET", fs("/connections")).body.find("items")->dump(), "[]");
}

TEST_F(ConnectionsTest, DraftsAreIncompleteUntilTheyArePublished) {
  const auto draft = post(fs("/connections?mode=draft"), R"({"name":"later","connectionSpec":{"id":")" +
                                                             std::string(kGenericRest) + R"("}})");
  ASSERT_EQ(draft.status, 201) << draft.text;
  EXPECT_EQ(get(fs("/connections/" + draft.id())).item().string_at("state"), "draft");
  EXPECT_EQ(problem_type(post(fs("/connections/" + draft.id() + "/action?op=publish"), "")), "FLOW-1415-400");
  const auto patched =
      patch(fs("/connections/" + draft.id()),
            R"([{"op":"add","path":"/auth","value":{"specName":"Basic Authentication","params":{
                                 "host":"https://a.test","username":"u","password":"later-secret"}}}])",
            draft.etag());
  ASSERT_EQ(patched.status, 200) << patched.text;
  const auto published = post(fs("/connections/" + draft.id() + "/action?op=PUBLISH"), "");
  ASSERT_EQ(published.status, 200) << published.text;
  EXPECT_EQ(get(fs("/connections/" + draft.id())).item().string_at("state"), "enabled");
  EXPECT_EQ(get(fs("/connections/" + draft.id())).text.find("later-secret"), std::string::npos);
  EXPECT_EQ(problem_type(post(fs("/connections/" + draft.id() + "/action?op=finalize&subOp=APPLY"), "")),
            "FLOW-1402-400");
  EXPECT_EQ(problem_type(post(fs("/connections/" + draft.id() + "/action?op=dance"), "")), "FLOW-1435-400");
}

TEST_F(ConnectionsTest, ListsPageFilterCountAndOrder) {
  for (int index = 0; index < 3; ++index) create_connection();
  EXPECT_EQ(get(fs("/connections?count=True&limit=2")).text, R"({"count":3})");
  const auto first = get(fs("/connections?limit=2&orderby=createdAt"));
  ASSERT_EQ(first.status, 200) << first.text;
  EXPECT_EQ(first.body.find("items")->if_array()->size(), 2U);
  const auto href = first.at("_links.next.href");
  ASSERT_TRUE(href.starts_with("/connections?continuationToken=")) << first.text;
  const auto second = get(fs(href) + "&limit=2&orderby=createdAt");
  EXPECT_EQ(second.body.find("items")->if_array()->size(), 1U) << second.text;
  EXPECT_EQ(second.at("_links"), "{}");
  EXPECT_EQ(get(fs("/connections?limit=0")).status, 400);
  EXPECT_EQ(get(fs("/connections?property=state==ENABLED")).body.find("items")->if_array()->size(), 3U);
  EXPECT_EQ(problem_type(get(fs("/connections?property=id%3Ea"))), "FLOW-1448-400");
  EXPECT_EQ(post(fs("/connections/search"), R"({"queryString":"name==nobody"})").at("items"), "[]");
}

TEST_F(ConnectionsTest, ExploreListsWhatThereIs) {
  const auto id = create_plain_connection();
  const auto root = get(fs("/connections/" + id + "/explore?objectType=ROOT"));
  ASSERT_EQ(root.status, 200) << root.text;
  EXPECT_EQ(root.body.if_array()->front().string_at("name"), "json");
  EXPECT_TRUE(asked.previews.empty()) << "no source is called for a list";
  EXPECT_EQ(get(fs("/connections/" + id + "/explore?objectType=file&object=json&FILE_TYPE=JSON")).status,
            200);
  EXPECT_EQ(problem_type(get(fs("/connections/" + id + "/explore?objectType=rest&FileType=parquet"))),
            "CONNECTOR-1336-400");
  EXPECT_EQ(problem_type(get(fs("/connections/" + id + "/explore?objectType=rest&preview=perhaps"))),
            "CONNECTOR-1337-400");
}

TEST_F(ConnectionsTest, ConfigsNameTheColumnsOfASource) {
  const auto id = create_plain_connection();
  EXPECT_EQ(get(fs("/connections/" + id + "/configs")).text, R"({"items":[]})");
  preview_schema = *json::parse(R"({"type":"object","properties":{"id":{"type":"integer"},
      "owner":{"type":"object","properties":{"name":{"type":"string"}}},"unknown":{}}})");
  EXPECT_EQ(get(fs("/connections/" + id + "/configs?sourceParams=e30")).text,
            R"({"items":[{"columnName":"id","columnType":"integer"},)"
            R"({"columnName":"owner.name","columnType":"string"},)"
            R"({"columnName":"unknown","columnType":"string"}]})");
  EXPECT_EQ(problem_type(get(fs("/connections/" + id + "/configs?sourceParams=!"))), "CONNECTOR-1389-400");
  EXPECT_EQ(get(fs("/connections/none/configs")).status, 404);
}

TEST_F(ConnectionsTest, AnActionsPartsHaveTheirCodes) {
  const auto id = create_connection();
  const auto type = [&](const std::string& query, std::string_view sent = "") {
    return problem_type(post(fs("/connections/" + id + "/action" + query), sent));
  };
  EXPECT_EQ(type(""), "FLOW-1435-400");
  EXPECT_EQ(type("?op=enable"), "FLOW-1435-400") << "for flows only";
  EXPECT_EQ(type("?op=Finalize-Update&subOp=PROGRESS"), "FLOW-1402-400");
  EXPECT_EQ(type("?op=publish&subOp=rollback"), "FLOW-1402-400");
  EXPECT_EQ(type("?op=publish&subOp=dance"), "FLOW-1437-400");
  EXPECT_EQ(type("?op=publish", R"({"percentCompleted":101})"), "FLOW-1406-400");
  EXPECT_EQ(type("?op=publish", R"({"status":"done"})"), "FLOW-1407-400");
  EXPECT_EQ(type("?op=publish", R"({"status":{"errors":{}}})"), "FLOW-1408-400");
  EXPECT_EQ(type("?op=publish", R"({"recordTypes":"profile"})"), "FLOW-1409-400");
  EXPECT_EQ(type("?op=publish", "[]"), "CONNECTOR-1302-400");
  EXPECT_EQ(type("?op=publish&subOp=APPLY"), "FLOW-1444-400") << "no draft any more";
}

TEST_F(ConnectionsTest, AnUnknownModeMakesNothing) {
  const auto answer = post(fs("/connections?mode=drafts"), body("null"));
  EXPECT_EQ(problem_type(answer), "FLOW-1451-400");
  EXPECT_EQ(get(fs("/connections?count=true")).at("count"), "0");
}

TEST_F(ConnectionsTest, AnUnknownSpecIsToldInTheOldFormAsWell) {
  EXPECT_EQ(post(fs("/connections"), R"({"name":"x","connectionSpec":{"id":"none"}})").at("message"),
            "Please provide a valid spec id");
}

}  // namespace
}  // namespace headwater::tests
