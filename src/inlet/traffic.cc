#include "inlet/traffic.h"

#include <algorithm>
#include <utility>

#include "base/folded_name.h"
#include "base/metrics.h"

namespace headwater::inlet {
namespace {

constexpr std::size_t kEventsKept = 1000;
constexpr std::size_t kShownBytesMax = 4096;
constexpr std::int64_t kWatchMs = 30'000;
constexpr double kWaitSecondsMax = 3600;

constexpr std::string_view kRefusalTexts[kRefusals] = {
    "unauthorized", "forbidden", "contentType", "malformed", "envelope", "unrouted",
    "invalid",      "tooLarge",  "rateLimited", "busy",      "storage",  "quarantined"};

constexpr std::string_view kSecretNames[] = {"password", "passwd",        "secret",    "token",
                                             "apikey",   "authorization", "credential"};

bool names_secret(std::string_view name) {
  const std::string folded = folded_name(name);
  return std::any_of(std::begin(kSecretNames), std::end(kSecretNames),
                     [&](std::string_view part) { return folded.find(part) != std::string::npos; });
}

// What a watcher is shown of a record: masked, or its beginning when it is long.
json::Value shown(std::string_view text) {
  if (text.size() > kShownBytesMax) return json::Object{{"bytes", std::uint64_t{text.size()}}};
  const auto value = json::parse(text);
  return value ? masked(*value) : json::Value(json::Object{{"unreadable", true}});
}

}  // namespace

std::string_view text_of(Refusal refusal) { return kRefusalTexts[static_cast<std::size_t>(refusal)]; }

json::Value masked(const json::Value& value) {
  if (const json::Array* items = value.if_array()) {
    json::Array out;
    for (const json::Value& item : *items) out.push_back(masked(item));
    return out;
  }
  const json::Object* members = value.if_object();
  if (members == nullptr) return value;
  std::vector<json::Member> out;
  for (const auto& [name, member] : *members) {
    const bool secret = names_secret(name) && !member.is_null();
    out.push_back({name, secret ? json::Value("***") : masked(member)});
  }
  return json::Object::from_members(std::move(out));
}

std::optional<std::chrono::nanoseconds> TokenBucket::take(const Rate& rate, double count, TimePoint now) {
  if (!filled_) {
    filled_ = now;
    tokens_ = rate.burst;
  }
  const double seconds = std::max(0.0, std::chrono::duration<double>(now - *filled_).count());
  tokens_ = std::min(rate.burst, tokens_ + seconds * rate.per_second);
  filled_ = now;
  const double needed = std::min(count, rate.burst);
  if (tokens_ + 1e-9 >= needed) {
    tokens_ -= count;
    return std::nullopt;
  }
  const double wait = std::min((needed - tokens_) / rate.per_second, kWaitSecondsMax);
  return std::chrono::nanoseconds(static_cast<std::int64_t>(wait * 1e9) + 1);
}

void Traffic::accepted(std::uint64_t messages, std::uint64_t bytes, std::int64_t now_ms) {
  accepted_.fetch_add(messages, std::memory_order_relaxed);
  total_.fetch_add(messages, std::memory_order_relaxed);
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  last_ms_.store(now_ms, std::memory_order_relaxed);
}

void Traffic::refused(Refusal refusal, std::uint64_t messages) {
  refused_[static_cast<std::size_t>(refusal)].fetch_add(messages, std::memory_order_relaxed);
  metrics::count("headwater_inlet_refused_total", "Messages that an inlet did not take, or the lake did not.",
                 static_cast<double>(messages), {{"reason", std::string(text_of(refusal))}});
}

json::Value Traffic::counters() const {
  json::Object refused;
  for (std::size_t i = 0; i < kRefusals; ++i)
    if (const auto count = refused_[i].load(std::memory_order_relaxed); count > 0)
      refused.set(kRefusalTexts[i], count);
  json::Object out{{"accepted", accepted_.load(std::memory_order_relaxed)},
                   {"bytes", bytes_.load(std::memory_order_relaxed)}};
  if (const auto last = last_ms_.load(std::memory_order_relaxed); last > 0) out.set("lastReceivedAt", last);
  out.set("rejected", std::move(refused));
  return out;
}

std::optional<std::chrono::nanoseconds> Traffic::limit(Limit limit, const Rate& rate, double count,
                                                       TimePoint now) {
  const std::lock_guard lock(mutex_);
  return buckets_[static_cast<std::size_t>(limit)].take(rate, count, now);
}

std::optional<std::chrono::nanoseconds> Traffic::limit_validation(std::size_t per_minute, TimePoint now) {
  constexpr std::chrono::minutes kSpan{1};
  const std::lock_guard lock(mutex_);
  while (!validations_.empty() && now - validations_.front() >= kSpan) validations_.pop_front();
  if (validations_.size() >= per_minute) return validations_.front() + kSpan - now;
  validations_.push_back(now);
  return std::nullopt;
}

void Traffic::show(const Sight& sight) {
  json::Object event{{"at", sight.at_ms}, {"outcome", sight.outcome}};
  if (!sight.flow.empty()) event.set("flowId", sight.flow);
  if (!sight.reason.empty()) event.set("reason", sight.reason);
  if (!sight.message.empty()) event.set("message", shown(sight.message));
  const std::lock_guard lock(mutex_);
  event.set("number", next_event_++);
  events_.emplace_back(std::move(event));
  if (events_.size() > kEventsKept) events_.pop_front();
}

json::Value Traffic::events(std::uint64_t after, std::int64_t now_ms) {
  watched_until_ms_.store(now_ms + kWatchMs, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  json::Array out;
  std::uint64_t number = next_event_ - events_.size();
  for (const json::Value& event : events_)
    if (number++ > after) out.push_back(event);
  return json::Object{{"events", std::move(out)}, {"next", next_event_ - 1}};
}

std::shared_ptr<Traffic> TrafficBoard::of(const std::string& inlet) {
  const std::lock_guard lock(mutex_);
  auto& traffic = traffic_[inlet];
  if (!traffic) traffic = std::make_shared<Traffic>(total_);
  return traffic;
}

}  // namespace headwater::inlet
