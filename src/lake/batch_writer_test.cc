#include "lake/batch_writer.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "lake/internal/crc32c.h"
#include "lake/lake_test.h"

namespace headwater::lake {
namespace {

namespace fs = std::filesystem;
using test::one_of;

constexpr int kPages = 12;
constexpr int kPageRecords = 40;

json::RecordGroup page_of(int page) {
  json::RecordGroup group;
  for (int i = 0; i < kPageRecords; ++i) {
    const auto id = std::to_string(page * kPageRecords + i);
    group.append(
        std::string(R"({"id":)").append(id).append(R"(,"text":"record number )").append(id).append(R"("})"));
  }
  return group;
}

class BatchWriterTest : public test::LakeFixture, public ::testing::WithParamInterface<Format> {
 protected:
  void SetUp() override {
    options_.part_records_max = std::uint64_t{5} * kPageRecords;  // parts close in the middle of the batch
    lake_ = reopen();
    put("ds1", "sales", GetParam());
  }

  /// Writes pages from where the batch stands; in the forked child `stop_after` counts calls until SIGKILL.
  void run_pages(Lake& lake, int stop_after) {
    const auto step = [&stop_after] {
      if (stop_after-- == 0) ::kill(::getpid(), SIGKILL);
    };
    auto writer = *lake.open_batch(batch("b1"));
    const auto cursor = writer->resumed_cursor();
    std::vector<Misfit> misfits;
    for (int page = cursor ? std::stoi(*cursor) : 0; page < kPages; ++page) {
      step();
      ASSERT_TRUE(writer->append(page_of(page), misfits).has_value());
      step();
      ASSERT_TRUE(writer->checkpoint(std::to_string(page + 1)).has_value());
      if (stop_after >= 0) last_checkpoint_ = page + 1;
    }
    step();
    ASSERT_TRUE(writer->commit().has_value());
    step();
  }

  void expect_all(const std::string& when) {
    EXPECT_EQ(test::rows_of(*lake_, "SELECT count(*), count(DISTINCT id), sum(id) FROM sales"),
              (test::Rows{{"480", "480", "114960"}}))
        << when;
  }

  int last_checkpoint_ = 0;
};

TEST_P(BatchWriterTest, AKillAtAnyStepLosesAndDoublesNothing) {
  constexpr int kSteps = 2 * kPages + 2;
  for (int stop = 0; stop < kSteps; ++stop) {
    ASSERT_TRUE(lake_->remove_dataset(DatasetId("ds1")).has_value());
    put("ds1", "sales", GetParam());
    const auto child = ::fork();
    if (child == 0) {
      const auto lake = reopen();
      run_pages(*lake, stop);
      ::_exit(7);  // not reached
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "exit " << WEXITSTATUS(status);
    lake_ = reopen();
    const bool was_committed = stop == kSteps - 1;
    EXPECT_EQ((*lake_->manifest(DatasetId("ds1")))->batches.size(), was_committed ? 1U : 0U);
    {
      const auto writer = *lake_->open_batch(batch("b1"));
      EXPECT_EQ(writer->committed(), was_committed);
      const auto done = stop / 2 < kPages ? stop / 2 : kPages;
      EXPECT_EQ(writer->resumed_cursor().value_or("0"), std::to_string(done)) << "stop " << stop;
    }
    run_pages(*lake_, -1);
    expect_all("killed at step " + std::to_string(stop));
  }
}

TEST_P(BatchWriterTest, AKillInTheMiddleOfWorkLosesAndDoublesNothing) {
  for (int round = 0; round < 8; ++round) {
    ASSERT_TRUE(lake_->remove_dataset(DatasetId("ds1")).has_value());
    put("ds1", "sales", GetParam());
    const auto child = ::fork();
    if (child == 0) {
      const auto lake = reopen();
      // SIGALRM's default action ends the process wherever it stands.
      const itimerval when{{0, 0}, {0, 3'000 + round * 7'000}};
      ::setitimer(ITIMER_REAL, &when, nullptr);
      run_pages(*lake, -1);
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    lake_ = reopen();
    run_pages(*lake_, -1);
    expect_all("round " + std::to_string(round));
  }
}

TEST_P(BatchWriterTest, ATornTailAndATornCheckpointAreCutOff) {
  std::vector<Misfit> misfits;
  {
    auto writer = *lake_->open_batch(batch("b1"));
    for (int page = 0; page < 3; ++page) {
      ASSERT_TRUE(writer->append(page_of(page), misfits).has_value());
      ASSERT_TRUE(writer->checkpoint(std::to_string(page + 1)).has_value());
    }
    ASSERT_TRUE(writer->append(page_of(3), misfits).has_value());
  }
  const auto staging = folder_.path() / "lake" / "ds1" / "staging" / "b1";
  {
    // The third checkpoint stands in slot 1 (odd); half of it is overwritten.
    std::fstream slots(staging / "checkpoint", std::ios::in | std::ios::out | std::ios::binary);
    slots.seekp((16 << 10) + 20);
    slots << "torn";
    const bool parquet = GetParam() == Format::parquet;
    std::ofstream log(staging / (parquet ? "log.00001.ndjson" : "b1.00001.ndjson"), std::ios::app);
    log << "{\"id\":99999,\"te";
  }
  auto writer = *lake_->open_batch(batch("b1"));
  EXPECT_EQ(writer->resumed_cursor(), "2");
  EXPECT_EQ(writer->totals().records, 2U * kPageRecords);
  writer.reset();
  run_pages(*lake_, -1);
  expect_all("after the cut");
}

TEST_P(BatchWriterTest, ADiscardedBatchLeavesItsRejectedRecordsOnly) {
  auto writer = *lake_->open_batch(batch("b1"));
  std::vector<Misfit> misfits;
  ASSERT_TRUE(writer->append(page_of(0), misfits).has_value());
  ASSERT_TRUE(writer->quarantine({"{bad \"x\"", "INGEST-1401-400", "page 3, record 7: broken", "page-3"})
                  .has_value());
  ASSERT_TRUE(writer->checkpoint("1").has_value());
  writer->discard();
  EXPECT_FALSE(writer->commit().has_value());
  EXPECT_FALSE(fs::exists(folder_.path() / "lake" / "ds1" / "staging" / "b1"));
  EXPECT_EQ(one_of(*lake_, "SELECT count(*) FROM sales"), "0");
  const auto file =
      lake_->open_meta_file(DatasetId("ds1"), BatchId("b1"), MetaFolder::row_errors, "row_errors.ndjson");
  ASSERT_TRUE(file.has_value());
  EXPECT_EQ(*file->read(0, 4096),
            "{\"_corrupt_record\":\"{bad \\\"x\\\"\",\"_errors\":[{\"code\":\"INGEST-1401-400\",\"message\":"
            "\"page 3, record 7: broken\"}],\"_filename\":\"page-3\"}\n");
  EXPECT_EQ(lake_->meta_files(DatasetId("ds1"), BatchId("b1"), MetaFolder::row_error_samples)->size(), 1U);
  EXPECT_EQ(*lake_->dataset_of(BatchId("b1")), DatasetId("ds1"));
}

TEST_P(BatchWriterTest, ASecondWriterOfTheSameBatchIsRefused) {
  const auto writer = *lake_->open_batch(batch("b1"));
  const auto second = lake_->open_batch(batch("b1"));
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
}

TEST_P(BatchWriterTest, CommittingTwiceGivesTheSameBatch) {
  run_pages(*lake_, -1);
  auto again = *lake_->open_batch(batch("b1"));
  EXPECT_TRUE(again->committed());
  EXPECT_EQ(again->resumed_cursor(), std::to_string(kPages));
  std::vector<Misfit> misfits;
  ASSERT_TRUE(again->append(page_of(0), misfits).has_value());
  EXPECT_EQ(again->commit()->records, 480U);
  EXPECT_EQ(again->commit()->files, 3U);
  expect_all("after the second commit");
}

TEST_P(BatchWriterTest, AFullDiskIsAnErrorAndTheBatchGoesOnLater) {
  const auto child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{40'000, 40'000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const auto lake = reopen();
    auto writer = *lake->open_batch(batch("b1"));
    std::vector<Misfit> misfits;
    bool failed = false;
    for (int page = 0; page < kPages && !failed; ++page) {
      json::RecordGroup wide;
      wide.append("{\"id\":0,\"text\":\"" + std::string(9'000, 'x') + "\"}");
      const auto appended = writer->append(wide, misfits);
      failed =
          !appended && appended.error().kind == ErrorKind::storage && appended.error().code == kTakesNothing;
    }
    ::_exit(failed ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  run_pages(*lake_, -1);
  expect_all("with room again");
}

TEST_P(BatchWriterTest, ALongCursorIsKept) {
  const std::string cursor(100'000, 'c');
  {
    auto writer = *lake_->open_batch(batch("b1"));
    ASSERT_TRUE(writer->checkpoint("short").has_value());
    ASSERT_TRUE(writer->checkpoint(cursor).has_value());
  }
  EXPECT_EQ((*lake_->open_batch(batch("b1")))->resumed_cursor(), cursor);
}

std::string format_name(const ::testing::TestParamInfo<Format>& tested) {
  return tested.param == Format::parquet ? "Parquet" : "Ndjson";
}

INSTANTIATE_TEST_SUITE_P(Formats, BatchWriterTest, ::testing::Values(Format::parquet, Format::ndjson),
                         format_name);

TEST(Crc32cTest, KnowsItsCheckValue) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xE3069283U);
}

}  // namespace
}  // namespace headwater::lake
