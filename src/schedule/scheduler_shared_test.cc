// Several servers on one store, and schedules that change, overlap or meet a clock that jumps.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>

#include "lake/batch_writer.h"
#include "schedule/scheduler_test.h"

namespace headwater::schedule::test {
namespace {

using ::testing::ElementsAre;

class SharedStoreTest : public SchedulerTest {
 protected:
  // One more server on the same store and lake.
  std::unique_ptr<Scheduler> server(const std::string& owner) {
    auto options = options_;
    options.owner = owner;
    options.peers_folder = folder_.path() / "servers";
    return *Scheduler::make({*store_, credentials_, *lake_, access_, clock_}, options);
  }
  void patch(const FlowId& flow, const Object& schedule) {
    const auto change = [&schedule](Resource document) -> Result<Resource> {
      for (const auto& [name, value] : schedule)
        document.body.find("scheduleParams")->if_object()->set(name, value);
      return document;
    };
    ASSERT_TRUE(store_->update(Scope::all(), ResourceKind::flow, flow.value, change));
    scheduler_->flow_changed(flow);
    run_until_idle();
  }
  std::optional<store::FlowTimer> timer(const FlowId& flow) {
    std::optional<store::FlowTimer> found;
    EXPECT_TRUE(store_->read([&](store::Transaction& transaction) -> Result<void> {
      found = TRY(transaction.timer(flow));
      return {};
    }));
    return found;
  }
};

TEST_F(SharedStoreTest, TwoServersRunEachWindowOnce) {
  PageSource source({.records = 5});
  std::vector<FlowId> flows;
  flows.reserve(8);
  for (int i = 0; i < 8; ++i) flows.push_back(add_flow(source));
  const auto first = server("first");
  const auto second = server("second");
  ASSERT_TRUE(first->start());
  ASSERT_TRUE(second->start());
  for (int hour = 0; hour < 6; ++hour) {
    clock_.advance(std::chrono::hours(1));
    for (const auto* one : {&first, &second}) (*one)->wake();
    for (const auto* one : {&first, &second, &first}) (*one)->wait_idle();
  }
  for (const FlowId& flow_id : flows) {
    auto done = runs(flow_id);
    // Runs of one instant of the manual clock have no order of their own.
    std::sort(done.begin(), done.end(), [](const Resource& a, const Resource& b) {
      return number(a, "params.windowEndTime") < number(b, "params.windowEndTime");
    });
    std::int64_t end = 0;
    for (const Resource& run : done) {
      EXPECT_EQ(status(run), "success");
      EXPECT_TRUE(end == 0 || number(run, "params.windowStartTime") == end);
      end = number(run, "params.windowEndTime");
    }
    EXPECT_GE(done.size(), 5U);
  }
}

TEST_F(SharedStoreTest, AServerThatLeavesLetsAnotherGoOn) {
  Gate gate;
  std::atomic<bool> wait = true;
  PageSource source(waiting_while(wait, gate));
  const auto flow_id = add_flow(source);
  const auto first = server("first");
  ASSERT_TRUE(first->start());
  gate.wait_for_waiting(1);
  const auto second = server("second");
  ASSERT_TRUE(second->start());
  second->wait_idle();
  EXPECT_EQ(timer(flow_id)->owner, "first") << "a living server keeps its runs";
  wait = false;
  first->stop();
  gate.open();
  const auto third = server("third");
  ASSERT_TRUE(third->start());
  third->wait_idle();
  ASSERT_EQ(runs(flow_id).size(), 1U);
  EXPECT_EQ(status(runs(flow_id)[0]), "success");
  EXPECT_EQ(landed("dataset1"), 50U);
  EXPECT_THAT(source.asked("offset"), ElementsAre("0", "10", "20", "30", "30", "40"));
}

TEST_F(SharedStoreTest, ASilentServersClaimIsTakenAndItsOutcomeIsNotWritten) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source);
  RunLedger silent(*store_, clock_, "silent", "/export");
  NewRun asked;
  asked.flow = flow(flow_id);
  asked.window.end = clock_.now();
  const auto run_id = RunId{silent.add(asked)->id};
  auto stored = *silent.get(run_id);
  ASSERT_EQ(*silent.claim(stored), Claim::mine);
  ASSERT_EQ(*silent.claim(stored), Claim::mine) << "its own claim stays its own";
  RunLedger other(*store_, clock_, "other", "/export");
  ASSERT_EQ(*other.claim(stored), Claim::busy);

  const auto second = server("second");  // nobody knows "silent": it is dead
  ASSERT_TRUE(second->start());
  second->wait_idle();
  EXPECT_EQ(status(run(run_id)), "success");
  const auto etag = run(run_id).etag;
  run::RunOutcome late;
  const auto kept = silent.finish(stored, late, {});
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().kind, ErrorKind::conflict);
  EXPECT_EQ(run(run_id).etag, etag);
  EXPECT_EQ(*silent.claim(stored), Claim::gone);
  EXPECT_EQ(timer(flow_id)->current_run.value, "") << "the failed claim left nothing";
}

TEST_F(SharedStoreTest, ABatchThatSomebodyStillWritesIsWaitedFor) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source);
  RunLedger silent(*store_, clock_, "silent", "/export");
  NewRun asked;
  asked.flow = flow(flow_id);
  asked.window.end = clock_.now();
  auto stored = *silent.get(RunId{silent.add(asked)->id});
  ASSERT_EQ(*silent.claim(stored), Claim::mine);
  lake::BatchOptions batch;
  batch.dataset = DatasetId{"dataset1"};
  batch.batch = batch_of(stored.id);
  auto writer = *lake_->open_batch(std::move(batch));
  scheduler_ = server("second");
  ASSERT_TRUE(scheduler_->start());
  scheduler_->wait_idle();
  EXPECT_EQ(status(run(stored.id)), "inProgress");
  writer.reset();
  advance(std::chrono::seconds(6));
  EXPECT_EQ(status(run(stored.id)), "success");
  EXPECT_EQ(number(run(stored.id), "metrics.recordSummary.outputRecordCount"), 5);
}

TEST_F(SharedStoreTest, RunsOnDemandThatWaitDoNotReadTheSameWindowTwice) {
  Gate gate;
  PageSource source(
      {.records = 5, .instead = [&](const http::Request&, std::size_t) -> std::optional<http::Response> {
         gate.pass();
         return std::nullopt;
       }});
  const auto flow_id = add_flow(source, {{"frequency", "once"}});
  start();
  gate.wait_for_waiting(1);
  clock_.advance(std::chrono::minutes(10));
  const auto second = run_now(flow_id);
  const auto third = run_now(flow_id);
  clock_.advance(std::chrono::minutes(10));
  gate.open();
  run_until_idle();
  EXPECT_EQ(status(run(third)), "success");
  EXPECT_THAT(source.asked("since"), ElementsAre("-", "2024-03-05T00:00:00Z", "2024-03-05T00:20:00Z"));
  EXPECT_THAT(source.asked("until"),
              ElementsAre("2024-03-05T00:00:00Z", "2024-03-05T00:20:00Z", "2024-03-05T00:20:00Z"));
  EXPECT_EQ(number(run(second), "params.windowEndTime"), epoch_seconds(at("2024-03-05T00:20:00Z")));
}

TEST_F(SharedStoreTest, AChangedScheduleLeavesNoGapAndNoOverlap) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source, {{"backfill", false}});
  start();
  run_until_idle();
  advance(std::chrono::minutes(150));  // 02:30: one run to 02:00
  patch(flow_id, {{"frequency", "day"}});
  advance(std::chrono::hours(30));  // the 6th, 08:30: to the 6th, 00:00
  patch(flow_id, {{"frequency", "hour"}, {"interval", 3}});
  advance(std::chrono::hours(1));  // 09:30: to 06:00 at once, to 09:00
  patch(flow_id, {{"frequency", "week"}, {"interval", 1'000'000}});
  advance(std::chrono::hours(24 * 365));
  patch(flow_id, {{"frequency", "week"}, {"interval", 1}});
  const auto since = source.asked("since");
  const auto until = source.asked("until");
  for (std::size_t i = 1; i < since.size(); ++i) EXPECT_EQ(since[i], until[i - 1]) << i;
  EXPECT_THAT(until, ElementsAre("2024-03-05T00:00:00Z", "2024-03-05T02:00:00Z", "2024-03-06T00:00:00Z",
                                 "2024-03-06T06:00:00Z", "2024-03-06T09:00:00Z", "2025-03-04T00:00:00Z"));
}

TEST_F(SharedStoreTest, AClockThatWentBackRunsNothingTwice) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source);
  clock_.advance(std::chrono::hours(5));
  start();
  run_until_idle();
  scheduler_->stop();
  const auto before = timer(flow_id)->covered;
  clock_.advance(-std::chrono::hours(3));
  start();
  run_until_idle();
  advance(std::chrono::hours(2));
  EXPECT_EQ(runs(flow_id).size(), 1U);
  EXPECT_EQ(timer(flow_id)->covered, before);
  advance(std::chrono::hours(2));
  ASSERT_EQ(runs(flow_id).size(), 2U);
  EXPECT_THAT(source.asked("since"), ElementsAre("-", "2024-03-05T05:00:00Z"));
  EXPECT_EQ(source.asked("until").back(), "2024-03-05T06:00:00Z");
}

TEST_F(SharedStoreTest, AStreamingFlowsScheduleMeansNothing) {
  PageSource source({.records = 5});
  add(ResourceKind::flow_spec, Object{{"attributes", Object{{"frequency", "streaming"}}}}, "",
      "6499120c-0b15-42dc-936e-847ea3c24d72");
  const auto whole = add_flow(source);
  const auto broken = add_flow(source, {{"startTime", Value()}, {"frequency", "sometimes"}});
  start();
  run_until_idle();
  scheduler_->flow_changed(broken);
  run_until_idle();
  EXPECT_TRUE(runs(whole).empty());
  EXPECT_TRUE(runs(broken).empty());
  EXPECT_FALSE(timer(broken)->due);
}

TEST_F(SharedStoreTest, RunsOfStreamingFlowsAreLeftToTheirConsumer) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source);
  std::vector<std::string> slices;
  for (const auto* state : {"inProgress", "scheduled"}) {
    const Object status{{"status", state}};
    slices.push_back(add(ResourceKind::run,
                         Object{{"flowId", flow_id.value},
                                {"trigger", domain::kStreamTrigger},
                                {"state", state},
                                {"metrics", Object{{"statusSummary", status}}}},
                         ""));
  }
  const auto etags = [&] {
    std::vector<Etag> found;
    found.reserve(slices.size());
    for (const auto& id : slices) found.push_back(run(RunId{id}).etag);
    return found;
  };
  const auto before = etags();
  start();
  run_until_idle();
  clock_.advance(options_.lease * 3);  // what others left behind is looked for
  run_until_idle();
  EXPECT_EQ(etags(), before);
  for (const auto& id : slices) {
    const auto cancelled = scheduler_->cancel(RunId{id}, {"u", "c"});
    ASSERT_FALSE(cancelled);
    EXPECT_EQ(cancelled.error().code, "CONNECTOR-1386-400");
    const auto again = scheduler_->retrigger(RunId{id}, {"u", "c"}, {});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, "CONNECTOR-1386-400");
  }
  EXPECT_EQ(etags(), before);
}

}  // namespace
}  // namespace headwater::schedule::test
