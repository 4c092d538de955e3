#include "domain/schedule_params.h"

#include <string>

#include "base/time.h"

namespace headwater::domain {
namespace {

using std::chrono::seconds;

// Past these a nanosecond clock overflows, or the sender wrote milliseconds.
constexpr std::int64_t kSecondsMax = 9'000'000'000;
constexpr std::int64_t kIntervalMax = 1'000'000;

Error wrong(std::string_view code, std::string where, std::string message) {
  return Error{ErrorKind::invalid_argument, std::move(message), std::move(where), code};
}

std::optional<Frequency> frequency_from(std::string_view text) {
  if (text == "once") return Frequency::once;
  if (text == "minute") return Frequency::minute;
  if (text == "hour") return Frequency::hour;
  if (text == "day") return Frequency::day;
  if (text == "week") return Frequency::week;
  return std::nullopt;
}

seconds unit_of(Frequency frequency) {
  switch (frequency) {
    case Frequency::once:
      return seconds(0);
    case Frequency::minute:
      return seconds(60);
    case Frequency::hour:
      return seconds(3600);
    case Frequency::day:
      return seconds(86'400);
    case Frequency::week:
      return seconds(7 * 86'400);
  }
  return seconds(0);
}

Result<TimePoint> read_start(const json::Value& params) {
  const json::Value* start = params.find("startTime");
  if (start == nullptr || start->is_null())
    return wrong("CONNECTOR-1304-400", "/scheduleParams/startTime",
                 "scheduleParams.startTime is required: the first run's time in seconds since 1970.");
  const auto value = start->as_int64_lenient();
  if (!value)
    return wrong("CONNECTOR-1340-400", "/scheduleParams/startTime",
                 "scheduleParams.startTime must be a whole number of seconds since 1970.");
  if (*value < 0 || *value > kSecondsMax)
    return wrong("CONNECTOR-1340-400", "/scheduleParams/startTime",
                 "scheduleParams.startTime is out of range: it counts seconds since 1970, not milliseconds.");
  return from_epoch_seconds(*value);
}

Result<std::int64_t> read_interval(const json::Value& params, Frequency frequency) {
  const json::Value* interval = params.find("interval");
  if (interval == nullptr || interval->is_null())
    return wrong("CONNECTOR-1362-400", "/scheduleParams/interval",
                 "scheduleParams.interval is required unless the frequency is once.");
  const auto value = interval->as_int64_lenient();
  const std::int64_t least = frequency == Frequency::minute ? 15 : 1;
  if (!value || *value < least || *value > kIntervalMax)
    return wrong("CONNECTOR-1362-400", "/scheduleParams/interval",
                 "scheduleParams.interval must be a whole number of at least " + std::to_string(least) +
                     " for this frequency.");
  return *value;
}

}  // namespace

std::chrono::seconds FlowSchedule::period() const { return unit_of(frequency) * interval; }

Result<FlowSchedule> read_flow_schedule(const json::Value& params) {
  const json::Object* members = params.if_object();
  if (members == nullptr || members->empty())
    return wrong("CONNECTOR-1317-400", "/scheduleParams",
                 "scheduleParams must name at least startTime and frequency for a batch flow.");
  FlowSchedule schedule;
  schedule.start = TRY(read_start(params));
  const json::Value* frequency = params.find("frequency");
  if (frequency != nullptr && !frequency->is_null()) {
    const std::string* text = frequency->if_string();
    const auto known = text == nullptr ? std::nullopt : frequency_from(*text);
    if (!known)
      return wrong("CONNECTOR-1397-400", "/scheduleParams/frequency",
                   "scheduleParams.frequency must be once, minute, hour, day or week.");
    schedule.frequency = *known;
  }
  if (schedule.frequency != Frequency::once)
    schedule.interval = TRY(read_interval(params, schedule.frequency));
  const json::Value* backfill = params.find("backfill");
  if (backfill != nullptr && !backfill->is_null()) {
    if (schedule.frequency == Frequency::once)
      return wrong("CONNECTOR-1364-400", "/scheduleParams/backfill",
                   "scheduleParams.backfill is not allowed with the frequency once: leave it out.");
    const auto flag = backfill->as_bool_lenient();
    if (!flag)
      return wrong("CONNECTOR-1363-400", "/scheduleParams/backfill",
                   "scheduleParams.backfill must be true or false.");
    schedule.backfill = *flag;
  }
  return schedule;
}

Result<void> check_may_become_once(const FlowSchedule& before, TimePoint now) {
  if (now < before.start || before.frequency == Frequency::once) return {};
  return wrong("CONNECTOR-1403-400", "/scheduleParams/frequency",
               "The frequency cannot become once after the flow has started: create another flow.");
}

Result<void> check_schedule_change(const FlowSchedule& before, const FlowSchedule& after, TimePoint now) {
  if (now < before.start) return {};
  if (after.frequency == Frequency::once) TRY(check_may_become_once(before, now));
  const bool both_periodic = after.frequency != Frequency::once && before.frequency != Frequency::once;
  if (both_periodic && before.backfill != after.backfill)
    return wrong("CONNECTOR-1404-400", "/scheduleParams/backfill",
                 "backfill cannot change after the flow has started.");
  if (after.start != before.start)
    return wrong("CONNECTOR-1366-400", "/scheduleParams/startTime",
                 "startTime has passed and cannot be edited any more.");
  return {};
}

namespace {

// Instants beyond what a clock holds never come: the longest period is 19,000 years.
std::optional<TimePoint> instant_at(const FlowSchedule& schedule, std::int64_t steps) {
  const std::int64_t period = schedule.period().count();
  const std::int64_t left = kSecondsMax - epoch_seconds(schedule.start);
  if (period != 0 && steps > left / period) return std::nullopt;
  return schedule.start + std::chrono::seconds(steps * period);
}

// In whole seconds: the longest period does not fit into nanoseconds.
std::int64_t steps_until(const FlowSchedule& schedule, TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time - schedule.start) / schedule.period();
}

}  // namespace

std::optional<TimePoint> latest_run_instant(const FlowSchedule& schedule, TimePoint now) {
  if (now < schedule.start) return std::nullopt;
  if (schedule.frequency == Frequency::once) return schedule.start;
  return instant_at(schedule, steps_until(schedule, now));
}

std::optional<TimePoint> next_run_instant(const FlowSchedule& schedule, TimePoint after) {
  if (after < schedule.start) return schedule.start;
  if (schedule.frequency == Frequency::once) return std::nullopt;
  return instant_at(schedule, steps_until(schedule, after) + 1);
}

}  // namespace headwater::domain
