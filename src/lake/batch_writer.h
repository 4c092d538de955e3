#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "json/record.h"
#include "json/value.h"
#include "lake/lake.h"

namespace headwater::lake {

struct BatchOptions {
  DatasetId dataset;
  BatchId batch;                  // letters, digits, '-' and '_' only
  json::Value schema;             // the target schema, JSON-Schema-like; null: columns are inferred
  std::string schema_version;     // noted in the manifest
  std::vector<BatchId> replaces;  // batches that vanish in the moment this one appears
  /// NDJSON only: false when an earlier step has parsed every record already.
  bool check_records = true;
};

/// A record that does not fit the columns; it was not written.
struct Misfit {
  std::size_t index;      // in the group
  std::string_view code;  // "INGEST-1401-400"
  std::string message;    // names the member and what it holds
};

/// A record that failed, for the quarantine file.
struct QuarantinedRecord {
  std::string_view text;
  std::string_view code;
  std::string_view message;
  std::string_view file;  // "page-12"
};

struct BatchTotals {
  std::uint64_t records = 0;
  std::uint64_t records_rejected = 0;
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  std::uint64_t records_with_other = 0;
  std::vector<std::string> other_members;  // at most 100 dotted names
};

/// One atomic batch of a dataset. Records go to a staging log as they come and, for Parquet, into columns
/// in the same pass; the log is replayed after a crash. Confined to one thread. Destroyed without commit
/// or discard it stays resumable from its last checkpoint.
class BatchWriter {
 public:
  ~BatchWriter();
  BatchWriter(const BatchWriter&) = delete;
  BatchWriter& operator=(const BatchWriter&) = delete;

  /// Adds records in order. Those that do not fit are named in `misfits` (appended to it) and left out.
  /// Errors: storage ("no space left on device"); conflict after commit.
  Result<void> append(const json::RecordGroup& records, std::vector<Misfit>& misfits);
  /// Whether `append` looks into records (Parquet): then groups that carry their nodes cost less.
  bool reads_nodes() const;
  Result<void> quarantine(const QuarantinedRecord& record);
  /// Names an input (a page) of the batch, for the list of input files.
  Result<void> note_input(std::string_view name, std::uint64_t bytes);

  /// Binds everything so far to `cursor`. A killed process finds it as soon as this returns; a machine
  /// that lost power may find the checkpoint before.
  Result<void> checkpoint(std::string_view cursor);
  /// The cursor that a resumed (or already committed) batch stands at; nullopt for a new one.
  const std::optional<std::string>& resumed_cursor() const;
  /// Counts that stood at the resumed checkpoint plus those since.
  BatchTotals totals() const;
  /// True when a batch of this id had been committed before: there is nothing to append any more.
  bool committed() const;

  /// Makes the batch visible. A second call, also by a later process, gives the same totals.
  Result<BatchTotals> commit();
  /// Removes the batch; its rejected records stay downloadable.
  void discard();

 private:
  friend class Lake;
  struct State;
  explicit BatchWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace headwater::lake
