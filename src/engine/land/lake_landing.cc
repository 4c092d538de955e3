#include "engine/land/lake_landing.h"

#include <utility>

namespace headwater::land {
namespace {

LandingTotals landing_totals(lake::BatchTotals totals) {
  return {.records_written = totals.records,
          .records_rejected = totals.records_rejected,
          .output_bytes = totals.bytes,
          .output_files = totals.files,
          .records_with_other = totals.records_with_other,
          .other_members = std::move(totals.other_members)};
}

}  // namespace

Result<std::unique_ptr<LakeLanding>> LakeLanding::make(lake::Lake& lake, lake::BatchOptions options) {
  auto writer = TRY(lake.open_batch(std::move(options)));
  return std::unique_ptr<LakeLanding>(new LakeLanding(std::move(writer)));
}

Result<void> LakeLanding::append(const json::RecordGroup& records, std::vector<Misfit>& rejected) {
  std::vector<lake::Misfit> misfits;
  TRY(writer_->append(records, misfits));
  for (auto& misfit : misfits) rejected.push_back({misfit.index, misfit.code, std::move(misfit.message)});
  return {};
}

Result<void> LakeLanding::reject(const RejectedRecord& record) {
  const auto file = record.file.empty() ? "page-" + std::to_string(record.page) : std::string(record.file);
  return writer_->quarantine(
      {.text = record.text, .code = record.code, .message = record.message, .file = file});
}

Result<void> LakeLanding::checkpoint(std::string_view cursor) { return writer_->checkpoint(cursor); }

std::optional<std::string> LakeLanding::resumed_cursor() const { return writer_->resumed_cursor(); }

Result<LandingTotals> LakeLanding::commit() {
  auto totals = TRY(writer_->commit());
  return landing_totals(std::move(totals));
}

void LakeLanding::discard() { writer_->discard(); }

Result<void> LakeLanding::note_input(std::string_view name, std::uint64_t bytes) {
  return writer_->note_input(name, bytes);
}

LandingTotals LakeLanding::totals() const { return landing_totals(writer_->totals()); }

bool LakeLanding::committed() const { return writer_->committed(); }

}  // namespace headwater::land
