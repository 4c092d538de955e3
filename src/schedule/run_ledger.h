#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/flow.h"
#include "domain/resource.h"
#include "domain/run.h"
#include "domain/schedule_params.h"
#include "engine/run/run_counts.h"
#include "engine/run/run_metrics.h"
#include "json/value.h"
#include "store/store.h"

namespace headwater::schedule {

/// Who asked for a run; those of streaming flows have domain::kStreamTrigger. Our extension of the run
/// document: `trigger`, `retryOf` of a retry, and `movesWindow` where the run's window belongs to the flow's
/// regular ones.
enum class Trigger : std::uint8_t { schedule, demand, retry };

struct NewRun {
  domain::Resource flow;
  domain::RunWindow window;
  json::Value params;  // as the caller sent them, or null; the window is added where it is missing
  Trigger trigger = Trigger::demand;
  bool moves_window = false;
  RunId retry_of;
  domain::Actor actor;
  std::function<Result<void>(store::Transaction&, const domain::Resource& run)> also = {};
};

/// A run as the scheduler sees it, read from its document.
struct StoredRun {
  domain::Resource document;
  RunId id;
  FlowId flow;
  domain::RunWindow window;
  bool moves_window = false;
  std::optional<TimePoint> not_before;  // params.startTime
  domain::RunStatus status = domain::RunStatus::scheduled;
  bool cancel_asked = false;
};

enum class Claim : std::uint8_t {
  mine,  // the run may start, or go on
  busy,  // another run of the flow, or another server, has the flow
  gone,  // the run has ended: another server was faster, or somebody cancelled it
};

/// The batch that a run writes: always the same one, so that a resumed run finds it.
BatchId batch_of(const RunId& run);

/// How the scheduler reads and writes runs, batches and timers in the store. Thread-safe.
class RunLedger {
 public:
  RunLedger(store::Store& store, Clock& clock, std::string owner, std::string export_base,
            std::chrono::seconds late_after = std::chrono::seconds(300))
      : store_(store),
        clock_(clock),
        owner_(std::move(owner)),
        export_base_(std::move(export_base)),
        late_after_(late_after) {}

  /// Stores a new run in state scheduled.
  Result<domain::Resource> add(const NewRun& run);
  /// Stores a regular run and claims its flow in one step, with the time of the flow's next regular run.
  /// nullopt when the flow is busy, or its timer is no longer `seen`, which the run's window was made from.
  Result<std::optional<domain::Resource>> add_claimed(const NewRun& run, const store::FlowTimer& seen,
                                                      std::optional<TimePoint> next);
  /// Claims the flow for a run that is stored already, and reads the run anew. One on demand that carries on
  /// where the last one ended gets its window now: another one may have ended since it was asked for.
  Result<Claim> claim(StoredRun& run);
  Result<void> unclaim(const StoredRun& run);

  Result<StoredRun> get(const RunId& run);
  /// A later run that ended well and covers the window of this one; nullopt: none of the last 500.
  Result<std::optional<StoredRun>> covered_by(const StoredRun& run);
  /// Which server has which run.
  Result<std::map<RunId, std::string>> owners();
  /// Runs that are scheduled or in progress, but for those of streaming flows: their consumer has them.
  Result<std::vector<StoredRun>> unfinished();

  Result<void> start(const StoredRun& run, const run::RunReferences& references,
                     const domain::FlowOptions& options, const DatasetId& dataset, TimePoint started);
  /// Whether somebody has asked for the run's end meanwhile, perhaps through another server.
  Result<bool> progress(const StoredRun& run, const domain::RunMeasures& measures);
  Result<void> ask_to_cancel(const RunId& run);
  /// Writes the outcome into run, batch and flow (lastRunDetails), ends the claim and moves what is covered:
  /// all of it, or nothing. Errors: conflict, when the run has ended or another server has it.
  Result<domain::Resource> finish(const StoredRun& run, const run::RunOutcome& outcome,
                                  const run::RunReferences& references);

  /// Sets the timer of a flow as its document wants it. A flow that is gone, disabled or streaming is never
  /// due.
  Result<void> set_timer(const FlowId& flow);

  /// Tells webhooks, once for each window, which regular runs have not begun within `late_after` after they
  /// were due.
  Result<void> tell_what_is_late();

 private:
  Result<void> tell_late(store::Transaction& transaction, const domain::Resource& flow,
                         const store::FlowTimer& timer);

  store::Store& store_;
  Clock& clock_;
  std::string owner_;
  std::string export_base_;
  std::chrono::seconds late_after_;
};

/// The state of a flow's document: "enabled", "disabled", "draft".
std::string_view state_of(const domain::Resource& resource);
/// The flow's schedule; nullopt for a flow without scheduleParams (streaming).
Result<std::optional<domain::FlowSchedule>> schedule_of(const domain::Resource& flow);

}  // namespace headwater::schedule
