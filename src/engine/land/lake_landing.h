#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/land/landing.h"
#include "lake/batch_writer.h"
#include "lake/lake.h"

namespace headwater::land {

/// Lands a run as one batch of a dataset in the lake. The lake outlives it.
class LakeLanding final : public Landing {
 public:
  /// Starts the batch, or goes on with it. Errors: as Lake::open_batch.
  static Result<std::unique_ptr<LakeLanding>> make(lake::Lake& lake, lake::BatchOptions options);

  Result<void> append(const json::RecordGroup& records, std::vector<Misfit>& rejected) override;
  Result<void> reject(const RejectedRecord& record) override;
  bool reads_nodes() const override { return writer_->reads_nodes(); }
  Result<void> checkpoint(std::string_view cursor) override;
  std::optional<std::string> resumed_cursor() const override;
  Result<LandingTotals> commit() override;
  void discard() override;

  /// Names a page of the source in the batch's list of input files.
  Result<void> note_input(std::string_view name, std::uint64_t bytes);
  /// Counts so far, those before an interruption included.
  LandingTotals totals() const;
  /// True when an earlier process had committed this batch.
  bool committed() const;

 private:
  explicit LakeLanding(std::unique_ptr<lake::BatchWriter> writer) : writer_(std::move(writer)) {}
  std::unique_ptr<lake::BatchWriter> writer_;
};

}  // namespace headwater::land
