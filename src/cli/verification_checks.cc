// What was fetched, against what the source has.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/time.h"
#include "cli/report.h"
#include "cli/verification.h"

namespace headwater::cli {
namespace {

// A mock's window may reach ahead: times written as dates alone must tell the runs apart, too.
constexpr std::int64_t kTwoDays = std::int64_t{2} * 86'400;

// The first few of them.
std::string noted(const std::vector<std::string>& notes) {
  constexpr std::size_t kShownMax = 5;
  const auto shown = std::min(notes.size(), kShownMax);
  auto text =
      fmt::format("{}", fmt::join(notes.begin(), notes.begin() + static_cast<std::ptrdiff_t>(shown), " "));
  if (notes.size() > shown) text += fmt::format(" And {} more.", notes.size() - shown);
  return text;
}

}  // namespace

Result<std::string> Verification::first_run() {
  first_ = TRY(wait_for_run(main_.flow, {}));
  covered_ = first_.window_end > 0 ? first_.window_end : epoch_seconds(clock_.now());
  if (first_.status != "success")
    return failed("The run " + first_.id + " ended " + first_.status + ": " + first_.message);
  if (first_.records_out == 0) return failed("The run ended well, and fetched no records.");
  if (!first_.message.empty()) first_.notes.insert(first_.notes.begin(), first_.message);
  if (!first_.notes.empty())
    warn("Notes of the run", noted(first_.notes),
         "Nothing failed; look whether records are missing or doubled.");
  return fmt::format("success: {} in, {} landed, {} failed, {}",
                     counted(static_cast<std::uint64_t>(first_.records_in), "record"), first_.records_out,
                     first_.failed, counted(static_cast<std::uint64_t>(first_.pages), "page"));
}

Result<std::string> Verification::count_records() {
  landed_ = TRY(rows_in(main_.dataset));
  if (landed_ != first_.records_out)
    return failed(
        fmt::format("The dataset holds {} records, and the run landed {}.", landed_, first_.records_out));
  if (first_.records_in != landed_)
    return failed(
        fmt::format("The source gave {} records, and the dataset holds {}.", first_.records_in, landed_));
  const auto distinct = TRY(rows_in(main_.dataset, "DISTINCT *"));
  if (distinct != landed_ && subject_.mock != nullptr)
    return failed(fmt::format("{} of {} records stand in the dataset twice.", landed_ - distinct, landed_));
  if (distinct != landed_)
    warn(
        "Records alike",
        fmt::format("{} of the {} records came before with every member the same.", landed_ - distinct,
                    landed_),
        "Pages that overlap give a record twice: look whether the API sorts by something that does not move, "
        "and whether offset or page advance as it expects; recordKey takes a repeated record once.");
  return fmt::format("{} in the dataset, as many as the source gave{}",
                     counted(static_cast<std::uint64_t>(landed_), "record"),
                     distinct == landed_ ? ", all different" : "");
}

Result<std::string> Verification::incremental_run() {
  const std::int64_t before = landed_;
  std::int64_t end = std::max(epoch_seconds(clock_.now()), covered_ + 1);
  std::int64_t expected = -1;
  if (subject_.mock != nullptr) {
    subject_.mock->add_records(kNewRecords, from_epoch_seconds(covered_));
    expected = static_cast<std::int64_t>(kNewRecords * subject_.mock->plan().records_per_element);
    end = covered_ + kTwoDays;
  }
  const auto result = TRY(run_over(covered_, end));
  covered_ = end;
  landed_ = TRY(rows_in(main_.dataset));
  if (expected >= 0 && result.records_in != expected)
    return failed(
        fmt::format("{} records were new, and the second run fetched {}.", expected, result.records_in));
  if (expected < 0 && before > 0 && result.records_in >= before)
    return failed(fmt::format(
        "The second run fetched {} records, the first one {}: it does not ask for the new ones only.",
        result.records_in, before));
  if (landed_ != before + result.records_out)
    return failed(fmt::format("The dataset holds {} records, and should hold {}.", landed_,
                              before + result.records_out));
  return fmt::format("{} new, and nothing else was fetched",
                     counted(static_cast<std::uint64_t>(result.records_in), "record"));
}

Result<std::string> Verification::idle_run() {
  const std::int64_t before = landed_;
  const auto result = TRY(run_over(covered_, covered_ + (subject_.mock != nullptr ? kTwoDays : 1)));
  landed_ = TRY(rows_in(main_.dataset));
  if (subject_.mock != nullptr && (result.records_in != 0 || landed_ != before))
    return failed(fmt::format("Nothing was new, and {} records were fetched.", result.records_in));
  if (landed_ - before >= before)
    return failed(fmt::format("The run fetched {} records that were fetched before.", landed_ - before));
  return fmt::format("{} fetched; the dataset still holds {}",
                     counted(static_cast<std::uint64_t>(result.records_in), "record"), landed_);
}

}  // namespace headwater::cli
