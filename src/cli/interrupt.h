#pragma once

#include <csignal>
#include <functional>
#include <stop_token>
#include <thread>

namespace headwater::cli {

/// Turns SIGINT, SIGTERM and SIGHUP into a stop request. Made once, before any thread starts, so that all
/// threads inherit the blocked signals. A second SIGINT or SIGTERM ends the process at once.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  std::stop_token token() const { return source_.get_token(); }
  /// Waits for a signal.
  void wait() const;

 private:
  std::stop_source source_;
  sigset_t before_{};  // the mask that was; signals end the process again when this object is gone
  std::thread watcher_;
};

/// What is done when a second signal ends the process, right before it: on another thread, while everything
/// else goes on. The newest comes first. Taken back with this object, which waits for it when it is being
/// done.
class AtAbruptEnd {
 public:
  explicit AtAbruptEnd(std::function<void()> work);
  ~AtAbruptEnd();
  AtAbruptEnd(const AtAbruptEnd&) = delete;
  AtAbruptEnd& operator=(const AtAbruptEnd&) = delete;
};

}  // namespace headwater::cli
