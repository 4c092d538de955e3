#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <vector>

#include "http/server.h"

namespace headwater::http {

/// What waits on an I/O thread until it is woken there.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void resume() = 0;
};

/// What a connection waits for and another thread brings. All but the bringing happens on the loop's thread.
class Arrival : public Caller {
 public:
  void leave() { left_ = true; }
  /// Who is resumed by `wake`, once.
  void hold(std::unique_ptr<Waiter> waiter) { waiter_ = std::move(waiter); }
  void wake() {
    if (const auto waiter = std::exchange(waiter_, nullptr)) waiter->resume();
  }
  /// Nobody waits any more: what is brought from now on is dropped.
  virtual void close() = 0;

 private:
  std::unique_ptr<Waiter> waiter_;
};

/// Where other threads leave what a loop's connections wait for. The loop is called once for all that lies
/// here: a group commit answers a thousand requests, and each call would cost a system call.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  /// Shared by the loop and by all who may bring something, however late.
  explicit Mailbox(boost::asio::io_context& context) : context_(context) {}
  /// From any thread.
  void put(std::shared_ptr<Arrival> arrival);
  /// The loop has ended: what is put from now on is dropped.
  void close();

 private:
  void hand_out();

  boost::asio::io_context& context_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Arrival>> waiting_;
  std::vector<std::shared_ptr<Arrival>> handing_out_;  // the loop's thread only
  bool closed_ = false;
};

}  // namespace headwater::http
