// What is changed while a run waits, is parked, or is under way: the flow, its source, its account.
#include <gmock/gmock.h>

#include <atomic>
#include <fstream>

#include "engine/run/run_inputs.h"
#include "engine/run/stored_run.h"
#include "schedule/scheduler_test.h"

namespace headwater::schedule::test {
namespace {

using ::testing::HasSubstr;

// A process that died between the commit and the run's document: the records are there.
TEST_F(SchedulerTest, ACommittedRunIsNoFailedOneWhateverBecameOfItsDocuments) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source);
  start();
  run_until_idle();
  const auto done = runs(flow_id)[0];
  const auto references = *domain::read_flow_references(flow(flow_id).body);
  ASSERT_TRUE(store_->remove(Scope::all(), ResourceKind::source_connection, references.sources[0].value));
  BatchId batch{done.id};
  std::erase(batch.value, '-');
  const run::StoredRunParts parts{*store_, credentials_, *lake_, access_, clock_, std::chrono::seconds(1)};
  const auto again = run::run_stored(parts, {flow_id, batch, {}}, {}, {});
  EXPECT_EQ(domain::text_of(again.outcome.status), "success");
  EXPECT_EQ(again.outcome.counts.records_written, 5U);
  batch.value.back() = batch.value.back() == '0' ? '1' : '0';
  EXPECT_EQ(domain::text_of(run::run_stored(parts, {flow_id, batch, {}}, {}, {}).outcome.status), "failed");
  std::ofstream(lake_->options().root / "dataset1" / "manifest.json") << "{";
  EXPECT_EQ(run::run_stored(parts, {flow_id, batch, {}}, {}, {}).outcome.status,
            domain::RunStatus::in_progress)
      << "where nothing can be read it may stand";
}

TEST_F(SchedulerTest, ADisabledFlowsWaitingRunStartsOnceItIsEnabled) {
  PageSource source({.records = 5});
  const auto flow_id = add_flow(source);
  start();
  run_until_idle();
  const auto set_state = [&](const std::string& state) {
    const auto change = [&state](Resource flow) -> Result<Resource> {
      flow.state = state;
      return flow;
    };
    ASSERT_TRUE(store_->update(Scope::all(), ResourceKind::flow, flow_id.value, change));
    scheduler_->flow_changed(flow_id);
  };
  const auto later = run_now(flow_id, Object{{"startTime", epoch_seconds(clock_.now()) + 600},
                                             {"windowStartTime", 1600000000},
                                             {"windowEndTime", 1600003600}});
  set_state("disabled");
  advance(std::chrono::minutes(30));
  EXPECT_EQ(status(run(later)), "scheduled");
  set_state("enabled");
  advance(std::chrono::minutes(1));
  EXPECT_EQ(status(run(later)), "success");
}

TEST_F(SchedulerTest, AFailedRunWhoseWindowWasReadSinceIsNotReadAgain) {
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
  const auto twice = scheduler_->retrigger(failed);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, "CONNECTOR-1387-400");
  EXPECT_THAT(twice.error().message, HasSubstr(again->id.value));
}

// Half of one source and half of another would be neither.
TEST_F(SchedulerTest, AParkedRunWhoseSourceWasChangedStartsOver) {
  Gate gate;
  std::atomic<bool> wait = true;
  PageSource source(waiting_while(wait, gate));
  const auto flow_id = add_flow(source);
  start();
  gate.wait_for_waiting(1);
  wait = false;
  scheduler_->stop();
  gate.open();
  const auto connection = (*domain::read_flow_references(flow(flow_id).body)).sources[0];
  const auto spec_id = *store_->get(Scope::all(), ResourceKind::source_connection, connection.value)
                            ->body.find_path("connectionSpec.id")
                            ->if_string();
  const auto change = [&source](Resource spec) -> Result<Resource> {
    *spec.body.find("sourceSpec") = *source.spec(7).find("sourceSpec");
    return spec;
  };
  ASSERT_TRUE(store_->update(Scope::all(), ResourceKind::connection_spec, spec_id, change));
  start();
  run_until_idle();
  const auto done = runs(flow_id)[0];
  EXPECT_EQ(status(done), "success");
  EXPECT_EQ(landed("dataset1"), 50U);
  EXPECT_THAT(done.body.dump(), HasSubstr("it started over"));
  EXPECT_EQ(source.asked("offset")[4], "0");
}

TEST_F(SchedulerTest, ARunDoesNotOverwriteAnAccountThatWasChangedMeanwhile) {
  const auto connection =
      add(ResourceKind::connection,
          Object{{"auth",
                  Object{{"params", Object{{"accessToken", "********"}, {"refreshToken", "********"}}}}}});
  const auto entered = [&](const std::string& name) {
    return store::NamedSecrets{{"/accessToken", Secret("a-" + name)}, {"/refreshToken", Secret("r-" + name)}};
  };
  ASSERT_TRUE(credentials_.put(connection, entered("old")));
  const auto keep = run::keep_tokens_of(*store_, credentials_, connection);
  const Value before = Object{{"accessToken", "a-old"}, {"refreshToken", "r-old"}};
  ASSERT_TRUE(keep(Object{{"accessToken", "a-next"}, {"refreshToken", "r-next"}}, before));
  EXPECT_EQ(credentials_.of(connection)->at("/refreshToken").reveal(), "r-next");
  ASSERT_TRUE(credentials_.put(connection, entered("new")));
  ASSERT_TRUE(
      keep(Object{{"accessToken", "a-late"}}, Object{{"accessToken", "a-next"}, {"refreshToken", "r-next"}}));
  EXPECT_EQ(credentials_.of(connection)->at("/accessToken").reveal(), "a-new");
}

}  // namespace
}  // namespace headwater::schedule::test
