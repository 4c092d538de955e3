#include "api/inlet_addresses.h"
#include "inlet_fixture.h"

namespace headwater::tests {
namespace {

using ::testing::EndsWith;
using ::testing::MatchesRegex;

class InletOwnersTest : public InletFixture {};

TEST_F(InletOwnersTest, AnHttpApiConnectionIsAnInlet) {
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

TEST_F(InletOwnersTest, TheAddressIsNeverTheSenders) {
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

TEST_F(InletOwnersTest, ARequestThatComesTwiceMakesOneInlet) {
  const Headers key{{"idempotency-key", "k1"}};
  const auto first = call("POST", fs("/connections"), connection_body("{}"), key);
  const auto again = call("POST", fs("/connections"), connection_body("{}"), key);
  ASSERT_EQ(first.status, 201) << first.text;
  EXPECT_EQ(first.id(), again.id());
  EXPECT_EQ(count(), "1");
}

TEST_F(InletOwnersTest, AChangedConnectionChangesItsInletButNotWhereItIs) {
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

TEST_F(InletOwnersTest, AnInletGoesWithItsConnection) {
  const auto id = create_inlet_connection();
  const auto inlet_id = inlet_of(id);
  ASSERT_EQ(act(inlet_id, "rotate").status, 200);
  ASSERT_EQ(del(fs("/connections/" + id)).status, 204);
  EXPECT_EQ(get("/data/core/edge/inlets/" + inlet_id).status, 404);
  EXPECT_TRUE(secrets_of(inlet_id).empty());
}

TEST_F(InletOwnersTest, ADraftGetsItsInletWhenItIsPublished) {
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

TEST_F(InletOwnersTest, SourceConnectionsTellWhereTheirSendersPost) {
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

TEST_F(InletOwnersTest, AFlowOfAStreamingSourceHasAnInletOfItsOwn) {
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

TEST_F(InletOwnersTest, AChangedFlowKeepsItsInlet) {
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

TEST_F(InletOwnersTest, FlowsOverAnHttpApiConnectionShareItsInlet) {
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

TEST_F(InletOwnersTest, AFlowThatMovesToAnotherSourceMovesToItsInlet) {
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

TEST_F(InletOwnersTest, ADraftFlowGetsItsInletWhenItIsPublished) {
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

TEST_F(InletOwnersTest, AStrictServerToleratesAScheduleOfAStreamingFlow) {
  be_strict();
  const auto made = post_flow(kStreamingFlow, create_sdk_source(),
                              R"(,"scheduleParams":{"startTime":1,"frequency":"once","interval":1})");
  EXPECT_EQ(made.status, 201) << made.text;
}

TEST_F(InletOwnersTest, ABatchFlowHasNone) {
  const auto id = create_flow();
  EXPECT_EQ(at(flow(id), "options.inletUrl"), "");
  EXPECT_EQ(count(), "0");
}

TEST_F(InletOwnersTest, RunsOfStreamingFlowsAreNotForCallers) {
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

TEST_F(InletOwnersTest, ASandboxTakesItsInletsAlong) {
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

TEST_F(InletOwnersTest, AServerWithAnotherNameTellsItInEveryDocument) {
  const auto base = create_inlet_connection();
  const auto source = create_http_source(base);
  const auto shared = post_flow(kHttpApiFlow, source).id();
  const auto own = post_flow(kStreamingFlow, create_sdk_source()).id();
  const auto url_of = [&](const std::string& path, std::string_view member) {
    return at(get(path).item(), member);
  };
  const auto etag = get(fs("/flows/" + own)).item().find("etag")->dump();
  ASSERT_TRUE(api::move_inlets(*store, "https://events.acme.test", clock));
  EXPECT_EQ(get(fs("/flows/" + own)).item().find("etag")->dump(), etag) << "nothing had to change";

  ASSERT_TRUE(api::move_inlets(*store, "https://other.acme.test/in", clock));
  const std::string address = "https://other.acme.test/in/collection/" + inlet_of(base);
  EXPECT_EQ(url_of(fs("/connections/" + base), "auth.params.inletUrl"), address);
  EXPECT_EQ(url_of(fs("/sourceConnections/" + source), "params.inletUrl"), address);
  EXPECT_EQ(url_of(fs("/flows/" + shared), "options.inletUrl"), address);
  EXPECT_EQ(url_of("/data/core/edge/inlets/" + inlet_of(base), "inletUrl"), address);
  EXPECT_TRUE(
      url_of(fs("/flows/" + own), "options.inletUrl").starts_with("https://other.acme.test/in/collection/"));
}

}  // namespace
}  // namespace headwater::tests
