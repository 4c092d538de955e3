// The server is killed in the middle of a run, again and again, and started again: the run ends with each
// record once.
#include <gmock/gmock.h>

#include <chrono>
#include <random>
#include <thread>

#include "e2e/serving.h"

namespace headwater::testing {
namespace {

class KillRestart : public ServingTest, public ::testing::WithParamInterface<const char*> {
 protected:
  KillRestart() { serving_ = std::make_unique<Serving>(data_); }
  void kill_and_start() {
    serving_->kill();
    serving_ = std::make_unique<Serving>(data_);
    ASSERT_NE(serving_->url(), "") << log_text();
  }
};

INSTANTIATE_TEST_SUITE_P(Formats, KillRestart, ::testing::Values("parquet", "ndjson"),
                         [](const auto& test) { return std::string(test.param); });

TEST_P(KillRestart, ARunEndsWithEachRecordOnce) {
  const std::string flow = create_flow({.format = GetParam(), .delay_millis = "250"});
  const auto seed = std::random_device{}();
  std::minstd_rand random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::string run;
  int kills = 0;
  for (std::int64_t records = 0; kills < 12; ++kills) {
    const auto found = run_past(flow, records);
    if (is_over(found)) break;
    EXPECT_TRUE(run.empty() || found.id == run) << "a second run was started";
    run = found.id;
    // Anywhere: in a request, in a write, in the start itself.
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 100));
    kill_and_start();
    records = found.read + 50;
  }
  EXPECT_GE(kills, 10) << "the run ended before it was killed often enough";
  const auto ended = end_of(flow);
  EXPECT_EQ(ended.status, "success");
  EXPECT_EQ(ended.read, 3000);
  EXPECT_EQ(counted(), "3000,3000");

  // What is committed is never fetched again.
  ASSERT_NE(ask_plainly(source_url_ + "/_reset", "POST"), "");
  for (int again = 0; again < 2; ++again) kill_and_start();
  ASSERT_EQ(runs_of(flow).size(), 1U);
  const auto stats = ask_plainly(source_url_ + "/_stats");
  EXPECT_THAT(stats, ::testing::HasSubstr("\"requests\":0")) << stats;
  EXPECT_EQ(counted(), "3000,3000");
}

// Killed at any moment of the last page, the commit and the writing of the outcome.
TEST_P(KillRestart, ACommitIsWholeOrNotThere) {
  std::minstd_rand random(std::random_device{}());
  std::vector<std::pair<std::string, std::string>> flows;
  for (int i = 0; i < 8; ++i) {
    const auto flow = create_flow({.format = GetParam(), .delay_millis = "", .query = "n=400"});
    flows.emplace_back(flow, dataset_);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 60'000));
    kill_and_start();
  }
  for (const auto& [flow, dataset] : flows) {
    EXPECT_EQ(end_of(flow).status, "success");
    dataset_ = dataset;
    EXPECT_EQ(counted(), "400,400") << flow;
  }
}

class KilledCommand : public ServingTest {};

TEST_F(KilledCommand, RunToAFileLeavesNoHalfFile) {
  const auto out = folder_.path() / "out";
  ASSERT_TRUE(make_folders(out));
  const auto spec = (folder_.path() / "spec.json").string();
  std::ofstream(spec)
      << json::Value(
             json::Object{
                 {"name", "items"},
                 {"type", "generic-rest"},
                 {"sourceSpec",
                  json::Object{{"attributes", json::Object{{"urlParams", json::Object{{"host", source_url_},
                                                                                      {"path", "/offset"},
                                                                                      {"method", "GET"}}},
                                                           {"contentPath", json::Object{{"path", "$.items"}}},
                                                           {"paginationParams",
                                                            json::Object{{"type", "OFFSET"},
                                                                         {"limitName", "limit"},
                                                                         {"limitValue", "50"},
                                                                         {"offSetName", "offset"},
                                                                         {"delayRequestMillis", "20"}}}}}}}})
             .dump();
  for (const std::string name : {"out.parquet", "out.ndjson"}) {
    const auto file = (out / name).string();
    std::ofstream(file) << "what stood here before";
    for (const int wait : {100, 300, 600}) {
      ChildProcess run({kBinary, "run", spec, "--allow-network", "127.0.0.0/8", "--to", file},
                       {.folder = {}, .error_file = file + ".log", .environment = {}});
      std::this_thread::sleep_for(std::chrono::milliseconds(wait));
      run.signal(SIGKILL);
      EXPECT_EQ(run.wait(), 128 + SIGKILL) << *read_file(file + ".log");
      EXPECT_EQ(*read_file(file), "what stood here before");
    }
    const auto done = run_program({kBinary, "run", spec, "--allow-network", "127.0.0.0/8", "--to", file});
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    EXPECT_NE(*read_file(file), "what stood here before");
  }
}

}  // namespace
}  // namespace headwater::testing
