#pragma once

#include <optional>

#include "base/clock.h"
#include "domain/run.h"
#include "domain/schedule_params.h"

namespace headwater::schedule {

/// How far a flow's regular runs have come. Runs on demand do not move it.
struct RegularRuns {
  std::optional<TimePoint> covered;    // end of the last window that was read successfully
  std::optional<TimePoint> attempted;  // end of the last window that was tried, whatever came of it
};

/// The window of the regular run that is due at `now`, or nullopt when none is.
///
/// Windows have no gap and no overlap: each begins where the last successful one ended. The first run is due
/// as soon as the start has passed and ends at `now`; with backfill it has no beginning, without it begins at
/// the schedule's start. Every later one ends at the latest instant of the grid not after `now`, so one run
/// covers all instants missed by a downtime. After a failure the next instant's run covers both windows.
/// Source: flow-service reference, section 14; REST-source reference, sections 8 and 11.
std::optional<domain::RunWindow> due_window(const domain::FlowSchedule& schedule, const RegularRuns& runs,
                                            TimePoint now);

/// When the next regular run becomes due (in the past: it is due already); nullopt when never again (`once`
/// and tried).
std::optional<TimePoint> next_due(const domain::FlowSchedule& schedule, const RegularRuns& runs);

/// The window of a run on demand that names none: from the end of what is covered to `now`.
domain::RunWindow natural_window(const domain::FlowSchedule& schedule, const RegularRuns& runs,
                                 TimePoint now);

/// The state after a regular run over `window`. A retried older window moves `covered` only when it joins it.
RegularRuns after_run(const RegularRuns& runs, const domain::RunWindow& window, bool succeeded);

}  // namespace headwater::schedule
