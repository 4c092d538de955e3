#pragma once

#include <atomic>
#include <cstdint>
#include <stop_token>

#include "base/clock.h"
#include "engine/run/stored_run.h"
#include "schedule/run_ledger.h"

namespace headwater::schedule {

/// How a run in this process is ended before its time. Thread-safe.
class RunStop {
 public:
  /// The run stops at its checkpoint and can be resumed.
  void park() { stop_.request_stop(); }
  /// The run ends as failed and its batch is discarded.
  void cancel() {
    cancelled_ = true;
    stop_.request_stop();
  }
  bool cancelled() const { return cancelled_; }
  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::atomic<bool> cancelled_ = false;
  std::stop_source stop_;
};

enum class Ended : std::uint8_t { with_outcome, parked };

/// Executes a claimed run and writes its course and outcome into the store, unless the run was parked: by
/// `stop`, because the process that had it before still writes its batch, or because the outcome could not be
/// stored (the batch knows it). On the calling thread.
Ended execute_run(const run::StoredRunParts& parts, RunLedger& ledger, const StoredRun& run, RunStop& stop);

/// Ends a run that never started. Errors: storage.
Result<domain::Resource> end_unstarted(RunLedger& ledger, const StoredRun& run, domain::RunError error,
                                       TimePoint now);

}  // namespace headwater::schedule
