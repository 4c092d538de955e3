#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "http/internal/mailbox.h"

namespace headwater::http {

/// Hands one value from any thread to the coroutine that waits for it on its I/O thread. Shared by the two:
/// whichever is last frees it. After `close` the waiter is gone and a value is dropped.
template <class T>
class Exchange final : public Arrival, public std::enable_shared_from_this<Exchange<T>> {
 public:
  explicit Exchange(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}

  void give(T value) {
    bool awaited = false;
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || value_) return;
      value_ = std::move(value);
      awaited = awaited_;
    }
    if (awaited) mailbox_->put(this->shared_from_this());
  }
  /// True when there is something to wait for: the giver will wake whoever is held. False once the value is
  /// here, and after `close`.
  bool await() {
    const std::lock_guard lock(mutex_);
    awaited_ = !value_ && !closed_;
    return awaited_;
  }
  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  /// The value, if it came before the end; nothing is given after this.
  std::optional<T> take() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    return std::exchange(value_, std::nullopt);
  }
  void close() override { static_cast<void>(take()); }

 private:
  const std::shared_ptr<Mailbox> mailbox_;  // shared: the loop may end before the value is given
  mutable std::mutex mutex_;
  std::optional<T> value_;
  bool awaited_ = false;
  bool closed_ = false;
};

}  // namespace headwater::http
