#include "schedule/run_execution.h"

#include <exception>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "engine/extract/extractor.h"
#include "engine/land/lake_landing.h"
#include "engine/run/checkpoint.h"
#include "engine/run/run_inputs.h"
#include "engine/run/run_source.h"
#include "engine/shape/shaper.h"

namespace headwater::schedule {
namespace {

using domain::RunStatus;
using run::RunOutcome;

constexpr std::string_view kCannotStart = "CONNECTOR-1001-500";
constexpr std::string_view kNoTarget = "CONNECTOR-3001-500";

RunOutcome failed_outcome(std::string_view code, const Error& error, TimePoint started, TimePoint now) {
  RunOutcome outcome;
  outcome.status = RunStatus::failed;
  outcome.errors.push_back(domain::RunError{std::string(code), error.message, 0});
  for (const Problem& problem : error.problems)
    outcome.errors.push_back(domain::RunError{std::string(code), problem.pointer + ": " + problem.reason, 0});
  outcome.started = started;
  outcome.completed = now;
  return outcome;
}

// One run on its way from documents to outcome.
class Execution {
 public:
  Execution(const ExecutionParts& parts, const StoredRun& run, const std::function<bool()>& cancelled)
      : parts_(parts), run_(run), cancelled_(cancelled), started_(parts.clock.now()) {
    references_.batch = batch_of(run.id);
    references_.window = run.window;
  }

  void execute(std::stop_token stop);

 private:
  RunOutcome outcome_of(std::stop_token stop);
  Result<RunOutcome> read_source(const run::RunInputs& inputs, land::LakeLanding& landing,
                                 std::stop_token stop);
  Result<std::unique_ptr<extract::Extractor>> make_extractor(const run::RunInputs& inputs,
                                                             const land::LakeLanding& landing);
  run::RunOptions run_options(const run::RunInputs& inputs, land::LakeLanding& landing);
  void keep_progress(const run::Progress& progress);
  void keep(const RunOutcome& outcome);

  const ExecutionParts& parts_;
  const StoredRun& run_;
  const std::function<bool()>& cancelled_;
  TimePoint started_;
  run::RunReferences references_;
};

Result<std::unique_ptr<extract::Extractor>> Execution::make_extractor(const run::RunInputs& inputs,
                                                                      const land::LakeLanding& landing) {
  const auto cursor = TRY(run::resume_cursor(landing.resumed_cursor()));
  auto source =
      TRY(run::SourceAccess::read(inputs.source, extract::Window{run_.window.begin, run_.window.end}));
  return extract::Extractor::make(parts_.access.services(), std::move(source), parts_.access.defaults(),
                                  cursor);
}

run::RunOptions Execution::run_options(const run::RunInputs& inputs, land::LakeLanding& landing) {
  run::RunOptions options;
  options.partial_ingestion_percent = inputs.options.partial_ingestion_percent;
  options.error_diagnostics = inputs.options.error_diagnostics;
  options.progress_every = parts_.progress_every;
  options.cancelled = cancelled_;
  options.progress = [this](const run::Progress& progress) { keep_progress(progress); };
  options.note_page = [&landing](std::uint64_t page, std::uint64_t bytes) {
    return landing.note_input("page-" + std::to_string(page), bytes);
  };
  return options;
}

Result<RunOutcome> Execution::read_source(const run::RunInputs& inputs, land::LakeLanding& landing,
                                          std::stop_token stop) {
  const auto options = run_options(inputs, landing);
  if (landing.committed()) return run::finish_committed(landing, options, parts_.clock);
  auto extractor = TRY(make_extractor(inputs, landing));
  const auto spec = TRY(run::SourceAccess::read(inputs.source, extract::Window{})).spec;
  auto shaper = TRY(shape::Shaper::make(spec.content, spec.explode));
  auto mapper = TRY(run::make_mapper(inputs.mapping, inputs.target_schema));
  return run::run_source(*extractor, shaper, mapper, landing, options, parts_.clock, std::move(stop));
}

RunOutcome Execution::outcome_of(std::stop_token stop) {
  const auto failed = [this](std::string_view code, const Error& error) {
    return failed_outcome(code, error, started_, parts_.clock.now());
  };
  const auto inputs = run::read_run_inputs(parts_.store, parts_.credentials, run_.flow);
  if (!inputs) return failed(kCannotStart, inputs.error());
  references_.source = inputs->source_connection;
  references_.target = inputs->target_connection;
  if (const auto schedule = schedule_of(inputs->flow); schedule && *schedule)
    references_.one_time = (*schedule)->frequency == domain::Frequency::once;

  if (run_.status == RunStatus::scheduled)
    if (auto noted = parts_.ledger.start(run_, references_, inputs->options, inputs->dataset, started_);
        !noted)
      return failed(kCannotStart, noted.error());
  lake::BatchOptions batch;
  batch.dataset = inputs->dataset;
  batch.batch = references_.batch;
  batch.schema = inputs->target_schema;
  batch.schema_version = inputs->schema_version;
  batch.check_records = false;
  auto landing = land::LakeLanding::make(parts_.lake, std::move(batch));
  if (!landing) return failed(kNoTarget, landing.error());

  auto outcome = read_source(*inputs, **landing, std::move(stop));
  if (outcome) return *std::move(outcome);
  (*landing)->discard();
  return failed(outcome.error().code.empty() ? kCannotStart : outcome.error().code, outcome.error());
}

void Execution::keep_progress(const run::Progress& progress) {
  const auto measures = run::running_measures(progress.counts, progress.started, references_);
  if (auto kept = parts_.ledger.progress(run_, measures); !kept)
    log::warn("run progress not stored", {{"run", run_.id.value}, {"error", kept.error().message}});
}

void Execution::keep(const RunOutcome& outcome) {
  // The outcome is the one thing that must not be lost: without it the flow stays claimed until a restart.
  for (int attempt = 1;; ++attempt) {
    const auto kept = parts_.ledger.finish(run_, outcome, references_);
    if (kept) break;
    log::error("run outcome not stored",
               {{"run", run_.id.value}, {"attempt", attempt}, {"error", kept.error().message}});
    if (attempt == 3 || kept.error().kind == ErrorKind::not_found) return;
  }
  metrics::count("headwater_runs_total", "Runs that ended, by outcome.", 1,
                 {{"status", std::string(domain::text_of(outcome.status))}});
  log::info("run ended",
            {{"run", run_.id.value},
             {"flow", run_.flow.value},
             {"status", domain::text_of(outcome.status)},
             {"pages", outcome.counts.pages},
             {"read", outcome.counts.records_read},
             {"written", outcome.counts.records_written},
             {"failed", outcome.counts.records_failed},
             {"error", outcome.errors.empty() ? std::string() : outcome.errors.front().message}});
}

void Execution::execute(std::stop_token stop) {
  RunOutcome outcome;
  try {
    outcome = outcome_of(std::move(stop));
  } catch (const std::exception& bug) {
    log::error("exception in a run", {{"run", run_.id.value}, {"what", bug.what()}});
    outcome = failed_outcome(kCannotStart, Error{ErrorKind::storage, "The run ended by an internal error."},
                             started_, parts_.clock.now());
  }
  if (outcome.status == RunStatus::in_progress) {
    log::info("run parked", {{"run", run_.id.value}, {"pages", outcome.counts.pages}});
    return;
  }
  keep(outcome);
}

}  // namespace

void execute_run(const ExecutionParts& parts, const StoredRun& run, const std::function<bool()>& cancelled,
                 std::stop_token stop) {
  Execution(parts, run, cancelled).execute(std::move(stop));
}

Result<domain::Resource> end_unstarted(RunLedger& ledger, const StoredRun& run, domain::RunError error,
                                       TimePoint now) {
  RunOutcome outcome;
  outcome.errors.push_back(std::move(error));
  outcome.started = outcome.completed.emplace(now);
  run::RunReferences references;
  references.batch = batch_of(run.id);
  references.window = run.window;
  return ledger.finish(run, outcome, references);
}

}  // namespace headwater::schedule
