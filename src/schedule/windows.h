#pragma once

#include <optional>

#include "base/clock.h"
#include "domain/run.h"
#include "domain/schedule_params.h"

namespace headwater::schedule {

/// When the next regular run becomes due (in the past: it is due already); nullopt when never again (`once`
/// and tried).
std::optional<TimePoint> next_due(const domain::FlowSchedule& schedule, std::optional<TimePoint> attempted);

/// The window of the regular run that is due at `now`, or nullopt when none is. `due` is what `next_due`
/// gave.
///
/// Windows have no gap and no overlap: each begins where the last successful one ended. The first run is due
/// as soon as the start has passed and ends at `now`; with backfill it has no beginning, without it begins at
/// the schedule's start. Every later one ends at the latest instant of the grid not after `now`, so one run
/// covers all instants missed by a downtime. After a failure the next instant's run covers both windows.
/// Source: flow-service reference, section 14; REST-source reference, sections 8 and 11.
std::optional<domain::RunWindow> due_window(const domain::FlowSchedule& schedule,
                                            std::optional<TimePoint> due, std::optional<TimePoint> covered,
                                            TimePoint now);

/// The window of a run on demand that names none: from the end of what is covered to `now`.
domain::RunWindow natural_window(const domain::FlowSchedule& schedule, std::optional<TimePoint> covered,
                                 TimePoint now);

/// `covered` after a successful regular run over `window`; a retried window counts only when it joins what is
/// covered already.
std::optional<TimePoint> covered_after(std::optional<TimePoint> covered, const domain::RunWindow& window);

}  // namespace headwater::schedule
