#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/ids.h"
#include "inlet/flow_landing.h"
#include "inlet/ledger.h"
#include "inlet/traffic.h"
#include "journal/journal.h"
#include "json/value.h"

namespace headwater::inlet {

struct ConsumerOptions {
  // An open micro-batch is committed at the first of these.
  std::chrono::milliseconds commit_age{5000};
  std::uint64_t commit_events = 500'000;
  std::uint64_t commit_bytes = 64U << 20;
  /// How long a flow at fault waits before it is tried again.
  std::chrono::milliseconds retry_after{5000};
  /// Whether its figures are the server's; not those of a journal that was left behind.
  bool reports = true;
};

/// Brings the events of a journal into the lake, each exactly once: one thread reads, maps and lands the
/// events of all flows, in micro-batches. A flow whose documents or dataset are at fault waits, its events
/// stay in the journal, and the others go on. Thread-safe outside; everything given outlives it.
class Consumer {
 public:
  Consumer(const FlowLanding::Parts& parts, journal::Journal& journal, TrafficBoard& board,
           const ConsumerOptions& options);
  ~Consumer() { stop(); }
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  void start();
  /// Commits what is open, and ends. Idempotent.
  void stop();

  /// Documents that flows are made from were changed: events that are appended from now on go by the new
  /// ones.
  void changed();
  /// Whether events of the flow wait for a fault to be mended.
  bool waits(const FlowId& flow) const;
  /// {"events","seconds","bytes"}: how far the lake is behind the journal.
  json::Value lag() const;
  /// What the flow's events came to since the server's start:
  /// {"events","written","quarantined","batches","lastCommitAt","waitsFor"?}
  json::Value counters(const FlowId& flow) const;

 private:
  /// The events of one key: a flow's own, or those of one of its replays. Events before `position` are in
  /// committed batches.
  struct Stream {
    std::string key;
    FlowId flow;
    std::optional<std::uint64_t> position;  // as the store has it; absent until it was asked
    std::unique_ptr<FlowLanding> landing;
    bool gone = false;   // the flow was deleted: its events are dropped
    bool waits = false;  // something failed; tried again at `retry_at`
    TimePoint retry_at{};
    std::int64_t waits_since_ms = 0;   // when its oldest waiting event was received, about
    std::uint64_t generation = 0;      // of the documents that its landing was opened with
    std::shared_ptr<Traffic> traffic;  // Shared with the inlet. Null until the flow's document was read.
  };
  struct Count {
    Tally tally;
    std::int64_t last_commit_ms = 0;
    std::string waits_for;
  };

  void work(const std::stop_token& stop);
  void take(const journal::Batch& batch);
  void take_event(Stream& stream, const journal::Event& event);
  Stream& stream_of(std::string_view key);
  bool open(Stream& stream);
  bool know_position(Stream& stream);
  void commit_due(bool all);
  void commit(Stream& stream);
  void fail(Stream& stream, const Error& error);
  void retry_waiting(const std::stop_token& stop);
  void catch_up(Stream& stream, const std::stop_token& stop);
  template <class Work>
  void guarded(Stream& stream, const Work& work);
  void trim();
  void let_go_of_landed(std::uint64_t before);
  void report();
  FlowLanding::Witness witness_of(const Stream& stream) const;
  std::chrono::milliseconds patience() const;

  FlowLanding::Parts parts_;
  journal::Journal& journal_;
  TrafficBoard& board_;
  ConsumerOptions options_;
  Ledger ledger_;
  std::uint64_t read_ = 0;  // offset behind the last event that was given to the streams
  std::map<std::string, Stream, std::less<>> streams_;
  std::uint64_t generation_seen_ = 0;  // of documents, and the first offset that goes by it
  std::uint64_t changed_seen_ = 0;
  TimePoint hours_closed_{};
  TimePoint reported_{};

  mutable std::mutex mutex_;  // of what others ask for
  std::map<std::string, Count, std::less<>> counts_;
  std::uint64_t generation_ = 1;    // grows with every change of documents
  std::uint64_t changed_from_ = 0;  // the first offset that goes by the latest
  std::uint64_t consumed_ = 0;
  std::int64_t oldest_ms_ = 0;

  std::jthread thread_;
};

}  // namespace headwater::inlet
