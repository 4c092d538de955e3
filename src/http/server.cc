#include "http/server.h"

#include <sys/resource.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include "base/log.h"
#include "http/internal/connection.h"

namespace headwater::http {
namespace {

using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

constexpr std::size_t kOtherDescriptors = 256;  // files, listeners and outgoing calls of the process

// How many connections there can be: `wanted`, for which the soft limit of descriptors is raised if need be,
// or what the hard one leaves.
std::size_t connections_allowed(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  const rlim_t needed = wanted + kOtherDescriptors;
  if (limit.rlim_cur < needed) {
    const rlimit raised{std::min(needed, limit.rlim_max), limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  if (limit.rlim_cur >= needed) return wanted;
  const auto left = std::max<rlim_t>(limit.rlim_cur, 2 * kOtherDescriptors) - kOtherDescriptors;
  const auto allowed = std::min(wanted, static_cast<std::size_t>(left));
  log::warn("fewer connections than wanted: the process may not open more files",
            {{"connections_max", std::to_string(allowed)}, {"wanted", std::to_string(wanted)}});
  return allowed;
}

// Short against the timeout, long against the sweep.
std::chrono::milliseconds sweep_span(const ServerOptions& options) {
  const std::chrono::milliseconds span = options.idle_timeout;
  return std::clamp(span / 8, std::chrono::milliseconds(10), std::chrono::milliseconds(500));
}

Awaitable<void> serve(std::shared_ptr<Connection> connection, Loop& loop, Shared& shared) {
  loop.connections.insert(connection.get());
  co_await connection->run();
  loop.connections.erase(connection.get());
  const std::lock_guard lock(shared.mutex);
  --shared.connections;
  shared.ended.notify_all();
}

// More connections than allowed: a short word, and the end.
Awaitable<void> turn_away(Socket socket) {
  constexpr std::string_view kBusy =
      "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  error_code code;
  const asio::const_buffer bytes(kBusy.data(), kBusy.size());
  co_await asio::async_write(socket, bytes, asio::redirect_error(kUse, code));
  socket.shutdown(tcp::socket::shutdown_both, code);
}

ServerOptions within_limits(ServerOptions options) {
  options.connections_max = connections_allowed(options.connections_max);
  return options;
}

class BeastServer final : public Server {
 public:
  BeastServer(ServerOptions options, const Router& router)
      : shared_(within_limits(std::move(options)), router), acceptor_(make_loops()) {}
  // NOLINTNEXTLINE(bugprone-exception-escape): a thread that cannot be joined ends the process, as it should.
  ~BeastServer() override { stop(std::chrono::milliseconds(0)); }
  BeastServer(const BeastServer&) = delete;
  BeastServer& operator=(const BeastServer&) = delete;

  Result<void> listen() {
    error_code code;
    const auto address = asio::ip::make_address(shared_.options.address, code);
    if (code)
      return Error{ErrorKind::invalid_argument,
                   "\"" + shared_.options.address + "\" is no address to listen on."};
    const tcp::endpoint endpoint(address, shared_.options.port);
    acceptor_.open(endpoint.protocol(), code);
    if (!code) acceptor_.set_option(tcp::acceptor::reuse_address(true), code);
    if (!code) acceptor_.bind(endpoint, code);
    if (!code) acceptor_.listen(asio::socket_base::max_listen_connections, code);
    if (!code) port_ = acceptor_.local_endpoint(code).port();
    if (code)
      return Error{ErrorKind::unavailable, "Cannot listen on " + shared_.options.address + ":" +
                                               std::to_string(shared_.options.port) + ": " + code.message() +
                                               "."};
    return {};
  }

  std::uint16_t port() const override { return port_; }

  void start() override {
    if (loops_.front()->thread.joinable() || shared_.stopping) return;
    asio::co_spawn(loops_.front()->context, accept_all(), asio::detached);
    for (auto& loop : loops_) {
      loop->sweep_every(sweep_span(shared_.options));
      loop->thread = std::thread([context = &loop->context] { context->run(); });
    }
  }

  void stop(std::chrono::milliseconds grace) override {
    if (shared_.stopping.exchange(true)) return;
    if (!loops_.front()->thread.joinable()) return;
    asio::post(loops_.front()->context, [this] {
      error_code code;
      acceptor_.close(code);
      accept_pause_.cancel();
    });
    // Idle connections end at once, those at work after their answer.
    on_connections([](Connection& connection) {
      if (connection.idle()) connection.abort();
    });
    if (!wait_until_ended(grace)) {
      on_connections([](Connection& connection) { connection.abort(); });
      wait_until_ended(std::chrono::seconds(5));
    }
    for (auto& loop : loops_) {
      asio::post(loop->context, [each = loop.get()] { each->stop_sweeping(); });
      loop->guard.reset();
    }
    for (auto& loop : loops_) {
      loop->thread.join();
      loop->mailbox->close();
    }
  }

 private:
  Executor make_loops() {
    for (std::size_t i = 0; i < std::max<std::size_t>(1, shared_.options.io_threads); ++i)
      loops_.push_back(std::make_unique<Loop>());
    return loops_.front()->context.get_executor();
  }

  template <class Step>
  void on_connections(Step step) {
    for (auto& loop : loops_) {
      asio::post(loop->context, [step, each = loop.get()] {
        // abort() only cancels: no connection leaves the set within this loop.
        for (auto* connection : each->connections) step(*connection);
      });
    }
  }

  bool wait_until_ended(std::chrono::milliseconds span) {
    std::unique_lock lock(shared_.mutex);
    return shared_.ended.wait_for(lock, span, [this] { return shared_.connections == 0; });
  }

  Awaitable<void> accept_all() {
    for (std::size_t turn = 0; !shared_.stopping; ++turn) {
      auto& loop = *loops_[turn % loops_.size()];
      error_code code;
      Socket socket(loop.context);
      co_await acceptor_.async_accept(socket, asio::redirect_error(kUse, code));
      if (shared_.stopping) co_return;
      if (code) {  // out of file descriptors, most likely: let some connections end
        accept_pause_.expires_after(std::chrono::milliseconds(50));
        co_await accept_pause_.async_wait(asio::redirect_error(kUse, code));
        continue;
      }
      if (!admit()) {
        asio::co_spawn(loop.context, turn_away(std::move(socket)), asio::detached);
        continue;
      }
      auto connection = Connection::make(std::move(socket), loop, shared_);
      asio::co_spawn(loop.context, serve(std::move(connection), loop, shared_), asio::detached);
    }
  }

  bool admit() {
    const std::lock_guard lock(shared_.mutex);
    if (shared_.connections >= shared_.options.connections_max) return false;
    ++shared_.connections;
    return true;
  }

  std::vector<std::unique_ptr<Loop>> loops_;
  Shared shared_;
  Acceptor acceptor_;
  Timer accept_pause_{acceptor_.get_executor()};
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::make(ServerOptions options, const Router& router) {
  auto server = std::make_unique<BeastServer>(std::move(options), router);
  TRY(server->listen());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace headwater::http
