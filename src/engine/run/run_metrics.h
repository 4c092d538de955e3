#pragma once

#include "base/ids.h"
#include "domain/run.h"
#include "engine/run/run_counts.h"

namespace headwater::run {

/// What a run document says beside the outcome.
struct RunReferences {
  SourceConnectionId source;
  TargetConnectionId target;
  BatchId batch;
  domain::RunWindow window;
  bool one_time = false;  // frequency "once"
};

/// The outcome in the terms of a run document; `domain::put_measures` writes it as `metrics` and
/// `activities` in the shape of flow-service reference 19.3.
domain::RunMeasures measures_of(const RunOutcome& outcome, const RunReferences& references);

/// The same for a run in progress, from its counts so far.
domain::RunMeasures running_measures(const RunCounts& counts, TimePoint started,
                                     const RunReferences& references);

}  // namespace headwater::run
