#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "http/internal/mailbox.h"

// Only the server's own sources include this: Asio is slow to compile.
namespace headwater::http {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<tcp, Executor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, Executor>;
template <class T>
using Awaitable = asio::awaitable<T, Executor>;
constexpr asio::use_awaitable_t<Executor> kUse{};

class Connection;

/// One thread with its own io_context and the connections that live on it. All but the mailbox is touched on
/// the loop's thread only.
class Loop {
 public:
  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Ends connections past their deadline, every so often, until `stop_sweeping`. One timer for all: one
  /// set anew for each read and write costs as much as the read.
  void sweep_every(std::chrono::milliseconds span);
  void stop_sweeping();

  /// Now, as a Date header says it.
  std::string_view date();

  asio::io_context context{1};
  asio::executor_work_guard<Executor> guard = asio::make_work_guard(context);
  const std::shared_ptr<Mailbox> mailbox = std::make_shared<Mailbox>(context);  // shared with late answers
  std::set<Connection*> connections;
  std::string out;  // where an answer's head is put together
  std::thread thread;

 private:
  Timer sweep_{context};
  bool sweeping_ = true;
  std::string date_;
  std::int64_t date_second_ = -1;
};

}  // namespace headwater::http
