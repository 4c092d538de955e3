#include "webhook/deliverer.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/time.h"
#include "base/url.h"
#include "webhook/events.h"
#include "webhook/settings.h"

namespace headwater::webhook {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Object;
using json::Value;
using std::chrono::milliseconds;
using store::Scope;
using store::Transaction;
using store::WebhookEvent;

constexpr std::uint64_t kAnswerBytesRead = 4096;
constexpr std::string_view kDelivered = "delivered";
constexpr std::string_view kRetrying = "retrying";
constexpr std::string_view kFailed = "failed";

http::ClientOptions limited(http::ClientOptions options) {
  options.connect_timeout = std::chrono::seconds(5);
  options.idle_timeout = std::chrono::seconds(10);
  options.slow_time = std::chrono::seconds(10);
  options.bytes_per_second_min = 100;
  options.response_bytes_max = 64U << 10;
  options.redirects_max = 0;
  return options;
}

/// Status and headers count; of the body no more is read than keeps a connection usable.
class HeadSink final : public http::ResponseSink {
 public:
  Result<void> head(const http::ResponseHead& head) override {
    answer = head;
    return {};
  }
  Result<void> body(std::string_view bytes) override {
    read_ += bytes.size();
    if (read_ <= kAnswerBytesRead) return {};
    return Error{ErrorKind::too_large, "The rest of the answer is of no interest."};
  }
  http::ResponseHead answer;

 private:
  std::uint64_t read_ = 0;
};

std::optional<std::chrono::nanoseconds> retry_after_of(const http::Headers& headers, TimePoint now) {
  const auto value = http::find_header(headers, "Retry-After");
  if (!value) return std::nullopt;
  if (const auto seconds = Value(*value).as_int64_lenient())
    return std::chrono::seconds(std::clamp<std::int64_t>(*seconds, 0, 1'000'000'000));
  const auto date = parse_http_date(*value);
  if (!date) return std::nullopt;
  return std::max(*date - now, TimePoint::duration::zero());
}

void count_attempt(std::string_view outcome) {
  metrics::count("headwater_webhook_attempts_total", "Attempts to tell webhooks something, by outcome.", 1,
                 {{"outcome", std::string(outcome)}});
}

}  // namespace

// Two clients: plain http goes to networks only that are allowed, and through no proxy, which would resolve
// names out of our sight. Each is made when it is first needed.
class Deliverer::Caller {
 public:
  explicit Caller(const http::ClientOptions& options) : options_(limited(options)) {}
  Result<http::Client*> for_url(const Url& url) {
    const bool plain = url.scheme == "http";
    auto& client = plain ? plain_ : secure_;
    if (client == nullptr) {
      auto options = options_;
      if (plain) {
        options.egress.allowed_only = true;
        options.proxy.clear();
        options.no_proxy = "*";
      }
      client = TRY(http::Client::make(std::move(options)));
    }
    return client.get();
  }

 private:
  http::ClientOptions options_;
  std::unique_ptr<http::Client> plain_, secure_;
};

Deliverer::Deliverer(store::Store& store, store::Credentials& credentials, Clock& clock,
                     DelivererOptions options)
    : store_(store), credentials_(credentials), clock_(clock), options_(std::move(options)) {}

void Deliverer::start() {
  for (std::size_t i = 0; i < options_.at_once; ++i)
    threads_.emplace_back([this, i](const std::stop_token& stop) { work(i == 0, stop); });
}

void Deliverer::stop() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();  // joins
}

// The first thread looks for work, the others are woken when there is some.
void Deliverer::work(bool looks, const std::stop_token& stop) {
  Caller caller(options_.client);
  std::uint64_t seen = 0;
  while (!stop.stop_requested()) {
    const auto delivered = deliver_one(caller, stop);
    if (!delivered) log::warn("webhooks cannot be told", {{"error", delivered.error().message}});
    if (delivered && *delivered) continue;
    std::unique_lock lock(mutex_);
    const auto woken = [&] { return found_ != seen; };
    if (looks && !stop.stop_requested())
      more_.wait_for(lock, stop, options_.look_every, woken);
    else
      more_.wait(lock, stop, woken);
    seen = found_;
  }
}

// False when there was nothing to deliver.
Result<bool> Deliverer::deliver_one(Caller& caller, const std::stop_token& stop) {
  const auto now_ms = epoch_millis(clock_.now());
  bool due = false;
  const auto look = [&](Transaction& transaction) -> Result<void> {
    due = TRY(transaction.has_due_event(now_ms));
    return {};
  };
  TRY(store_.read(look));
  if (!due) return false;
  std::optional<WebhookEvent> event;
  std::optional<Resource> webhook;
  const auto claim = [&](Transaction& transaction) -> Result<void> {
    webhook.reset();
    event = TRY(transaction.claim_event(now_ms, options_.owner));
    if (event) webhook = TRY(transaction.find(Scope::all(), ResourceKind::webhook, event->webhook));
    // Switched off, or nobody's any more.
    if (event && (!webhook || !wants(webhook->body, event->type))) {
      TRY(transaction.remove_event(*event, options_.owner));
      webhook.reset();
    }
    return {};
  };
  TRY(store_.transact(claim));
  if (!event) return false;
  {
    const std::lock_guard lock(mutex_);
    ++found_;
  }
  more_.notify_all();
  if (!webhook) return true;
  auto tried = attempt(caller, *webhook, *event, stop);
  Attempt outcome;
  if (tried)
    outcome = *std::move(tried);
  else
    outcome.error = tried.error().message;
  bool over = false;
  const Value delivery = outcome.cancelled ? Value() : settle(*event, outcome, over);
  keep(*event, over, delivery, stop);
  return true;
}

Result<Deliverer::Attempt> Deliverer::attempt(Caller& caller, const Resource& webhook,
                                              const WebhookEvent& event, const std::stop_token& stop) {
  http::ClientRequest request;
  request.method = "POST";
  request.url = TRY(Url::parse(webhook.body.string_at("url")));
  request.body = event.body;
  const auto now = clock_.now();
  request.headers = {{"Content-Type", "application/json"},
                     {"User-Agent", "Headwater-Webhook/1"},
                     {"x-webhook-id", event.id},
                     {"x-webhook-timestamp", std::to_string(epoch_seconds(now))}};
  const auto secrets = TRY(credentials_.of(webhook.id));
  if (const auto secret = secrets.find(std::string(kSecretName)); secret != secrets.end())
    request.headers.emplace_back(
        "x-hmac-sha256", "sha256=" + crypto::hex(crypto::hmac_sha256(secret->second.reveal(), event.body)));
  http::Client* client = TRY(caller.for_url(request.url));
  HeadSink sink;
  const auto sent = client->send(request, sink, stop);
  Attempt outcome;
  outcome.status = sink.answer.status;
  outcome.retry_after = retry_after_of(sink.answer.headers, now);
  if (outcome.status >= 200 && outcome.status < 300) return outcome;  // whatever becomes of the body
  outcome.cancelled = !sent && sent.error().kind == ErrorKind::cancelled;
  if (outcome.status >= 300 && outcome.status < 400)
    outcome.error = "The receiver answered " + std::to_string(outcome.status) +
                    ", a redirect: deliveries follow none. Set url to where it leads.";
  else if (outcome.status != 0)
    outcome.error = "The receiver answered " + std::to_string(outcome.status) + " instead of 2xx.";
  else
    outcome.error = sent ? "The receiver gave no answer." : sent.error().message;
  return outcome;
}

// What becomes of an event after an attempt: gone (`over`), or due again.
Value Deliverer::settle(WebhookEvent& event, const Attempt& attempt, bool& over) {
  const auto now_ms = epoch_millis(clock_.now());
  Object told{{"time", now_ms}, {"eventId", event.id}, {"type", event.type}};
  const auto attempts = event.attempts + 1;
  const bool delivered = attempt.error.empty();
  milliseconds wait = options_.first_wait;
  for (std::int64_t i = 0; i < event.attempts && wait < options_.wait_max; ++i) wait *= 2;
  if (attempt.retry_after) wait = std::max(wait, std::chrono::ceil<milliseconds>(*attempt.retry_after));
  wait = std::min(wait, options_.wait_max);
  const bool given_up =
      !delivered && now_ms + wait.count() > event.created_at_ms + milliseconds(options_.kept).count();
  over = delivered || given_up;
  told.set("status", delivered ? kDelivered : given_up ? kFailed : kRetrying);
  told.set("attempts", attempts);
  if (attempt.status != 0) told.set("httpStatus", attempt.status);
  count_attempt(delivered ? kDelivered : given_up ? kFailed : kRetrying);
  if (delivered) return Value(std::move(told));
  std::string error = attempt.error;
  if (given_up)
    error += " Given up after " + std::to_string(attempts) + " attempt(s).";
  else
    told.set("nextAttempt", now_ms + wait.count());
  log::warn(given_up ? "webhook given up" : "webhook not told yet", {{"webhook", event.webhook},
                                                                     {"event", event.id},
                                                                     {"type", event.type},
                                                                     {"attempt", attempts},
                                                                     {"status", attempt.status},
                                                                     {"error", error}});
  told.set("error", std::move(error));
  event.attempts = attempts;
  event.due_at_ms = now_ms + wait.count();
  return Value(std::move(told));
}

// What cannot be stored now is stored later: the event is ours until then.
void Deliverer::keep(const WebhookEvent& event, bool over, const Value& delivery,
                     const std::stop_token& stop) {
  const auto work = [&](Transaction& transaction) -> Result<void> {
    if (over)
      TRY(transaction.remove_event(event, options_.owner));
    else
      TRY(transaction.put_back_event(event, options_.owner));
    return delivery.is_null() ? Result<void>() : transaction.put_delivery(event.webhook, delivery.dump());
  };
  for (;;) {
    const auto kept = store_.transact(work);
    if (kept) return;
    log::warn("a webhook's delivery is not stored yet",
              {{"webhook", event.webhook}, {"error", kept.error().message}});
    if (!clock_.wait_for(std::chrono::seconds(1), stop)) return;
  }
}

Result<Value> Deliverer::test(const Resource& webhook) {
  Caller caller(options_.client);
  auto event = test_event(webhook, clock_.now());
  const auto tried = TRY(attempt(caller, webhook, event, {}));
  Object told{{"time", event.created_at_ms},
              {"eventId", event.id},
              {"type", event.type},
              {"status", tried.error.empty() ? kDelivered : kFailed},
              {"attempts", 1}};
  if (tried.status != 0) told.set("httpStatus", tried.status);
  if (!tried.error.empty()) told.set("error", tried.error);
  Value delivery(std::move(told));
  count_attempt(tried.error.empty() ? kDelivered : kFailed);
  const auto keep_it = [&](Transaction& transaction) {
    return transaction.put_delivery(webhook.id, delivery.dump());
  };
  TRY(store_.transact(keep_it));
  return delivery;
}

}  // namespace headwater::webhook
