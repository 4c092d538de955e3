#include "schedule/scheduler.h"

#include <algorithm>
#include <chrono>

#include "base/log.h"
#include "base/metrics.h"
#include "schedule/internal/flow_scheduler.h"
#include "schedule/windows.h"

namespace headwater::schedule {

using domain::Resource;
using domain::RunStatus;

namespace {

constexpr std::chrono::seconds kRetryLook{5};

}  // namespace

Result<void> FlowScheduler::start() {
  TRY(peers_.join());
  TRY(peers_.take_over());
  const auto owners = TRY(ledger_.owners());
  auto unfinished = TRY(ledger_.unfinished());
  for (StoredRun& run : unfinished) {
    const auto owner = owners.find(run.id);
    if (owner != owners.end() && owner->second != options_.owner) continue;
    // Claimed: it was parked or killed. In progress without a claim: its flow was deleted under it.
    if (owner != owners.end() || run.status == RunStatus::in_progress)
      make_ready(std::move(run));
    else
      add_queued(std::move(run));
  }
  for (std::size_t i = 0; i < options_.runs_max; ++i) threads_.emplace_back([this] { work(); });
  threads_.emplace_back([this] { dispatch(stop_.get_token()); });
  threads_.emplace_back([this] { keep_claims(stop_.get_token()); });
  threads_.emplace_back([this] { keep_house(stop_.get_token()); });
  return {};
}

void FlowScheduler::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const auto& [id, active] : active_) active->park();
    wait_.request_stop();
  }
  stop_.request_stop();
  changed_.notify_all();
  threads_.clear();  // joins
  peers_.leave();
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

void FlowScheduler::flow_changed(const FlowId& flow) {
  if (const auto set = ledger_.set_timer(flow); !set) {
    log::error("flow has no timer yet", {{"flow", flow.value}, {"error", set.error().message}});
    const std::lock_guard lock(mutex_);
    look_at_all_ = true;
  }
  wake_dispatcher();
}

// Whether the run is with a worker or about to be. Under the mutex.
bool FlowScheduler::in_hand(const RunId& id) const {
  const auto same = [&id](const StoredRun& other) { return other.id == id; };
  return active_.contains(id) || std::any_of(ready_.begin(), ready_.end(), same);
}

void FlowScheduler::add_queued(StoredRun run) {
  const auto same = [&run](const StoredRun& other) { return other.id == run.id; };
  const std::lock_guard lock(mutex_);
  if (!in_hand(run.id) && std::none_of(queued_.begin(), queued_.end(), same))
    queued_.push_back(std::move(run));
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
  const auto same = [&run](const StoredRun& other) { return other.id == run.id; };
  std::erase_if(queued_, same);
  if (in_hand(run.id)) return;
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
    const Claim claim = TRY(ledger_.claim(run));
    if (claim == Claim::busy) continue;
    std::unique_lock lock(mutex_);
    const auto same = [&run](const StoredRun& other) { return other.id == run.id; };
    const bool waited = std::erase_if(queued_, same) > 0;
    if (claim == Claim::gone || in_hand(run.id)) continue;
    if (!waited) {
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
  const auto added = TRY(ledger_.add_claimed(run, timer, next_due(*schedule, window->end)));
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
  if (look_at_all) {
    if (auto looked = look_at_every_flow(); !looked) {
      const std::lock_guard lock(mutex_);
      look_at_all_ = true;
      return looked.error();
    }
  }
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
    // With nothing due the store is looked at again all the same: another server may have written to it.
    const TimePoint idle = now + options_.lease / 3;
    const TimePoint until = !next ? now + kRetryLook : (*next).value_or(idle);
    {
      const std::lock_guard lock(mutex_);
      dispatching_ = false;
      wakes_seen_ = wakes;
    }
    changed_.notify_all();
    parts_.clock.wait_until(std::min(until, idle), wait);
  }
}

void FlowScheduler::work() {
  while (true) {
    StoredRun run;
    auto active = std::make_shared<RunStop>();
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
    // While it waited here, another server may have thought this one dead.
    const auto claim = ledger_.claim(run);
    const bool mine = claim && *claim == Claim::mine;
    const Ended ended = mine ? execute_run(parts, ledger_, run, *active) : Ended::parked;
    {
      const std::lock_guard lock(mutex_);
      active_.erase(run.id);
      metrics::gauge("headwater_runs_active", "Runs in progress.", static_cast<double>(active_.size()));
      if (ended == Ended::parked) {
        // Another process still writes its batch or has taken it over, or the store is away: looked at again,
        // until it is ours or has ended.
        run.not_before = parts_.clock.now() + kRetryLook;
        queued_.push_back(std::move(run));
      }
      ++wakes_;
      wait_.request_stop();
    }
    changed_.notify_all();
  }
}

void FlowScheduler::keep_house(const std::stop_token& stop) {
  while (parts_.clock.wait_for(options_.housekeeping_every, stop))
    run::keep_house(parts_.store, parts_.lake, parts_.clock, stop);
}

Result<std::unique_ptr<Scheduler>> Scheduler::make(Parts parts, SchedulerOptions options) {
  if (options.runs_max == 0)
    return Error{ErrorKind::invalid_argument, "At least one run must be allowed at a time (runs_max)."};
  return std::unique_ptr<Scheduler>(std::make_unique<FlowScheduler>(parts, std::move(options)));
}

}  // namespace headwater::schedule
