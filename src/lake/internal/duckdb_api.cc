#include "lake/internal/duckdb_api.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <vector>

namespace headwater::lake {
namespace {

std::vector<std::string> library_candidates() {
  std::vector<std::string> candidates;
  if (const char* named = std::getenv("HEADWATER_DUCKDB"); named != nullptr && *named != '\0')
    candidates.emplace_back(named);
  std::error_code ignored;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", ignored);
  if (!executable.empty()) {
    candidates.push_back((executable.parent_path() / "libduckdb.so").string());
    candidates.push_back((executable.parent_path().parent_path() / "lib" / "libduckdb.so").string());
  }
  candidates.emplace_back(HEADWATER_DUCKDB_BUILD_LIBRARY);
  return candidates;
}

Result<DuckDb> load_from(const std::string& path) {
  // Lazy binding: the library has tens of thousands of symbols, of which a run calls a few.
  void* library = ::dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = ::dlerror();
    return Error{ErrorKind::unavailable, reason == nullptr ? path + " cannot be loaded." : reason};
  }
  DuckDb api;
  const char* missing = nullptr;
#define HEADWATER_DUCKDB_FIND(name)                                                   \
  api.name = reinterpret_cast<decltype(api.name)>(::dlsym(library, "duckdb_" #name)); \
  if (api.name == nullptr) missing = "duckdb_" #name;
  HEADWATER_DUCKDB_FUNCTIONS(HEADWATER_DUCKDB_FIND)
#undef HEADWATER_DUCKDB_FIND
  if (missing != nullptr)
    return Error{ErrorKind::unavailable,
                 path + " is not the DuckDB version this build needs: it lacks " + missing + "."};
  return api;
}

Result<DuckDb> find_and_load() {
  std::string looked;
  for (const auto& path : library_candidates()) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return load_from(path);
    looked += looked.empty() ? path : ", " + path;
  }
  return Error{ErrorKind::unavailable,
               "Parquet and SQL need libduckdb.so, which is in none of these places: " + looked +
                   ". Run `make build`, or name the file in HEADWATER_DUCKDB."};
}

}  // namespace

Result<const DuckDb*> DuckDb::load() {
  static const Result<DuckDb> loaded = find_and_load();
  if (!loaded) return loaded.error();
  return &*loaded;
}

Error error_of_message(duckdb_error_type type, std::string_view message) {
  // The first line says what is wrong; the others repeat the statement and point into it.
  std::string text(message);
  auto kind = ErrorKind::invalid_argument;
  if (type == DUCKDB_ERROR_OUT_OF_MEMORY)
    kind = ErrorKind::too_large;
  else if (type == DUCKDB_ERROR_INTERRUPT)
    kind = ErrorKind::cancelled;
  else if (type == DUCKDB_ERROR_IO || type == DUCKDB_ERROR_INTERNAL || type == DUCKDB_ERROR_FATAL)
    kind = ErrorKind::storage;
  return Error{kind, std::move(text)};
}

Error error_of(const DuckDb& api, duckdb_result& result) {
  const char* message = api.result_error(&result);
  auto error = error_of_message(api.result_error_type(&result), message == nullptr ? "unknown" : message);
  api.destroy_result(&result);
  return error;
}

Result<DuckDbSession> DuckDbSession::open(const DuckDbOptions& options) {
  const auto* api = TRY(DuckDb::load());
  duckdb_config config = nullptr;
  if (api->create_config(&config) != DuckDBSuccess)
    return Error{ErrorKind::unavailable, "DuckDB refuses to make a configuration."};
  const std::vector<std::pair<const char*, std::string>> settings{
      {"threads", std::to_string(options.threads)},
      {"memory_limit", std::to_string(options.memory_bytes_max) + "B"},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"allow_unsigned_extensions", "false"},
      {"temp_directory", ""},
      {"preserve_insertion_order", options.keep_order ? "true" : "false"}};
  for (const auto& [name, value] : settings) {
    if (api->set_config(config, name, value.c_str()) != DuckDBSuccess) {
      api->destroy_config(&config);
      return Error{ErrorKind::unavailable, std::string("DuckDB refuses the setting ") + name + "."};
    }
  }
  DuckDbSession session(api);
  char* reason = nullptr;
  const auto opened = api->open_ext(nullptr, &session.database_, config, &reason);
  api->destroy_config(&config);
  if (opened != DuckDBSuccess) {
    Error error{ErrorKind::unavailable,
                std::string("DuckDB does not start: ") + (reason == nullptr ? "" : reason)};
    if (reason != nullptr) api->free(reason);
    return error;
  }
  if (api->connect(session.database_, &session.connection_) != DuckDBSuccess)
    return Error{ErrorKind::unavailable, "DuckDB refuses a connection."};
  return session;
}

DuckDbSession::DuckDbSession(DuckDbSession&& other) noexcept
    : api_(other.api_),
      database_(std::exchange(other.database_, nullptr)),
      connection_(std::exchange(other.connection_, nullptr)) {}

DuckDbSession::~DuckDbSession() {
  if (connection_ != nullptr) api_->disconnect(&connection_);
  if (database_ != nullptr) api_->close(&database_);
}

Result<void> DuckDbSession::run(const std::string& sql) const {
  duckdb_result result{};
  if (api_->query(connection_, sql.c_str(), &result) != DuckDBSuccess) return error_of(*api_, result);
  api_->destroy_result(&result);
  return {};
}

namespace {}  // namespace

LogicalType own(const DuckDb& api, duckdb_logical_type type) {
  return LogicalType(type, LogicalTypeDeleter{&api});
}

std::string sql_string(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out.append(c == '\'' ? 2 : 1, c);
  return out + "'";
}

std::string sql_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

}  // namespace headwater::lake
