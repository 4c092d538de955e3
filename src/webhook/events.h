#pragma once

#include <chrono>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/resource.h"
#include "store/store.h"

// What webhooks are told of (docs/webhooks.md has the definitions). Each function puts one event for each of
// the organisation's webhooks that want it into the store, within the transaction of what happened: both
// are stored, or none.
namespace headwater::webhook {

/// A run has ended, as its document `run` tells. `state_before` is the state of the flow's run that ended
/// before it, "" for none. run.failed: it failed. run.recovered: it did not, but the one before had.
Result<void> tell_run_ended(store::Transaction& transaction, const domain::Resource& flow,
                            const domain::Resource& run, std::string_view state_before, TimePoint now);

/// A flow's next run, and since when it is late.
struct Lateness {
  TimePoint due;
  std::chrono::seconds grace;
  RunId in_progress;  // the run that holds it up; empty: none
};
/// Whether a run that was due then is late at `now`: not before the grace is over, which begins with the
/// flow's last change where that came later (a flow whose start lies in the past is due as soon as it is
/// there, or enabled).
bool is_late(const domain::Resource& flow, TimePoint due, std::chrono::seconds grace, TimePoint now);
/// run.late. The caller has marked it in the timer, so that it is told once.
Result<void> tell_late(store::Transaction& transaction, const domain::Resource& flow,
                       const Lateness& lateness, TimePoint now);

/// The bytes of a test delivery, and its id.
store::WebhookEvent test_event(const domain::Resource& webhook, TimePoint now);

}  // namespace headwater::webhook
