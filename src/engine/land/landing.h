#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/record.h"

namespace headwater::land {

/// A record that did not make it, for the quarantine file.
struct RejectedRecord {
  std::string_view text;  // the record as it was when it failed; may be no JSON at all
  std::string_view code;  // "INGEST-1401-400"
  std::string message;    // names page and record number
  std::uint64_t page = 0;
  std::uint64_t record = 0;    // number in the run, from 1
  std::string_view file = {};  // the uploaded file it came in; empty: a page
};

struct LandingTotals {
  std::uint64_t records_written = 0;
  std::uint64_t records_rejected = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t output_files = 0;
  std::uint64_t records_with_other = 0;    // records that had members put into _other
  std::vector<std::string> other_members;  // their names, bounded
};

/// Where a run's records go: one atomic batch. Records become visible together at `commit`, or never.
/// Confined to one run's thread.
class Landing {
 public:
  virtual ~Landing() = default;

  /// Appends accepted records. Records that do not fit the target (typed columns) are rejected through
  /// `rejected`, which names their position in the group.
  struct Misfit {
    std::size_t index;      // in the group
    std::string_view code;  // literal
    std::string message;
  };
  virtual Result<void> append(const json::RecordGroup& records, std::vector<Misfit>& rejected) = 0;
  virtual Result<void> reject(const RejectedRecord& record) = 0;
  /// Whether `append` looks into records: then groups that carry their nodes cost less.
  virtual bool reads_nodes() const { return false; }

  /// Makes everything appended so far durable together with `cursor` (opaque to the landing). What is
  /// appended after the last checkpoint is lost by a crash, and only that. May return before the disk has
  /// it, at most one checkpoint behind.
  virtual Result<void> checkpoint(std::string_view cursor) = 0;
  /// Whether a cursor is kept at all; otherwise nobody need make one.
  virtual bool keeps_cursor() const { return true; }
  /// The cursor of the last checkpoint found when an interrupted landing was opened again.
  virtual std::optional<std::string> resumed_cursor() const = 0;

  /// Makes the batch visible, whole. Idempotent after a crash between commit and the caller's own note.
  virtual Result<LandingTotals> commit() = 0;
  /// Leaves nothing behind (a failed run); rejected records that were kept stay downloadable.
  virtual void discard() = 0;
  /// What a run that fails for too many rejected records says became of them and of the others.
  virtual std::string failure_note() const { return "Nothing was committed; the rejected records are kept."; }
};

}  // namespace headwater::land
