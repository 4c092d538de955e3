#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"

namespace headwater::domain {

enum class Frequency : std::uint8_t { once, minute, hour, day, week };

/// A flow's `scheduleParams`, read once. Run instants form the grid start + k * interval * unit, k >= 0, in
/// UTC; a week has 7 days. Source: Flow Service reference, section 14.
struct FlowSchedule {
  TimePoint start;
  Frequency frequency = Frequency::once;
  std::int64_t interval = 1;  // >= 1; not used with once
  bool backfill = true;       // the first run reads from the beginning, otherwise from `start`

  /// The distance of two run instants; zero with once.
  std::chrono::seconds period() const;
};

/// Reads `scheduleParams`; whole numbers and booleans may be written as strings. A missing `startTime` is
/// epoch 0, so due at once. Unknown members are left alone.
/// Errors: invalid_argument with CONNECTOR-1317 (null or empty), 1340 (startTime), 1397 (frequency),
/// 1362 (interval; minute flows need 15 or more), 1364 (backfill with once), `where` below /scheduleParams.
Result<FlowSchedule> read_flow_schedule(const json::Value& schedule_params);

/// Errors: CONNECTOR-1403, when the flow has started and is not `once` already.
Result<void> check_may_become_once(const FlowSchedule& before, TimePoint now);

/// Checks a change of a flow's schedule: after the start, frequency may not become once (CONNECTOR-1403),
/// backfill may not change (1404), and a start time that has passed may not move (1366).
Result<void> check_schedule_change(const FlowSchedule& before, const FlowSchedule& after, TimePoint now);

/// The latest run instant at or before `now`; nullopt before the first.
std::optional<TimePoint> latest_run_instant(const FlowSchedule& schedule, TimePoint now);

/// The first run instant after `after`; nullopt when there is none (once, already past its instant).
std::optional<TimePoint> next_run_instant(const FlowSchedule& schedule, TimePoint after);

}  // namespace headwater::domain
