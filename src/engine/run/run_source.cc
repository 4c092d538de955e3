#include "engine/run/run_source.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "engine/extract/extractor.h"
#include "engine/map/mapper.h"
#include "engine/run/checkpoint.h"
#include "engine/shape/shaper.h"

namespace headwater::run {
namespace {

// Exploding can turn one element into many records; groups stay bounded all the same.
constexpr std::size_t kGroupBytes = 512U << 10;
constexpr std::size_t kNotesMax = 100;

constexpr std::string_view kCopyFailed = "CONNECTOR-1001-500";
constexpr std::string_view kProcessingFailed = "CONNECTOR-2001-500";
constexpr std::string_view kTargetFailed = "CONNECTOR-3001-500";
constexpr std::string_view kCancelled = "CANCELLED";
constexpr std::string_view kRejectedWithDiagnostics = "INGEST-1212-400";
constexpr std::string_view kRejected = "INGEST-1211-400";
constexpr std::string_view kNotMapped = "MAPPER-3700-400";

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g %%", share);
  return text;
}

// One run of the pipeline: what `run_source` keeps between its steps.
class Pipeline {
 public:
  Pipeline(land::Landing& landing, const RunOptions& options, Clock& clock)
      : landing_(landing), options_(options), clock_(clock) {}

  struct Steps {
    extract::Extractor& extractor;
    shape::Shaper& shaper;
    map::Mapper& mapper;
  };
  RunOutcome run(const Steps& steps, std::stop_token stop);
  RunOutcome run_committed();

 private:
  // Which step an error came from decides its code and what the run document says.
  enum class Step : std::uint8_t { copy, processing, target };
  struct Failure {
    Step step;
    Error error;
  };

  Result<void> resume();
  std::optional<Failure> read_pages(const Steps& steps, const std::stop_token& stop);
  std::optional<Failure> take(const Steps& steps, extract::Page& page, const std::stop_token& stop);
  std::optional<Failure> flush(map::Mapper& mapper, const json::RecordGroup& elements);
  Result<void> reject(std::string_view text, std::size_t element, std::string_view code,
                      std::string_view reason);
  void finish(std::optional<Failure> failure);
  void fail(std::string_view code, std::string message);
  void commit();
  bool within_threshold() const;
  void add_warnings();
  std::string place_of(std::size_t element) const;
  void note_failed_row(const map::RowFailures& failed);
  void add_note(const std::string& note);
  void add_notes(const extract::Extractor& extractor);
  std::string checkpoint_after(const extract::Extractor& extractor);
  void report(bool last);
  void count_requests(const extract::ExtractStats& stats);
  void count_rest(const extract::ExtractStats& stats);
  void count_metrics(const extract::Page& page);

  land::Landing& landing_;
  const RunOptions& options_;
  Clock& clock_;

  extract::ExtractStats counted_;  // what of the extractor's stats the counts hold already
  Checkpoint state_;               // counts so far; its cursor is the last page's
  RunOutcome outcome_;
  TimePoint begun_{};
  TimePoint reported_{};
  bool resumed_ = false;

  std::uint64_t page_ = 0;             // the page in hand
  std::uint64_t elements_before_ = 0;  // in the run, before the group in hand
  std::uint64_t on_page_before_ = 0;   // on the page, before the group in hand
  json::RecordGroup elements_;
  shape::Shaped shaped_;
  map::Mapped mapped_;
  std::vector<land::Landing::Misfit> misfits_;
};

Result<void> Pipeline::resume() {
  begun_ = reported_ = state_.started = clock_.now();
  const auto landed = landing_.resumed_cursor();
  if (landed) state_ = TRY(parse_checkpoint(*landed));
  resumed_ = landed.has_value();
  state_.definition = options_.definition;
  for (const std::string& note : options_.notes) add_note(note);
  return {};
}

Result<void> Pipeline::reject(std::string_view text, std::size_t element, std::string_view code,
                              std::string_view reason) {
  const std::uint64_t number = elements_before_ + element + 1;
  std::string message = place_of(element) + ": " + std::string(reason);
  ++state_.counts.records_failed;
  const auto same = [code](const FailedGroup& group) { return group.code == code; };
  const auto group = std::find_if(state_.failed.begin(), state_.failed.end(), same);
  if (group == state_.failed.end())
    state_.failed.push_back(FailedGroup{std::string(code), message, 1});
  else
    ++group->count;
  return landing_.reject(land::RejectedRecord{text, code, std::move(message), page_, number});
}

std::string Pipeline::place_of(std::size_t element) const {
  return "Page " + std::to_string(page_) + ", record " + std::to_string(on_page_before_ + element + 1) +
         " (" + std::to_string(elements_before_ + element + 1) + " of the run)";
}

void Pipeline::note_failed_row(const map::RowFailures& failed) {
  const auto same = [&failed](const FailedRow& row) { return row.row == failed.row; };
  const auto known = std::find_if(state_.failed_rows.begin(), state_.failed_rows.end(), same);
  if (known == state_.failed_rows.end()) {
    state_.failed_rows.push_back(FailedRow{
        failed.row, place_of(shaped_.element_of[failed.first]) + ": " + failed.message, failed.count});
  } else {
    known->count += failed.count;
  }
}

std::optional<Pipeline::Failure> Pipeline::flush(map::Mapper& mapper, const json::RecordGroup& elements) {
  RunCounts& counts = state_.counts;
  counts.records_shaped += shaped_.records.size() + shaped_.rejects.size();
  for (const shape::Reject& bad : shaped_.rejects)
    if (auto kept = reject(elements[bad.element], bad.element, bad.code, bad.reason); !kept)
      return Failure{Step::target, std::move(kept).error()};

  const json::RecordGroup* accepted = &shaped_.records;
  const bool mapped = !mapper.is_identity();
  if (mapped) {
    mapper.map(shaped_.records, mapped_);
    accepted = &mapped_.accepted;
    for (const map::RowFailures& failed : mapped_.failures) note_failed_row(failed);
    for (const map::Rejected& bad : mapped_.rejected)
      if (auto kept =
              reject(shaped_.records[bad.index], shaped_.element_of[bad.index], bad.code, bad.message);
          !kept)
        return Failure{Step::target, std::move(kept).error()};
  }
  counts.records_mapped += accepted->size();
  misfits_.clear();
  if (!accepted->empty())
    if (auto written = landing_.append(*accepted, misfits_); !written)
      return Failure{Step::target, std::move(written).error()};
  for (const auto& bad : misfits_) {
    const std::size_t record = mapped ? mapped_.source_of[bad.index] : bad.index;
    if (auto kept = reject((*accepted)[bad.index], shaped_.element_of[record], bad.code, bad.message); !kept)
      return Failure{Step::target, std::move(kept).error()};
  }
  counts.records_written += accepted->size() - misfits_.size();
  shaped_.clear();
  return std::nullopt;
}

std::optional<Pipeline::Failure> Pipeline::take(const Steps& steps, extract::Page& page,
                                                const std::stop_token& stop) {
  const auto stopped = [] {
    return Failure{Step::copy, Error{ErrorKind::cancelled, "The run was stopped."}};
  };
  page_ = page.number;
  on_page_before_ = 0;
  if (auto begun = steps.shaper.begin_page(page.frame); !begun)
    return Failure{Step::processing, std::move(begun).error()};
  while (true) {
    auto more = page.read(elements_);
    if (!more) return Failure{Step::copy, std::move(more).error()};
    if (!*more) return std::nullopt;
    // What stands behind the last checkpoint is cut off when the run goes on.
    if (stop.stop_requested()) return stopped();
    elements_before_ = state_.counts.records_read;
    for (std::size_t i = 0; i < elements_.size(); ++i) {
      steps.shaper.shape(elements_[i], i, shaped_);
      while (shaped_.records.bytes() >= kGroupBytes || steps.shaper.has_more()) {
        if (auto failure = flush(steps.mapper, elements_)) return failure;
        if (stop.stop_requested()) return stopped();
        steps.shaper.more(shaped_);
      }
    }
    if (auto failure = flush(steps.mapper, elements_)) return failure;
    if (page.is_within_element()) continue;
    state_.counts.records_read += elements_.size();
    on_page_before_ += elements_.size();
  }
}

std::optional<Pipeline::Failure> Pipeline::read_pages(const Steps& steps, const std::stop_token& stop) {
  while (true) {
    if (stop.stop_requested())
      return Failure{Step::copy, Error{ErrorKind::cancelled, "The run was stopped."}};
    auto page = steps.extractor.next_page(stop);
    if (!page) return Failure{Step::copy, std::move(page).error()};
    if (!*page) {
      state_.request_limit = steps.extractor.ending() == extract::Ending::request_limit;
      return std::nullopt;
    }
    if (auto failure = take(steps, **page, stop)) return failure;

    RunCounts& counts = state_.counts;
    ++counts.pages;
    counts.input_bytes += (*page)->stats.bytes;
    count_requests((*page)->stats);
    if (options_.note_page)
      if (auto noted = options_.note_page(page_, (*page)->stats.bytes); !noted)
        return Failure{Step::target, std::move(noted).error()};
    add_notes(steps.extractor);
    state_.request_limit = steps.extractor.ending() == extract::Ending::request_limit;
    if (auto durable = landing_.checkpoint(checkpoint_after(steps.extractor)); !durable)
      return Failure{Step::target, std::move(durable).error()};
    count_metrics(**page);
    report(false);
  }
}

std::string Pipeline::checkpoint_after(const extract::Extractor& extractor) {
  if (!landing_.keeps_cursor()) return {};
  state_.cursor = extractor.cursor();
  return encode(state_);
}

void Pipeline::count_requests(const extract::ExtractStats& stats) {
  state_.counts.requests += stats.requests;
  state_.counts.retries += stats.retries;
  state_.counts.throttled += std::chrono::duration_cast<std::chrono::milliseconds>(stats.throttled);
  counted_.requests += stats.requests;
  counted_.retries += stats.retries;
  counted_.throttled += stats.throttled;
}

// A page that never came has cost requests all the same.
void Pipeline::count_rest(const extract::ExtractStats& stats) {
  extract::ExtractStats rest;
  rest.requests = stats.requests - std::min(stats.requests, counted_.requests);
  rest.retries = stats.retries - std::min(stats.retries, counted_.retries);
  rest.throttled = stats.throttled - std::min(stats.throttled, counted_.throttled);
  count_requests(rest);
}

void Pipeline::count_metrics(const extract::Page& page) {
  metrics::count("headwater_source_pages_total", "Pages read from sources.");
  metrics::count("headwater_source_bytes_total", "Decoded bytes read from sources.",
                 static_cast<double>(page.stats.bytes));
  metrics::count("headwater_source_records_total", "Records read from sources.",
                 static_cast<double>(page.record_count));
  if (page.stats.retries > 0)
    metrics::count("headwater_source_retries_total", "Requests to sources that were repeated.",
                   static_cast<double>(page.stats.retries));
}

void Pipeline::add_notes(const extract::Extractor& extractor) {
  for (const std::string& note : extractor.notes()) add_note(note);
}

void Pipeline::add_note(const std::string& note) {
  const bool known = std::find(state_.notes.begin(), state_.notes.end(), note) != state_.notes.end();
  if (!known && state_.notes.size() < kNotesMax) state_.notes.push_back(note);
}

void Pipeline::report(bool last) {
  if (!options_.progress) return;
  const TimePoint now = clock_.now();
  if (!last && now - reported_ < options_.progress_every) return;
  reported_ = now;
  options_.progress(Progress{state_.counts, state_.started, now - begun_, resumed_});
}

bool Pipeline::within_threshold() const {
  const RunCounts& counts = state_.counts;
  if (counts.records_failed == 0) return true;
  if (!options_.partial_ingestion_percent) return false;
  return static_cast<double>(counts.records_failed) * 100.0 <=
         *options_.partial_ingestion_percent * static_cast<double>(counts.records_shaped);
}

void Pipeline::add_warnings() {
  const auto add = [this](std::string_view code, const std::string& message, std::uint64_t count) {
    outcome_.errors.push_back(
        domain::RunError{std::string(code), "First of " + std::to_string(count) + ": " + message, count});
  };
  for (const FailedGroup& group : state_.failed) add(group.code, group.message, group.count);
  // Their records were ingested without the value, or stand among the failed above.
  for (const FailedRow& row : state_.failed_rows) add(kNotMapped, row.message, row.count);
}

void Pipeline::fail(std::string_view code, std::string message) {
  outcome_.status = domain::RunStatus::failed;
  outcome_.errors.insert(outcome_.errors.begin(), domain::RunError{std::string(code), std::move(message), 0});
  state_.counts.output_bytes = state_.counts.output_files = state_.counts.records_written = 0;
  landing_.discard();
}

void Pipeline::commit() {
  const RunCounts& counts = state_.counts;
  if (!within_threshold()) {
    add_warnings();
    const double share =
        100.0 * static_cast<double>(counts.records_failed) / static_cast<double>(counts.records_shaped);
    std::string message = std::to_string(counts.records_failed) + " of " +
                          std::to_string(counts.records_shaped) + " records (" + percent(share) +
                          ") could not be ingested, ";
    message += options_.partial_ingestion_percent
                   ? "more than the " + percent(*options_.partial_ingestion_percent) + " allowed"
                   : "and no share of bad records is allowed (partialIngestionPercent, --partial-percent)";
    return fail(kProcessingFailed, message + ". " + landing_.failure_note());
  }
  auto totals = landing_.commit();
  if (!totals) return fail(kTargetFailed, std::move(totals).error().message);

  outcome_.status = domain::RunStatus::success;
  state_.counts.output_bytes = totals->output_bytes;
  state_.counts.output_files = totals->output_files;
  if (counts.records_failed > 0) {
    outcome_.errors.push_back(
        domain::RunError{std::string(options_.error_diagnostics ? kRejectedWithDiagnostics : kRejected),
                         std::to_string(counts.records_failed) + " records could not be ingested; " +
                             std::to_string(counts.records_written) + " were.",
                         counts.records_failed});
  }
  add_warnings();
  if (totals->records_with_other > 0) {
    std::string note = std::to_string(totals->records_with_other) +
                       " records had members without a fitting column; they stand in _other:";
    for (std::size_t i = 0; i < totals->other_members.size(); ++i)
      note += (i == 0 ? " " : ", ") + totals->other_members[i];
    outcome_.notes.push_back(std::move(note));
  }
  if (state_.request_limit) {
    outcome_.status = domain::RunStatus::partial_success;
    outcome_.notes.emplace_back(
        "Later runs of a schedule do not come back to what is left of this window: raise maximumRequest, or "
        "let "
        "the flow run more often.");
  }
}

void Pipeline::finish(std::optional<Failure> failure) {
  outcome_.notes = state_.notes;
  if (!failure) {
    outcome_.copied = clock_.now();
    commit();
  } else if (failure->error.kind == ErrorKind::cancelled) {
    if (!options_.cancelled || !options_.cancelled()) {
      outcome_.status = domain::RunStatus::in_progress;
      outcome_.counts = state_.counts;
      outcome_.started = state_.started;
      return;
    }
    outcome_.cancelled = true;
    fail(kCancelled, "The run was cancelled; nothing was committed.");
  } else {
    std::string_view code = failure->error.code;
    if (failure->step == Step::target) code = kTargetFailed;
    if (code.empty()) code = failure->step == Step::copy ? kCopyFailed : kProcessingFailed;
    std::string message = std::move(failure->error.message);
    if (failure->step == Step::processing) message = "Page " + std::to_string(page_) + ": " + message;
    if (failure->step != Step::copy) outcome_.copied = clock_.now();
    fail(code, std::move(message));
  }
  outcome_.counts = state_.counts;
  outcome_.failed = state_.failed;
  outcome_.started = state_.started;
  outcome_.completed = clock_.now();
}

RunOutcome Pipeline::run(const Steps& steps, std::stop_token stop) {
  if (steps.mapper.is_identity() && landing_.reads_nodes()) steps.shaper.keep_nodes();
  if (auto resumed = resume(); !resumed) {
    finish(Failure{Step::target, std::move(resumed).error()});
  } else {
    auto failure = read_pages(steps, stop);
    count_rest(steps.extractor.stats());
    add_notes(steps.extractor);
    finish(std::move(failure));
  }
  if (outcome_.status != domain::RunStatus::in_progress) report(true);
  return std::move(outcome_);
}

RunOutcome Pipeline::run_committed() {
  auto resumed = resume();
  finish(resumed ? std::nullopt : std::optional(Failure{Step::target, std::move(resumed).error()}));
  return std::move(outcome_);
}

}  // namespace

RunOutcome run_source(extract::Extractor& extractor, shape::Shaper& shaper, map::Mapper& mapper,
                      land::Landing& landing, const RunOptions& options, Clock& clock, std::stop_token stop) {
  return Pipeline(landing, options, clock).run({extractor, shaper, mapper}, std::move(stop));
}

RunOutcome finish_committed(land::Landing& landing, const RunOptions& options, Clock& clock) {
  return Pipeline(landing, options, clock).run_committed();
}

}  // namespace headwater::run
