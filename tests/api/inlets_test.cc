#include "inlet_fixture.h"

namespace headwater::tests {
namespace {

using json::Object;
using json::Value;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

class InletsTest : public InletFixture {};

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

TEST_F(InletsTest, OnlyBatchesOfItsFlowsAreReplayed) {
  const auto flow_id = post_flow(kStreamingFlow, create_sdk_source()).id();
  const auto id = at(get("/data/core/edge/inlets").item(), "id");
  const auto replay = [&](Value tags) {
    const auto batch =
        domain::new_resource(domain::ResourceKind::batch, "", tenant, {"u", "c"}, epoch_millis(clock.now()),
                             Object{{"status", "success"}, {"tags", std::move(tags)}});
    EXPECT_TRUE(store->insert(batch));
    return act(id, "replay", R"({"batchId":")" + batch.id + "\"}");
  };
  const auto of = [](Value flow) { return Object{{"flowId", json::Array{std::move(flow)}}}; };
  const auto own = replay(of(flow_id));
  EXPECT_EQ(own.status, 200) << own.text;
  EXPECT_EQ(own.at("events"), "7");
  const auto other =
      post(fs("/flows"),
           flow_body(create_source(create_connection()), create_target(create_dataset()),
                     R"({"startTime":1700000000,"frequency":"once"})", R"(,"options":{"inletUrl":7})"));
  ASSERT_EQ(other.status, 201) << other.text;
  EXPECT_EQ(replay(of(other.id())).status, 400) << "a batch flow may say anything there";
  EXPECT_EQ(replay(of(7)).status, 400);
  EXPECT_EQ(replay(of("nothing")).status, 400);
  EXPECT_EQ(replay(Value()).status, 400);
  EXPECT_EQ(act(id, "replay", R"({"batchId":7})").status, 400);
  EXPECT_EQ(act(id, "replay").status, 400);
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
