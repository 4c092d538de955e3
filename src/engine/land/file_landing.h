#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/land/landing.h"
#include "json/value.h"

namespace headwater::land {

struct FileOptions {
  /// "out.parquet"; NDJSON: "out.ndjson", ".jsonl", ".json", a name without extension, a pipe or a device;
  /// "-" for standard output.
  std::string to;
  json::Value schema;         // Parquet only: the target schema; null: columns are inferred
  bool check_records = true;  // NDJSON: false when an earlier step has parsed every record already
  std::stop_token stop = {};  // ends waiting for a pipe's reader
};

/// Lands a run in one file, which appears whole at `commit` or not at all; with "-", a pipe or a device
/// records stream there as they come. Nothing is resumable: checkpoints pass by. Rejected records go to
/// `<to>.rejected.ndjson` beside the file when there are any; those of a stream are only counted. Errors:
/// invalid_argument when the folder does not exist, the name is a folder's or of no known format, and for
/// Parquet to what is no file; storage; cancelled.
Result<std::unique_ptr<Landing>> make_file_landing(const FileOptions& options);

}  // namespace headwater::land
