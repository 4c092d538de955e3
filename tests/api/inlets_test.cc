#include <gmock/gmock.h>

#include "api_fixture.h"
#include "base/time.h"

namespace headwater::tests {
namespace {

using json::Object;
using json::Value;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

constexpr std::string_view kHttpApi = "bc7b00d6-623a-4dfc-9fdb-f1240aeadaeb";
constexpr std::string_view kStreamingTemplate = "e77fd9d2-22a8-11ed-861d-0242ac120002";
constexpr std::string_view kStreamingFlow = "e77fde5a-22a8-11ed-861d-0242ac120002";
constexpr std::string_view kHttpApiFlow = "d8a6f005-7eaf-4153-983e-e8574508b877";
constexpr const char* kAddress = "https://events\\.acme\\.test/collection/[0-9a-f]+";

class InletsTest : public ApiFixture {
 protected:
  /// As the reference's example, with these members of auth.params.
  static std::string connection_body(std::string_view params) {
    return R"({"name":"web inlet","providerId":"521eee4d-8cbe-4906-bb48-fb6bd4450033","connectionSpec":{"id":")" +
           std::string(kHttpApi) +
           R"(","version":"1.0"},"auth":{"specName":"Streaming Connection","params":)" + std::string(params) +
           "}}";
  }
  std::string create_inlet_connection(std::string_view params = "{}", std::string_view mode = "") {
    const auto answer = post(fs("/connections") + std::string(mode), connection_body(params));
    EXPECT_EQ(answer.status, 201) << answer.text;
    return answer.id();
  }
  Value connection(const std::string& id) { return get(fs("/connections/" + id)).item(); }
  static std::string at(const Value& document, std::string_view path) {
    const Value* found = document.find_path(path);
    if (found == nullptr) return "";
    return found->if_string() != nullptr ? *found->if_string() : found->dump();
  }
  Value inlet(const std::string& id) { return get("/data/core/edge/inlets/" + id).item(); }
  std::string inlet_of(const std::string& connection_id) {
    return at(connection(connection_id), "auth.params.inletId");
  }
  std::string count(const std::string& query = "") {
    return get("/data/core/edge/inlets?count=true" + query).at("count");
  }
  Answer patch_any(const std::string& path, std::string_view body) { return patch(path, body, "*"); }
  Answer act(const std::string& id, std::string_view op, std::string_view body = "") {
    return post("/data/core/edge/inlets/" + id + "/action?op=" + std::string(op), body);
  }
  std::string create_http_source(const std::string& base, std::string_view mode = "") {
    const auto answer = post(fs("/sourceConnections") + std::string(mode),
                             R"({"name":"s","baseConnectionId":")" + base + R"(","connectionSpec":{"id":")" +
                                 std::string(kHttpApi) + R"("}})");
    EXPECT_EQ(answer.status, 201) << answer.text;
    return answer.id();
  }
  std::string create_sdk_source() {
    const auto answer =
        post(fs("/sourceConnections"),
             R"({"name":"s","providerId":"521eee4d-8cbe-4906-bb48-fb6bd4450033","connectionSpec":{"id":")" +
                 std::string(kStreamingTemplate) + R"(","version":"1.0"},"data":{"format":"json"}})");
    EXPECT_EQ(answer.status, 201) << answer.text;
    return answer.id();
  }
  Answer post_flow(std::string_view spec, const std::string& source, std::string_view more = "",
                   std::string_view mode = "") {
    if (target_.empty()) target_ = create_target(create_dataset());
    return post(fs("/flows") + std::string(mode), R"({"name":"stream","flowSpec":{"id":")" +
                                                      std::string(spec) + R"("},"sourceConnectionIds":[")" +
                                                      source + R"("],"targetConnectionIds":[")" + target_ +
                                                      "\"]" + std::string(more) + "}");
  }
  /// As the streaming side writes them.
  domain::Resource stream_run(const std::string& flow_id, std::string_view state) {
    return domain::new_resource(domain::ResourceKind::run, "", tenant, {"u", "c"}, epoch_millis(clock.now()),
                                Object{{"flowId", flow_id},
                                       {"trigger", "stream"},
                                       {"state", state},
                                       {"metrics", Object{{"statusSummary", Object{{"status", state}}}}}});
  }
  Value flow(const std::string& id) { return get(fs("/flows/" + id)).item(); }
  store::NamedSecrets secrets_of(const std::string& inlet_id) {
    store::NamedSecrets found;
    EXPECT_TRUE(store->read([&](store::Transaction& transaction) -> Result<void> {
      for (const auto& [name, sealed] : TRY(transaction.secrets_of(inlet_id)))
        found.emplace(name, Secret(sealed));
      return {};
    }));
    return found;
  }

 private:
  std::string target_;
};

TEST_F(InletsTest, AnHttpApiConnectionIsAnInlet) {
  const int before = asked.inlet_changes;
  const auto id = create_inlet_connection();
  EXPECT_GT(asked.inlet_changes, before);
  const auto found = connection(id);
  EXPECT_THAT(at(found, "auth.params.inletUrl"), MatchesRegex(kAddress));
  const auto inlet_id = at(found, "auth.params.inletId");
  EXPECT_EQ(inlet_id.size(), 64U);
  EXPECT_THAT(at(found, "auth.params.inletUrl"), EndsWith("/" + inlet_id));
  EXPECT_EQ(at(found, "auth.params.dataType"), "xdm");
  EXPECT_EQ(at(found, "auth.params.name"), "web inlet");
  EXPECT_EQ(at(found, "auth.params.sourceId"), "web inlet");
  EXPECT_EQ(at(found, "auth.params.authenticationRequired"), "false");
  const auto made = inlet(inlet_id);
  EXPECT_EQ(at(made, "id"), inlet_id);
  EXPECT_EQ(at(made, "connectionId"), id);
  EXPECT_EQ(at(made, "inletUrl"), at(found, "auth.params.inletUrl"));
  EXPECT_EQ(at(made, "sourceId"), "web inlet");
  EXPECT_EQ(at(made, "dataType"), "xdm");
  EXPECT_EQ(at(made, "authentication"), "none");
  EXPECT_EQ(at(made, "sandboxName"), "prod");
}

TEST_F(InletsTest, TheAddressIsNeverTheSenders) {
  const auto id = create_inlet_connection(
      R"({"inletId":"feed","inletUrl":"https://evil.test/","dataType":"raw","name":"web","sourceId":"site-1",)"
      R"("authenticationRequired":true})");
  const auto found = connection(id);
  EXPECT_THAT(at(found, "auth.params.inletUrl"), MatchesRegex(kAddress));
  EXPECT_NE(at(found, "auth.params.inletId"), "feed");
  const auto made = inlet(inlet_of(id));
  EXPECT_EQ(at(made, "authentication"), "bearer");
  EXPECT_EQ(at(made, "dataType"), "raw");
  EXPECT_EQ(at(made, "sourceId"), "site-1");
  EXPECT_EQ(at(made, "name"), "web");
}

TEST_F(InletsTest, ARequestThatComesTwiceMakesOneInlet) {
  const Headers key{{"idempotency-key", "k1"}};
  const auto first = call("POST", fs("/connections"), connection_body("{}"), key);
  const auto again = call("POST", fs("/connections"), connection_body("{}"), key);
  ASSERT_EQ(first.status, 201) << first.text;
  EXPECT_EQ(first.id(), again.id());
  EXPECT_EQ(count(), "1");
}

TEST_F(InletsTest, AChangedConnectionChangesItsInletButNotWhereItIs) {
  const auto id = create_inlet_connection();
  const auto inlet_id = inlet_of(id);
  const auto url = at(connection(id), "auth.params.inletUrl");
  const auto changed = patch_any(
      fs("/connections/" + id),
      R"([{"op":"replace","path":"/auth/params","value":{"dataType":"raw","authenticationRequired":true,)"
      R"("sourceId":"shop","inletId":"x","inletUrl":"y"}}])");
  ASSERT_EQ(changed.status, 200) << changed.text;
  EXPECT_EQ(inlet_of(id), inlet_id);
  EXPECT_EQ(at(connection(id), "auth.params.inletUrl"), url);
  EXPECT_EQ(at(connection(id), "auth.params.name"), "web inlet");
  const auto after = inlet(inlet_id);
  EXPECT_EQ(at(after, "dataType"), "raw");
  EXPECT_EQ(at(after, "authentication"), "bearer");
  EXPECT_EQ(at(after, "sourceId"), "shop");
  for (const auto* operation :
       {R"([{"op":"remove","path":"/auth/params/inletUrl"}])", R"([{"op":"remove","path":"/auth/params"}])",
        R"([{"op":"replace","path":"/auth","value":{"specName":"Streaming Connection"}}])"}) {
    EXPECT_EQ(patch_any(fs("/connections/" + id), operation).status, 200) << operation;
    EXPECT_EQ(at(connection(id), "auth.params.inletUrl"), url) << operation;
  }
  EXPECT_EQ(at(inlet(inlet_id), "authentication"), "none");
  EXPECT_EQ(count(), "1");
  const auto wrong = patch_any(fs("/connections/" + id),
                               R"([{"op":"replace","path":"/auth/params/dataType","value":"xml"}])");
  EXPECT_EQ(wrong.status, 400) << wrong.text;
}

TEST_F(InletsTest, AnInletGoesWithItsConnection) {
  const auto id = create_inlet_connection();
  const auto inlet_id = inlet_of(id);
  ASSERT_EQ(act(inlet_id, "rotate").status, 200);
  ASSERT_EQ(del(fs("/connections/" + id)).status, 204);
  EXPECT_EQ(get("/data/core/edge/inlets/" + inlet_id).status, 404);
  EXPECT_TRUE(secrets_of(inlet_id).empty());
}

TEST_F(InletsTest, ADraftGetsItsInletWhenItIsPublished) {
  const auto id = create_inlet_connection(R"({"inletId":"x","sourceId":"site"})", "?mode=draft");
  EXPECT_EQ(at(connection(id), "auth.params.inletId"), "");
  EXPECT_EQ(count(), "0");
  const auto source = create_http_source(id, "?mode=draft");
  EXPECT_EQ(at(get(fs("/sourceConnections/" + source)).item(), "params.inletUrl"), "");
  const auto published = post(fs("/connections/" + id + "/action?op=publish"), "");
  ASSERT_EQ(published.status, 200) << published.text;
  EXPECT_THAT(at(connection(id), "auth.params.inletUrl"), MatchesRegex(kAddress));
  EXPECT_EQ(at(inlet(inlet_of(id)), "sourceId"), "site");
  ASSERT_EQ(post(fs("/sourceConnections/" + source + "/action?op=publish"), "").status, 200);
  EXPECT_EQ(at(get(fs("/sourceConnections/" + source)).item(), "params.inletUrl"),
            at(connection(id), "auth.params.inletUrl"));
}

TEST_F(InletsTest, SourceConnectionsTellWhereTheirSendersPost) {
  const auto id = create_inlet_connection();
  const auto source = create_http_source(id);
  const auto url = at(connection(id), "auth.params.inletUrl");
  const auto told = [&] { return at(get(fs("/sourceConnections/" + source)).item(), "params.inletUrl"); };
  EXPECT_EQ(told(), url);
  const auto path = fs("/sourceConnections/" + source);
  EXPECT_EQ(patch_any(path, R"([{"op":"replace","path":"/params","value":{"inletUrl":"x"}}])").status, 200);
  EXPECT_EQ(told(), url);
  EXPECT_EQ(patch_any(path, R"([{"op":"remove","path":"/params"}])").status, 200);
  EXPECT_EQ(told(), url);
  EXPECT_EQ(at(get(fs("/sourceConnections/" + create_sdk_source())).item(), "params.inletUrl"), "");
}

TEST_F(InletsTest, AFlowOfAStreamingSourceHasAnInletOfItsOwn) {
  const auto source = create_sdk_source();
  const auto made = post_flow(kStreamingFlow, source);
  ASSERT_EQ(made.status, 201) << made.text;
  const auto found = flow(made.id());
  EXPECT_THAT(at(found, "options.inletUrl"), MatchesRegex(kAddress));
  EXPECT_EQ(at(found, "options.errorDiagnosticsEnabled"), "true");
  EXPECT_EQ(at(found, "lastOperation.operation"), "enable");
  EXPECT_EQ(at(found, "inheritedAttributes.properties.isSourceFlow"), "true");
  EXPECT_EQ(at(found, "state"), "enabled");
  const auto list = get("/data/core/edge/inlets?property=flowId==" + made.id());
  ASSERT_EQ(list.body.find("items")->if_array()->size(), 1U) << list.text;
  EXPECT_EQ(at(list.item(), "inletUrl"), at(found, "options.inletUrl"));
  EXPECT_EQ(at(list.item(), "dataType"), "raw");
  EXPECT_EQ(at(list.item(), "name"), "stream");
  EXPECT_EQ(at(list.item(), "sourceId"), "stream");
  EXPECT_EQ(at(list.item(), "authentication"), "none");

  EXPECT_EQ(at(flow(post_flow(kStreamingFlow, source, R"(,"options":{"errorDiagnosticsEnabled":false}
     ,"scheduleParams":{"frequency":"sometimes","interval":15})")
                        .id()),
               "options.errorDiagnosticsEnabled"),
            "false")
      << "a schedule is tolerated, whatever it says";
  EXPECT_EQ(count(), "2");
  ASSERT_EQ(del(fs("/flows/" + made.id())).status, 204);
  EXPECT_EQ(count(), "1");
}

TEST_F(InletsTest, AChangedFlowKeepsItsInlet) {
  const auto id = post_flow(kStreamingFlow, create_sdk_source()).id();
  const auto url = at(flow(id), "options.inletUrl");
  for (const auto* operation :
       {R"([{"op":"remove","path":"/options/inletUrl"}])", R"([{"op":"remove","path":"/options"}])",
        R"([{"op":"add","path":"/options","value":{"inletUrl":"x","errorDiagnosticsEnabled":false}}])"}) {
    const auto changed = patch_any(fs("/flows/" + id), operation);
    ASSERT_EQ(changed.status, 200) << changed.text;
    EXPECT_EQ(at(flow(id), "options.inletUrl"), url) << operation;
  }
  EXPECT_EQ(at(flow(id), "options.errorDiagnosticsEnabled"), "false");
  ASSERT_EQ(patch_any(fs("/flows/" + id), R"([{"op":"replace","path":"/name","value":"new"}])").status, 200);
  EXPECT_EQ(at(get("/data/core/edge/inlets").item(), "sourceId"), "new");
  EXPECT_EQ(count(), "1");
}

TEST_F(InletsTest, FlowsOverAnHttpApiConnectionShareItsInlet) {
  const auto base = create_inlet_connection();
  const auto source = create_http_source(base);
  const auto url = at(connection(base), "auth.params.inletUrl");
  const auto first = post_flow(kHttpApiFlow, source, R"(,"options":{"inletUrl":"x"})");
  ASSERT_EQ(first.status, 201) << first.text;
  const auto second = post_flow(kHttpApiFlow, source);
  EXPECT_EQ(at(flow(first.id()), "options.inletUrl"), url);
  EXPECT_EQ(at(flow(second.id()), "options.inletUrl"), url);
  EXPECT_EQ(count(), "1");
  const int before = asked.inlet_changes;
  ASSERT_EQ(del(fs("/flows/" + first.id())).status, 204);
  EXPECT_GT(asked.inlet_changes, before);
  EXPECT_EQ(count(), "1") << "it is the connection's";
}

TEST_F(InletsTest, AFlowThatMovesToAnotherSourceMovesToItsInlet) {
  auto spec = get(fs("/flowSpecs/" + std::string(kHttpApiFlow))).item();
  spec.find("sourceConnectionSpecIds")->if_array()->emplace_back(std::string(kStreamingTemplate));
  ASSERT_EQ(put(fs("/flowSpecs/" + std::string(kHttpApiFlow)), spec.dump()).status, 200);
  const auto base = create_inlet_connection();
  const auto shared = create_http_source(base);
  const auto alone = create_sdk_source();
  const auto id = post_flow(kHttpApiFlow, alone).id();
  EXPECT_EQ(count(), "2");
  const auto move = [&](const std::string& source) {
    const auto moved =
        patch_any(fs("/flows/" + id),
                  R"([{"op":"replace","path":"/sourceConnectionIds/0","value":")" + source + "\"}]");
    EXPECT_EQ(moved.status, 200) << moved.text;
    return at(flow(id), "options.inletUrl");
  };
  EXPECT_EQ(move(shared), at(connection(base), "auth.params.inletUrl"));
  EXPECT_EQ(count(), "1");
  EXPECT_THAT(move(alone), MatchesRegex(kAddress));
  EXPECT_EQ(count(), "2");
}

TEST_F(InletsTest, ADraftFlowGetsItsInletWhenItIsPublished) {
  const auto draft =
      post_flow(kStreamingFlow, create_sdk_source(), R"(,"options":{"inletUrl":"x"})", "?mode=draft");
  ASSERT_EQ(draft.status, 201) << draft.text;
  EXPECT_EQ(at(flow(draft.id()), "options.inletUrl"), "");
  EXPECT_EQ(at(flow(draft.id()), "lastOperation.operation"), "create");
  EXPECT_EQ(count(), "0");
  const auto published = post(fs("/flows/" + draft.id() + "/action?op=publish"), "");
  ASSERT_EQ(published.status, 200) << published.text;
  EXPECT_THAT(at(flow(draft.id()), "options.inletUrl"), MatchesRegex(kAddress));
  EXPECT_EQ(at(flow(draft.id()), "lastOperation.operation"), "enable");
  EXPECT_EQ(count(), "1");
}

TEST_F(InletsTest, AStrictServerToleratesAScheduleOfAStreamingFlow) {
  be_strict();
  const auto made = post_flow(kStreamingFlow, create_sdk_source(),
                              R"(,"scheduleParams":{"startTime":1,"frequency":"once","interval":1})");
  EXPECT_EQ(made.status, 201) << made.text;
}

TEST_F(InletsTest, ABatchFlowHasNone) {
  const auto id = create_flow();
  EXPECT_EQ(at(flow(id), "options.inletUrl"), "");
  EXPECT_EQ(count(), "0");
}

TEST_F(InletsTest, RunsOfStreamingFlowsAreNotForCallers) {
  const auto id = post_flow(kStreamingFlow, create_sdk_source()).id();
  for (const auto& [path, body] : {std::pair(fs("/flows/" + id + "/action?op=run"), std::string("{}")),
                                   std::pair(fs("/runs"), R"({"flowId":")" + id + "\"}")}) {
    const auto refused = post(path, body);
    EXPECT_EQ(refused.status, 400);
    EXPECT_THAT(refused.at("type"), EndsWith("CONNECTOR-1386-400")) << refused.text;
  }
  for (const auto* state : {"inProgress", "failed"}) {
    const auto run = stream_run(id, state);
    ASSERT_TRUE(store->insert(run));
    for (const auto* op : {"cancel", "re-trigger"}) {
      const auto refused = post(fs("/runs/" + run.id + "/action?op=" + op), "");
      EXPECT_EQ(refused.status, 400);
      EXPECT_THAT(refused.at("type"), EndsWith("CONNECTOR-1386-400")) << op << refused.text;
    }
  }
  EXPECT_TRUE(asked.cancelled.empty());
  EXPECT_TRUE(asked.retriggered.empty());
}

TEST_F(InletsTest, ASandboxTakesItsInletsAlong) {
  ASSERT_EQ(post("/data/foundation/sandbox-management/sandboxes",
                 R"({"name":"dev","title":"Dev","type":"development"})")
                .status,
            201);
  sandbox = "dev";
  const auto id = create_inlet_connection();
  const auto inlet_id = inlet_of(id);
  ASSERT_EQ(act(inlet_id, "rotate").status, 200);
  auto slice = stream_run("a flow of it", "inProgress");
  slice.tenant.sandbox = SandboxId(at(inlet(inlet_id), "sandboxId"));
  slice.tenant.sandbox_name = sandbox;
  ASSERT_TRUE(store->insert(slice)) << "it lasts until its hour is over, and hinders nobody";
  sandbox = "";
  EXPECT_EQ(get("/data/core/edge/inlets/" + inlet_id).status, 404) << "of another sandbox";
  const int before = asked.inlet_changes;
  ASSERT_EQ(del("/data/foundation/sandbox-management/sandboxes/dev").status, 200);
  EXPECT_GT(asked.inlet_changes, before);
  EXPECT_FALSE(*store->find(store::Scope::all(), domain::ResourceKind::inlet, inlet_id));
  EXPECT_TRUE(secrets_of(inlet_id).empty());
}

TEST_F(InletsTest, InletsAreOfOneTenant) {
  const auto inlet_id = inlet_of(create_inlet_connection());
  EXPECT_EQ(call_as_stranger("GET", "/data/core/edge/inlets/" + inlet_id).status, 404);
  EXPECT_EQ(call_as_stranger("GET", "/data/core/edge/inlets/" + inlet_id + "/events").status, 404);
  EXPECT_EQ(call_as_stranger("POST", "/data/core/edge/inlets/" + inlet_id + "/action?op=rotate").status, 404);
  EXPECT_EQ(call_as_stranger("GET", "/data/core/edge/inlets?count=true").at("count"), "0");
}

TEST_F(InletsTest, SettingsAreChangedByAPatch) {
  const auto connection_id = create_inlet_connection();
  const auto id = inlet_of(connection_id);
  const auto path = "/data/core/edge/inlets/" + id;
  const auto etag = at(inlet(id), "etag");
  constexpr const char* kLimits =
      R"([{"op":"add","path":"/limits","value":{"requestsPerSecond":5,"messagesPerSecond":50}},)"
      R"({"op":"replace","path":"/authentication","value":"bearer"}])";
  EXPECT_THAT(call("PATCH", path, kLimits).at("type"), EndsWith("FLOW-1403-400"));
  const int before = asked.inlet_changes;
  const auto changed = patch(path, kLimits, etag);
  ASSERT_EQ(changed.status, 200) << changed.text;
  EXPECT_EQ(changed.id(), id);
  EXPECT_GT(asked.inlet_changes, before);
  EXPECT_EQ(patch(path, kLimits, etag).status, 412);
  EXPECT_EQ(at(inlet(id), "limits.requestsPerSecond"), "5");
  EXPECT_EQ(at(inlet(id), "authentication"), "bearer");
  EXPECT_EQ(at(connection(connection_id), "auth.params.authenticationRequired"), "true")
      << "the connection tells the same";
  EXPECT_EQ(at(connection(connection_id), "auth.params.inletId"), id);
  for (const auto* wrong : {R"([{"op":"replace","path":"/authentication","value":"basic"}])",
                            R"([{"op":"replace","path":"/inletUrl","value":"x"}])",
                            R"([{"op":"add","path":"/previousSecretUntil","value":9}])",
                            R"([{"op":"add","path":"/replayWindowSeconds","value":-1}])",
                            R"([{"op":"replace","path":"/limits/requestsPerSecond","value":0}])"})
    EXPECT_EQ(patch(path, wrong, changed.etag()).status, 400) << wrong;
}

TEST_F(InletsTest, SignaturesNeedASecretFirst) {
  const auto id = inlet_of(create_inlet_connection());
  const auto path = "/data/core/edge/inlets/" + id;
  constexpr const char* kSign =
      R"([{"op":"replace","path":"/authentication","value":"hmac"},{"op":"add","path":"/replayWindowSeconds","value":300}])";
  const auto early = patch_any(path, kSign);
  EXPECT_EQ(early.status, 400);
  EXPECT_THAT(early.at("report.detailed-message"), HasSubstr("op=rotate"));
  ASSERT_EQ(act(id, "rotate").status, 200);
  EXPECT_EQ(at(inlet(id), "authentication"), "none") << "a rotation only stores the secret";
  EXPECT_EQ(patch_any(path, kSign).status, 200);
  EXPECT_EQ(at(inlet(id), "authentication"), "hmac");
}

TEST_F(InletsTest, ARotationShowsWhatItMadeOnce) {
  const auto id = inlet_of(create_inlet_connection());
  const auto first = act(id, "rotate");
  ASSERT_EQ(first.status, 200) << first.text;
  EXPECT_EQ(first.at("secret").size(), 64U);
  EXPECT_EQ(first.etag(), at(inlet(id), "etag"));
  EXPECT_THAT(get("/data/core/edge/inlets/" + id).text, Not(HasSubstr(first.at("secret"))));
  EXPECT_EQ(at(inlet(id), "previousSecretUntil"), "") << "there was none before";
  EXPECT_EQ(secrets_of(id).size(), 1U);

  const auto second = act(id, "ROTATE", R"({"graceSeconds":60})");
  ASSERT_EQ(second.status, 200) << second.text;
  EXPECT_NE(second.at("secret"), first.at("secret"));
  const auto until = inlet(id).find("previousSecretUntil")->as_int64().value_or(0);
  EXPECT_NEAR(static_cast<double>(until), static_cast<double>(epoch_millis(clock.now()) + 60'000), 30'000);
  EXPECT_EQ(secrets_of(id).size(), 2U);

  ASSERT_EQ(act(id, "revoke").status, 200);
  EXPECT_EQ(at(inlet(id), "previousSecretUntil"), "");
  EXPECT_EQ(secrets_of(id).size(), 1U);
  const auto etag = at(inlet(id), "etag");
  EXPECT_EQ(act(id, "revoke").etag(), etag) << "nothing is left to revoke";
}

TEST_F(InletsTest, ACallersSecretIsNeverAnswered) {
  const auto id = inlet_of(create_inlet_connection());
  constexpr const char* kOwn = R"({"secret":"correct-horse-battery"})";
  const auto given = act(id, "rotate", kOwn);
  ASSERT_EQ(given.status, 200) << given.text;
  EXPECT_EQ(given.body.find("secret"), nullptr);
  const auto again = act(id, "rotate", kOwn);
  EXPECT_EQ(again.etag(), given.etag())
      << "it is in use already: whoever lost the answer may repeat the call";
  EXPECT_EQ(secrets_of(id).size(), 1U);
  ASSERT_EQ(act(id, "rotate", R"({"secret":"another-horse-battery","graceSeconds":0})").status, 200);
  EXPECT_EQ(secrets_of(id).size(), 1U) << "no grace: the one before is gone";
  const auto refused = act(id, "rotate", R"({"secret":"short"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.text, Not(HasSubstr("\"short\"")));
}

TEST_F(InletsTest, ActionsAreNamed) {
  const auto id = inlet_of(create_inlet_connection());
  EXPECT_THAT(act(id, "").at("type"), EndsWith("FLOW-1435-400"));
  EXPECT_THAT(act(id, "publish").at("type"), EndsWith("FLOW-1435-400"));
  EXPECT_EQ(act(id, "rotate", "[]").status, 400);
  const auto stale = call("POST", "/data/core/edge/inlets/" + id + "/action?op=rotate", "",
                          {{"if-match", "\"00000000-0000-0200-0000-000000000000\""}});
  EXPECT_EQ(stale.status, 412);
}

TEST_F(InletsTest, CountersAndEventsAreTheStreamingSides) {
  const auto id = inlet_of(create_inlet_connection());
  const auto path = "/data/core/edge/inlets/" + id;
  EXPECT_EQ(get(path + "/counters").at("inletId"), id);
  EXPECT_EQ(get(path + "/events").at("next"), "0");
  EXPECT_EQ(get(path + "/events?after=17").at("next"), "17");
  for (const auto* after : {"x", "-1", "1.5"})
    EXPECT_THAT(get(path + "/events?after=" + after).at("type"), EndsWith("FLOW-1451-400")) << after;
  EXPECT_EQ(get("/data/core/edge/inlets/00/counters").status, 404);
  EXPECT_EQ(get("/data/core/edge/inlets/00/events").status, 404);
}

}  // namespace
}  // namespace headwater::tests
