#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/run/run_counts.h"

namespace headwater::run {

/// What a run keeps with every page: where the source goes on, and what has been counted until there.
struct Checkpoint {
  RunCounts counts;
  std::vector<FailedGroup> failed;
  std::vector<FailedRow> failed_rows;
  std::vector<std::string> notes;
  TimePoint started{};
  bool request_limit = false;  // maximumRequest ended the source here
  std::string definition;      // of what was read and how: a cursor means nothing to another one
  std::string cursor;          // of the extractor
};

/// One line of JSON with the counts, then the cursor as it is.
std::string encode(const Checkpoint& checkpoint);
/// Errors: storage, when the text was not written by `encode`.
Result<Checkpoint> parse_checkpoint(std::string_view text);

/// The extractor's cursor of an interrupted landing, "" for a new one: what Extractor::make resumes from.
Result<std::string> resume_cursor(const std::optional<std::string>& landed);

}  // namespace headwater::run
