#include "domain/run.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace headwater::domain {
namespace {

RunMeasures finished() {
  RunMeasures run;
  run.status = RunStatus::success;
  run.started = from_epoch_seconds(100);
  run.copied = from_epoch_seconds(110);
  run.completed = from_epoch_seconds(120);
  run.window = {from_epoch_seconds(50), from_epoch_seconds(99)};
  run.pages = 3;
  run.input_bytes = 1024;
  run.output_bytes = 512;
  run.output_files = 1;
  run.records_read = 100;
  run.records_shaped = 100;
  run.records_mapped = 98;
  run.records_written = 98;
  run.records_failed = 2;
  run.errors = {{"INGEST-1212-400", "2 bad rows", 2}};
  run.source = SourceConnectionId("s1");
  run.target = TargetConnectionId("t1");
  run.batch = BatchId("b1");
  return run;
}

TEST(RunTest, MetricsHaveTheDocumentedShape) {
  const auto metrics = encode_run_metrics(finished());
  EXPECT_EQ(metrics.find("durationSummary")->dump(), R"({"startedAtUTC":100000,"completedAtUTC":120000})");
  EXPECT_EQ(
      metrics.find("recordSummary")->dump(),
      R"({"inputRecordCount":100,"outputRecordCount":98,"createdRecordCount":98,"failedRecordCount":2})");
  EXPECT_EQ(metrics.find_path("statusSummary.status")->dump(), R"("success")");
  EXPECT_EQ(metrics.find_path("statusSummary.errors")->dump(),
            R"([{"code":"INGEST-1212-400","message":"2 bad rows"}])");
  EXPECT_EQ(metrics.find_path("fileSummary.activityRefs")->dump(),
            R"(["37b34f84-1ada-11eb-adc1-0242ac120002"])");
}

TEST(RunTest, ActivitiesNameWindowSourceAndBatch) {
  const auto activities = encode_run_activities(finished(), "/data/foundation/export");
  ASSERT_EQ(activities.if_array()->size(), 2U);
  const auto& copy = activities.if_array()->front();
  EXPECT_EQ(copy.find_path("durationSummary.extensions")->dump(),
            R"({"windowStart":50000,"windowEnd":99000})");
  EXPECT_EQ(copy.find("sourceInfo")->if_array()->front().string_at("id"), "s1");
  const auto& promotion = activities.if_array()->back();
  EXPECT_EQ(promotion.find_path("statusSummary.extensions.manifest.failedRecords")->dump(),
            R"("/data/foundation/export/batches/b1/meta?path=row_errors")");
  EXPECT_EQ(promotion.find("targetInfo")->if_array()->front().find_path("reference.ids")->dump(),
            R"(["b1"])");
}

TEST(RunTest, ARunThatFailedInTheCopyHasNoPromotion) {
  RunMeasures run;
  run.status = RunStatus::failed;
  run.started = from_epoch_seconds(1);
  run.completed = from_epoch_seconds(2);
  run.errors = {{"CONNECTOR-1001-500", "page 1 answered 404", 0}};
  EXPECT_EQ(encode_run_metrics(run).find("sizeSummary")->dump(), R"({"inputBytes":-1,"outputBytes":-1})");
  const auto activities = encode_run_activities(run, "");
  ASSERT_EQ(activities.if_array()->size(), 1U);
  EXPECT_EQ(activities.if_array()->front().find_path("statusSummary.errors")->dump(),
            R"([{"code":"CONNECTOR-1001-500","message":"page 1 answered 404"}])");
}

TEST(RunTest, StatusesAreReadInAnySpelling) {
  EXPECT_EQ(run_status_from("IN_PROGRESS"), RunStatus::in_progress);
  EXPECT_EQ(run_status_from("Failed"), RunStatus::failed);
  EXPECT_EQ(run_status_from("partialSuccess"), RunStatus::partial_success);
  EXPECT_EQ(run_status_from("COMPLETED"), RunStatus::success);
  EXPECT_FALSE(run_status_from("lost"));
}

TEST(RunTest, WindowsOnDemandTakeNumbersAndText) {
  const auto now = from_epoch_seconds(1000);
  const auto window = read_run_window(*json::parse(R"({"windowStartTime":"10","windowEndTime":20})"), now);
  ASSERT_TRUE(window);
  ASSERT_TRUE(*window);
  EXPECT_EQ((*window)->begin, from_epoch_seconds(10));
  EXPECT_EQ((*window)->end, from_epoch_seconds(20));
  EXPECT_FALSE(*read_run_window(*json::parse(R"({"startTime":5})"), now));
  EXPECT_EQ(read_run_window(*json::parse(R"({"windowStartTime":20,"windowEndTime":10})"), now).error().code,
            "CONNECTOR-1381-400");
  EXPECT_EQ(read_run_window(*json::parse(R"({"windowStartTime":"x"})"), now).error().code,
            "CONNECTOR-1380-400");
}

TEST(RunTest, OnlyFailedOrEmptyRunsAreRetried) {
  RunMeasures run = finished();
  const auto document = [](const RunMeasures& measures) {
    return new_run_document(FlowId("f"), json::Value(), json::Value(), measures);
  };
  EXPECT_EQ(check_retriable(document(run)).error().code, "CONNECTOR-1387-400");
  run.records_written = 0;
  EXPECT_TRUE(check_retriable(document(run)));
  run.status = RunStatus::in_progress;
  EXPECT_FALSE(check_retriable(document(run)));
}

}  // namespace
}  // namespace headwater::domain
