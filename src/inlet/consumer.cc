#include "inlet/consumer.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "base/log.h"
#include "base/metrics.h"
#include "base/time.h"
#include "inlet/replay.h"

namespace headwater::inlet {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kReadBytes = 1U << 20;
constexpr milliseconds kPatienceMax{200};
constexpr milliseconds kPatienceMin{5};
constexpr milliseconds kGather{20};
constexpr std::uint64_t kGatherEvents = 2048;
constexpr std::chrono::seconds kReadRetry{5};
constexpr std::chrono::seconds kReportEvery{1};
constexpr std::chrono::seconds kCloseHoursEvery{60};
constexpr std::uint32_t kPartition = 0;

// The inlet that a flow's document names, by the last part of its URL.
std::string inlet_of(const domain::Resource& flow) {
  const json::Value* url = flow.body.find_path("options.inletUrl");
  if (url == nullptr || url->if_string() == nullptr) return {};
  return url->if_string()->substr(url->if_string()->rfind('/') + 1);
}

double seconds_between(TimePoint from, TimePoint to) {
  return std::chrono::duration<double>(to - from).count();
}

// With all cores busy, events are acknowledged first and landed with what is left: several times what it
// takes.
void step_back() {
  constexpr int kNicer = 5;
  const auto thread = static_cast<id_t>(::gettid());
  static_cast<void>(::setpriority(PRIO_PROCESS, thread, ::getpriority(PRIO_PROCESS, thread) + kNicer));
}

}  // namespace

Consumer::Consumer(const FlowLanding::Parts& parts, journal::Journal& journal, TrafficBoard& board,
                   const ConsumerOptions& options)
    : parts_(parts),
      journal_(journal),
      board_(board),
      options_(options),
      ledger_(parts.store, journal.id()),
      read_(journal.first(kPartition)),
      consumed_(read_) {}

void Consumer::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

void Consumer::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Consumer::work(const std::stop_token& stop) {
  step_back();
  auto reader = journal_.read(kPartition, read_);
  journal::Batch batch;
  while (!stop.stop_requested()) {
    try {
      const auto more = reader->next(kReadBytes, batch);
      if (!more) {
        log::error("the journal cannot be read", {{"error", more.error().message}});
        batch.clear();
        reader = journal_.read(kPartition, read_);
        static_cast<void>(journal_.wait_for(kPartition, UINT64_MAX, kReadRetry, stop));
      }
      if (!batch.empty())
        take(batch);
      else
        static_cast<void>(journal_.wait_for(kPartition, read_, patience(), stop));
      // Events come one by one, thousands a second: reading each for itself takes the senders' time.
      if (batch.events().size() < kGatherEvents)
        static_cast<void>(
            journal_.wait_for(kPartition, read_ + kGatherEvents - 1, std::min(kGather, patience()), stop));
      commit_due(false);
      retry_waiting(stop);
      trim();
      report();
    } catch (const std::exception& bug) {
      log::error("exception in the consumer", {{"what", bug.what()}});
      batch.clear();
      reader = journal_.read(kPartition, read_);
    }
  }
  commit_due(true);
  trim();
}

// What an exception leaves behind is read again, like any other fault of the flow.
template <class Work>
void Consumer::guarded(Stream& stream, const Work& work) {
  try {
    work();
  } catch (const std::exception& bug) {
    log::error("exception in the consumer", {{"flow", stream.flow.value}, {"what", bug.what()}});
    fail(stream, Error{ErrorKind::storage, "An internal error happened."});
  }
}

milliseconds Consumer::patience() const {
  auto patience = std::min(kPatienceMax, options_.commit_age);
  const TimePoint now = parts_.clock.now();
  for (const auto& [key, stream] : streams_)
    if (stream.landing)
      patience = std::min(
          patience, std::chrono::ceil<milliseconds>(stream.landing->opened() + options_.commit_age - now));
  return std::max(patience, kPatienceMin);
}

void Consumer::take(const journal::Batch& batch) {
  {
    const std::lock_guard lock(mutex_);
    generation_seen_ = generation_;
    changed_seen_ = changed_from_;
  }
  for (const journal::Event& event : batch.events()) {
    Stream& stream = stream_of(event.key);
    guarded(stream, [&] { take_event(stream, event); });
    read_ = event.offset + 1;
  }
}

Consumer::Stream& Consumer::stream_of(std::string_view key) {
  const auto known = streams_.find(key);
  if (known != streams_.end()) return known->second;
  Stream stream;
  stream.key = key;
  stream.flow = FlowId(std::string(flow_of_key(key)));
  return streams_.emplace(stream.key, std::move(stream)).first->second;
}

void Consumer::take_event(Stream& stream, const journal::Event& event) {
  if (stream.waits || !know_position(stream)) return;  // read again when its fault may be gone
  if (event.offset < *stream.position) return;         // of a segment that is still kept
  if (stream.gone) {
    metrics::count("headwater_inlet_dropped_total", "Events whose flow was deleted before they were landed.");
    return;
  }
  if (stream.landing && stream.generation != generation_seen_ && event.offset >= changed_seen_)
    commit(stream);
  if (stream.waits || (!stream.landing && !open(stream))) return;
  if (event.offset < stream.landing->next()) return;
  if (const auto added = stream.landing->add(event, witness_of(stream)); !added)
    return fail(stream, added.error());
  const FlowLanding& landing = *stream.landing;
  if (landing.events() >= options_.commit_events || landing.bytes() >= options_.commit_bytes) commit(stream);
}

bool Consumer::know_position(Stream& stream) {
  if (stream.position) return true;
  const auto position = ledger_.position(stream.key);
  if (position)
    stream.position = *position;
  else
    fail(stream, position.error());
  return position.has_value();
}

// A batch that a killed process committed without telling is told now, and the next one opened.
bool Consumer::open(Stream& stream) {
  while (!stream.landing && !stream.waits && know_position(stream)) {
    auto landing = FlowLanding::open(parts_, stream.key, journal_.id(), *stream.position);
    if (!landing && landing.error().where == "/flow") {
      log::warn("events of a deleted flow are dropped", {{"flow", stream.flow.value}});
      stream.gone = true;
      return false;
    }
    if (!landing) {
      fail(stream, landing.error());
      return false;
    }
    stream.landing = *std::move(landing);
    stream.generation = generation_seen_;
    if (const auto inlet = inlet_of(stream.landing->flow()); !inlet.empty())
      stream.traffic = board_.of(inlet);
    if (stream.landing->committed()) commit(stream);
  }
  return stream.landing != nullptr;
}

void Consumer::commit_due(bool all) {
  const TimePoint now = parts_.clock.now();
  for (auto& [key, stream] : streams_)
    if (stream.landing && (all || now - stream.landing->opened() >= options_.commit_age))
      guarded(stream, [&, &one = stream] { commit(one); });
}

void Consumer::commit(Stream& stream) {
  // Opened by a recovery, or for an event that it has already: nothing stands in it, and its id must stay
  // free.
  if (stream.landing->events() == 0 && !stream.landing->committed()) {
    stream.landing->discard();
    stream.landing.reset();
    return;
  }
  const TimePoint begun = parts_.clock.now();
  const auto batch = stream.landing->commit(witness_of(stream));
  if (!batch) return fail(stream, batch.error());
  if (const auto recorded = ledger_.record(*batch); !recorded) return fail(stream, recorded.error());
  if (batch->next <= stream.position)
    return fail(stream, Error{ErrorKind::storage, "The batch " + batch->batch.value + " holds no events."});
  stream.position = batch->next;
  stream.landing.reset();
  metrics::observe_seconds("headwater_inlet_commit_seconds", "How long a micro-batch took to become visible.",
                           seconds_between(begun, parts_.clock.now()));
  if (batch->tally.events > 0)
    metrics::observe_seconds("headwater_inlet_latency_seconds",
                             "From an event's reception to its visibility, the slowest of each micro-batch.",
                             static_cast<double>(batch->tally.latency_max_ms) / 1e3);
  const std::lock_guard lock(mutex_);
  Count& count = counts_[stream.flow.value];
  count.tally.add(batch->tally);
  count.last_commit_ms = epoch_millis(batch->committed);
  count.waits_for.clear();
}

void Consumer::fail(Stream& stream, const Error& error) {
  log::warn("events wait in the journal", {{"flow", stream.flow.value}, {"reason", error.message}});
  const std::int64_t oldest_ms = stream.landing ? stream.landing->oldest_ms() : 0;
  if (stream.waits_since_ms == 0)
    stream.waits_since_ms = oldest_ms > 0 ? oldest_ms : epoch_millis(parts_.clock.now());
  stream.landing.reset();
  stream.waits = true;
  stream.retry_at = parts_.clock.now() + options_.retry_after;
  const std::lock_guard lock(mutex_);
  counts_[stream.flow.value].waits_for = error.message;
}

void Consumer::retry_waiting(const std::stop_token& stop) {
  const TimePoint now = parts_.clock.now();
  for (auto& [key, stream] : streams_) {
    if (!stream.waits || now < stream.retry_at) continue;
    stream.waits = false;
    guarded(stream, [&, &one = stream] { catch_up(one, stop); });
  }
}

// Gives the stream the events that the others have had already.
void Consumer::catch_up(Stream& stream, const std::stop_token& stop) {
  if (!know_position(stream)) return;
  const auto reader = journal_.read(kPartition, *stream.position);
  journal::Batch batch;
  bool whole = false;
  while (!whole && !stream.waits && !stop.stop_requested()) {
    if (const auto more = reader->next(kReadBytes, batch); !more) return fail(stream, more.error());
    whole = batch.empty();
    for (const journal::Event& event : batch.events()) {
      whole = event.offset >= read_;
      if (whole || stream.waits) break;
      if (event.key == stream.key) take_event(stream, event);
    }
  }
  if (stream.waits) return;
  stream.waits = !whole;  // stopped on the way: the rest stays in the journal
  if (whole) stream.waits_since_ms = 0;
}

void Consumer::trim() {
  std::uint64_t landed = read_;  // but for what waits
  std::uint64_t consumed = read_;
  std::int64_t oldest_ms = 0;
  for (const auto& [key, stream] : streams_) {
    if (stream.waits) consumed = std::min(consumed, stream.position.value_or(0));
    if (!stream.landing && !stream.waits) continue;
    if (stream.landing) landed = std::min(landed, stream.landing->first());
    const std::int64_t since = stream.landing ? stream.landing->oldest_ms() : stream.waits_since_ms;
    if (since > 0) oldest_ms = oldest_ms == 0 ? since : std::min(oldest_ms, since);
  }
  consumed = std::min(consumed, landed);
  if (consumed < landed) let_go_of_landed(landed);
  {
    const std::lock_guard lock(mutex_);
    oldest_ms_ = oldest_ms;
    if (consumed <= consumed_) return;
    consumed_ = consumed;
  }
  if (const auto trimmed = journal_.trim(kPartition, consumed); !trimmed)
    log::warn("the journal cannot be trimmed", {{"error", trimmed.error().message}});
}

// A flow that waits keeps its own events in the journal, not those of the others that came after them.
void Consumer::let_go_of_landed(std::uint64_t before) {
  const auto waits = [this](const journal::Event& event) {
    const auto found = streams_.find(event.key);
    return found == streams_.end() ||
           (found->second.waits && event.offset >= found->second.position.value_or(0));
  };
  if (const auto done = journal_.compact(kPartition, before, waits); !done)
    log::warn("the journal cannot be compacted", {{"error", done.error().message}});
}

void Consumer::report() {
  const TimePoint now = parts_.clock.now();
  if (!options_.reports || now - reported_ < kReportEvery) return;
  reported_ = now;
  const json::Value behind = lag();
  const auto gauge = [&behind](std::string_view name, std::string_view help, std::string_view member) {
    const json::Value* value = behind.find(member);
    metrics::gauge(name, help, value == nullptr ? 0 : value->as_double().value_or(0));
  };
  gauge("headwater_inlet_lag_events", "Events in the journal that are not in the lake yet.", "events");
  gauge("headwater_inlet_lag_seconds", "Age of the oldest of them.", "seconds");
  gauge("headwater_inlet_journal_bytes", "Bytes of the journal on disk.", "bytes");
  if (const std::uint64_t accepted = board_.newly_accepted(); accepted > 0)
    metrics::count("headwater_inlet_events_total", "Events that the inlets have acknowledged.",
                   static_cast<double>(accepted));
  if (now - hours_closed_ < kCloseHoursEvery) return;
  hours_closed_ = now;
  if (const auto closed = ledger_.close_hours(now); !closed)
    log::warn("runs of past hours stay open", {{"error", closed.error().message}});
}

FlowLanding::Witness Consumer::witness_of(const Stream& stream) const {
  return [this, traffic = stream.traffic, &flow = stream.flow](const FlowLanding::Quarantined& event) {
    if (!traffic) return;
    traffic->refused(Refusal::quarantined);
    const std::int64_t now_ms = epoch_millis(parts_.clock.now());
    if (traffic->watched(now_ms))
      traffic->show({now_ms, "quarantined", event.reason, flow.value, event.text});
  };
}

bool Consumer::waits(const FlowId& flow) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(flow.value);
  return found != counts_.end() && !found->second.waits_for.empty();
}

void Consumer::changed() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  changed_from_ = journal_.end(kPartition);
}

json::Value Consumer::lag() const {
  const std::lock_guard lock(mutex_);
  const std::uint64_t end = journal_.end(kPartition);
  const std::int64_t now_ms = epoch_millis(parts_.clock.now());
  const double seconds = oldest_ms_ == 0 ? 0 : std::max(0.0, static_cast<double>(now_ms - oldest_ms_) / 1e3);
  return json::Object{
      {"events", end - std::min(end, consumed_)}, {"seconds", seconds}, {"bytes", journal_.stored_bytes()}};
}

json::Value Consumer::counters(const FlowId& flow) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(flow.value);
  const Count count = found == counts_.end() ? Count() : found->second;
  json::Object out{{"events", count.tally.events},
                   {"written", count.tally.written},
                   {"quarantined", count.tally.failed},
                   {"batches", count.tally.batches}};
  if (count.last_commit_ms > 0) out.set("lastCommitAt", count.last_commit_ms);
  if (!count.waits_for.empty()) out.set("waitsFor", count.waits_for);
  return out;
}

}  // namespace headwater::inlet
