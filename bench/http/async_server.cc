// The HTTP server alone, as the inlet uses it: a POST to an asynchronous route, answered at once on the I/O
// thread, or by another thread that takes all that wait and answers them together, as after one group commit.
// Usage: http_async_server at_once|together [MICROSECONDS]     prints "listening on http://127.0.0.1:PORT"
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "http/server.h"

namespace {

using headwater::http::Request;
using headwater::http::Responder;
using headwater::http::Response;
using headwater::http::Router;

/// Answers what has gathered, again and again; each time after a wait that stands for a sync.
class Committer {
 public:
  explicit Committer(std::chrono::microseconds wait) : wait_(wait) {}
  void add(Responder responder) {
    std::unique_lock lock(mutex_);
    waiting_.push_back(std::move(responder));
    if (waiting_.size() > 1) return;
    lock.unlock();
    changed_.notify_one();
  }
  [[noreturn]] void run() {
    std::vector<Responder> group;
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !waiting_.empty(); });
        group.swap(waiting_);
      }
      if (wait_.count() > 0) std::this_thread::sleep_for(wait_);
      for (auto& responder : group) responder(Response::text(200, "{}", "application/json"));
      group.clear();
    }
  }

 private:
  std::chrono::microseconds wait_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Responder> waiting_;
};

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode != "at_once" && mode != "together") {
    std::fprintf(stderr, "usage: http_async_server at_once|together [MICROSECONDS]\n");
    return 2;
  }
  Router router;
  Committer committer(std::chrono::microseconds(argc > 2 ? std::atoi(argv[2]) : 0));
  router.add_async(headwater::http::Method::post, "/collection/{id}", [&](Request, Responder responder) {
    if (mode == "together")
      committer.add(std::move(responder));
    else
      responder(Response::text(200, "{}", "application/json"));
  });
  headwater::http::ServerOptions options;
  options.port = 0;
  const auto server = headwater::http::Server::make(options, router);
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  (*server)->start();
  std::printf("listening on http://127.0.0.1:%d\n", (*server)->port());
  std::fflush(stdout);
  committer.run();
}
