#include "schedule/windows.h"

#include <algorithm>
#include <chrono>

namespace headwater::schedule {
namespace {

// Run documents keep whole seconds; a window's end must come back from them unchanged.
TimePoint whole_seconds(TimePoint time) { return std::chrono::floor<std::chrono::seconds>(time); }

std::optional<TimePoint> begin_of(const domain::FlowSchedule& schedule, std::optional<TimePoint> covered) {
  if (covered) return covered;
  if (schedule.backfill) return std::nullopt;
  return schedule.start;
}

}  // namespace

std::optional<TimePoint> next_due(const domain::FlowSchedule& schedule, std::optional<TimePoint> attempted) {
  if (!attempted) return schedule.start;
  return domain::next_run_instant(schedule, *attempted);
}

std::optional<domain::RunWindow> due_window(const domain::FlowSchedule& schedule,
                                            std::optional<TimePoint> due, std::optional<TimePoint> covered,
                                            TimePoint now) {
  if (!due || now < *due) return std::nullopt;
  const bool first = *due <= schedule.start;
  const auto end = first ? whole_seconds(now) : domain::latest_run_instant(schedule, now).value_or(*due);
  const auto begin = begin_of(schedule, covered);
  if (begin && *begin > end) return std::nullopt;  // a clock went back: what is covered lies ahead
  return domain::RunWindow{begin, end};
}

domain::RunWindow natural_window(const domain::FlowSchedule& schedule, std::optional<TimePoint> covered,
                                 TimePoint now) {
  const auto end = whole_seconds(now);
  auto begin = begin_of(schedule, covered);
  if (begin && *begin > end) begin = end;
  return domain::RunWindow{begin, end};
}

std::optional<TimePoint> covered_after(std::optional<TimePoint> covered, const domain::RunWindow& window) {
  if (!covered) return window.end;
  if (window.begin && *window.begin > *covered) return covered;
  return std::max(*covered, window.end);
}

}  // namespace headwater::schedule
