#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "json/value.h"

namespace headwater::inlet {

/// Why a message did not get into the journal, or not from there into the lake.
enum class Refusal : std::uint8_t {
  unauthorized,
  forbidden,
  content_type,
  malformed,  // no JSON, or no body
  envelope,   // JSON of a wrong shape
  unrouted,   // no flow takes it
  invalid,    // failed its synchronous validation
  too_large,
  rate_limited,
  busy,        // the journal is behind
  storage,     // the journal could not write
  quarantined  // accepted, and found not to fit its dataset: it stands in the quarantine
};
inline constexpr std::size_t kRefusals = 12;
std::string_view text_of(Refusal refusal);

/// How often something may happen.
struct Rate {
  double per_second = 0;
  double burst = 0;  // how many at once, after a pause
};

/// A bucket of tokens, one for each permitted event. Confined to its owner.
class TokenBucket {
 public:
  /// Takes `count` tokens; or tells how long until there are enough. A count above the burst needs a full
  /// bucket.
  std::optional<std::chrono::nanoseconds> take(const Rate& rate, double count, TimePoint now);

 private:
  double tokens_ = 0;
  std::optional<TimePoint> filled_;
};

/// What passes one inlet: counters since the server's start, rate limits, and the latest events for who
/// watches. Thread-safe.
class Traffic {
 public:
  /// `total` counts those of all inlets; it outlives this.
  explicit Traffic(std::atomic<std::uint64_t>& total) : total_(total) {}
  void accepted(std::uint64_t messages, std::uint64_t bytes, std::int64_t now_ms);
  void refused(Refusal refusal, std::uint64_t messages = 1);
  /// {"accepted","bytes","lastReceivedAt","rejected":{reason: count}}
  json::Value counters() const;

  enum class Limit : std::uint8_t { requests, messages };
  /// nullopt: go on; else how long to wait, an hour at most.
  std::optional<std::chrono::nanoseconds> limit(Limit limit, const Rate& rate, double count, TimePoint now);

  /// Whether one more message may be validated synchronously: `per_minute` in any minute.
  std::optional<std::chrono::nanoseconds> limit_validation(std::size_t per_minute, TimePoint now);

  /// One message as a watcher sees it.
  struct Sight {
    std::int64_t at_ms = 0;
    std::string_view outcome;  // "accepted", "rejected", "quarantined"
    std::string_view reason;   // of a rejection
    std::string_view flow;
    std::string_view message;  // the record's JSON text
  };
  /// Whether somebody has asked for events lately: nobody need prepare them otherwise.
  bool watched(std::int64_t now_ms) const {
    return now_ms < watched_until_ms_.load(std::memory_order_relaxed);
  }
  void show(const Sight& sight);
  /// Events after number `after` and the number to ask with next: {"events":[...],"next":N}. Credentials in
  /// the messages are masked. Asking begins the watch.
  json::Value events(std::uint64_t after, std::int64_t now_ms);

 private:
  std::atomic<std::uint64_t>& total_;
  std::atomic<std::uint64_t> accepted_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::int64_t> last_ms_{0};
  std::array<std::atomic<std::uint64_t>, kRefusals> refused_{};
  std::atomic<std::int64_t> watched_until_ms_{0};

  std::mutex mutex_;
  std::array<TokenBucket, 2> buckets_;
  std::deque<TimePoint> validations_;  // of the last minute
  std::deque<json::Value> events_;
  std::uint64_t next_event_ = 1;  // number of the event to come
};

/// The traffic of every inlet that somebody sent to. Thread-safe.
class TrafficBoard {
 public:
  std::shared_ptr<Traffic> of(const std::string& inlet);
  /// Events that were accepted since the last question.
  std::uint64_t newly_accepted() { return total_.exchange(0, std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> total_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<Traffic>> traffic_;
};

/// A copy in which the values of members that are named as credentials are ("password", "token", ...) are
/// masked.
json::Value masked(const json::Value& value);

}  // namespace headwater::inlet
