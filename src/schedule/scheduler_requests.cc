#include <algorithm>
#include <chrono>

#include "schedule/internal/flow_scheduler.h"
#include "schedule/windows.h"

namespace headwater::schedule {

using domain::Resource;
using domain::RunStatus;

namespace {

constexpr std::chrono::seconds kCancelElsewhere{10};

Error not_enabled() {
  return Error{ErrorKind::invalid_argument, "The flow is not enabled; enable it first.", "/flowId",
               "CONNECTOR-1388-400"};
}

std::string read_since(const StoredRun& later) {
  std::string text = "The run " + later.id.value + " has read this run's window since; ";
  if (later.status == RunStatus::partial_success)
    text +=
        "it ended as partialSuccess: what it left can be had by a run on demand (POST /runs) whose "
        "params name windowStartTime and windowEndTime. ";
  return text + "Read again as it was, its records would stand there twice.";
}

}  // namespace

Result<Resource> FlowScheduler::enabled_flow(const FlowId& id) {
  auto flow = TRY(parts_.store.get(store::Scope::all(), domain::ResourceKind::flow, id.value));
  if (state_of(flow) != "enabled") return not_enabled();
  return flow;
}

Result<AcceptedRun> FlowScheduler::enqueue(const Resource& document) {
  add_queued(TRY(ledger_.get(RunId{document.id})));
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
  run.also = request.also;
  const auto added = TRY(ledger_.add(run));
  return enqueue(added);
}

Result<AcceptedRun> FlowScheduler::retrigger(const RunId& id, const domain::Actor& actor, const Also& also) {
  const auto original = TRY(ledger_.get(id));
  TRY(domain::check_retriable(original.document.body));
  if (original.status == RunStatus::failed)
    if (const auto later = TRY(ledger_.covered_by(original)))
      return Error{ErrorKind::invalid_argument, read_since(*later), "", "CONNECTOR-1387-400"};
  NewRun run;
  run.flow = TRY(enabled_flow(original.flow));
  run.window = original.window;
  if (const json::Value* params = original.document.body.find("params")) run.params = *params;
  if (json::Object* members = run.params.if_object()) members->erase("startTime");
  run.trigger = Trigger::retry;
  run.moves_window = original.moves_window;
  run.retry_of = id;
  run.actor = actor;
  run.also = also;
  if (actor.user.empty())
    run.actor = domain::Actor{original.document.created_by, original.document.created_client};
  const auto added = TRY(ledger_.add(run));
  return enqueue(added);
}

// Ends a run that a worker of this process has; false when none has.
bool FlowScheduler::stop_active(const RunId& id) {
  std::unique_lock lock(mutex_);
  const auto found = active_.find(id);
  if (found == active_.end()) return false;
  found->second->cancel();
  changed_.wait(lock, [&] { return !active_.contains(id) || stopping_; });
  return true;
}

// The server that has the run reads the wish with its next page, or with its next look at the others.
Result<AcceptedRun> FlowScheduler::cancel_elsewhere(const RunId& id) {
  TRY(ledger_.ask_to_cancel(id));
  const auto until = std::chrono::steady_clock::now() + kCancelElsewhere;
  SystemClock clock;
  while (std::chrono::steady_clock::now() < until) {
    const auto run = TRY(ledger_.get(id));
    if (domain::is_final(run.status)) return AcceptedRun{id, run.document.etag};
    if (!clock.wait_for(std::chrono::milliseconds(100), stop_.get_token())) break;
  }
  return Error{ErrorKind::conflict,
               "Another server runs it and was asked to cancel; look at the run again in a moment."};
}

Result<AcceptedRun> FlowScheduler::cancel(const RunId& id, const domain::Actor&) {
  auto run = TRY(ledger_.get(id));
  TRY(domain::check_is_batch_run(run.document.body));
  if (domain::is_final(run.status))
    return Error{ErrorKind::conflict, "The run has ended already.", "/state", "CONNECTOR-1380-400"};
  bool unstarted = false;
  {
    const std::lock_guard lock(mutex_);
    const auto same = [&id](const StoredRun& waiting) { return waiting.id == id; };
    unstarted = std::erase_if(queued_, same) + std::erase_if(ready_, same) > 0;
  }
  if (!unstarted && stop_active(id)) {
    run = TRY(ledger_.get(id));
    if (domain::is_final(run.status)) return AcceptedRun{id, run.document.etag};
    return Error{ErrorKind::conflict, "The server is stopping; ask again when it is back."};
  }
  if (!unstarted && run.status == RunStatus::in_progress) return cancel_elsewhere(id);
  if (run.status == RunStatus::in_progress) {
    // Parked by an earlier process: its batch still stands in the lake.
    const auto batch =
        TRY(parts_.store.find(store::Scope::all(), domain::ResourceKind::batch, batch_of(id).value));
    const json::Value* related = batch ? batch->body.find("relatedObjects") : nullptr;
    if (related != nullptr && related->is_array() && !related->if_array()->empty()) {
      const DatasetId dataset{std::string(related->if_array()->front().string_at("id"))};
      if (const auto manifest = parts_.lake.manifest(dataset); manifest)
        if (TRY((*manifest)->find_batch(batch_of(id))))
          return Error{ErrorKind::conflict, "The run has committed its records already.", "/state",
                       "CONNECTOR-1380-400"};
      const auto discarded = parts_.lake.discard_batch(dataset, batch_of(id));
      if (!discarded && discarded.error().kind == ErrorKind::conflict) return cancel_elsewhere(id);
      TRY(discarded);
    }
  }
  const domain::RunError cancelled{"CANCELLED", "The run was cancelled; nothing was committed.", 0};
  const auto ended = end_unstarted(ledger_, run, cancelled, parts_.clock.now());
  if (!ended && ended.error().kind == ErrorKind::conflict) return cancel_elsewhere(id);
  if (!ended) return ended.error();
  wake_dispatcher();
  return AcceptedRun{id, ended->etag};
}

}  // namespace headwater::schedule
