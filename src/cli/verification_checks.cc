// What was fetched, against what the source has.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "authoring/secret_scan.h"
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

// A window that begins with a day has all of that day in it.
bool counts_days(std::string_view format) {
  return format.size() > 1 && format.find('d') != std::string_view::npos &&
         format.find_first_of("HhtTfF") == std::string_view::npos;
}

std::string column_of(const std::vector<std::string>& place) {
  std::string out;
  for (const auto& name : place) out += (out.empty() ? "" : ".") + sql_quoted(name, '"');
  return out;
}

}  // namespace

std::string sql_quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    out += c;
    if (c == quote) out += c;
  }
  return out + quote;
}

Result<std::int64_t> Verification::different_rows() {
  const auto place = record_place(read_spec());
  if (!place.empty())
    for (const auto* more : {", _other", ""})
      if (const auto found = rows_in(main_.dataset, "DISTINCT " + column_of(place) + more)) return found;
  return rows_in(main_.dataset, "DISTINCT *");
}

std::optional<std::int64_t> Verification::different_ids() {
  const auto spec = read_spec();
  if (spec.explode) return std::nullopt;
  auto place = record_place(spec);
  const auto* schema = &schema_;
  for (const auto& name : place) {
    const auto* members = schema->find("properties");
    schema = members == nullptr ? nullptr : members->find(name);
    if (schema == nullptr) return std::nullopt;
  }
  const auto* members = schema->find("properties");
  if (members == nullptr || !members->is_object()) return std::nullopt;
  for (const auto& [name, member] : *members->if_object()) {
    const auto plain = authoring::plain_name(name);
    const auto type = member.string_at("type");
    if ((plain != "id" && plain != "uuid" && plain != "guid") || (type != "integer" && type != "string"))
      continue;
    place.push_back(name);
    const auto found = rows_in(main_.dataset, "DISTINCT " + column_of(place));
    return found ? std::optional(*found) : std::nullopt;
  }
  return std::nullopt;
}

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
  different_ = TRY(different_rows());
  const auto alike = landed_ - different_;
  if (alike > 0 && subject_.mock != nullptr)
    return failed(fmt::format("{} of {} records stand in the dataset twice.", alike, landed_));
  constexpr std::string_view kOverlap =
      "Pages that overlap give a record twice: look whether the API sorts by something that does not move, "
      "and whether offset or page advance as it expects; recordKey takes a repeated record once.";
  const auto ids = alike > 0 ? std::nullopt : different_ids();
  // An id that most records share is that of something else.
  const bool ids_repeat = ids && *ids < landed_ && *ids * 2 >= landed_;
  if (alike > 0)
    warn("Records alike",
         fmt::format("{} of the {} records came before with every member the same.", alike, landed_),
         std::string(kOverlap));
  else if (ids_repeat)
    warn("Records alike",
         fmt::format("{} of the {} records have the id of one that came before, and differ from it.",
                     landed_ - *ids, landed_),
         std::string(kOverlap));
  return fmt::format("{} in the dataset, as many as the source gave{}",
                     counted(static_cast<std::uint64_t>(landed_), "record"),
                     alike == 0 && !ids_repeat ? ", all different" : "");
}

Result<std::string> Verification::check_again(const RunResult& run, std::int64_t rows,
                                              std::int64_t different) {
  different_ = TRY(different_rows());
  const auto again = std::max<std::int64_t>(0, (landed_ - rows) - (different_ - different));
  if (again == 0)
    return fmt::format("{} new, and nothing else was fetched",
                       counted(static_cast<std::uint64_t>(run.records_in), "record"));
  const auto said = fmt::format("{} of the {} fetched were there already, unchanged", again,
                                counted(static_cast<std::uint64_t>(run.records_in), "record"));
  // A record of the very second in which the window begins may come twice, and with days all of the day's.
  constexpr std::int64_t kFew = 3;
  constexpr std::int64_t kOneOf = 100;
  const auto spec = read_spec();
  const auto& schedule = spec.schedule;
  const bool whole_days = counts_days(schedule.advance ? schedule.param_format : schedule.start_format);
  // Where many are alike anyhow, one that looks like an old one may be new.
  const bool tells_apart = different * 10 >= rows * 9;
  const bool few = again <= std::max(kFew, rows / kOneOf) || whole_days || !tells_apart;
  if (!few || again >= rows) return failed(said + ": the start parameter is not understood, or its format.");
  warn(
      "Records again", said + ".",
      "A record at the window's very start may come twice, more of them may not: compare scheduleParams with "
      "the API's description.");
  return said;
}

Result<std::string> Verification::incremental_run() {
  const std::int64_t before = landed_;
  const std::int64_t different = different_;
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
  return check_again(result, before, different);
}

Result<std::string> Verification::idle_run() {
  const std::int64_t before = landed_;
  const std::int64_t different = different_;
  const auto result = TRY(run_over(covered_, covered_ + (subject_.mock != nullptr ? kTwoDays : 1)));
  landed_ = TRY(rows_in(main_.dataset));
  if (subject_.mock != nullptr && (result.records_in != 0 || landed_ != before))
    return failed(fmt::format("Nothing was new, and {} records were fetched.", result.records_in));
  if (landed_ - before >= before)
    return failed(fmt::format("The run fetched {} records that were fetched before.", landed_ - before));
  if (result.records_in > 0) TRY(check_again(result, before, different));
  return fmt::format("{} fetched; the dataset still holds {}",
                     counted(static_cast<std::uint64_t>(result.records_in), "record"), landed_);
}

}  // namespace headwater::cli
