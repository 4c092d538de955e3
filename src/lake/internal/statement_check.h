#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headwater::lake {

class DuckDbSession;

/// Longer statements are refused: checking one costs about a hundred times its length in memory.
inline constexpr std::size_t kStatementBytesMax = 256U << 10;

/// Whether a statement, as DuckDB's json_serialize_sql writes it, names only what a caller may see: datasets,
/// its own common table expressions, information_schema's lists, and functions that compute. What tells of
/// the server (settings, view definitions, files, logs) or turns text into SQL is refused; of table functions
/// only known ones are allowed, so a new version of DuckDB opens nothing. `datasets` are folded names.
/// Errors: invalid_argument, naming the function or table.
Result<void> check_serialized(std::string_view serialized, const std::set<std::string>& datasets);

/// Lets DuckDB serialize the statement and checks it. Errors: invalid_argument, also for what cannot be
/// serialized: no query, or bad SQL.
Result<void> check_statement(const DuckDbSession& session, std::string_view sql,
                             const std::set<std::string>& datasets);

}  // namespace headwater::lake
