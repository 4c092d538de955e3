#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "base/clock.h"
#include "engine/run/run_counts.h"
#include "engine/run/run_metrics.h"
#include "engine/run/source_access.h"
#include "lake/lake.h"
#include "schedule/run_ledger.h"
#include "store/credentials.h"
#include "store/store.h"

namespace headwater::schedule {

/// What executing a run needs of the process.
struct ExecutionParts {
  store::Store& store;
  store::Credentials& credentials;
  lake::Lake& lake;
  run::SourceAccess& access;
  Clock& clock;
  RunLedger& ledger;
  std::chrono::milliseconds progress_every{1000};
};

/// Executes a claimed run from its stored documents: reads its inputs, opens (or goes on with) its batch,
/// reads the source into it, and writes the outcome into the store, unless the run was parked. On the calling
/// thread. Nothing escapes it: an exception of a library is a failed run.
/// `cancelled` tells whether a stop means a cancel.
void execute_run(const ExecutionParts& parts, const StoredRun& run, const std::function<bool()>& cancelled,
                 std::stop_token stop);

/// Ends a run that never started. Errors: storage.
Result<domain::Resource> end_unstarted(RunLedger& ledger, const StoredRun& run, domain::RunError error,
                                       TimePoint now);

}  // namespace headwater::schedule
