#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/result.h"
#include "lake/layout.h"

namespace headwater::lake {

// Every function of DuckDB's C interface that the lake calls.
#define HEADWATER_DUCKDB_FUNCTIONS(X) \
  X(open_ext)                         \
  X(close)                            \
  X(connect)                          \
  X(disconnect)                       \
  X(interrupt)                        \
  X(create_config)                    \
  X(set_config)                       \
  X(destroy_config)                   \
  X(free)                             \
  X(query)                            \
  X(destroy_result)                   \
  X(result_error)                     \
  X(result_error_type)                \
  X(column_count)                     \
  X(column_name)                      \
  X(column_logical_type)              \
  X(fetch_chunk)                      \
  X(extract_statements)               \
  X(extract_statements_error)         \
  X(prepare_extracted_statement)      \
  X(destroy_extracted)                \
  X(prepare_error)                    \
  X(prepared_statement_type)          \
  X(nparams)                          \
  X(destroy_prepare)                  \
  X(execute_prepared_streaming)       \
  X(destroy_logical_type)             \
  X(get_type_id)                      \
  X(decimal_width)                    \
  X(decimal_scale)                    \
  X(decimal_internal_type)            \
  X(list_type_child_type)             \
  X(map_type_key_type)                \
  X(map_type_value_type)              \
  X(struct_type_child_count)          \
  X(struct_type_child_name)           \
  X(struct_type_child_type)           \
  X(array_type_child_type)            \
  X(array_type_array_size)            \
  X(enum_internal_type)               \
  X(enum_dictionary_size)             \
  X(enum_dictionary_value)            \
  X(logical_type_get_alias)           \
  X(data_chunk_get_vector)            \
  X(data_chunk_get_size)              \
  X(destroy_data_chunk)               \
  X(vector_get_data)                  \
  X(vector_get_validity)              \
  X(list_vector_get_child)            \
  X(struct_vector_get_child)          \
  X(array_vector_get_child)

/// DuckDB's functions, found with dlopen at the first call: a process that never touches Parquet or SQL
/// never maps the 65 MB library. Immutable.
struct DuckDb {
#define HEADWATER_DUCKDB_MEMBER(name) decltype(&::duckdb_##name) name = nullptr;
  HEADWATER_DUCKDB_FUNCTIONS(HEADWATER_DUCKDB_MEMBER)
#undef HEADWATER_DUCKDB_MEMBER

  /// Looks in HEADWATER_DUCKDB (a file), beside the executable, in ../lib, then where the build found it.
  /// Thread-safe. Errors: unavailable, saying where it looked.
  static Result<const DuckDb*> load();
};

struct DuckDbOptions {
  unsigned threads = 1;
  std::uint64_t memory_bytes_max = 256ULL << 20;
  bool keep_order = false;
};

/// An in-memory DuckDB instance with one connection. It fetches nothing from a network and loads no
/// extension. Confined to one thread, but for `interrupt`.
class DuckDbSession {
 public:
  static Result<DuckDbSession> open(const DuckDbOptions& options);
  DuckDbSession(DuckDbSession&& other) noexcept;
  DuckDbSession& operator=(DuckDbSession&&) = delete;
  ~DuckDbSession();

  const DuckDb& api() const { return *api_; }
  duckdb_connection connection() const { return connection_; }
  /// Runs a statement for its effect. Errors: as `error_of`.
  Result<void> run(const std::string& sql) const;
  void interrupt() const { api_->interrupt(connection_); }

 private:
  explicit DuckDbSession(const DuckDb* api) : api_(api) {}
  const DuckDb* api_;
  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
};

/// What a failed result means to a caller. Errors: too_large for memory, cancelled for an interrupt,
/// storage for the disk, else invalid_argument.
Error error_of(const DuckDb& api, duckdb_result& result);
Error error_of_message(duckdb_error_type type, std::string_view message);

struct LogicalTypeDeleter {
  const DuckDb* api;
  void operator()(duckdb_logical_type type) const { api->destroy_logical_type(&type); }
};
/// Owns a logical type.
using LogicalType = std::unique_ptr<std::remove_pointer_t<duckdb_logical_type>, LogicalTypeDeleter>;
LogicalType own(const DuckDb& api, duckdb_logical_type type);

/// 'text' and "name" as SQL writes them.
std::string sql_string(std::string_view text);
std::string sql_name(std::string_view name);

}  // namespace headwater::lake
