#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "engine/run/run_source.h"
#include "engine/run/source_access.h"

namespace headwater::authoring {

struct RunDraftOptions {
  extract::Window window;       // --since, --until
  std::uint64_t pages_max = 0;  // --max-pages; 0: no limit
  /// As land::FileOptions: a file ending in .parquet, .ndjson, .jsonl or .json (NDJSON), "-" for NDJSON on
  /// standard output.
  std::string to = "-";
  run::RunOptions run;
};

/// Runs a draft with no server: source to file. The file appears whole at the end, or not at all.
/// A stop leaves nothing behind. Errors: invalid_argument (spec, params, `to`), storage; what went wrong
/// while running is in the outcome.
Result<run::RunOutcome> run_draft(run::SourceAccess& access, const run::SourceDocuments& draft,
                                  const RunDraftOptions& options, std::stop_token stop);

}  // namespace headwater::authoring
