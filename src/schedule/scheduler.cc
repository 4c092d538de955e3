#include "schedule/scheduler.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/metrics.h"
#include "base/time.h"
#include "schedule/run_execution.h"
#include "schedule/run_ledger.h"
#include "schedule/windows.h"

namespace headwater::schedule {
namespace {

using domain::Resource;
using domain::RunStatus;

// With nothing due, the store is looked at again so often: another server may have written to it.
constexpr std::chrono::hours kIdleLook{1};
constexpr std::chrono::seconds kRetryLook{5};

Error not_enabled() {
  return Error{ErrorKind::invalid_argument, "The flow is not enabled; enable it first.", "/flowId",
               "CONNECTOR-1388-400"};
}

// How a run in this process is stopped. Shared by the worker that runs it and whoever cancels it.
struct Active {
  std::stop_source stop;
  bool cancelled = false;  // guarded by the scheduler's mutex
};

class FlowScheduler final : public Scheduler {
 public:
  FlowScheduler(Parts parts, SchedulerOptions options)
      : parts_(parts),
        options_(std::move(options)),
        ledger_(parts.store, parts.clock, options_.owner, options_.export_base) {}
  ~FlowScheduler() override { stop(); }

  Result<void> start() override;
  void stop() override;
  Result<void> flow_changed(const FlowId& flow) override;
  void wake() override;
  Result<AcceptedRun> run_now(const OnDemand& request) override;
  Result<AcceptedRun> retrigger(const RunId& id, const domain::Actor& actor) override;
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
  Result<AcceptedRun> enqueue(const Resource& document);
  Result<Resource> enabled_flow(const FlowId& flow);
  void work();
  void keep_house(const std::stop_token& stop);
  void wake_dispatcher();

  Parts parts_;
  SchedulerOptions options_;
  RunLedger ledger_;

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
  std::map<RunId, std::shared_ptr<Active>> active_;
  std::stop_source stop_;
  std::vector<std::jthread> threads_;
};

Result<void> FlowScheduler::start() {
  std::map<RunId, std::string> owners;
  const auto read_claims = [&owners](store::Transaction& transaction) -> Result<void> {
    owners.clear();
    const auto claims = TRY(transaction.claimed_timers(""));
    for (const store::FlowTimer& timer : claims) owners.emplace(timer.current_run, timer.owner);
    return {};
  };
  TRY(parts_.store.read(read_claims));
  auto unfinished = TRY(ledger_.unfinished());
  const std::lock_guard lock(mutex_);
  for (StoredRun& run : unfinished) {
    const auto owner = owners.find(run.id);
    if (owner != owners.end() && owner->second != options_.owner) continue;
    // Claimed: it was parked or killed. In progress without a claim: its flow was deleted under it.
    const bool resumes = owner != owners.end() || run.status == RunStatus::in_progress;
    (resumes ? ready_ : queued_).push_back(std::move(run));
  }
  for (std::size_t i = 0; i < options_.runs_max; ++i) threads_.emplace_back([this] { work(); });
  threads_.emplace_back([this] { dispatch(stop_.get_token()); });
  threads_.emplace_back([this] { keep_house(stop_.get_token()); });
  return {};
}

void FlowScheduler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [id, active] : active_) active->stop.request_stop();
    wait_.request_stop();
  }
  stop_.request_stop();
  changed_.notify_all();
  threads_.clear();  // joins
}

void FlowScheduler::wake_dispatcher() {
  const std::lock_guard lock(mutex_);
  ++wakes_;
  wait_.request_stop();
}

void FlowScheduler::wake() {
  {
    const std::lock_guard lock(mutex_);
    look_at_all_ = true;
  }
  wake_dispatcher();
}

Result<void> FlowScheduler::flow_changed(const FlowId& flow) {
  TRY(ledger_.set_timer(flow));
  wake_dispatcher();
  return {};
}

Result<Resource> FlowScheduler::enabled_flow(const FlowId& id) {
  auto flow = TRY(parts_.store.get(store::Scope::all(), domain::ResourceKind::flow, id.value));
  if (state_of(flow) != "enabled") return not_enabled();
  return flow;
}

Result<AcceptedRun> FlowScheduler::enqueue(const Resource& document) {
  auto run = TRY(ledger_.get(RunId{document.id}));
  {
    const std::lock_guard lock(mutex_);
    queued_.push_back(std::move(run));
  }
  wake_dispatcher();
  return AcceptedRun{RunId{document.id}, document.etag};
}

Result<AcceptedRun> FlowScheduler::run_now(const OnDemand& request) {
  NewRun run;
  run.flow = TRY(enabled_flow(request.flow));
  const auto schedule = TRY(schedule_of(run.flow));
  if (!schedule)
    return Error{ErrorKind::invalid_argument,
                 "The flow has no schedule: only batch flows can be run on demand.", "/flowId",
                 "CONNECTOR-1386-400"};
  const TimePoint now = parts_.clock.now();
  auto window = TRY(domain::read_run_window(request.params, now));
  // The window of a `once` flow has no grid to disturb: runs on demand that name none carry on where the
  // last one ended.
  run.moves_window = !window && schedule->frequency == domain::Frequency::once;
  if (!window) {
    std::optional<TimePoint> covered;
    const auto read_timer = [&](store::Transaction& transaction) -> Result<void> {
      const auto timer = TRY(transaction.timer(request.flow));
      covered = timer ? timer->covered : std::nullopt;
      return {};
    };
    TRY(parts_.store.read(read_timer));
    window = natural_window(*schedule, covered, now);
  }
  run.window = *window;
  run.params = request.params;
  run.trigger = Trigger::demand;
  run.actor = request.actor;
  const auto added = TRY(ledger_.add(run));
  return enqueue(added);
}

Result<AcceptedRun> FlowScheduler::retrigger(const RunId& id, const domain::Actor& actor) {
  const auto original = TRY(ledger_.get(id));
  TRY(domain::check_retriable(original.document.body));
  NewRun run;
  run.flow = TRY(enabled_flow(original.flow));
  run.window = original.window;
  if (const json::Value* params = original.document.body.find("params")) run.params = *params;
  if (json::Object* members = run.params.if_object()) members->erase("startTime");
  run.trigger = Trigger::retry;
  run.moves_window = original.moves_window;
  run.retry_of = id;
  run.actor = actor;
  if (actor.user.empty())
    run.actor = domain::Actor{original.document.created_by, original.document.created_client};
  const auto added = TRY(ledger_.add(run));
  return enqueue(added);
}

Result<AcceptedRun> FlowScheduler::cancel(const RunId& id, const domain::Actor&) {
  auto run = TRY(ledger_.get(id));
  if (domain::is_final(run.status))
    return Error{ErrorKind::conflict, "The run has ended already.", "/state", "CONNECTOR-1380-400"};
  bool unstarted = false;
  {
    std::unique_lock lock(mutex_);
    const auto same = [&id](const StoredRun& waiting) { return waiting.id == id; };
    unstarted = std::erase_if(queued_, same) + std::erase_if(ready_, same) > 0;
    if (!unstarted) {
      const auto found = active_.find(id);
      if (found != active_.end()) {
        found->second->cancelled = true;
        found->second->stop.request_stop();
        changed_.wait(lock, [&] { return !active_.contains(id) || stopping_; });
      }
    }
  }
  if (unstarted) {
    if (run.status == RunStatus::in_progress) {
      // Parked by an earlier process: its batch still stands in the lake.
      const auto batch =
          TRY(parts_.store.find(store::Scope::all(), domain::ResourceKind::batch, batch_of(id).value));
      const json::Value* related = batch ? batch->body.find("relatedObjects") : nullptr;
      if (related != nullptr && related->is_array() && !related->if_array()->empty())
        TRY(parts_.lake.discard_batch(DatasetId{std::string(related->if_array()->front().string_at("id"))},
                                      batch_of(id)));
    }
    const domain::RunError cancelled{"CANCELLED", "The run was cancelled; nothing was committed.", 0};
    const auto ended = TRY(end_unstarted(ledger_, run, cancelled, parts_.clock.now()));
    wake_dispatcher();
    return AcceptedRun{id, ended.etag};
  }
  run = TRY(ledger_.get(id));
  if (!domain::is_final(run.status))
    return Error{ErrorKind::conflict,
                 "The run belongs to a server that is stopping or to another one; ask again."};
  return AcceptedRun{id, run.document.etag};
}

void FlowScheduler::wait_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] {
    return stopping_ || (wakes_seen_ == wakes_ && !dispatching_ && active_.empty() && ready_.empty());
  });
}

std::size_t FlowScheduler::free_places() const {
  const std::lock_guard lock(mutex_);
  const std::size_t taken = active_.size() + ready_.size();
  return taken >= options_.runs_max ? 0 : options_.runs_max - taken;
}

void FlowScheduler::make_ready(StoredRun run) {
  const std::lock_guard lock(mutex_);
  ready_.push_back(std::move(run));
  changed_.notify_all();
}

std::optional<TimePoint> FlowScheduler::earliest_queued() const {
  const std::lock_guard lock(mutex_);
  std::optional<TimePoint> earliest;
  for (const StoredRun& run : queued_)
    if (run.not_before && (!earliest || *run.not_before < *earliest)) earliest = run.not_before;
  return earliest;
}

Result<void> FlowScheduler::start_queued(TimePoint now) {
  std::deque<StoredRun> waiting;
  {
    const std::lock_guard lock(mutex_);
    waiting = queued_;
  }
  for (StoredRun& run : waiting) {
    if (free_places() == 0) return {};
    if (run.not_before && *run.not_before > now) continue;
    const bool claimed = TRY(ledger_.claim(run));
    if (!claimed) continue;
    std::unique_lock lock(mutex_);
    const auto same = [&run](const StoredRun& other) { return other.id == run.id; };
    if (std::erase_if(queued_, same) == 0) {
      lock.unlock();  // It was cancelled meanwhile.
      TRY(ledger_.unclaim(run));
      continue;
    }
    ready_.push_back(std::move(run));
    changed_.notify_all();
  }
  return {};
}

Result<void> FlowScheduler::start_regular(const store::FlowTimer& timer, TimePoint now) {
  auto flow = TRY(parts_.store.find(store::Scope::all(), domain::ResourceKind::flow, timer.flow.value));
  if (!flow) return ledger_.set_timer(timer.flow);
  const auto schedule = TRY(schedule_of(*flow));
  if (!schedule || state_of(*flow) != "enabled") return ledger_.set_timer(timer.flow);
  const auto window = due_window(*schedule, timer.due, timer.covered, now);
  if (!window) return ledger_.set_timer(timer.flow);
  NewRun run;
  run.flow = *std::move(flow);
  run.window = *window;
  run.trigger = Trigger::schedule;
  run.moves_window = true;
  run.actor = domain::Actor{run.flow.created_by, run.flow.created_client};
  const auto added = TRY(ledger_.add_claimed(run, next_due(*schedule, window->end)));
  if (!added) return {};
  make_ready(TRY(ledger_.get(RunId{added->id})));
  return {};
}

Result<void> FlowScheduler::look_at_every_flow() {
  const auto flows =
      TRY(parts_.store.list(store::Scope::all(), domain::ResourceKind::flow, domain::ListQuery{}));
  for (const Resource& flow : flows.items)
    if (auto set = ledger_.set_timer(FlowId{flow.id}); !set)
      log::warn("flow has no timer", {{"flow", flow.id}, {"error", set.error().message}});
  return {};
}

// What can start now starts; gives when to look again.
Result<std::optional<TimePoint>> FlowScheduler::start_what_is_due() {
  bool look_at_all = false;
  {
    const std::lock_guard lock(mutex_);
    look_at_all = std::exchange(look_at_all_, false);
  }
  if (look_at_all) TRY(look_at_every_flow());
  const TimePoint now = parts_.clock.now();
  TRY(start_queued(now));
  std::vector<store::FlowTimer> due;
  const std::size_t places = free_places();
  if (places > 0) {
    const auto read_due = [&](store::Transaction& transaction) -> Result<void> {
      due = TRY(transaction.due_timers(now, places));
      return {};
    };
    TRY(parts_.store.read(read_due));
  }
  for (const store::FlowTimer& timer : due)
    if (auto begun = start_regular(timer, now); !begun)
      log::error("flow cannot be run", {{"flow", timer.flow.value}, {"error", begun.error().message}});
  if (places == 0) return std::optional<TimePoint>{};  // a run that ends wakes the dispatcher

  std::optional<TimePoint> next;
  const auto read_next = [&](store::Transaction& transaction) -> Result<void> {
    next = TRY(transaction.next_due());
    return {};
  };
  TRY(parts_.store.read(read_next));
  const auto queued = earliest_queued();
  if (queued && *queued > now && (!next || *queued < *next)) next = queued;
  // A flow that could not be started stays due; it is tried again after a while, not at once.
  if (next && *next <= now) next = now + kRetryLook;
  return next;
}

void FlowScheduler::dispatch(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::stop_token wait;
    std::uint64_t wakes = 0;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      wait_ = std::stop_source();
      wait = wait_.get_token();
      wakes = wakes_;
      dispatching_ = true;
    }
    auto next = start_what_is_due();
    if (!next) log::error("schedule cannot be read", {{"error", next.error().message}});
    const TimePoint now = parts_.clock.now();
    const TimePoint until = !next ? now + kRetryLook : (*next).value_or(now + kIdleLook);
    {
      const std::lock_guard lock(mutex_);
      dispatching_ = false;
      wakes_seen_ = wakes;
    }
    changed_.notify_all();
    parts_.clock.wait_until(std::min(until, now + kIdleLook), wait);
  }
}

void FlowScheduler::work() {
  while (true) {
    StoredRun run;
    auto active = std::make_shared<Active>();
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !ready_.empty(); });
      if (stopping_) return;
      run = std::move(ready_.front());
      ready_.pop_front();
      active_.emplace(run.id, active);
      metrics::gauge("headwater_runs_active", "Runs in progress.", static_cast<double>(active_.size()));
    }
    const run::StoredRunParts parts{parts_.store,  parts_.credentials, parts_.lake,
                                    parts_.access, parts_.clock,       options_.progress_every};
    const auto cancelled = [this, active] {
      const std::lock_guard lock(mutex_);
      return active->cancelled;
    };
    execute_run(parts, ledger_, run, cancelled, active->stop.get_token());
    {
      const std::lock_guard lock(mutex_);
      active_.erase(run.id);
      metrics::gauge("headwater_runs_active", "Runs in progress.", static_cast<double>(active_.size()));
      ++wakes_;
      wait_.request_stop();
    }
    changed_.notify_all();
  }
}

void FlowScheduler::keep_house(const std::stop_token& stop) {
  while (parts_.clock.wait_for(options_.housekeeping_every, stop)) run::keep_house(parts_.lake, stop);
}

}  // namespace

Result<std::unique_ptr<Scheduler>> Scheduler::make(Parts parts, SchedulerOptions options) {
  if (options.runs_max == 0)
    return Error{ErrorKind::invalid_argument, "At least one run must be allowed at a time (runs_max)."};
  return std::unique_ptr<Scheduler>(std::make_unique<FlowScheduler>(parts, std::move(options)));
}

}  // namespace headwater::schedule
