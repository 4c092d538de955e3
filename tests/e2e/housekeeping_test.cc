// What the running server tidies up in its lake, with ages short enough to watch.
#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "e2e/serving.h"

namespace headwater::testing {
namespace {

namespace fs = std::filesystem;

class Housekeeping : public ServingTest {
 protected:
  Housekeeping() {
    serving_ = std::make_unique<Serving>(
        data_, std::vector<std::string>{"--housekeeping-every", "1s", "--retired-kept", "2s",
                                        "--quarantine-kept", "12s", "--staging-kept", "1h"});
  }
  fs::path home() const { return fs::path(data_) / "lake" / dataset_; }
  static std::size_t entries(const fs::path& folder) {
    std::error_code failed;
    const fs::directory_iterator begin(folder, failed);
    return failed ? 0 : static_cast<std::size_t>(std::distance(begin, fs::directory_iterator()));
  }
  static bool comes_true(const std::function<bool()>& what) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < until) {
      if (what()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }
};

TEST_F(Housekeeping, SmallFilesMergeWithoutAGapAndOldThingsGo) {
  const auto flow = create_flow({.delay_millis = "", .query = "n=20"});
  EXPECT_EQ(end_of(flow).status, "success");
  const auto dead = home() / "staging" / "dead";
  ASSERT_TRUE(make_folders(dead));
  for (const auto* file : {"owner.lock", "begin.json"}) ASSERT_TRUE(write_file_durably(dead / file, "{}"));
  fs::last_write_time(dead, fs::file_time_type::clock::now() - std::chrono::hours(2));

  // Readers while runs commit and files are merged: whole batches only, and never fewer than before.
  constexpr int kRuns = 8;
  std::size_t most_files = 0;
  std::int64_t seen = 0;
  const auto look = [&] {
    most_files = std::max(most_files, entries(home() / "data"));
    const auto found = counted();
    const auto count = std::stoll(found);
    EXPECT_EQ(found.substr(found.find(',') + 1), "20");
    EXPECT_EQ(count % 20, 0) << found;
    EXPECT_GE(count, seen) << "records were gone for a moment";
    seen = count;
  };
  for (int run = 1; run < kRuns; ++run) {
    EXPECT_EQ(ask({"flows", "run", flow}).exit_code, 0);
    while (seen < 20 * run) look();
  }
  const auto all_over = [&] {
    const auto runs = runs_of(flow);
    return runs.size() == kRuns && std::all_of(runs.begin(), runs.end(), is_over);
  };
  EXPECT_TRUE(comes_true(all_over));
  EXPECT_TRUE(comes_true([&] {
    look();
    return entries(home() / "data") == 1;
  })) << "the files were not merged, or the replaced ones are still there";
  EXPECT_EQ(counted(), std::to_string(20 * kRuns) + ",20");
  EXPECT_GT(most_files, 1U);
  EXPECT_FALSE(fs::exists(dead)) << "a dead batch's staging folder";
  EXPECT_EQ(entries(home() / "staging"), 0U);

  EXPECT_TRUE(comes_true([&] { return entries(home() / "quarantine") == 0; })) << "old diagnostics";
  const auto batches = ask({"batches", "list", "--output", "json"});
  EXPECT_EQ(batches.exit_code, 0) << batches.errors;
  EXPECT_EQ(counted(), std::to_string(20 * kRuns) + ",20");
}

TEST_F(Housekeeping, AKilledServersLeftoversGoWithTheNextOne) {
  const auto flow = create_flow({.delay_millis = "20"});
  ASSERT_FALSE(is_over(run_past(flow, 300)));
  serving_->kill();
  std::ofstream(home() / "data" / "0123456789abcdef.00001.parquet") << "half a file that no manifest names";
  std::ofstream(home() / "staging" / "compacted-0123456789abcdef.parquet") << "a killed compaction's";
  serving_ = std::make_unique<Serving>(data_, std::vector<std::string>{"--housekeeping-every", "1s"});
  EXPECT_EQ(end_of(flow).status, "success");
  EXPECT_EQ(counted(), "3000,3000");
  EXPECT_TRUE(comes_true([&] { return entries(home() / "data") == 1 && entries(home() / "staging") == 0; }));
}

}  // namespace
}  // namespace headwater::testing
