#include "inlet/receiver.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/gzip.h"
#include "base/log.h"
#include "base/text.h"
#include "base/time.h"
#include "inlet/sender.h"
#include "inlet/sync_validation.h"

namespace headwater::inlet {
namespace {

constexpr std::size_t kQuickBodyBytes = 64U << 10;  // parsed on the I/O thread
constexpr std::size_t kSyncValidations = 60;        // in a minute (section 7)
constexpr std::chrono::seconds kBusyRetry{1};
constexpr std::chrono::seconds kStorageRetry{5};

bool asks_validation(const http::Request& request) {
  for (const std::string_view name : {"syncValidation", "synchronousValidation"})
    if (const auto value = request.query_param(name)) return equal_ignoring_case(*value, "true");
  return false;
}

// The media type without its parameters.
std::string_view media_type(const http::Request& request) {
  std::string_view type = request.header("content-type").value_or(std::string_view());
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type;
}

bool is_lines(const http::Request& request) {
  return equal_ignoring_case(media_type(request), "application/x-ndjson");
}

Error retry_later(ErrorKind kind, std::string message, std::chrono::seconds after) {
  return Error{kind, std::move(message), "", {}, after};
}

constexpr std::string_view kBehind = "journal-behind";

Error behind(std::string message, std::chrono::seconds after) {
  return Error{ErrorKind::rate_limited, std::move(message), "", kBehind, after};
}

// A full disk fails every request: one line a second tells enough.
void log_storage(const Error& error, std::int64_t now_ms) {
  static std::atomic<std::int64_t> told_ms{0};
  std::int64_t last = told_ms.load();
  if (now_ms - last < 1000 || !told_ms.compare_exchange_strong(last, now_ms)) return;
  log::error("the journal could not store events", {{"error", error.message}});
}

Refusal refusal_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::unauthorized:
      return Refusal::unauthorized;
    case ErrorKind::forbidden:
      return Refusal::forbidden;
    case ErrorKind::unsupported:
      return Refusal::content_type;
    case ErrorKind::too_large:
      return Refusal::too_large;
    case ErrorKind::rate_limited:
      return error.code == kBehind ? Refusal::busy : Refusal::rate_limited;
    case ErrorKind::unavailable:
    case ErrorKind::storage:
    case ErrorKind::timeout:
    case ErrorKind::upstream:
    case ErrorKind::cancelled:
      return Refusal::storage;
    case ErrorKind::not_found:
      return Refusal::unrouted;
    case ErrorKind::invalid_argument:
    case ErrorKind::conflict:
    case ErrorKind::precondition_required:
    case ErrorKind::stale_etag:
      return error.code == kNoJson ? Refusal::malformed : Refusal::envelope;
  }
  return Refusal::envelope;
}

Refusal unrouted(const Error& error) { return error.code == kBehind ? Refusal::busy : Refusal::unrouted; }

Result<void> check_type(const http::Request& request, bool lines_allowed) {
  const auto type = media_type(request);
  if (equal_ignoring_case(type, "application/json")) return {};
  if (lines_allowed && equal_ignoring_case(type, "application/x-ndjson")) return {};
  if (equal_ignoring_case(type, "application/x-jackson-smile"))
    return Error{ErrorKind::unsupported, "Smile is not understood here: send application/json."};
  return Error{ErrorKind::invalid_argument, "Content-Type must be application/json" +
                                                std::string(lines_allowed ? " or application/x-ndjson" : "") +
                                                ", not \"" + std::string(type) + "\"."};
}

// Undoes the body's compression, as far as the limit.
Result<void> decode(http::Request& request, std::size_t bytes_max) {
  const auto coding = request.header("content-encoding").value_or(std::string_view());
  if (coding.empty() || equal_ignoring_case(coding, "identity")) return {};
  if (!equal_ignoring_case(coding, "gzip") && !equal_ignoring_case(coding, "x-gzip"))
    return Error{ErrorKind::unsupported, "Content-Encoding must be gzip or absent."};
  request.body = TRY(gunzip(request.body, bytes_max));
  // RecordParser reads beyond the end.
  request.body.reserve(request.body.size() + json::RecordParser::kPadding);
  return {};
}

}  // namespace

Receiver::Receiver(Parts parts, const ReceiverOptions& options)
    : parts_(parts),
      options_(options),
      server_number_(std::to_string(1000 + static_cast<unsigned char>(crypto::random_bytes(1)[0]) * 35)),
      workers_(options.threads, options.queue_max) {}

void Receiver::add_routes(http::Router& router) {
  http::Router::AsyncOptions limits;
  limits.body_bytes_max = options_.body_bytes_max;
  limits.refusal = [this](const http::Request& request, int status, std::string_view detail) {
    if (status == 405) detail = "Events are sent by POST.";
    if (const auto inlet = parts_.directory.known(std::string(request.path_param("id"))))
      inlet->traffic->refused(status == 413   ? Refusal::too_large
                              : status == 503 ? Refusal::busy
                                              : Refusal::malformed);
    auto answer =
        problem({request.path_param("id"), "", "", epoch_millis(parts_.clock.now())}, status, detail);
    return status == 503 ? std::move(answer).with_header("Retry-After", "1") : std::move(answer);
  };
  const auto add = [&](std::string_view pattern, Form form) {
    const auto take = [this, form](http::Request request, http::Responder respond) {
      receive(std::move(request), std::move(respond), form);
    };
    router.add_async(http::Method::post, pattern, take, limits);
  };
  add("/collection/batch/{id}", Form::batch);
  add("/collection/{id}", Form::single);
  add("/data/foundation/import/collection/batch/{id}", Form::batch);
  add("/data/foundation/import/collection/{id}", Form::single);
}

Receipt Receiver::receipt(const Arrival& arrival) {
  return {arrival.inlet_id, arrival.inlet ? std::string_view(arrival.inlet->tenant.org.value) : "",
          arrival.transaction, arrival.received_ms};
}

void Receiver::receive(http::Request request, http::Responder respond, Form form) {
  const std::int64_t now_ms = epoch_millis(parts_.clock.now());
  std::string id(request.path_param("id"));
  auto inlet = parts_.directory.known(id);
  const auto arrival = std::make_shared<Arrival>(std::move(request), std::move(respond), form);
  arrival->received_ms = now_ms;
  const fmt::format_int time(now_ms);
  const fmt::format_int number(transactions_.fetch_add(1, std::memory_order_relaxed));
  arrival->transaction.reserve(time.size() + server_number_.size() + number.size() + 2);
  arrival->transaction.append(time.data(), time.size()).append(":").append(server_number_).append(":");
  arrival->transaction.append(number.data(), number.size());
  arrival->inlet_id = std::move(id);
  arrival->inlet = std::move(inlet);
  if (is_quick(*arrival)) return admit(arrival);
  if (workers_.try_post([this, arrival] { work(arrival); })) return;
  refuse(*arrival, behind("Too many requests wait already.", kBusyRetry), Refusal::busy);
}

bool Receiver::is_quick(const Arrival& arrival) const {
  return arrival.form == Form::single && arrival.inlet && arrival.request.body.size() <= kQuickBodyBytes &&
         arrival.inlet->authentication != Authentication::bearer &&
         !arrival.request.header("content-encoding") && !asks_validation(arrival.request);
}

void Receiver::work(const ArrivalPtr& arrival) {
  try {
    if (!arrival->inlet) {
      auto found = parts_.directory.find(arrival->inlet_id);
      if (!found) return refuse(*arrival, found.error(), refusal_of(found.error()));
      arrival->inlet = *std::move(found);
    }
    admit(arrival);
  } catch (const std::exception& bug) {
    log::error("exception in the inlet", {{"id", arrival->request.id}, {"what", bug.what()}});
    arrival->respond(problem(receipt(*arrival), 500, "An internal error happened; send the message again."));
  }
}

Result<void> Receiver::check_limits(const Inlet& inlet, double messages) const {
  const TimePoint now = parts_.clock.now();
  const auto limited = [&](Traffic::Limit limit, const std::optional<double>& rate,
                           double count) -> Result<void> {
    if (!rate) return {};
    const auto wait = inlet.traffic->limit(limit, {*rate, std::max(*rate, 1.0)}, count, now);
    if (!wait) return {};
    return retry_later(ErrorKind::rate_limited, "The inlet's rate limit is reached.",
                       std::chrono::ceil<std::chrono::seconds>(*wait));
  };
  TRY(limited(Traffic::Limit::requests, inlet.requests_per_second, 1));
  return limited(Traffic::Limit::messages, inlet.messages_per_second, messages);
}

Result<void> Receiver::check(Arrival& arrival) {
  TRY(check_sender(*arrival.inlet, arrival.request, parts_.identity, parts_.clock.now()));
  TRY(check_type(arrival.request, arrival.form == Form::batch));
  const std::uint64_t stored = parts_.journal.stored_bytes();
  if (stored > options_.journal_bytes_max)
    return behind("The journal is full of events that wait for the lake.", kStorageRetry);
  arrival.journal_half_full = stored > options_.journal_bytes_max / 2;
  TRY(decode(arrival.request, options_.body_bytes_max));
  if (arrival.request.body.empty())
    return Error{ErrorKind::invalid_argument, "The body is empty.", "", kNoJson};
  return {};
}

void Receiver::admit(const ArrivalPtr& arrival) {
  if (const auto fine = check(*arrival); !fine)
    return refuse(*arrival, fine.error(), refusal_of(fine.error()));
  if (arrival->form == Form::single) return take_single(arrival);
  take_batch(arrival);
}

Destination Receiver::destination_of(const Arrival& arrival, const Message& message) {
  Destination destination = message.destination;
  if (!destination.flow.empty()) return destination;
  auto flow = arrival.request.header("x-adobe-flow-id");
  if (!flow) flow = arrival.request.query_param("x-adobe-flow-id");
  if (flow) destination.flow = *flow;
  return destination;
}

// Flows at fault share half of the journal, so that they leave room for the others.
Result<const FlowRoute*> Receiver::flow_of(const Arrival& arrival, const Message& message) const {
  const FlowRoute* flow = TRY(route(*arrival.inlet, destination_of(arrival, message)));
  if (arrival.journal_half_full && parts_.consumer.waits(flow->flow))
    return behind("The flow " + flow->flow.value +
                      " cannot land its events (see its counters), and the journal is half full.",
                  kStorageRetry);
  return flow;
}

void Receiver::take_single(const ArrivalPtr& arrival) {
  thread_local MessageReader reader;
  const auto fail = [&](const Error& error, Refusal refusal) { refuse(*arrival, error, refusal); };
  if (const auto free = check_limits(*arrival->inlet, 1); !free)
    return fail(free.error(), Refusal::rate_limited);
  const auto message = reader.read(arrival->request.body, *arrival->inlet);
  if (!message) return fail(message.error(), refusal_of(message.error()));
  const auto flow = flow_of(*arrival, *message);
  if (!flow) return fail(flow.error(), unrouted(flow.error()));
  const bool wanted = asks_validation(arrival->request);
  if (wanted) {
    const auto valid = validate(arrival, *message, **flow);
    if (!valid) return fail(valid.error(), refusal_of(valid.error()));
    if (!*valid) return;
  }
  append(arrival, {{(*flow)->flow.value, message->record}}, {}, wanted);
}

// False when the message was invalid and that has been answered.
Result<bool> Receiver::validate(const ArrivalPtr& arrival, const Message& message, const FlowRoute& flow) {
  const auto wait = arrival->inlet->traffic->limit_validation(kSyncValidations, parts_.clock.now());
  if (wait)
    return retry_later(ErrorKind::rate_limited,
                       "An inlet validates at most 60 messages synchronously in a minute.",
                       std::chrono::ceil<std::chrono::seconds>(*wait));
  const auto violations = TRY(validate_now(parts_.store, parts_.credentials, flow.flow, message.record));
  if (!violations) return true;
  arrival->inlet->traffic->refused(Refusal::invalid);
  note(*arrival, {flow.flow.value, message.record}, "rejected", text_of(Refusal::invalid));
  arrival->respond(invalid(receipt(*arrival), *violations));
  return false;
}

void Receiver::take_batch(const ArrivalPtr& arrival) {
  thread_local json::RecordParser cutter;
  thread_local MessageReader reader;
  const auto form = is_lines(arrival->request) ? BatchForm::lines : BatchForm::messages;
  const auto texts = cut_batch(cutter, arrival->request.body, form, options_.messages_max);
  if (!texts) return refuse(*arrival, texts.error(), refusal_of(texts.error()));
  if (const auto free = check_limits(*arrival->inlet, static_cast<double>(texts->size())); !free)
    return refuse(*arrival, free.error(), Refusal::rate_limited);
  std::vector<journal::Message> messages;
  std::vector<Outcome> outcomes(texts->size());
  messages.reserve(texts->size());
  for (std::size_t i = 0; i < texts->size(); ++i) {
    const auto message = reader.read((*texts)[i], *arrival->inlet);
    const auto flow = message ? flow_of(*arrival, *message) : Result<const FlowRoute*>(message.error());
    if (flow) {
      messages.push_back({(*flow)->flow.value, message->record});
      continue;
    }
    const Refusal refusal = message ? unrouted(flow.error()) : refusal_of(message.error());
    outcomes[i] = {refusal == Refusal::busy ? 429 : 400, flow.error().message};
    arrival->inlet->traffic->refused(refusal);
    note(*arrival, {"", (*texts)[i]}, "rejected", text_of(refusal));
  }
  if (messages.empty()) return arrival->respond(batch_accepted(receipt(*arrival), outcomes));
  append(arrival, messages, std::move(outcomes), false);
}

void Receiver::append(const ArrivalPtr& arrival, const std::vector<journal::Message>& messages,
                      std::vector<Outcome> outcomes, bool validated) {
  arrival->messages = messages.size();
  arrival->outcomes = std::move(outcomes);
  arrival->validated = validated;
  if (arrival->inlet->traffic->watched(arrival->received_ms))
    arrival->shown.assign(messages.begin(), messages.end());
  const auto done = [arrival](Result<std::uint64_t> first) {
    settle(*arrival, std::move(first));
    arrival->respond(arrival);
  };
  if (parts_.journal.append(0, messages, arrival->received_ms, done)) return;
  refuse(*arrival, behind("The journal is behind: send it again later.", kBusyRetry), Refusal::busy);
}

// Counted here, for the sender may be gone before it is answered.
void Receiver::settle(Arrival& arrival, Result<std::uint64_t> first) {
  arrival.first = std::move(first);
  if (!arrival.first) {
    log_storage(arrival.first.error(), arrival.received_ms);
    return count_refusal(arrival, Refusal::storage);
  }
  for (const auto& message : arrival.shown) note(arrival, message, "accepted", "");
  arrival.inlet->traffic->accepted(arrival.messages, arrival.request.body.size(), arrival.received_ms);
}

http::Response Receiver::Arrival::make() {
  if (!first)
    return problem(receipt(*this), retry_later(first.error().kind, first.error().message, kStorageRetry));
  return form == Form::single ? accepted(receipt(*this), validated)
                              : batch_accepted(receipt(*this), outcomes);
}

void Receiver::count_refusal(const Arrival& arrival, Refusal refusal) {
  if (!arrival.inlet) return;
  arrival.inlet->traffic->refused(refusal);
  note(arrival, {"", arrival.form == Form::single ? std::string_view(arrival.request.body) : ""}, "rejected",
       text_of(refusal));
}

void Receiver::refuse(Arrival& arrival, const Error& error, Refusal refusal) {
  count_refusal(arrival, refusal);
  arrival.respond(problem(receipt(arrival), error));
}

void Receiver::note(const Arrival& arrival, const journal::Message& message, std::string_view outcome,
                    std::string_view reason) {
  Traffic& traffic = *arrival.inlet->traffic;
  if (!traffic.watched(arrival.received_ms)) return;
  traffic.show({arrival.received_ms, outcome, reason, message.key, message.value});
}

}  // namespace headwater::inlet
