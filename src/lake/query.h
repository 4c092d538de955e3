#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/lake.h"

namespace headwater::lake {

struct QueryOptions {
  std::optional<std::string> tenant;  // nullopt: every dataset of the lake
  /// Only the files that hold this batch's records; after compaction neighbours stand there as well.
  std::optional<BatchId> batch;
  std::uint64_t rows_max = 0;  // 0: no limit; past it `QueryReport::truncated`
  std::chrono::milliseconds time_max = std::chrono::minutes(5);
  std::uint64_t memory_bytes_max = 512ULL << 20;
  unsigned threads = 2;
  std::stop_token stop;
};

struct ResultColumn {
  std::string name;
  std::string type;  // "BIGINT", "STRUCT(...)"
};

/// One value of a result row, as text that is valid during the call.
struct Cell {
  enum class Kind : std::uint8_t {
    null,
    boolean,  // "true", "false"
    number,   // a JSON number, exact
    text,     // characters: strings, and dates as RFC 3339 text
    json,     // JSON text of a structure, list or map
  };
  Kind kind = Kind::null;
  std::string_view text;
};

/// Receives a result as it is made. An error from it ends the query and is passed on.
struct RowSink {
  std::function<Result<void>(std::span<const ResultColumn>)> columns;
  std::function<Result<void>(std::span<const Cell>)> row;
};

struct QueryReport {
  std::uint64_t rows = 0;
  bool truncated = false;
};

/// Runs one read-only SQL statement over the lake's datasets; each is a view by its quoted id and by its
/// name. Nothing else of the machine can be reached from the statement. The views stand for the
/// manifests at the start. Errors: invalid_argument (bad SQL, or a statement that is no query), timeout,
/// cancelled, too_large (memory), storage, unavailable (no DuckDB library). Messages name no path.
Result<QueryReport> run_query(const Lake& lake, std::string_view sql, const QueryOptions& options,
                              const RowSink& sink);

/// Reads a Parquet file from anywhere as one JSON object for each row. Names no path in its errors.
/// Errors: invalid_argument when it is none or damaged; too_large (memory), cancelled, what `row` gave.
Result<void> read_parquet_rows(const std::filesystem::path& file, const std::stop_token& stop,
                               const std::function<Result<void>(std::string_view object)>& row);

}  // namespace headwater::lake
