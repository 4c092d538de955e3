#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace headwater::extract {

/// When the next request to one host with one credential may leave. Shared by all flows, previews and
/// retries of the process. Thread-safe.
class RateBudget {
 public:
  explicit RateBudget(Clock& clock) : clock_(clock) {}

  /// Waits until a request may leave and books it. Gives the time waited. Errors: cancelled.
  Result<std::chrono::nanoseconds> acquire(std::stop_token stop);
  /// Nothing leaves before `until` (a Retry-After). A later time wins.
  void hold_until(TimePoint until);
  /// Spaces requests evenly; the lowest rate that any user of the budget asked for wins.
  void limit_rate(double requests_per_second);
  /// Nothing is held back now.
  bool is_idle();

 private:
  Clock& clock_;
  std::mutex mutex_;
  TimePoint held_until_{};
  TimePoint next_slot_{};
  std::chrono::nanoseconds spacing_{0};
};

/// The budgets of the process, by host and credential. Thread-safe.
class RateBudgets {
 public:
  explicit RateBudgets(Clock& clock) : clock_(clock) {}
  /// `credential` is a fingerprint, never the credential. Shared by everybody who asks for the same pair.
  std::shared_ptr<RateBudget> of(std::string_view host, std::string_view credential);

 private:
  Clock& clock_;
  std::mutex mutex_;
  // Shared with the extractors; kept while a source holds us back, so that its next user knows.
  std::map<std::string, std::shared_ptr<RateBudget>, std::less<>> budgets_;
};

}  // namespace headwater::extract
