#pragma once

#include <functional>
#include <stop_token>

#include "base/clock.h"
#include "engine/run/stored_run.h"
#include "schedule/run_ledger.h"

namespace headwater::schedule {

/// Executes a claimed run and writes its course and outcome into the store, unless the run was parked. On the
/// calling thread. `cancelled` tells whether a stop means a cancel.
void execute_run(const run::StoredRunParts& parts, RunLedger& ledger, const StoredRun& run,
                 const std::function<bool()>& cancelled, std::stop_token stop);

/// Ends a run that never started. Errors: storage.
Result<domain::Resource> end_unstarted(RunLedger& ledger, const StoredRun& run, domain::RunError error,
                                       TimePoint now);

}  // namespace headwater::schedule
