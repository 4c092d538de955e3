#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/flow.h"
#include "domain/resource.h"
#include "domain/run.h"
#include "json/value.h"
#include "store/store.h"

namespace headwater::inlet {

/// What a micro-batch, or all of an hour, did with the events of a flow.
struct Tally {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;    // of the events
  std::uint64_t mapped = 0;   // accepted by mapping and schema
  std::uint64_t written = 0;  // accepted by the dataset
  std::uint64_t failed = 0;   // in the quarantine
  std::uint64_t output_bytes = 0;
  std::uint64_t output_files = 0;
  std::uint64_t batches = 0;
  // From reception to visibility, milliseconds; of all events.
  std::int64_t latency_min_ms = 0;
  std::int64_t latency_max_ms = 0;
  std::int64_t latency_sum_ms = 0;
  std::vector<domain::RunError> errors;  // one for each code, the first of them told

  void add(const Tally& other);
  void add_error(std::string_view code, std::string message, std::uint64_t count);
};

/// As it is stored: in the run's document, and in the cursor of a micro-batch.
json::Object encode(const Tally& tally);
Tally decode_tally(const json::Value& document);

/// A micro-batch that the lake has committed.
struct CommittedBatch {
  std::string key;  // of its events in the journal
  domain::Resource flow;
  BatchId batch;
  DatasetId dataset;
  SourceConnectionId source;
  TargetConnectionId target;
  domain::FlowOptions options;
  std::uint64_t next = 0;  // the offset behind its last event
  TimePoint opened;
  TimePoint committed;
  Tally tally;
};

/// What the store remembers of streaming: how far the events of each key of a journal are consumed, the
/// batches, and the runs, one for each flow and hour (streaming reference, section 13). Confined to the
/// consumer's thread.
class Ledger {
 public:
  Ledger(store::Store& store, std::string journal) : store_(store), journal_(std::move(journal)) {}

  /// The first offset behind the consumed events of that key; 0 for a new one.
  Result<std::uint64_t> position(std::string_view key);
  /// Position, batch and run together, or nothing of them. A batch that is recorded already changes nothing.
  Result<void> record(const CommittedBatch& batch);
  /// Ends the runs whose hour is over.
  Result<void> close_hours(TimePoint now);

 private:
  Result<void> add_to_run(store::Transaction& transaction, const CommittedBatch& batch);

  store::Store& store_;
  std::string journal_;
};

}  // namespace headwater::inlet
