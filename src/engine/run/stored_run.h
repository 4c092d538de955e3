#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "base/clock.h"
#include "base/ids.h"
#include "domain/run.h"
#include "engine/run/run_counts.h"
#include "engine/run/run_inputs.h"
#include "engine/run/run_metrics.h"
#include "engine/run/source_access.h"
#include "lake/lake.h"
#include "store/credentials.h"
#include "store/store.h"

namespace headwater::run {

/// What running a stored flow needs of the process. Outlives the run.
struct StoredRunParts {
  store::Store& store;
  store::Credentials& credentials;
  lake::Lake& lake;
  SourceAccess& access;
  Clock& clock;
  std::chrono::milliseconds progress_every{1000};
};

struct StoredRunRequest {
  FlowId flow;
  BatchId batch;  // a resumed run names the same one
  domain::RunWindow window;
};

/// How the caller follows a run; all are called on the run's thread.
struct StoredRunHooks {
  /// The inputs were read and the run begins, or goes on. An error fails the run.
  std::function<Result<void>(const RunReferences&, const RunInputs&, TimePoint now)> begins;
  std::function<void(const domain::RunMeasures&)> progress;
  /// Whether a stop means a cancel (RunOptions::cancelled).
  std::function<bool()> cancelled;
};

struct StoredRunResult {
  RunOutcome outcome;
  RunReferences references;
};

/// Runs a flow from its stored documents into one batch of its dataset, from the batch's checkpoint when it
/// has one. What went wrong is in the outcome; an exception of a library is a failed run.
StoredRunResult run_stored(const StoredRunParts& parts, const StoredRunRequest& request,
                           const StoredRunHooks& hooks, std::stop_token stop);

/// One round of background work on the lake: batches past their retention, uploads that nobody completes,
/// compaction, garbage, rejected records past their time. Problems are logged.
void keep_house(store::Store& store, lake::Lake& lake, const Clock& clock, const std::stop_token& stop);

/// A failed run that never came to read anything.
RunOutcome failed_outcome(std::string_view code, const Error& error, TimePoint started, TimePoint now);

}  // namespace headwater::run
