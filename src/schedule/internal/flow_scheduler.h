#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "schedule/peers.h"
#include "schedule/run_execution.h"
#include "schedule/run_ledger.h"
#include "schedule/scheduler.h"

namespace headwater::schedule {

/// The scheduler behind the interface: scheduler.cc starts what is due, scheduler_requests.cc does what
/// callers ask for, scheduler_others.cc minds the other servers.
class FlowScheduler final : public Scheduler {
 public:
  FlowScheduler(Parts parts, SchedulerOptions options)
      : parts_(parts),
        options_(std::move(options)),
        ledger_(parts.store, parts.clock, options_.owner, options_.export_base, options_.late_after),
        peers_(parts.store, {options_.owner, options_.peers_folder, options_.lease}) {}
  ~FlowScheduler() override { stop(); }

  Result<void> start() override;
  void stop() override;
  void flow_changed(const FlowId& flow) override;
  void wake() override;
  Result<AcceptedRun> run_now(const OnDemand& request) override;
  Result<AcceptedRun> retrigger(const RunId& id, const domain::Actor& actor, const Also& also) override;
  Result<AcceptedRun> cancel(const RunId& id, const domain::Actor& actor) override;
  void wait_idle() override;

 private:
  void dispatch(const std::stop_token& stop);
  Result<std::optional<TimePoint>> start_what_is_due();
  Result<void> start_queued(TimePoint now);
  Result<void> start_regular(const store::FlowTimer& timer, TimePoint now);
  Result<void> look_at_every_flow();
  std::optional<TimePoint> earliest_queued() const;
  std::size_t free_places() const;
  void make_ready(StoredRun run);
  Result<AcceptedRun> enqueue(const domain::Resource& document);
  Result<domain::Resource> enabled_flow(const FlowId& flow);
  bool in_hand(const RunId& id) const;
  void add_queued(StoredRun run);
  Result<void> take_over();
  Result<void> look_at_others();
  void keep_claims(const std::stop_token& stop);
  bool stop_active(const RunId& id);
  Result<AcceptedRun> cancel_elsewhere(const RunId& id);
  void work();
  void keep_house(const std::stop_token& stop);
  void wake_dispatcher();

  Parts parts_;
  SchedulerOptions options_;
  RunLedger ledger_;
  Peers peers_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool look_at_all_ = true;
  bool dispatching_ = false;
  std::uint64_t wakes_ = 0;       // rises with each call for the dispatcher
  std::uint64_t wakes_seen_ = 0;  // the ones its last finished look knew of
  std::stop_source wait_;         // ends the dispatcher's current wait
  std::deque<StoredRun> queued_;  // stored, not claimed: their flow is busy or their time has not come
  std::deque<StoredRun> ready_;   // claimed, waiting for a worker
  std::map<RunId, std::shared_ptr<RunStop>> active_;  // shared with the worker that runs it
  std::stop_source stop_;
  std::vector<std::jthread> threads_;
};

}  // namespace headwater::schedule
