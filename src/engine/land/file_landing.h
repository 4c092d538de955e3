#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/land/landing.h"
#include "json/value.h"

namespace headwater::land {

struct FileOptions {
  std::string to;      // "out.parquet", "out.ndjson" (any other name is NDJSON), "-" for standard output
  json::Value schema;  // Parquet only: the target schema; null: columns are inferred
  bool check_records = true;  // NDJSON: false when an earlier step has parsed every record already
};

/// Lands a run in one file, which appears whole at `commit` or not at all; with "-" records stream to
/// standard output as they come. Nothing is resumable: checkpoints pass by.
/// Rejected records go to `<to>.rejected.ndjson` beside the file when there are any; with "-" they are
/// only counted.
/// Errors: invalid_argument when the folder does not exist or the name is a folder's.
Result<std::unique_ptr<Landing>> make_file_landing(const FileOptions& options);

}  // namespace headwater::land
