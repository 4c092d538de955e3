#include "base/clock.h"

namespace headwater {

TimePoint SystemClock::now() const {
  return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

bool SystemClock::wait_until(TimePoint when, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait_until(lock, stop, std::chrono::time_point_cast<std::chrono::system_clock::duration>(when),
                   [] { return false; });
  return !stop.stop_requested();
}

TimePoint ManualClock::now() const {
  std::scoped_lock lock(mutex_);
  return now_;
}

bool ManualClock::wait_until(TimePoint when, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return moved_.wait(lock, stop, [&] { return now_ >= when; });
}

void ManualClock::advance(std::chrono::nanoseconds span) {
  {
    std::scoped_lock lock(mutex_);
    now_ += span;
  }
  moved_.notify_all();
}

}  // namespace headwater
