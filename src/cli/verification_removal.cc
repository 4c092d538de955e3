// What a verification made is deleted, the last first.
#include <fmt/format.h>

#include <chrono>
#include <set>
#include <string>
#include <utility>

#include "cli/output.h"
#include "cli/published_specs.h"
#include "cli/report.h"
#include "cli/verification.h"

namespace headwater::cli {

void Verification::remove_all() {
  if (made_.empty() && unanswered_.empty() && !in_flow_spec_) return;
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

void Verification::find_unanswered() {
  for (const auto& [path, body, key, path_of] : std::exchange(unanswered_, {})) {
    const auto answer = client_.call("POST", path, body, {{"Idempotency-Key", key}}, stop_);
    const auto place = answer ? path_of(*answer) : std::string();
    if (!place.empty()) made(path.substr(path.rfind('/') + 1), place);
  }
}

// A run under way, that took too long or was interrupted, would go on asking the source.
void Verification::cancel_runs() {
  if (!subject_.events.empty()) return;
  const auto runs = [](std::string_view rest) {
    return std::string("/data/foundation/flowservice/runs").append(rest);
  };
  constexpr std::chrono::seconds kPatience{30};
  constexpr std::chrono::milliseconds kPause{200};
  const auto end = clock_.now() + kPatience;
  for (const auto& [what, path] : made_) {
    if (what != "flows") continue;
    const auto flow = path.substr(path.rfind('/') + 1);
    std::set<std::string, std::less<>> told;
    for (bool going = true; going && clock_.now() < end;) {
      going = false;
      const auto answer = call("GET", runs("?property=flowId==").append(flow).append("&limit=100"));
      if (!answer) break;
      for (const auto& run : items_of(*answer)) {
        if (is_over(run)) continue;
        going = true;
        const std::string id(run.string_at("id"));
        if (told.insert(id).second)
          static_cast<void>(call("POST", runs("/").append(id).append("/action?op=cancel")));
      }
      if (going && !clock_.wait_for(kPause, {})) break;
    }
  }
}

Result<std::string> Verification::remove_made() {
  find_unanswered();
  cancel_runs();
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
