#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/resource.h"
#include "json/value.h"
#include "store/store.h"

namespace headwater::store {
class Credentials;
class Store;
}  // namespace headwater::store
namespace headwater::lake {
class Lake;
}
namespace headwater::run {
class SourceAccess;
}

namespace headwater::schedule {

struct SchedulerOptions {
  std::size_t runs_max = 4;                             // at the same time, all flows together
  std::chrono::seconds housekeeping_every{600};         // compaction, garbage, old rejected records
  std::chrono::milliseconds progress_every{1000};       // a run document's counts while it is in progress
  std::string owner = "headwater";                      // names this process among those that share a store
  std::filesystem::path peers_folder;                   // theirs and ours, for locked files; empty: none
  std::chrono::milliseconds lease{30'000};              // a server silent for so long is dead
  std::chrono::seconds late_after{300};                 // a run that has not begun so long after it was due
  std::string export_base = "/data/foundation/export";  // where run documents point for rejected records
};

/// A run that was accepted: it is queued behind the flow's other runs, or starts at once.
struct AcceptedRun {
  RunId id;
  Etag etag;
};

/// Decides which flow is due and runs it: one run per flow at a time, a bounded number at once, windows with
/// no gap and no overlap, one catch-up run after a downtime. Run documents in the store are its memory: what
/// was in progress when the process ended is resumed from its checkpoint. Several servers may share a store
/// and a lake: any of them runs what is due, and goes on with the runs of one that is dead (peers.h).
/// Thread-safe.
class Scheduler {
 public:
  struct Parts {
    store::Store& store;
    store::Credentials& credentials;
    lake::Lake& lake;
    run::SourceAccess& access;
    Clock& clock;
  };
  static Result<std::unique_ptr<Scheduler>> make(Parts parts, SchedulerOptions options);
  virtual ~Scheduler() = default;

  /// Takes up interrupted runs, then starts whatever is due, until `stop`.
  virtual Result<void> start() = 0;
  /// Starts nothing more and parks the runs in progress at their checkpoints; returns when all are parked.
  /// Idempotent.
  virtual void stop() = 0;
  /// A flow was created, changed, enabled, disabled, published or deleted: its timer is set anew, and the
  /// flow runs at once when it is due. Called after the change is stored, so nothing is refused here: a timer
  /// that cannot be set now is set later.
  virtual void flow_changed(const FlowId& flow) = 0;

  /// Looks at every flow again, in the background: the same for a caller who cannot say which flow it was.
  virtual void wake() = 0;

  // The caller has checked that the flow or run is of its tenant: ids are unique over all tenants.

  /// Belongs to the transaction that stores a run; an error of it leaves nothing stored.
  using Also = std::function<Result<void>(store::Transaction&, const domain::Resource& run)>;

  /// A run on demand (POST /runs, op=run). `params` is the request's member of that name (or null); it is
  /// kept in the run document, with the window that it leaves out added. Errors: not_found, invalid_argument
  /// (CONNECTOR-1380, 1381; 1388 when the flow is not enabled).
  struct OnDemand {
    FlowId flow;
    json::Value params;
    domain::Actor actor;
    Also also = {};
  };
  virtual Result<AcceptedRun> run_now(const OnDemand& request) = 0;
  /// Runs a finished run's window again, as a new run. Without an actor it is the original's.
  /// Errors: not_found, invalid_argument (CONNECTOR-1387, 1388).
  virtual Result<AcceptedRun> retrigger(const RunId& run, const domain::Actor& actor = {},
                                        const Also& also = {}) = 0;
  /// Ends a run that is scheduled or in progress as failed, code CANCELLED, and discards its batch. Returns
  /// when that is so. Errors: not_found; conflict when it is finished already, or when another server runs it
  /// and has not ended it within ten seconds (it will).
  virtual Result<AcceptedRun> cancel(const RunId& run, const domain::Actor& actor = {}) = 0;

  /// Waits until no run is in progress and none is due or queued: for tests and one-shot servers.
  virtual void wait_idle() = 0;
};

}  // namespace headwater::schedule
