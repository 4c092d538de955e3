#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/worker_pool.h"
#include "http/server.h"

// Only server.cc and connection.cc include this: Asio is slow to compile, Beast (connection.cc) slower.
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

/// What all connections of a server share; outlives them.
struct Shared {
  Shared(ServerOptions server_options, const Router& server_router)
      : options(std::move(server_options)),
        router(server_router),
        workers(options.worker_threads, options.queue_max) {}

  ServerOptions options;
  const Router& router;
  WorkerPool workers;
  std::atomic<bool> stopping{false};
  std::mutex mutex;
  std::condition_variable ended;
  std::size_t connections = 0;  // under mutex
};

/// Serves the requests of one connection, one after the other. Confined to its loop's thread; workers hold
/// nothing of it but Exchanges.
class Connection {
 public:
  static std::shared_ptr<Connection> make(Socket socket, Shared& shared);
  virtual ~Connection() = default;
  /// Ends with the connection.
  virtual Awaitable<void> run() = 0;
  /// Waiting for a request that has not begun.
  virtual bool idle() const = 0;
  /// Ends it now, whatever it is doing.
  virtual void abort() = 0;
};

}  // namespace headwater::http
