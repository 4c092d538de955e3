// What webhooks are told of runs: what waits in the store for them.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "schedule/scheduler_test.h"

namespace headwater::schedule::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SchedulerEvents : public SchedulerTest {
 protected:
  SchedulerEvents() {
    const domain::Tenant owner{tenant_.org, {}, {}};
    const Value webhook = *json::parse(
        R"({"url":"https://x.test/","enabled":true,"events":["run.failed","run.late","run.recovered"]})");
    EXPECT_TRUE(
        store_->insert(domain::new_resource(ResourceKind::webhook, "w", owner, {"u", "c"}, 1, webhook)));
  }
  /// Takes what waits.
  std::vector<Value> taken() {
    std::vector<Value> events;
    EXPECT_TRUE(store_->transact([&](store::Transaction& transaction) -> Result<void> {
      events.clear();
      while (const auto event = TRY(transaction.claim_event(INT64_MAX, "test"))) {
        events.push_back(*json::parse(event->body));
        TRY(transaction.remove_event(*event, "test"));
      }
      return {};
    }));
    return events;
  }
  std::vector<std::string> types() {
    std::vector<std::string> types;
    for (const Value& event : taken()) types.emplace_back(event.string_at("type"));
    return types;
  }
  /// Takes what waits as soon as there is something: lateness is looked for in the background.
  std::vector<Value> something() {
    for (int i = 0; i < 1000; ++i) {
      if (auto events = taken(); !events.empty()) return events;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return {};
  }
};

TEST_F(SchedulerEvents, AFailureAndItsEndAreToldOnce) {
  std::atomic<bool> broken = true;
  PageSource source(failing_while(broken));
  const auto flow_id = add_flow(source);
  start();
  run_until_idle();
  const auto failed = taken();
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_EQ(failed[0].string_at("type"), "run.failed");
  EXPECT_EQ(failed[0].find_path("flow.id")->dump(), "\"" + flow_id.value + "\"");
  EXPECT_EQ(failed[0].find_path("run.id")->dump(), "\"" + runs(flow_id).front().id + "\"");
  EXPECT_EQ(failed[0].find_path("run.state")->dump(), "\"failed\"");
  EXPECT_GT(failed[0].find_path("run.completedAt")->as_int64().value_or(0), 0);
  EXPECT_EQ(failed[0].find_path("run.errors")->if_array()->front().string_at("code"), "CONNECTOR-1001-500");
  broken = false;
  advance(std::chrono::hours(1));
  EXPECT_THAT(types(), ElementsAre("run.recovered"));
  advance(std::chrono::hours(1));
  EXPECT_THAT(types(), IsEmpty());
}

TEST_F(SchedulerEvents, AWindowThatARunHoldsUpIsLateOnce) {
  Gate gate;
  PageSource source(
      {.records = 5, .instead = [&gate](const http::Request&, std::size_t) -> std::optional<http::Response> {
         gate.pass();
         return std::nullopt;
       }});
  const auto flow_id = add_flow(source);
  start();
  gate.wait_for_waiting(1);
  const auto first = runs(flow_id).front().id;
  clock_.advance(std::chrono::minutes(64));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_THAT(types(), IsEmpty()) << "within the grace";
  for (int i = 0; i < 10; ++i) {
    clock_.advance(std::chrono::seconds(20));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  const auto late = something();
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].string_at("type"), "run.late");
  EXPECT_EQ(late[0].find_path("late.dueAt")->as_int64(), epoch_millis(at("2024-03-05T01:00:00Z")));
  EXPECT_EQ(late[0].find_path("late.graceSeconds")->as_int64(), 300);
  EXPECT_EQ(late[0].find_path("late.runInProgress")->dump(), "\"" + first + "\"");
  gate.open();
  run_until_idle();
  advance(std::chrono::seconds(30));
  EXPECT_THAT(types(), IsEmpty()) << "the run that was late has begun: nothing new";
  EXPECT_EQ(runs(flow_id).size(), 2U);
}

TEST_F(SchedulerEvents, AfterADowntimeWhatBeginsTooLateIsLate) {
  PageSource source({.records = 5});
  add_flow(source);
  start();
  run_until_idle();
  EXPECT_THAT(types(), IsEmpty()) << "its start lies in the past, but it was due only when it was made";
  scheduler_->stop();
  clock_.advance(std::chrono::hours(30));
  start();
  run_until_idle();
  EXPECT_THAT(types(), ElementsAre("run.late"));
}

}  // namespace
}  // namespace headwater::schedule::test
