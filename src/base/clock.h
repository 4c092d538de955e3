#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace headwater {

/// UTC, nanosecond steps.
using TimePoint = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Tells the time and waits for it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  /// Waits until `when`; false if `stop` was requested first.
  virtual bool wait_until(TimePoint when, std::stop_token stop) = 0;
  bool wait_for(std::chrono::nanoseconds span, std::stop_token stop) {
    return wait_until(now() + span, std::move(stop));
  }
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
  bool wait_until(TimePoint when, std::stop_token stop) override;
};

/// A clock that tests move by hand. Waiters wake when `advance` passes their time.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start) : now_(start) {}
  TimePoint now() const override;
  bool wait_until(TimePoint when, std::stop_token stop) override;
  void advance(std::chrono::nanoseconds span);

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any moved_;
  TimePoint now_;
};

}  // namespace headwater
