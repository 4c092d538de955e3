#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "http/client.h"
#include "http/server.h"
#include "json/value.h"

namespace headwater::support {

/// A receiver of webhooks on loopback: POST /hook/{name}. What it answers can be changed; what it was told
/// can be read. Thread-safe.
class HookReceiver {
 public:
  explicit HookReceiver(std::uint16_t port = 0) {
    router_.add(http::Method::post, "/hook/{name}",
                [this](const http::Request& request) { return take(request); });
    http::ServerOptions listening;
    listening.port = port;
    listening.worker_threads = 8;
    server_ = *http::Server::make(listening, router_);
    server_->start();
  }
  ~HookReceiver() { server_->stop(std::chrono::milliseconds(0)); }
  HookReceiver(const HookReceiver&) = delete;
  HookReceiver& operator=(const HookReceiver&) = delete;

  std::uint16_t port() const { return server_->port(); }
  std::string url(const std::string& name = "a") const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + "/hook/" + name;
  }
  void answer(int status, http::Headers headers = {}) {
    const std::lock_guard lock(mutex_);
    status_ = status;
    headers_ = std::move(headers);
  }
  struct Told {
    std::string name;  // of the address
    std::string body;
    std::string id, time, signature;  // headers
    json::Value document;
    std::string type() const { return std::string(document.string_at("type")); }
  };
  std::vector<Told> told() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  /// What it was told once it was told so often; fewer when that takes too long.
  std::vector<Told> wait_for(std::size_t count, std::chrono::seconds span = std::chrono::seconds(20)) const {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, span, [&] { return told_.size() >= count; });
    return told_;
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    told_.clear();
  }

 private:
  http::Response take(const http::Request& request) {
    const auto header = [&](std::string_view name) { return std::string(request.header(name).value_or("")); };
    auto document = json::parse(request.body);
    const std::lock_guard lock(mutex_);
    told_.push_back({std::string(request.path_param("name")), request.body, header("x-webhook-id"),
                     header("x-webhook-timestamp"), header("x-hmac-sha256"),
                     document ? *std::move(document) : json::Value()});
    changed_.notify_all();
    auto response = http::Response::text(status_, "thanks");
    response.headers.insert(response.headers.end(), headers_.begin(), headers_.end());
    return response;
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  int status_ = 200;
  http::Headers headers_;
  std::vector<Told> told_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace headwater::support
