// The least that Boost.Beast does for a request: coroutines, keep-alive, one body for every GET. What the
// server's rate is compared with. Usage: http_responder THREADS BODY_BYTES     prints "listening on
// http://127.0.0.1:PORT"
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

asio::awaitable<void> serve(tcp::socket socket, const std::string& body) {
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer;
  try {
    for (;;) {
      http::request<http::string_body> request;
      co_await http::async_read(stream, buffer, request, asio::use_awaitable);
      http::response<http::string_body> response(http::status::ok, request.version());
      response.set(http::field::content_type, "application/json");
      response.body() = body;
      response.keep_alive(request.keep_alive());
      response.prepare_payload();
      co_await http::async_write(stream, response, asio::use_awaitable);
      if (!response.keep_alive()) break;
    }
  } catch (const boost::system::system_error&) {
    // The client has gone.
  }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, std::vector<std::unique_ptr<asio::io_context>>& loops,
                             const std::string& body) {
  for (std::size_t next = 0;; next = (next + 1) % loops.size()) {
    auto socket = co_await acceptor.async_accept(*loops[next], asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::co_spawn(*loops[next], serve(std::move(socket), body), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: http_responder THREADS BODY_BYTES\n");
    return 2;
  }
  const std::string body(static_cast<std::size_t>(std::atoll(argv[2])), 'x');
  std::vector<std::unique_ptr<asio::io_context>> loops;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> busy;
  for (int i = 0; i < std::max(1, std::atoi(argv[1])); ++i) {
    loops.push_back(std::make_unique<asio::io_context>(1));
    busy.push_back(asio::make_work_guard(*loops.back()));
  }
  tcp::acceptor acceptor(*loops[0], {asio::ip::address_v4::loopback(), 0});
  asio::co_spawn(*loops[0], accept(acceptor, loops, body), asio::detached);
  std::printf("listening on http://127.0.0.1:%d\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  std::vector<std::jthread> threads;
  for (auto& loop : loops) threads.emplace_back([&loop] { loop->run(); });
}
