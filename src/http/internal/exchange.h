#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace headwater::http {

/// Hands one value from any thread to the coroutine that waits for it on its I/O thread. Shared by the two:
/// whichever is last frees it. After `close` the waiter is gone and a value is dropped.
template <class T>
class Exchange {
 public:
  /// `wake` is called at most once, under the lock, from the thread that gives the value.
  explicit Exchange(std::function<void()> wake) : wake_(std::move(wake)) {}

  void give(T value) {
    const std::lock_guard lock(mutex_);
    if (closed_ || value_) return;
    value_ = std::move(value);
    wake_();
  }
  /// Also true after `close`: there is nothing left to wait for.
  bool ready() const {
    const std::lock_guard lock(mutex_);
    return value_.has_value() || closed_;
  }
  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  std::optional<T> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(value_, std::nullopt);
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }

 private:
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  std::optional<T> value_;
  bool closed_ = false;
};

}  // namespace headwater::http
