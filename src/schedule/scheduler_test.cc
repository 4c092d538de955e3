#include "schedule/scheduler_test.h"

#include <gmock/gmock.h>

#include <atomic>
#include <set>

namespace headwater::schedule::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(SchedulerTest, WindowsFollowTheGridWithoutGapOrOverlap) {
  PageSource source({.records = 25});
  const auto flow_id = add_flow(source);
  start();
  run_until_idle();
  advance(std::chrono::hours(1));
  advance(std::chrono::minutes(59));
  advance(std::chrono::minutes(1));
  const auto done = runs(flow_id);
  ASSERT_EQ(done.size(), 3U);
  for (const Resource& run : done) EXPECT_EQ(status(run), "success");
  const auto since = source.asked("since");
  const auto until = source.asked("until");
  ASSERT_EQ(since.size(), 9U);
  EXPECT_EQ(since[0], "-");
  EXPECT_EQ(until[0], "2024-03-05T00:00:00Z");
  EXPECT_EQ(since[3], "2024-03-05T00:00:00Z");
  EXPECT_EQ(until[3], "2024-03-05T01:00:00Z");
  EXPECT_EQ(since[6], "2024-03-05T01:00:00Z");
  EXPECT_EQ(until[6], "2024-03-05T02:00:00Z");
  EXPECT_EQ(landed("dataset1"), 75U);

  const Resource& first = done.front();
  EXPECT_EQ(number(first, "metrics.recordSummary.inputRecordCount"), 25);
  EXPECT_EQ(number(first, "metrics.recordSummary.outputRecordCount"), 25);
  EXPECT_EQ(first.body.string_at("trigger"), "schedule");
  EXPECT_EQ(number(first, "params.windowEndTime"), epoch_seconds(at(kStart)));
  const Resource after = flow(flow_id);
  const Value* last = after.body.find("lastRunDetails");
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->string_at("id"), done.back().id);
  EXPECT_EQ(last->string_at("state"), "success");
  const auto batch = store_->get(Scope::all(), ResourceKind::batch, batch_of(RunId{first.id}).value);
  ASSERT_TRUE(batch);
  EXPECT_EQ(batch->body.string_at("status"), "success");
}

TEST_F(SchedulerTest, ADowntimeIsCoveredByOneRun) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source);
  start();
  run_until_idle();
  scheduler_->stop();
  clock_.advance(std::chrono::hours(30) + std::chrono::minutes(10));
  start();
  run_until_idle();
  EXPECT_EQ(runs(flow_id).size(), 2U);
  EXPECT_THAT(source.asked("since"), ElementsAre("-", "2024-03-05T00:00:00Z"));
  EXPECT_THAT(source.asked("until"), ElementsAre("2024-03-05T00:00:00Z", "2024-03-06T06:00:00Z"));
}

TEST_F(SchedulerTest, AFailedWindowIsCoveredByTheNextRun) {
  std::atomic<bool> broken = true;
  PageSource source(failing_while(broken));
  const auto flow_id = add_flow(source, {{"backfill", false}});
  start();
  run_until_idle();
  broken = false;
  advance(std::chrono::minutes(30));
  ASSERT_EQ(runs(flow_id).size(), 1U) << "a failed run waits for its next instant";
  EXPECT_EQ(status(runs(flow_id)[0]), "failed");
  EXPECT_EQ(first_error(runs(flow_id)[0]), "CONNECTOR-1001-500");
  EXPECT_EQ(number(runs(flow_id)[0], "metrics.sizeSummary.inputBytes"), -1);
  advance(std::chrono::minutes(30));
  ASSERT_EQ(runs(flow_id).size(), 2U);
  EXPECT_EQ(source.asked("since").back(), "2024-03-05T00:00:00Z");
  EXPECT_EQ(source.asked("until").back(), "2024-03-05T01:00:00Z");
}

TEST_F(SchedulerTest, OnceRunsOnce) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source, {{"frequency", "once"}});
  start();
  run_until_idle();
  advance(std::chrono::hours(100));
  scheduler_->stop();
  start();
  run_until_idle();
  EXPECT_EQ(runs(flow_id).size(), 1U);
  EXPECT_THAT(runs(flow_id)[0].body.dump(), HasSubstr(R"("type":"one-time")"));
}

TEST_F(SchedulerTest, ADisabledFlowRestsAndItsGapIsCoveredLater) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source);
  start();
  run_until_idle();
  const auto set_state = [&](std::string state) {
    const auto change = [&state](Resource flow) -> Result<Resource> {
      flow.state = state;
      return flow;
    };
    ASSERT_TRUE(store_->update(Scope::all(), ResourceKind::flow, flow_id.value, change));
    scheduler_->flow_changed(flow_id);
  };
  set_state("disabled");
  advance(std::chrono::hours(5));
  EXPECT_EQ(runs(flow_id).size(), 1U);
  set_state("enabled");
  run_until_idle();
  ASSERT_EQ(runs(flow_id).size(), 2U);
  EXPECT_EQ(source.asked("since").back(), "2024-03-05T00:00:00Z");
  EXPECT_EQ(source.asked("until").back(), "2024-03-05T05:00:00Z");
}

TEST_F(SchedulerTest, ARunOnDemandNeverMovesTheRegularWindow) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source);
  start();
  run_until_idle();
  clock_.advance(std::chrono::minutes(20));
  const auto named =
      run_now(flow_id, Object{{"windowStartTime", "1600000000"}, {"windowEndTime", 1600003600}});
  run_until_idle();
  const auto natural = run_now(flow_id);
  run_until_idle();
  EXPECT_EQ(status(run(named)), "success");
  EXPECT_EQ(run(named).created_by, "ada");
  EXPECT_EQ(run(named).body.string_at("trigger"), "demand");
  EXPECT_EQ(run(named).body.find_path("params.windowStartTime")->dump(), "\"1600000000\"") << "kept as sent";
  EXPECT_EQ(status(run(natural)), "success");
  advance(std::chrono::minutes(40));
  EXPECT_THAT(source.asked("since"),
              ElementsAre("-", "2020-09-13T12:26:40Z", "2024-03-05T00:00:00Z", "2024-03-05T00:00:00Z"));
  EXPECT_THAT(source.asked("until"), ElementsAre("2024-03-05T00:00:00Z", "2020-09-13T13:26:40Z",
                                                 "2024-03-05T00:20:00Z", "2024-03-05T01:00:00Z"));
}

TEST_F(SchedulerTest, ARetriedRegularWindowCountsAsCovered) {
  std::atomic<bool> broken = true;
  PageSource source(failing_while(broken));
  const auto flow_id = add_flow(source);
  start();
  run_until_idle();
  broken = false;
  const RunId failed{runs(flow_id)[0].id};
  const auto again = scheduler_->retrigger(failed);
  ASSERT_TRUE(again) << again.error().message;
  run_until_idle();
  EXPECT_EQ(status(run(again->id)), "success");
  EXPECT_EQ(run(again->id).body.string_at("retryOf"), failed.value);
  EXPECT_EQ(run(again->id).created_by, "user");
  const auto refused = scheduler_->retrigger(again->id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "CONNECTOR-1387-400");
  advance(std::chrono::hours(1));
  EXPECT_THAT(source.asked("since"), ElementsAre("-", "-", "2024-03-05T00:00:00Z"));
}

TEST_F(SchedulerTest, ARunOpensTheSealedParamsOfItsSource) {
  PageSource source({.records = 5});
  auto spec = source.spec(10);
  Object& attributes = *(*(*spec.if_object())["sourceSpec"].if_object())["attributes"].if_object();
  attributes["urlParams"].if_object()->set("queryParams", Object{{"key", "${apiKey}"}});
  const auto flow_id = add_flow(source, {}, spec);
  const auto flow_document = flow(flow_id);
  const auto connection = *flow_document.body.find("sourceConnectionIds")->if_array()->front().if_string();
  const auto seal = [](Resource resource) -> Result<Resource> {
    resource.body.if_object()->set("params", Object{{"apiKey", secrets::kRedacted}});
    return resource;
  };
  ASSERT_TRUE(store_->update(Scope::all(), ResourceKind::source_connection, connection, seal));
  ASSERT_TRUE(credentials_.put(connection, {{"/apiKey", Secret("s3cret")}}));
  start();
  run_until_idle();
  EXPECT_THAT(source.asked("key"), ElementsAre("s3cret"));
  ASSERT_EQ(runs(flow_id).size(), 1U);
  EXPECT_EQ(status(runs(flow_id)[0]), "success");
  EXPECT_EQ(runs(flow_id)[0].body.dump().find("s3cret"), std::string::npos);
}

TEST_F(SchedulerTest, OneRunOfAFlowAtATime) {
  Gate gate;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  PageSource source(
      {.records = 5, .instead = [&](const http::Request&, std::size_t) -> std::optional<http::Response> {
         const int now = ++inside;
         if (now > most) most = now;
         gate.pass();
         --inside;
         return std::nullopt;
       }});
  const auto flow_id = add_flow(source);
  start();
  gate.wait_for_waiting(1);
  const auto second = run_now(flow_id);
  const auto third = run_now(flow_id);
  EXPECT_EQ(status(run(second)), "scheduled");
  gate.open();
  run_until_idle();
  EXPECT_EQ(most, 1);
  EXPECT_EQ(status(run(second)), "success");
  EXPECT_EQ(status(run(third)), "success");
}

TEST_F(SchedulerTest, NoMoreRunsAtOnceThanAllowed) {
  Gate gate;
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  PageSource source(
      {.records = 5, .instead = [&](const http::Request&, std::size_t) -> std::optional<http::Response> {
         const int now = ++inside;
         int seen = most;
         while (now > seen && !most.compare_exchange_weak(seen, now)) {
         }
         gate.pass();
         --inside;
         return std::nullopt;
       }});
  options_.runs_max = 2;
  std::vector<FlowId> flows;
  flows.reserve(6);
  for (int i = 0; i < 6; ++i) flows.push_back(add_flow(source));
  start();
  gate.wait_for_waiting(2);
  gate.open();
  run_until_idle();
  EXPECT_EQ(most, 2);
  for (const FlowId& flow_id : flows) {
    ASSERT_EQ(runs(flow_id).size(), 1U);
    EXPECT_EQ(status(runs(flow_id)[0]), "success");
  }
}

TEST_F(SchedulerTest, CancelEndsARunInProgressAndOneThatWaits) {
  Gate gate;
  PageSource source(
      {.records = 50,
       .instead = [&](const http::Request&, std::size_t offset) -> std::optional<http::Response> {
         if (offset == 20) gate.pass();
         return std::nullopt;
       }});
  const auto flow_id = add_flow(source);
  start();
  gate.wait_for_waiting(1);
  const RunId running{runs(flow_id)[0].id};
  const auto waiting = run_now(flow_id);
  const auto unstarted = scheduler_->cancel(waiting);
  ASSERT_TRUE(unstarted) << unstarted.error().message;
  EXPECT_EQ(first_error(run(waiting)), "CANCELLED");
  const auto cancelled = scheduler_->cancel(running);
  ASSERT_TRUE(cancelled) << cancelled.error().message;
  EXPECT_EQ(cancelled->etag, run(running).etag);
  EXPECT_EQ(status(run(running)), "failed");
  EXPECT_EQ(first_error(run(running)), "CANCELLED");
  const auto again = scheduler_->cancel(running);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  gate.open();
  run_until_idle();
  EXPECT_EQ(landed("dataset1"), 0U);
  const auto next = run_now(flow_id);
  run_until_idle();
  EXPECT_EQ(status(run(next)), "success") << "the cancelled run let the flow go";
}

TEST_F(SchedulerTest, StopParksARunAndTheNextSchedulerGoesOnWithIt) {
  Gate gate;
  std::atomic<bool> wait = true;
  PageSource source(waiting_while(wait, gate));
  const auto flow_id = add_flow(source);
  start();
  gate.wait_for_waiting(1);
  wait = false;
  scheduler_->stop();
  gate.open();
  const RunId parked{runs(flow_id)[0].id};
  EXPECT_EQ(status(run(parked)), "inProgress");
  EXPECT_EQ(landed("dataset1"), 0U);

  start();
  run_until_idle();
  EXPECT_EQ(runs(flow_id).size(), 1U);
  EXPECT_EQ(status(run(parked)), "success");
  EXPECT_EQ(number(run(parked), "metrics.recordSummary.outputRecordCount"), 50);
  EXPECT_EQ(landed("dataset1"), 50U);
  EXPECT_THAT(source.asked("offset"), ElementsAre("0", "10", "20", "30", "30", "40"));
}

TEST_F(SchedulerTest, AParkedRunCanBeCancelledBeforeItGoesOn) {
  Gate gate;
  const std::atomic<bool> wait = true;
  PageSource source(waiting_while(wait, gate));
  const auto first = add_flow(source);
  start();
  gate.wait_for_waiting(1);
  scheduler_->stop();
  const RunId parked{runs(first)[0].id};
  start();
  const auto cancelled = scheduler_->cancel(parked);
  ASSERT_TRUE(cancelled) << cancelled.error().message;
  EXPECT_EQ(first_error(run(parked)), "CANCELLED");
  gate.open();
  const auto next = run_now(first);
  run_until_idle();
  EXPECT_EQ(status(run(next)), "success");
  EXPECT_EQ(landed("dataset1"), 50U);
}

TEST_F(SchedulerTest, RotatedTokensAreKeptWithoutTouchingTheConnection) {
  PageSource source(
      {.records = 5,
       .instead = [](const http::Request& request, std::size_t) -> std::optional<http::Response> {
         if (request.query_param("grant_type") == "refresh_token") {
           EXPECT_EQ(request.query_param("refresh_token"), "old-refresh");
           return http::Response::json(200, Object{{"access_token", "new-access"},
                                                   {"refresh_token", "new-refresh"},
                                                   {"expires_in", 3600}});
         }
         if (request.header("Authorization") == "Bearer new-access") return std::nullopt;
         return http::Response::text(401, "expired");
       }});
  Value spec = source.spec(10);
  spec.if_object()->set(
      "authSpec",
      Array{*json::parse(R"({"name":"OAuth2 Refresh Code","type":"OAuth2RefreshCode","spec":{"type":"object",
      "properties":{"accessToken":{"type":"string","format":"password"},"refreshToken":{"type":"string","format":"password"},
      "accessTokenUrl":{"type":"string"},"clientId":{"type":"string"}}}})")});
  const auto flow_id = add_flow(source, {}, spec);
  const auto source_connection = (*domain::read_flow_references(flow(flow_id).body)).sources[0];
  const auto spec_id = store_->get(Scope::all(), ResourceKind::source_connection, source_connection.value)
                           ->body.find_path("connectionSpec.id")
                           ->dump();
  const Value params = Object{{"accessToken", "********"},
                              {"refreshToken", "********"},
                              {"clientId", "app"},
                              {"accessTokenUrl", source.origin() + "/items"},
                              {"requestParameterOverride", Object{{"authenticationMethod", "GET"}}}};
  const auto connection =
      add(ResourceKind::connection,
          Object{{"connectionSpec", Object{{"id", *json::parse(spec_id)}}},
                 {"auth", Object{{"specName", "OAuth2 Refresh Code"}, {"params", params}}}});
  ASSERT_TRUE(credentials_.put(
      connection, {{"/accessToken", Secret("old-access")}, {"/refreshToken", Secret("old-refresh")}}));
  const auto use_connection = [&](Resource document) -> Result<Resource> {
    document.body.if_object()->set("baseConnectionId", connection);
    return document;
  };
  ASSERT_TRUE(
      store_->update(Scope::all(), ResourceKind::source_connection, source_connection.value, use_connection));
  const Etag before = store_->get(Scope::all(), ResourceKind::connection, connection)->etag;

  start();
  run_until_idle();
  const auto done = runs(flow_id);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(status(done[0]), "success") << done[0].body.dump();
  const auto kept = *credentials_.of(connection);
  EXPECT_EQ(kept.at("/accessToken").reveal(), "new-access");
  EXPECT_EQ(kept.at("/refreshToken").reveal(), "new-refresh");
  EXPECT_EQ(store_->get(Scope::all(), ResourceKind::connection, connection)->etag, before);
  EXPECT_EQ(done[0].body.dump().find("new-"), std::string::npos) << "a token stands in the run document";
}

TEST_F(SchedulerTest, ARunThatCannotStartSaysWhichDocumentIsMissing) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source);
  const auto target = (*domain::read_flow_references(flow(flow_id).body)).targets[0];
  ASSERT_TRUE(store_->remove(Scope::all(), ResourceKind::target_connection, target.value));
  start();
  run_until_idle();
  const auto done = runs(flow_id);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(status(done[0]), "failed");
  EXPECT_THAT(done[0].body.find("metrics")->dump(), HasSubstr("target connection " + target.value));
}

TEST_F(SchedulerTest, ADisabledFlowCannotBeRunOnDemand) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source);
  const auto disable = [](Resource document) -> Result<Resource> {
    document.state = "disabled";
    return document;
  };
  ASSERT_TRUE(store_->update(Scope::all(), ResourceKind::flow, flow_id.value, disable));
  start();
  const auto refused = scheduler_->run_now({flow_id, {}, {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "CONNECTOR-1388-400");
  EXPECT_EQ(scheduler_->run_now({FlowId{"unknown"}, {}, {}}).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace headwater::schedule::test
