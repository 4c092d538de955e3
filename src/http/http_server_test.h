#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "http/server.h"

// A server with routes for every kind of answer, for the tests of what clients send and get.
namespace headwater::http {

/// Lets a handler wait until the test says so.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_for_visitors(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

/// Counts what it is given, piece by piece; "stop" in a piece ends the transfer.
class CountingUpload final : public Upload {
 public:
  explicit CountingUpload(std::atomic<int>& broken) : broken_(broken) {}
  ~CountingUpload() override {
    if (!finished_) ++broken_;
  }
  std::optional<Response> write(std::string_view bytes) override {
    bytes_ += bytes.size();
    ++pieces_;
    if (bytes.find("stop") == bytes.npos) return std::nullopt;
    finished_ = true;
    return Response::text(409, "stopped");
  }
  Response finish() override {
    finished_ = true;
    return Response::text(201, std::to_string(bytes_) + " in " + std::to_string(pieces_));
  }

 private:
  std::atomic<int>& broken_;
  std::size_t bytes_ = 0, pieces_ = 0;
  bool finished_ = false;
};

class HttpServerTest : public ::testing::Test {
 protected:
  HttpServerTest() {
    options_.port = 0;
    options_.worker_threads = 2;
    options_.body_bytes_max = 1000;
    router_.add(Method::get, "/hello", [](const Request&) { return Response::text(200, "hello"); });
    router_.add(Method::get, "/empty", [](const Request&) { return Response::empty(204); });
    router_.add(Method::post, "/echo", [](const Request& request) {
      return Response::text(200, request.body)
          .with_header("x-query", std::string(request.query_param("q").value_or("-")));
    });
    router_.add(Method::get, "/items/{id}", [](const Request& request) {
      return Response::text(200, std::string(request.path_param("id")) + "|" +
                                     std::string(request.header("X-Probe").value_or("")));
    });
    router_.add(Method::get, "/throws",
                [](const Request&) -> Response { throw std::runtime_error("the inner reason"); });
    router_.add(Method::get, "/split", [](const Request&) {
      return Response::text(200, "ok").with_header("x-text", "a\r\nSet-Cookie: b");
    });
    router_.add(Method::get, "/wait", [this](const Request&) {
      gate_.pass();
      return Response::text(200, "waited");
    });
    const auto thread_name = [](const Request&) {
      std::ostringstream text;
      text << std::this_thread::get_id();
      return Response::text(200, text.str());
    };
    router_.add(Method::get, "/worker-thread", thread_name);
    router_.add(Method::get, "/io-thread", thread_name, Router::Thread::io);
    router_.add(
        Method::get, "/io-throws",
        [](const Request&) -> Response { throw std::runtime_error("the inner reason"); }, Router::Thread::io);
    // More than a socket takes at once.
    router_.add(Method::get, "/large", [](const Request&) { return Response::text(200, large_text()); });
    router_.add_async(Method::get, "/large-inline",
                      [](const Request&, Responder respond) { respond(Response::text(200, large_text())); });
    router_.add_async(Method::get, "/dropped", [](const Request&, Responder) {});
    router_.add_async(Method::get, "/inline",
                      [](const Request&, Responder respond) { respond(Response::text(200, "inline")); });
    router_.add_async(Method::get, "/later", [this](const Request&, Responder respond) {
      auto shared = std::make_shared<Responder>(std::move(respond));
      later_ = std::thread([shared] { (*shared)(Response::text(200, "later")); });
    });
    router_.add(Method::get, "/stream", [](const Request& request) { return stream_of(request); });
    router_.add_upload(Method::put, "/files/{path...}", 5'000'000, [this](const Request& request) {
      UploadStart start;
      if (request.path_param("path") == "refused/x")
        start.refusal = Response::text(403, "no");
      else
        start.upload = std::make_shared<CountingUpload>(broken_uploads_);
      return start;
    });
  }
  void TearDown() override {
    gate_.open();
    if (server_) server_->stop(std::chrono::seconds(5));
    if (later_.joinable()) later_.join();
  }

  static std::string large_text() { return std::string(30'000'000, 'l') + "end"; }

  // pieces=N of 100,000 bytes; length=N announces it; fail=K fails at piece K.
  static Response stream_of(const Request& request) {
    const auto number = [&request](std::string_view name) {
      const auto text = request.query_param(name);
      return text ? std::stoull(std::string(*text)) : 0;
    };
    auto response = Response::text(200, "", "application/octet-stream");
    response.stream = [left = number("pieces"), fail = number("fail"),
                       at = 0ULL]() mutable -> Result<std::string> {
      if (fail > 0 && ++at == fail) return Error{ErrorKind::storage, "disk gone"};
      if (left == 0) return std::string();
      --left;
      return std::string(100'000, 's');
    };
    if (request.query_param("length")) response.stream_bytes = number("length");
    return response;
  }

  std::uint16_t start() {
    server_ = std::move(*Server::make(options_, router_));
    server_->start();
    return server_->port();
  }

  ServerOptions options_;
  Router router_;
  Gate gate_;
  std::thread later_;
  std::atomic<int> broken_uploads_{0};
  std::unique_ptr<Server> server_;
};

inline std::string get(std::string_view target, std::string_view more = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
}

inline std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

}  // namespace headwater::http
