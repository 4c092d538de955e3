#include "base/log.h"
#include "schedule/internal/flow_scheduler.h"

namespace headwater::schedule {

using domain::RunStatus;

Result<void> FlowScheduler::take_over() {
  const auto taken = TRY(peers_.take_over());
  for (const store::FlowTimer& claim : taken) {
    auto run = ledger_.get(claim.current_run);
    if (run)
      make_ready(*std::move(run));
    else
      log::error("run cannot be taken over",
                 {{"run", claim.current_run.value}, {"error", run.error().message}});
  }
  return {};
}

// What the other servers, or their clients, have done to our runs; and what they left behind.
Result<void> FlowScheduler::look_at_others() {
  TRY(peers_.beat());
  TRY(take_over());
  const auto owners = TRY(ledger_.owners());
  auto unfinished = TRY(ledger_.unfinished());
  for (StoredRun& run : unfinished) {
    const auto owner = owners.find(run.id);
    const bool ours = owner == owners.end() || owner->second == options_.owner;
    {
      const std::lock_guard lock(mutex_);
      if (const auto active = active_.find(run.id); active != active_.end()) {
        if (!ours) active->second->park();  // We were silent for too long: whoever has it now waits for us.
        if (ours && run.cancel_asked) active->second->cancel();
      }
    }
    // What is ours and in nobody's hand, or waits for whoever is free.
    const bool waits = owner == owners.end() && run.status == RunStatus::scheduled;
    if (waits || (owner != owners.end() && ours)) add_queued(std::move(run));
  }
  return {};
}

void FlowScheduler::keep_claims(const std::stop_token& stop) {
  while (parts_.clock.wait_for(options_.lease / 3, stop)) {
    if (const auto told = ledger_.tell_what_is_late(); !told)
      log::warn("what is late cannot be told", {{"error", told.error().message}});
    if (const auto looked = look_at_others(); !looked)
      log::warn("the other servers cannot be seen", {{"error", looked.error().message}});
    wake_dispatcher();
  }
}

}  // namespace headwater::schedule
