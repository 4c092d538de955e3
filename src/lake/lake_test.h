#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/file.h"
#include "lake/batch_writer.h"
#include "lake/lake.h"
#include "lake/query.h"

namespace headwater::lake::test {

using Rows = std::vector<std::vector<std::string>>;

/// The rows of a query as text ("NULL" for null), failing the test when it fails.
inline Rows rows_of(const Lake& lake, std::string_view sql) {
  Rows rows;
  RowSink sink;
  sink.row = [&rows](std::span<const Cell> cells) -> Result<void> {
    rows.emplace_back();
    for (const auto& cell : cells)
      rows.back().emplace_back(cell.kind == Cell::Kind::null ? "NULL" : std::string(cell.text));
    return {};
  };
  const auto report = run_query(lake, sql, {}, sink);
  EXPECT_TRUE(report.has_value()) << (report ? "" : report.error().message);
  return rows;
}

inline std::string one_of(const Lake& lake, std::string_view sql) {
  const auto rows = rows_of(lake, sql);
  return rows.size() == 1 && rows[0].size() == 1 ? rows[0][0] : "not one value";
}

inline json::RecordGroup group_of(const std::vector<std::string>& texts) {
  json::RecordGroup group;
  for (const auto& text : texts) group.append(text);
  return group;
}

/// A lake in a temporary folder with one dataset "sales" of id "ds1".
class LakeFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    lake_ = reopen();
    put("ds1", "sales", Format::parquet);
  }
  std::unique_ptr<Lake> reopen() {
    auto options = options_;
    options.root = folder_.path() / "lake";
    auto lake = Lake::open(options, clock_);
    EXPECT_TRUE(lake.has_value()) << (lake ? "" : lake.error().message);
    return *std::move(lake);
  }
  void put(const std::string& id, const std::string& name, Format format) {
    const auto done = lake_->put_dataset({DatasetId(id), name, "", format});
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  BatchOptions batch(const std::string& id, json::Value schema = {}, const std::string& dataset = "ds1") {
    BatchOptions options;
    options.dataset = DatasetId(dataset);
    options.batch = BatchId(id);
    options.schema = std::move(schema);
    return options;
  }
  /// Writes and commits one batch; gives its totals.
  BatchTotals land(BatchOptions options, const std::vector<std::string>& texts,
                   std::vector<Misfit>* misfits = nullptr) {
    auto writer = lake_->open_batch(std::move(options));
    EXPECT_TRUE(writer.has_value()) << (writer ? "" : writer.error().message);
    std::vector<Misfit> found;
    const auto appended = (*writer)->append(group_of(texts), found);
    EXPECT_TRUE(appended.has_value()) << (appended ? "" : appended.error().message);
    if (misfits != nullptr)
      *misfits = found;
    else
      EXPECT_TRUE(found.empty()) << found.front().message;
    auto totals = (*writer)->commit();
    EXPECT_TRUE(totals.has_value()) << (totals ? "" : totals.error().message);
    return *totals;
  }

  TemporaryFolder folder_ = *TemporaryFolder::make("lake-test");
  ManualClock clock_{TimePoint(std::chrono::hours(24 * 365 * 50))};
  Lake::Options options_;
  std::unique_ptr<Lake> lake_;
};

}  // namespace headwater::lake::test
