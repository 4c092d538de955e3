#include "cli/inlet_send.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/time.h"
#include "cli/event_reader.h"
#include "cli/interrupt.h"
#include "cli/latency.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/secret_file.h"
#include "http/client.h"

namespace headwater::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kRequestBytesMax = 1'000'000;  // an inlet takes 1 MB (streaming reference, section 12)
constexpr std::size_t kReasonsShown = 10;
constexpr int kRetriesMax = 6;
constexpr milliseconds kFirstWait{250};
constexpr milliseconds kLongestWait{30'000};
constexpr milliseconds kProgressEvery{200};

struct Totals {
  std::uint64_t accepted = 0;
  std::uint64_t rejected = 0;
  std::uint64_t unanswered = 0;  // sent, or about to be: whether they were taken is not known
  std::uint64_t retries = 0;
  LatencyHistogram latency;
  std::map<std::uint64_t, std::string> reasons;  // by line; the first few
};

// "inletId: [..] imsOrgId: [..] Message is ..." tells the sender what it knows already.
std::string_view reason_in(std::string_view message) {
  for (const std::string_view name : {"inletId: [", "imsOrgId: [", "["})
    if (const auto end = message.find("] "); message.starts_with(name) && end != std::string_view::npos)
      message.remove_prefix(end + 2);
  return message;
}

std::string reason_of(const http::StringSink& answer) {
  const auto document = json::parse(answer.text);
  const auto* message = document ? document->find_path("report.message") : nullptr;
  if (message == nullptr || !message->is_string())
    return fmt::format("The inlet answered {}.", answer.answer.status);
  return std::string(reason_in(*message->if_string()));
}

double per_second(std::uint64_t count, std::chrono::nanoseconds span) {
  const double seconds = std::chrono::duration<double>(span).count();
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

bool is_retried(int status) { return status == 429 || status == 503; }

// One event that is not taken is that event's matter; these are not.
std::optional<Error> refusal_of(const http::StringSink& answer, std::size_t events) {
  const int status = answer.answer.status;
  const std::string text = fmt::format("The inlet answered {}: {}", status, reason_of(answer));
  switch (status) {
    case 200:
    case 207:
    case 400:
      return std::nullopt;
    case 401:
      return Error{ErrorKind::unauthorized,
                   text + "; give what it asks for, --hmac-secret-file FILE or --bearer."};
    case 403:
      return Error{ErrorKind::forbidden, text};
    case 404:
      return Error{ErrorKind::not_found, text + " Those there are: headwater inlets list."};
    case 413:
      if (events == 1) return std::nullopt;
      return Error{ErrorKind::too_large, text + " Send fewer at once with --batch N."};
    default:
      return Error{is_retried(status) ? ErrorKind::unavailable : ErrorKind::upstream, text};
  }
}

/// Takes groups of events from a file, when they are due.
class Source {
 public:
  Source(EventReader reader, const SendArguments& arguments, Clock& clock)
      : reader_(std::move(reader)),
        lines_max_(arguments.single ? 1 : arguments.batch),
        per_second_(arguments.events_per_second),
        clock_(clock) {}

  /// Thread-safe. Empty at the end and when stopped.
  Result<EventLines> take(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (stop.stop_requested()) return EventLines();
    auto lines = TRY(reader_.next(lines_max_, kRequestBytesMax, stop));
    if (per_second_ <= 0 || lines.numbers.empty()) return lines;
    // What was missed by a second or more is not made up for: that would be a burst.
    const TimePoint now = clock_.now();
    const TimePoint due = std::max(due_.value_or(now), now - std::chrono::seconds(1));
    const double seconds = static_cast<double>(lines.numbers.size()) / per_second_;
    due_ = due + std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
    lock.unlock();
    if (due > now && !clock_.wait_until(due, stop)) return EventLines();
    return lines;
  }

 private:
  std::mutex mutex_;
  EventReader reader_;
  std::size_t lines_max_;
  double per_second_;
  Clock& clock_;
  std::optional<TimePoint> due_;  // of the next group; absent before the first
};

/// Sends with several connections at once, a thread each, until the file's end, a fault or a stop.
class Sender {
 public:
  Sender(SendTarget target, const SendArguments& arguments, Source& source, Clock& clock)
      : target_(std::move(target)), arguments_(arguments), source_(source), clock_(clock) {}

  /// What became of the events, also when `error` tells that it ended early.
  Totals run(const std::stop_token& stop);
  const std::optional<Error>& error() const { return error_; }

 private:
  Result<void> work(http::Client& client);
  Result<void> deliver(http::Client& client, const EventLines& lines);
  http::ClientRequest request(const std::string& body) const;
  std::optional<milliseconds> wait_before_retry(const http::StringSink& answer, int retries);
  void note(const EventLines& lines, const http::StringSink& answer, std::chrono::microseconds took);
  void reject(std::uint64_t line, std::string reason);
  void end(Error error);

  SendTarget target_;
  const SendArguments& arguments_;
  Source& source_;
  Clock& clock_;
  std::stop_source halt_;

  std::mutex mutex_;
  std::condition_variable ended_;
  Totals totals_;
  std::size_t working_ = 0;
  std::optional<Error> error_;
};

http::ClientRequest Sender::request(const std::string& body) const {
  http::ClientRequest out;
  out.method = "POST";
  out.url = arguments_.single ? target_.single : target_.batch;
  out.body = body;
  if (arguments_.single) out.body.pop_back();  // the line's end
  out.headers.emplace_back("Content-Type", arguments_.single ? "application/json" : "application/x-ndjson");
  if (!arguments_.flow.empty()) out.headers.emplace_back("x-adobe-flow-id", arguments_.flow);
  if (!target_.authorization.empty()) out.headers.emplace_back("Authorization", target_.authorization);
  if (!target_.secret) return out;
  std::string prefix;
  if (target_.timestamp) {
    prefix = std::to_string(epoch_seconds(clock_.now()));
    out.headers.emplace_back("x-hmac-timestamp", prefix);
    prefix += '.';
  }
  out.headers.emplace_back("x-hmac-sha256",
                           crypto::hex(crypto::hmac_sha256(target_.secret->reveal(), prefix + out.body)));
  return out;
}

// As long as the inlet says, and longer each time.
std::optional<milliseconds> Sender::wait_before_retry(const http::StringSink& answer, int retries) {
  if (!is_retried(answer.answer.status) || retries == kRetriesMax) return std::nullopt;
  milliseconds wait = kFirstWait * (1 << retries);
  if (const auto header = http::find_header(answer.answer.headers, "Retry-After"))
    if (const auto seconds = json::Value(std::string(*header)).as_int64_lenient(); seconds && *seconds > 0)
      wait = std::max(wait, milliseconds(std::min(*seconds, std::int64_t{3600}) * 1000));
  const std::lock_guard lock(mutex_);
  ++totals_.retries;
  return std::min(wait, kLongestWait);
}

Result<void> Sender::deliver(http::Client& client, const EventLines& lines) {
  for (int retries = 0;; ++retries) {
    http::StringSink answer;
    const auto sent = client.send(request(lines.text), answer, halt_.get_token());
    if (!sent) {
      const std::lock_guard lock(mutex_);
      totals_.unanswered += lines.numbers.size();
      return sent.error();
    }
    if (const auto wait = wait_before_retry(answer, retries)) {
      if (clock_.wait_for(*wait, halt_.get_token())) continue;
      return Error{ErrorKind::cancelled, "Interrupted."};
    }
    if (auto refused = refusal_of(answer, lines.numbers.size())) return *std::move(refused);
    note(lines, answer, sent->elapsed);
    return {};
  }
}

void Sender::note(const EventLines& lines, const http::StringSink& answer, std::chrono::microseconds took) {
  const auto document = answer.answer.status == 207 ? json::parse(answer.text) : json::Value();
  const auto* responses = document ? document->find("responses") : nullptr;
  const std::string reason = answer.answer.status < 400 ? std::string() : reason_of(answer);
  const std::lock_guard lock(mutex_);
  totals_.latency.add(took);
  for (std::size_t i = 0; i < lines.numbers.size(); ++i) {
    if (!reason.empty()) {
      reject(lines.numbers[i], reason);
      continue;
    }
    const bool told = responses != nullptr && responses->is_array() && i < responses->if_array()->size();
    const json::Value* response = told ? &(*responses->if_array())[i] : nullptr;
    if (response != nullptr && response->find("statusCode") != nullptr)
      reject(lines.numbers[i], std::string(reason_in(response->string_at("message"))));
    else
      ++totals_.accepted;
  }
}

void Sender::reject(std::uint64_t line, std::string reason) {
  ++totals_.rejected;
  totals_.reasons.emplace(line, std::move(reason));
  if (totals_.reasons.size() > kReasonsShown) totals_.reasons.erase(std::prev(totals_.reasons.end()));
}

Result<void> Sender::work(http::Client& client) {
  while (true) {
    const auto lines = TRY(source_.take(halt_.get_token()));
    if (lines.empty()) return {};
    {
      const std::lock_guard lock(mutex_);
      for (const auto line : lines.too_long) reject(line, "The line has more than 1 MB: no inlet takes it.");
    }
    if (!lines.numbers.empty()) TRY(deliver(client, lines));
  }
}

// The first fault ends all: what comes behind it is most often the same.
void Sender::end(Error error) {
  halt_.request_stop();
  const std::lock_guard lock(mutex_);
  if (!error_ && error.kind != ErrorKind::cancelled) error_ = std::move(error);
}

Totals Sender::run(const std::stop_token& stop) {
  const std::stop_callback halt(stop, [this] { halt_.request_stop(); });
  const TimePoint started = clock_.now();
  std::vector<std::jthread> threads;
  threads.reserve(arguments_.connections);
  working_ = arguments_.connections;
  for (std::size_t i = 0; i < arguments_.connections; ++i) {
    threads.emplace_back([this] {
      const auto done = [this]() -> Result<void> {
        auto options = TRY(any_host());
        const auto client = TRY(http::Client::make(std::move(options)));
        return work(*client);
      }();
      if (!done) end(done.error());
      const std::lock_guard lock(mutex_);
      --working_;
      ended_.notify_all();
    });
  }
  ProgressLine line;
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, kProgressEvery, [this] { return working_ == 0; })) {
    const auto elapsed = clock_.now() - started;
    const std::string text =
        fmt::format("{} accepted, {} rejected, {:.0f} events/s", totals_.accepted, totals_.rejected,
                    per_second(totals_.accepted + totals_.rejected, elapsed));
    lock.unlock();
    line.show(text, elapsed);
    lock.lock();
  }
  line.finish();
  return totals_;
}

// What the inlet's document tells, the user need not: its address, and what it asks of senders.
Result<SendTarget> target_by_id(const SendArguments& arguments, const LocalLogin& login) {
  auto client = TRY(ApiClient::make(arguments.server, login));
  const auto answer = TRY(client.call("GET", "/data/core/edge/inlets/" + percent_encode(arguments.to)));
  const auto items = items_of(answer);
  if (items.empty()) return Error{ErrorKind::upstream, "The server's answer holds no inlet."};
  const json::Value& inlet = items.front();
  auto target = TRY(target_of(std::string(inlet.string_at("inletUrl"))));
  const auto authentication = inlet.string_at("authentication");
  if (authentication == "bearer" || arguments.bearer) target.authorization = client.authorization();
  if (authentication == "hmac" && arguments.secret_file.empty())
    return Error{ErrorKind::invalid_argument,
                 "The inlet takes signed events only: give its secret with --hmac-secret-file FILE."};
  const auto* window = inlet.find("replayWindowSeconds");
  target.timestamp = window != nullptr && window->as_int64_lenient().value_or(0) > 0;
  return target;
}

Result<SendTarget> target_by_url(const SendArguments& arguments, const LocalLogin& login) {
  auto target = TRY(target_of(arguments.to));
  if (!arguments.bearer) return target;
  const auto client = TRY(ApiClient::make(arguments.server, login));
  target.authorization = client.authorization();
  return target;
}

void print_totals(const Totals& totals, std::chrono::nanoseconds span, bool as_json) {
  const double seconds = std::chrono::duration<double>(span).count();
  const double rate = per_second(totals.accepted + totals.rejected, span);
  const double p50 = totals.latency.milliseconds_at(0.5);
  const double p99 = totals.latency.milliseconds_at(0.99);
  if (as_json) {
    json::Array reasons;
    for (const auto& [line, reason] : totals.reasons)
      reasons.emplace_back(json::Object{{"line", line}, {"reason", reason}});
    const json::Value out = json::Object{
        {"accepted", totals.accepted},     {"rejected", totals.rejected},
        {"unanswered", totals.unanswered}, {"requests", totals.latency.count()},
        {"retries", totals.retries},       {"seconds", seconds},
        {"eventsPerSecond", rate},         {"latencyMs", json::Object{{"p50", p50}, {"p99", p99}}},
        {"reasons", std::move(reasons)}};
    fmt::print("{}\n", out.dump(2));
    return;
  }
  const auto more = [](std::uint64_t count, std::string_view what) {
    return count == 0 ? std::string() : fmt::format(", {} {}", count, what);
  };
  fmt::print("{} accepted, {} rejected{} in {:.2f} s ({:.0f} events/s; {}, p50 {:.1f} ms, p99 {:.1f} ms{})\n",
             totals.accepted, totals.rejected, more(totals.unanswered, "without an answer"), seconds, rate,
             counted(totals.latency.count(), "request"), p50, p99, more(totals.retries, "sent again"));
  for (const auto& [line, reason] : totals.reasons) fmt::print("line {}: {}\n", line, tame(reason));
  if (totals.rejected > totals.reasons.size())
    fmt::print("... and {} more\n", totals.rejected - totals.reasons.size());
}

}  // namespace

Result<SendTarget> target_of(const std::string& url) {
  constexpr std::string_view kSingle = "/collection/";
  constexpr std::string_view kBatch = "batch/";
  SendTarget target;
  target.single = target.batch = TRY(Url::parse(url));
  const std::string path = target.single.path;
  const auto at = path.rfind(kSingle);
  std::string_view id = at == std::string::npos ? "" : std::string_view(path).substr(at + kSingle.size());
  if (id.starts_with(kBatch)) id.remove_prefix(kBatch.size());
  if (id.empty() || id.find('/') != std::string_view::npos)
    return Error{ErrorKind::invalid_argument,
                 "\"" + url + "\" is no inlet's address: that ends in /collection/ and 64 digits."};
  const std::string before = path.substr(0, at + kSingle.size());
  target.single.path = before + std::string(id);
  target.batch.path = before + std::string(kBatch) + std::string(id);
  return target;
}

Result<int> send_events(const SendArguments& arguments, const LocalLogin& login) {
  const Interrupt interrupt;
  SystemClock clock;
  if (arguments.file == "-" && arguments.secret_file == "-")
    return Error{ErrorKind::invalid_argument, "Events and secret cannot both come from standard input."};
  auto reader = TRY(EventReader::open(arguments.file));
  const bool by_url = arguments.to.find("://") != std::string::npos;
  auto target = TRY(by_url ? target_by_url(arguments, login) : target_by_id(arguments, login));
  if (!arguments.secret_file.empty()) target.secret = TRY(read_secret(arguments.secret_file));
  target.timestamp = target.timestamp || arguments.timestamp;
  Source source(std::move(reader), arguments, clock);
  Sender sender(std::move(target), arguments, source, clock);
  const TimePoint started = clock.now();
  const auto totals = sender.run(interrupt.token());
  print_totals(totals, clock.now() - started, arguments.output == "json");
  if (sender.error()) return *sender.error();
  if (interrupt.token().stop_requested()) return kInterrupted;
  return totals.rejected == 0 ? kOk : kPartial;
}

}  // namespace headwater::cli
