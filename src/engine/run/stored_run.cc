#include "engine/run/stored_run.h"

#include <exception>
#include <string>
#include <utility>

#include "base/log.h"
#include "engine/extract/extractor.h"
#include "engine/land/lake_landing.h"
#include "engine/run/checkpoint.h"
#include "engine/run/run_source.h"
#include "engine/run/upload_promoter.h"
#include "engine/shape/shaper.h"

namespace headwater::run {
namespace {

constexpr std::string_view kCannotStart = "CONNECTOR-1001-500";
constexpr std::string_view kNoTarget = "CONNECTOR-3001-500";

// One run on its way from documents to outcome.
class StoredRun {
 public:
  StoredRun(const StoredRunParts& parts, const StoredRunRequest& request, const StoredRunHooks& hooks)
      : parts_(parts), request_(request), hooks_(hooks), started_(parts.clock.now()) {
    references_.batch = request.batch;
    references_.window = request.window;
  }

  RunOutcome run(std::stop_token stop);
  RunOutcome failed(std::string_view code, const Error& error) const {
    return failed_outcome(code, error, started_, parts_.clock.now());
  }
  // Another process still writes the batch, perhaps one that was thought dead.
  RunOutcome parked(const Error& reason) const {
    log::info("run waits", {{"batch", request_.batch.value}, {"reason", reason.message}});
    RunOutcome outcome;
    outcome.status = domain::RunStatus::in_progress;
    outcome.started = started_;
    return outcome;
  }
  const RunReferences& references() const { return references_; }

 private:
  RunOutcome not_begun(const Error& error);
  RunOptions options_for(const RunInputs& inputs, land::LakeLanding& landing) const;
  Result<std::unique_ptr<land::LakeLanding>> open_landing(const RunInputs& inputs);
  Result<RunOutcome> read_source(const RunInputs& inputs, land::LakeLanding& landing, std::stop_token stop);

  const StoredRunParts& parts_;
  const StoredRunRequest& request_;
  const StoredRunHooks& hooks_;
  TimePoint started_;
  RunReferences references_;
  bool starts_over_ = false;
};

// The lake is asked first: what an earlier process committed for this run is there, whatever became of its
// documents, and a run that is called failed would be read again.
RunOutcome StoredRun::not_begun(const Error& error) {
  if (error.kind == ErrorKind::unavailable) return parked(error);
  const auto dataset = parts_.lake.dataset_of(request_.batch);
  const auto manifest = dataset ? parts_.lake.manifest(*dataset) : dataset.error();
  const auto batch = manifest ? (*manifest)->find_batch(request_.batch) : manifest.error();
  if (!batch && batch.error().kind != ErrorKind::not_found) return parked(batch.error());
  if (!batch || !*batch) return failed(kCannotStart, error);
  lake::BatchOptions options;
  options.dataset = *dataset;
  options.batch = request_.batch;
  auto landing = land::LakeLanding::make(parts_.lake, std::move(options));
  if (!landing) return parked(landing.error());
  RunOptions judged;
  judged.partial_ingestion_percent = 100;  // as it was when it committed
  return finish_committed(**landing, judged, parts_.clock);
}

// What was landed by another definition of the source, the account or the mapping goes: half of each would be
// neither.
Result<std::unique_ptr<land::LakeLanding>> StoredRun::open_landing(const RunInputs& inputs) {
  lake::BatchOptions batch;
  batch.dataset = inputs.dataset;
  batch.batch = request_.batch;
  batch.schema = inputs.target_schema;
  batch.schema_version = inputs.schema_version;
  batch.check_records = false;
  auto landing = TRY(land::LakeLanding::make(parts_.lake, batch));
  if (landing->committed()) return landing;
  const auto landed = landing->resumed_cursor();
  if (!landed) return landing;
  const auto checkpoint = TRY(parse_checkpoint(*landed));
  // Those of earlier versions have none.
  if (checkpoint.definition.empty() || checkpoint.definition == inputs.definition) return landing;
  starts_over_ = true;
  landing->discard();
  landing.reset();
  return land::LakeLanding::make(parts_.lake, std::move(batch));
}

RunOptions StoredRun::options_for(const RunInputs& inputs, land::LakeLanding& landing) const {
  RunOptions options;
  options.partial_ingestion_percent = inputs.options.partial_ingestion_percent;
  options.error_diagnostics = inputs.options.error_diagnostics;
  options.definition = inputs.definition;
  options.progress_every = parts_.progress_every;
  options.cancelled = hooks_.cancelled;
  if (hooks_.progress)
    options.progress = [this](const Progress& progress) {
      hooks_.progress(running_measures(progress.counts, progress.started, references_));
    };
  options.note_page = [&landing](std::uint64_t page, std::uint64_t bytes) {
    return landing.note_input("page-" + std::to_string(page), bytes);
  };
  return options;
}

Result<RunOutcome> StoredRun::read_source(const RunInputs& inputs, land::LakeLanding& landing,
                                          std::stop_token stop) {
  auto options = options_for(inputs, landing);
  if (starts_over_)
    options.notes.emplace_back(
        "The source, its parameters or the mapping were changed while the run waited: it started over.");
  if (landing.committed()) return finish_committed(landing, options, parts_.clock);
  const auto cursor = TRY(resume_cursor(landing.resumed_cursor()));
  auto source =
      TRY(SourceAccess::read(inputs.source, extract::Window{request_.window.begin, request_.window.end}));
  auto shaper = TRY(shape::Shaper::make(source.spec.content, source.spec.explode));
  auto mapper = TRY(make_mapper(inputs.mapping, inputs.target_schema));
  auto extractor = TRY(extract::Extractor::make(parts_.access.services(), std::move(source),
                                                parts_.access.defaults(), cursor));
  return run_source(*extractor, shaper, mapper, landing, options, parts_.clock, std::move(stop));
}

RunOutcome StoredRun::run(std::stop_token stop) {
  const auto inputs = read_run_inputs(parts_.store, parts_.credentials, request_.flow);
  if (!inputs) return not_begun(inputs.error());
  references_.source = inputs->source_connection;
  references_.target = inputs->target_connection;
  if (const json::Value* params = inputs->flow.body.find("scheduleParams"))
    if (const auto schedule = domain::read_flow_schedule(*params); schedule)
      references_.one_time = schedule->frequency == domain::Frequency::once;
  if (hooks_.begins)
    if (auto begun = hooks_.begins(references_, *inputs, started_); !begun) return not_begun(begun.error());

  auto landing = open_landing(*inputs);
  if (!landing && landing.error().kind == ErrorKind::conflict) return parked(landing.error());
  if (!landing) return failed(kNoTarget, landing.error());
  auto outcome = read_source(*inputs, **landing, std::move(stop));
  if (outcome) return *std::move(outcome);
  (*landing)->discard();
  return failed(outcome.error().code.empty() ? kCannotStart : outcome.error().code, outcome.error());
}

}  // namespace

RunOutcome failed_outcome(std::string_view code, const Error& error, TimePoint started, TimePoint now) {
  RunOutcome outcome;
  outcome.status = domain::RunStatus::failed;
  outcome.errors.push_back(domain::RunError{std::string(code), error.message, 0});
  for (const Problem& problem : error.problems)
    outcome.errors.push_back(domain::RunError{std::string(code), problem.pointer + ": " + problem.reason, 0});
  outcome.started = started;
  outcome.completed = now;
  return outcome;
}

StoredRunResult run_stored(const StoredRunParts& parts, const StoredRunRequest& request,
                           const StoredRunHooks& hooks, std::stop_token stop) {
  StoredRun run(parts, request, hooks);
  RunOutcome outcome;
  try {
    outcome = run.run(std::move(stop));
  } catch (const std::exception& bug) {
    log::error("exception in a run", {{"batch", request.batch.value}, {"what", bug.what()}});
    outcome = run.failed(kCannotStart, Error{ErrorKind::storage, "The run ended by an internal error."});
  }
  return StoredRunResult{std::move(outcome), run.references()};
}

void keep_house(store::Store& store, lake::Lake& lake, const Clock& clock, const std::stop_token& stop) {
  expire_batches(store, lake, clock, stop);
  abandon_uploads(store, lake, clock, stop);
  const auto datasets = lake.datasets();
  if (!datasets) {
    log::warn("datasets cannot be listed", {{"error", datasets.error().message}});
    return;
  }
  for (const lake::DatasetInfo& dataset : *datasets) {
    if (stop.stop_requested()) return;
    const auto compacted = lake.compact(dataset.id);
    if (!compacted)
      log::warn("dataset not compacted",
                {{"dataset", dataset.id.value}, {"error", compacted.error().message}});
    else if (compacted->files_after < compacted->files_before)
      log::info("dataset compacted", {{"dataset", dataset.id.value},
                                      {"files_before", compacted->files_before},
                                      {"files_after", compacted->files_after}});
  }
  if (auto collected = lake.collect_garbage(); !collected)
    log::warn("lake garbage not collected", {{"error", collected.error().message}});
}

}  // namespace headwater::run
