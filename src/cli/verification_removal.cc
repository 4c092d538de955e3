// What a verification made is deleted, the last first.
#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "cli/published_specs.h"
#include "cli/report.h"
#include "cli/verification.h"

namespace headwater::cli {

void Verification::remove_all() {
  if (made_.empty() && !in_flow_spec_) return;
  if (subject_.keep) {
    skip("Deletion",
         fmt::format("kept, as asked for: {} made, named \"{}\"", counted(made_.size(), "resource"), name_));
    return;
  }
  // Also after a failure or an interrupt.
  reachable_ = true;
  stop_ = {};
  step("Deletion", "DELETE of all that was made, the last first",
       "Delete them by hand: the names begin with \"verify\".", [this] { return remove_made(); });
}

Result<std::string> Verification::remove_made() {
  const auto count = made_.size();
  std::string left;
  // A run that was under way writes on for a moment after its flow is gone.
  constexpr int kAttempts = 40;
  constexpr std::chrono::milliseconds kPause{500};
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    left.clear();
    bool may_pass = false;
    std::vector<std::pair<std::string, std::string>> kept;
    for (auto each = made_.rbegin(); each != made_.rend(); ++each) {
      const auto removed = call("DELETE", each->second);
      if (removed || removed.error().kind == ErrorKind::not_found) continue;
      may_pass = may_pass || removed.error().kind == ErrorKind::conflict;
      left += (left.empty() ? "" : "; ") + each->first + ": " + removed.error().message;
      kept.insert(kept.begin(), *each);
    }
    {
      const std::lock_guard lock(made_mutex_);
      made_ = std::move(kept);
    }
    if (!may_pass || !clock_.wait_for(kPause, {})) break;
  }
  if (in_flow_spec_) {
    const auto removed = remove_from_flow_spec(client_, flow_spec(), spec_id_);
    if (!removed) left += (left.empty() ? "" : "; ") + std::string("flow spec: ") + removed.error().message;
  }
  if (!left.empty()) return failed(left);
  return counted(count, "resource") + " deleted";
}

}  // namespace headwater::cli
