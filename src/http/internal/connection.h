#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/worker_pool.h"
#include "http/internal/loop.h"
#include "http/server.h"

namespace headwater::http {

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
  std::atomic<std::uint64_t> receiving_bytes{
      0};  // of bodies that are not whole yet, all connections together
  std::mutex mutex;
  std::condition_variable ended;
  std::size_t connections = 0;  // under mutex
};

/// Serves the requests of one connection, one after the other. Confined to its loop's thread; workers hold
/// nothing of it but Exchanges.
class Connection {
 public:
  static std::shared_ptr<Connection> make(Socket socket, Loop& loop, Shared& shared);
  virtual ~Connection() = default;
  /// Ends with the connection.
  virtual Awaitable<void> run() = 0;
  /// Waiting for a request that has not begun.
  virtual bool idle() const = 0;
  /// When what is awaited from the client must have come.
  virtual std::chrono::steady_clock::time_point deadline() const = 0;
  /// Tells whoever works on its request when the client has gone.
  virtual void look_after_client() = 0;
  /// Ends it soon, whatever it is doing: nothing of it runs within the call.
  virtual void abort() = 0;
};

}  // namespace headwater::http
