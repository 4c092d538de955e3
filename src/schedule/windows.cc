#include "schedule/windows.h"

#include <algorithm>
#include <chrono>

namespace headwater::schedule {
namespace {

// Run documents keep whole seconds; a window's end must come back from them unchanged.
TimePoint whole_seconds(TimePoint time) { return std::chrono::floor<std::chrono::seconds>(time); }

std::optional<TimePoint> first_begin(const domain::FlowSchedule& schedule) {
  if (schedule.backfill) return std::nullopt;
  return schedule.start;
}

}  // namespace

std::optional<domain::RunWindow> due_window(const domain::FlowSchedule& schedule, const RegularRuns& runs,
                                            TimePoint now) {
  if (now < schedule.start) return std::nullopt;
  if (!runs.attempted) return domain::RunWindow{first_begin(schedule), whole_seconds(now)};
  if (schedule.frequency == domain::Frequency::once) return std::nullopt;
  const auto instant = domain::latest_run_instant(schedule, now);
  if (!instant || *instant <= *runs.attempted) return std::nullopt;
  return domain::RunWindow{runs.covered ? runs.covered : first_begin(schedule), *instant};
}

std::optional<TimePoint> next_due(const domain::FlowSchedule& schedule, const RegularRuns& runs) {
  if (!runs.attempted) return schedule.start;
  if (schedule.frequency == domain::Frequency::once) return std::nullopt;
  return domain::next_run_instant(schedule, *runs.attempted);
}

domain::RunWindow natural_window(const domain::FlowSchedule& schedule, const RegularRuns& runs,
                                 TimePoint now) {
  const auto end = whole_seconds(now);
  auto begin = runs.covered ? runs.covered : first_begin(schedule);
  if (begin && *begin > end) begin = end;
  return domain::RunWindow{begin, end};
}

RegularRuns after_run(const RegularRuns& runs, const domain::RunWindow& window, bool succeeded) {
  RegularRuns after = runs;
  after.attempted = runs.attempted ? std::max(*runs.attempted, window.end) : window.end;
  const bool joins = !window.begin || (runs.covered && *window.begin <= *runs.covered) || !runs.covered;
  if (succeeded && joins) after.covered = runs.covered ? std::max(*runs.covered, window.end) : window.end;
  return after;
}

}  // namespace headwater::schedule
