#include "cli/inlet_tail.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>

#include "base/clock.h"
#include "base/url.h"
#include "cli/interrupt.h"
#include "cli/report.h"

namespace headwater::cli {
namespace {

constexpr std::chrono::milliseconds kAskEvery{500};
constexpr std::size_t kFlowDigits = 8;  // enough to tell the flows of one inlet apart
constexpr std::size_t kMessageMin = 20;

std::int64_t number_at(const json::Value& object, std::string_view name) {
  const auto* value = object.find(name);
  return value == nullptr ? 0 : value->as_int64().value_or(0);
}

// "10:11:12.345Z", always as wide.
std::string time_of(std::int64_t at_ms) {
  const std::chrono::hh_mm_ss time(std::chrono::milliseconds(at_ms) % std::chrono::days(1));
  return fmt::format("{:02}:{:02}:{:02}.{:03}Z", time.hours().count(), time.minutes().count(),
                     time.seconds().count(), time.subseconds().count());
}

/// Asks for the events behind those that it was given.
class Watch {
 public:
  Watch(ApiClient& client, const std::string& id)
      : client_(client), path_("/data/core/edge/inlets/" + percent_encode(id) + "/events?after=") {}

  /// Begins with what comes from now on.
  Result<void> begin() {
    next_ = std::numeric_limits<std::int64_t>::max();
    TRY(ask({}));
    return {};
  }

  Result<json::Array> ask(const std::stop_token& stop) {
    const auto answer = TRY(client_.call("GET", path_ + std::to_string(next_), {}, {}, stop));
    const std::int64_t before = next_;
    next_ = number_at(answer, "next");
    // A server that was started anew counts from the beginning.
    const bool anew = begun_ && next_ < before;
    if (anew) next_ = 0;
    const auto* events = answer.find("events");
    if (anew || events == nullptr || !events->is_array()) return json::Array();
    if (begun_ && !events->if_array()->empty()) {
      const auto missed = number_at(events->if_array()->front(), "number") - before - 1;
      if (missed > 0)
        fmt::print(stderr, "{} came too fast to be kept for watching.\n",
                   counted(static_cast<std::uint64_t>(missed), "event"));
    }
    begun_ = true;
    return *events->if_array();
  }

 private:
  ApiClient& client_;
  std::string path_;
  std::int64_t next_ = 0;
  bool begun_ = false;
};

}  // namespace

std::string event_line(const json::Value& event, std::size_t width) {
  const auto flow = event.string_at("flowId");
  std::string line =
      fmt::format("{}  {:<11}  {:<8}", time_of(number_at(event, "at")), event.string_at("outcome"),
                  flow.empty() ? "-" : flow.substr(0, kFlowDigits));
  if (const auto reason = event.string_at("reason"); !reason.empty()) line += "  " + std::string(reason);
  const auto* message = event.find("message");
  if (message == nullptr) return line;
  line += "  ";
  const std::string text = message->dump();
  if (width == 0) return line + printable(text, text.size());
  return line + printable(text, std::max(width, line.size() + 1 + kMessageMin) - line.size() - 1);
}

Result<int> tail_inlet(const TailArguments& arguments, ApiClient& client) {
  const Interrupt interrupt;
  SystemClock clock;
  Watch watch(client, arguments.id);
  TRY(watch.begin());
  fmt::print(stderr, "Watching; Ctrl-C ends it.\n");
  const std::size_t width = terminal_width(STDOUT_FILENO);
  for (std::uint64_t shown = 0;;) {
    if (!clock.wait_for(kAskEvery, interrupt.token())) return kInterrupted;
    const auto events = watch.ask(interrupt.token());
    if (interrupt.token().stop_requested()) return kInterrupted;
    if (!events) return events.error();
    for (const json::Value& event : *events) {
      fmt::print("{}\n", arguments.output == "json" ? event.dump() : event_line(event, width));
      if (++shown == arguments.count) return kOk;
    }
    if (std::fflush(stdout) != 0) return kFailed;
  }
}

}  // namespace headwater::cli
