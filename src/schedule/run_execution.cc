#include "schedule/run_execution.h"

#include <string>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"

namespace headwater::schedule {
namespace {

using domain::RunStatus;

constexpr int kStoreAttempts = 3;

// The outcome is the one thing that must not be lost: without it the flow stays claimed until a restart.
void keep(RunLedger& ledger, const StoredRun& run, const run::StoredRunResult& result) {
  for (int attempt = 1;; ++attempt) {
    const auto kept = ledger.finish(run, result.outcome, result.references);
    if (kept) break;
    log::error("run outcome not stored",
               {{"run", run.id.value}, {"attempt", attempt}, {"error", kept.error().message}});
    if (attempt == kStoreAttempts || kept.error().kind == ErrorKind::not_found) return;
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
}

}  // namespace

void execute_run(const run::StoredRunParts& parts, RunLedger& ledger, const StoredRun& run,
                 const std::function<bool()>& cancelled, std::stop_token stop) {
  run::StoredRunHooks hooks;
  hooks.cancelled = cancelled;
  hooks.begins = [&ledger, &run](const run::RunReferences& references, const run::RunInputs& inputs,
                                 TimePoint now) -> Result<void> {
    if (run.status != RunStatus::scheduled) return {};
    return ledger.start(run, references, inputs.options, inputs.dataset, now);
  };
  hooks.progress = [&ledger, &run](const domain::RunMeasures& measures) {
    if (auto kept = ledger.progress(run, measures); !kept)
      log::warn("run progress not stored", {{"run", run.id.value}, {"error", kept.error().message}});
  };
  const auto result =
      run::run_stored(parts, {run.flow, batch_of(run.id), run.window}, hooks, std::move(stop));
  if (result.outcome.status == RunStatus::in_progress) {
    log::info("run parked", {{"run", run.id.value}, {"pages", result.outcome.counts.pages}});
    return;
  }
  keep(ledger, run, result);
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
