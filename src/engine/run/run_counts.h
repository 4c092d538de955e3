#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/run.h"

namespace headwater::run {

/// What one run has done so far. Survives a restart: it is part of every checkpoint.
struct RunCounts {
  std::uint64_t pages = 0;     // whose records went downstream
  std::uint64_t requests = 0;  // sent, retries included
  std::uint64_t retries = 0;
  std::uint64_t input_bytes = 0;      // decoded bytes of the pages
  std::uint64_t records_read = 0;     // elements of the content array
  std::uint64_t records_shaped = 0;   // after exploding; what the mapping is given
  std::uint64_t records_mapped = 0;   // accepted by the mapping
  std::uint64_t records_written = 0;  // accepted by the target
  std::uint64_t records_failed = 0;   // rejected by shaping, mapping or the target
  std::uint64_t output_bytes = 0;     // known after the commit
  std::uint64_t output_files = 0;
  std::chrono::milliseconds throttled{0};  // waited for rate budgets, Retry-After and back-off
};

/// Records that failed for one reason.
struct FailedGroup {
  std::string code;     // "INGEST-1555-400"
  std::string message;  // of the first one; names page and record number
  std::uint64_t count = 0;
};

/// A mapping row that gave no value for some records: its destination was nulled (data-prep reference, B.1).
struct FailedRow {
  std::size_t row = 0;  // of the mapping set
  std::string message;  // of the first record; names page, record number, row, expression and reason
  std::uint64_t count = 0;
};

/// How a run ended.
struct RunOutcome {
  /// in_progress: it was parked at its checkpoint, the batch stays for the resume.
  domain::RunStatus status = domain::RunStatus::failed;
  bool cancelled = false;
  RunCounts counts;
  std::vector<domain::RunError> errors;  // of a success: the ingestion warnings (choice 27)
  std::vector<std::string> notes;   // findings that failed nothing: completeness, members put into _other
  std::vector<FailedGroup> failed;  // one entry per code
  TimePoint started{};
  std::optional<TimePoint> copied;     // when the last page was in; absent when the copy failed
  std::optional<TimePoint> completed;  // absent when parked
};

}  // namespace headwater::run
