#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/resource.h"
#include "http/client.h"
#include "json/value.h"
#include "store/credentials.h"
#include "store/store.h"

namespace headwater::webhook {

struct DelivererOptions {
  http::ClientOptions client;                   // egress, proxy, certificates; limits are the deliverer's own
  std::string owner = "headwater";              // the name under which this process is known as a server
  std::chrono::seconds kept{86'400};            // how long a delivery is tried, then it is given up
  std::chrono::milliseconds first_wait{2'000};  // after the first failure; twice as long after each further
  std::chrono::milliseconds wait_max{3'600'000};
  std::chrono::milliseconds look_every{1'000};  // for events that are due
  std::size_t at_once = 4;                      // webhooks; each is told one thing at a time
};

/// Tells webhooks what the store has for them, each thing at least once: an event goes from the store when
/// the receiver has taken it (any 2xx), or when it is given up. Failed deliveries are tried again, later each
/// time, not before a Retry-After. What a dead server had is taken on by the others (store::ServerBeat), so
/// the owner must be known as a server before `start`. Thread-safe.
class Deliverer {
 public:
  Deliverer(store::Store& store, store::Credentials& credentials, Clock& clock, DelivererOptions options);
  ~Deliverer() { stop(); }
  Deliverer(const Deliverer&) = delete;
  Deliverer& operator=(const Deliverer&) = delete;

  void start();
  /// Lets deliveries on their way go, to be made again. Idempotent.
  void stop();

  /// Delivers a webhook.test now, once, whatever the webhook wants; gives what lastDelivery says of it.
  Result<json::Value> test(const domain::Resource& webhook);

 private:
  struct Attempt {
    int status = 0;     // of the answer; 0: there was none
    std::string error;  // empty: delivered
    std::optional<std::chrono::nanoseconds> retry_after;
    bool cancelled = false;
  };
  /// What one thread calls with.
  class Caller;

  void work(bool looks, const std::stop_token& stop);
  Result<bool> deliver_one(Caller& caller, const std::stop_token& stop);
  Result<Attempt> attempt(Caller& caller, const domain::Resource& webhook, const store::WebhookEvent& event,
                          const std::stop_token& stop);
  json::Value settle(store::WebhookEvent& event, const Attempt& attempt, bool& over);
  void keep(const store::WebhookEvent& event, bool over, const json::Value& delivery,
            const std::stop_token& stop);

  store::Store& store_;
  store::Credentials& credentials_;
  Clock& clock_;
  DelivererOptions options_;

  std::mutex mutex_;
  std::condition_variable_any more_;
  std::uint64_t found_ = 0;  // rises when somebody has found an event: there may be another
  std::vector<std::jthread> threads_;
};

}  // namespace headwater::webhook
