#include "engine/extract/rate_budget.h"

#include <algorithm>
#include <utility>

namespace headwater::extract {

Result<std::chrono::nanoseconds> RateBudget::acquire(std::stop_token stop) {
  const TimePoint begin = clock_.now();
  while (true) {
    TimePoint leaves;
    {
      const std::lock_guard lock(mutex_);
      const TimePoint now = clock_.now();
      leaves = std::max(held_until_, next_slot_);
      if (leaves <= now) {
        // Unused slots are not saved up: a source that asks for a rate does not want bursts.
        next_slot_ = now + spacing_;
        return now - begin;
      }
    }
    if (!clock_.wait_until(leaves, stop))
      return Error{ErrorKind::cancelled, "Stopped while waiting for the source."};
  }
}

void RateBudget::hold_until(TimePoint until) {
  const std::lock_guard lock(mutex_);
  held_until_ = std::max(held_until_, until);
}

void RateBudget::limit_rate(double requests_per_second) {
  if (requests_per_second <= 0) return;
  const std::lock_guard lock(mutex_);
  const std::chrono::nanoseconds spacing(static_cast<std::int64_t>(1e9 / requests_per_second));
  spacing_ = std::max(spacing_, spacing);
}

bool RateBudget::is_idle() {
  const std::lock_guard lock(mutex_);
  const TimePoint now = clock_.now();
  return held_until_ <= now && next_slot_ <= now;
}

std::shared_ptr<RateBudget> RateBudgets::of(std::string_view host, std::string_view credential) {
  const std::string key = std::string(host) + '\n' + std::string(credential);
  const std::lock_guard lock(mutex_);
  std::erase_if(budgets_,
                [](const auto& each) { return each.second.use_count() == 1 && each.second->is_idle(); });
  auto& budget = budgets_[key];
  if (!budget) budget = std::make_shared<RateBudget>(clock_);
  return budget;
}

}  // namespace headwater::extract
