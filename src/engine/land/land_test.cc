#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"
#include "engine/land/file_landing.h"
#include "engine/land/lake_landing.h"
#include "lake/query.h"

namespace headwater::land {
namespace {

namespace fs = std::filesystem;

json::RecordGroup two_records() {
  json::RecordGroup group;
  group.append("{\"id\":1,\n \"name\":\"Ada\"}");
  group.append("{\"id\":2,\"name\":\"Bob\"}");
  return group;
}

std::size_t files_in(const fs::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) count += entry.exists() ? 1U : 0U;
  return count;
}

class FileLandingTest : public ::testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  TemporaryFolder folder_ = *TemporaryFolder::make("land-test");
  std::vector<Landing::Misfit> misfits_;
};

TEST_F(FileLandingTest, AnNdjsonFileAppearsWholeAtCommit) {
  auto landing = *make_file_landing({.to = path("out.ndjson"), .schema = {}});
  auto group = two_records();
  group.append("{broken");
  ASSERT_TRUE(landing->append(group, misfits_).has_value());
  ASSERT_TRUE(landing->reject({"{broken", "INGEST-1401-400", "page 1, record 3", 1, 3}).has_value());
  EXPECT_FALSE(fs::exists(path("out.ndjson")));
  const auto totals = landing->commit();
  ASSERT_TRUE(totals.has_value()) << totals.error().message;
  EXPECT_EQ(totals->records_written, 2U);
  EXPECT_EQ(totals->records_rejected, 1U);
  ASSERT_EQ(misfits_.size(), 1U);
  EXPECT_EQ(misfits_[0].index, 2U);
  EXPECT_EQ(*read_file(path("out.ndjson")), "{\"id\":1,\"name\":\"Ada\"}\n{\"id\":2,\"name\":\"Bob\"}\n");
  EXPECT_EQ(*read_file(path("out.ndjson.rejected.ndjson")),
            "{\"_corrupt_record\":\"{broken\",\"_errors\":[{\"code\":\"INGEST-1401-400\",\"message\":\"page "
            "1, record "
            "3\"}],\"_filename\":\"page-1\"}\n");
}

TEST_F(FileLandingTest, NothingIsLeftWithoutACommit) {
  for (const auto* name : {"out.ndjson", "out.parquet"}) {
    auto landing = *make_file_landing({.to = path(name), .schema = {}});
    ASSERT_TRUE(landing->append(two_records(), misfits_).has_value());
    ASSERT_TRUE(landing->reject({"x", "INGEST-1401-400", "bad", 1, 3}).has_value());
    landing.reset();
    EXPECT_EQ(files_in(folder_.path()), 0U) << name;
  }
}

TEST_F(FileLandingTest, ADiscardedRunLeavesOnlyItsRejectedRecords) {
  for (const auto* name : {"out.ndjson", "out.parquet"}) {
    auto landing = *make_file_landing({.to = path(name), .schema = {}});
    ASSERT_TRUE(landing->append(two_records(), misfits_).has_value());
    landing->discard();
    landing.reset();
    EXPECT_EQ(files_in(folder_.path()), 0U) << name << ", nothing rejected";

    landing = *make_file_landing({.to = path(name), .schema = {}});
    ASSERT_TRUE(landing->append(two_records(), misfits_).has_value());
    ASSERT_TRUE(landing->reject({"x", "INGEST-1401-400", "bad", 1, 3}).has_value());
    landing->discard();
    landing.reset();
    EXPECT_EQ(files_in(folder_.path()), 1U) << name;
    EXPECT_TRUE(std::filesystem::remove(path(name) + ".rejected.ndjson")) << name;
  }
}

TEST_F(FileLandingTest, AParquetFileAppearsWholeAtCommit) {
  auto landing = *make_file_landing({.to = path("out.parquet"), .schema = {}});
  ASSERT_TRUE(landing->append(two_records(), misfits_).has_value());
  const auto totals = landing->commit();
  ASSERT_TRUE(totals.has_value()) << totals.error().message;
  EXPECT_EQ(totals->records_written, 2U);
  EXPECT_EQ(read_file(path("out.parquet"))->substr(0, 4), "PAR1");
  EXPECT_EQ(files_in(folder_.path()), 1U);
}

TEST_F(FileLandingTest, AWrongTargetIsRefused) {
  EXPECT_EQ(make_file_landing({.to = path("no/such/out.ndjson"), .schema = {}}).error().kind,
            ErrorKind::invalid_argument);
  EXPECT_EQ(make_file_landing({.to = folder_.path().string(), .schema = {}}).error().kind,
            ErrorKind::invalid_argument);
}

TEST_F(FileLandingTest, ABatchInTheLakeReportsItsTotals) {
  const SystemClock clock;
  auto lake = *lake::Lake::open({.root = folder_.path() / "lake"}, clock);
  ASSERT_TRUE(lake->put_dataset({DatasetId("d"), "people", "", lake::Format::parquet}).has_value());
  lake::BatchOptions options;
  options.dataset = DatasetId("d");
  options.batch = BatchId("b");
  {
    auto landing = *LakeLanding::make(*lake, options);
    EXPECT_EQ(landing->resumed_cursor(), std::nullopt);
    ASSERT_TRUE(landing->append(two_records(), misfits_).has_value());
    ASSERT_TRUE(landing->note_input("page-1", 100).has_value());
    ASSERT_TRUE(landing->checkpoint("after page 1").has_value());
  }
  auto landing = *LakeLanding::make(*lake, options);
  EXPECT_EQ(landing->resumed_cursor(), "after page 1");
  const auto totals = landing->commit();
  ASSERT_TRUE(totals.has_value()) << totals.error().message;
  EXPECT_EQ(totals->records_written, 2U);
  EXPECT_EQ(totals->output_files, 1U);
  EXPECT_TRUE(landing->committed());
}

}  // namespace
}  // namespace headwater::land
