#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"
#include "json/value.h"
#include "lake/lake.h"

namespace headwater::api {

/// One statement over a tenant's datasets, and what it may take.
struct QueryTask {
  std::filesystem::path lake;  // its folder
  std::string tenant;
  std::string sql;
  std::uint64_t rows_max = 0;
  BatchId batch = {};    // only its records; empty: all
  bool objects = false;  // the answer is the rows alone, an array of objects

  json::Value to_json() const;
  /// Reads what `to_json` wrote. Errors: invalid_argument.
  static Result<QueryTask> from_json(const json::Value& document);
};

/// Runs it here. Gives the answer's text: {"columns", "rows", "rowCount", "truncated"}, or the array of
/// objects. Errors: those of lake::run_query; too_large for an answer of more than 64 MB.
Result<std::string> answer_query(const lake::Lake& lake, const QueryTask& task);

/// Runs it in a process of its own: no statement takes more than a gigabyte, whatever it computes, none goes
/// on when `stopped`, and what would end a process ends that one. `program` is this program, as
/// `query-process`. Errors: those of `answer_query`; cancelled, unavailable.
Result<std::string> answer_query_apart(const std::filesystem::path& program, const QueryTask& task,
                                       const std::function<bool()>& stopped);

/// What `program` does: reads the task from standard input, writes the answer or the error to standard
/// output. Gives the exit code.
int serve_query_process();

}  // namespace headwater::api
