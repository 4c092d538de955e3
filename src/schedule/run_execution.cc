#include "schedule/run_execution.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"

namespace headwater::schedule {
namespace {

using domain::RunStatus;

constexpr int kStoreAttempts = 3;

// The outcome must not be lost. False when it could not be stored, or is not ours to store any more.
bool keep(RunLedger& ledger, const StoredRun& run, const run::StoredRunResult& result) {
  for (int attempt = 1;; ++attempt) {
    const auto kept = ledger.finish(run, result.outcome, result.references);
    if (kept) break;
    if (kept.error().kind == ErrorKind::conflict) {
      // Whoever has it now finds the batch as this one left it: committed, or discarded.
      log::warn("run left to another server", {{"run", run.id.value}, {"reason", kept.error().message}});
      return false;
    }
    log::error("run outcome not stored",
               {{"run", run.id.value}, {"attempt", attempt}, {"error", kept.error().message}});
    if (attempt == kStoreAttempts || kept.error().kind == ErrorKind::not_found) return false;
  }
  const run::RunOutcome& outcome = result.outcome;
  metrics::count("headwater_runs_total", "Runs that ended, by outcome.", 1,
                 {{"status", std::string(domain::text_of(outcome.status))}});
  log::info("run ended",
            {{"run", run.id.value},
             {"flow", run.flow.value},
             {"status", domain::text_of(outcome.status)},
             {"pages", outcome.counts.pages},
             {"read", outcome.counts.records_read},
             {"written", outcome.counts.records_written},
             {"failed", outcome.counts.records_failed},
             {"error", outcome.errors.empty() ? std::string() : outcome.errors.front().message}});
  return true;
}

}  // namespace

Ended execute_run(const run::StoredRunParts& parts, RunLedger& ledger, const StoredRun& run, RunStop& stop) {
  if (run.cancel_asked) stop.cancel();
  run::StoredRunHooks hooks;
  hooks.cancelled = [&stop] { return stop.cancelled(); };
  hooks.begins = [&ledger, &run](const run::RunReferences& references, const run::RunInputs& inputs,
                                 TimePoint now) -> Result<void> {
    if (run.status != RunStatus::scheduled) return {};
    return ledger.start(run, references, inputs.options, inputs.dataset, now);
  };
  hooks.progress = [&ledger, &run, &stop](const domain::RunMeasures& measures) {
    const auto cancel_asked = ledger.progress(run, measures);
    if (!cancel_asked)
      log::warn("run progress not stored", {{"run", run.id.value}, {"error", cancel_asked.error().message}});
    else if (*cancel_asked)
      stop.cancel();
  };
  const auto result = run::run_stored(parts, {run.flow, batch_of(run.id), run.window}, hooks, stop.token());
  if (result.outcome.status == RunStatus::in_progress) {
    log::info("run parked", {{"run", run.id.value}, {"pages", result.outcome.counts.pages}});
    return Ended::parked;
  }
  return keep(ledger, run, result) ? Ended::with_outcome : Ended::parked;
}

Result<domain::Resource> end_unstarted(RunLedger& ledger, const StoredRun& run, domain::RunError error,
                                       TimePoint now) {
  run::RunOutcome outcome;
  outcome.errors.push_back(std::move(error));
  outcome.started = outcome.completed.emplace(now);
  run::RunReferences references;
  references.batch = batch_of(run.id);
  references.window = run.window;
  return ledger.finish(run, outcome, references);
}

}  // namespace headwater::schedule
