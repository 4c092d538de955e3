#include <string>
#include <vector>

#include "domain/list_query.h"
#include "store/internal/database.h"
#include "store/internal/tables.h"

namespace headwater::store::internal {
namespace {

using domain::ResourceKind;

// Serialises migrations of several servers on one PostgreSQL; any constant that nobody else uses.
constexpr std::string_view kLock = "SELECT pg_advisory_xact_lock(720190416)";

/// Replaces {text}: in PostgreSQL text that is ordered by its bytes, as SQLite orders all text.
std::string spelled(Dialect dialect, std::string sql) {
  const std::string_view mark = "{text}";
  const std::string_view type = dialect == Dialect::sqlite ? "text" : "text COLLATE \"C\"";
  for (auto at = sql.find(mark); at != std::string::npos; at = sql.find(mark, at + type.size()))
    sql.replace(at, mark.size(), type);
  return sql;
}

domain::FieldPath path_of(std::string_view dotted) {
  domain::FieldPath path;
  for (;;) {
    const auto dot = dotted.find('.');
    path.push_back({std::string(dotted.substr(0, dot)), false});
    if (dot == std::string_view::npos) return path;
    dotted.remove_prefix(dot + 1);
  }
}

/// A table of resources. `scope` is org + '/' + sandbox, empty for global kinds; every index begins with it,
/// and ends with the default order, so that a filtered first page reads no more rows than it shows.
std::string resource_table(Dialect dialect, ResourceKind kind) {
  const std::string table(table_name(kind));
  std::string sql = "CREATE TABLE " + table + R"( (
    id {text} NOT NULL, scope {text} NOT NULL, org {text} NOT NULL, sandbox {text} NOT NULL, sandbox_name {text} NOT NULL,
    created_at_ms bigint NOT NULL, updated_at_ms bigint NOT NULL, created_by {text} NOT NULL, updated_by {text} NOT NULL,
    created_client {text} NOT NULL, updated_client {text} NOT NULL, state {text} NOT NULL, etag {text} NOT NULL,
    body text NOT NULL,)";
  if (dialect == Dialect::postgres) sql += " doc jsonb NOT NULL,";
  sql += " PRIMARY KEY (id, scope));\n";
  const auto index = [&](std::string_view name, const std::string& columns) {
    sql += "CREATE INDEX " + table + "_by_" + std::string(name) + " ON " + table + " (scope, " + columns +
           ");\n";
  };
  index("change", "updated_at_ms, id");
  index("creation", "created_at_ms, id");
  index("state", "lower(state), updated_at_ms, id");
  int number = 0;
  for (const auto dotted : indexed_paths(kind)) {
    const auto path = path_of(dotted);
    const auto value =
        domain::ignores_case(path) ? body_text_lower(dialect, path) : body_value(dialect, path);
    index("member_" + std::to_string(++number), value + ", updated_at_ms, id");
  }
  return spelled(dialect, sql);
}

std::string first_tables(Dialect dialect) {
  std::string sql;
  for (const auto kind : all_kinds()) sql += resource_table(dialect, kind);
  return sql + spelled(dialect, R"(
    CREATE TABLE secrets (owner {text} NOT NULL, name {text} NOT NULL, sealed text NOT NULL, PRIMARY KEY (owner, name));
    CREATE TABLE flow_timers (
      flow {text} PRIMARY KEY, org {text} NOT NULL, sandbox {text} NOT NULL, sandbox_name {text} NOT NULL,
      due_ns bigint, covered_ns bigint, current_run {text}, owner {text});
    CREATE INDEX flow_timers_idle ON flow_timers (due_ns) WHERE current_run IS NULL;
    CREATE INDEX flow_timers_claimed ON flow_timers (owner) WHERE current_run IS NOT NULL;
    CREATE TABLE organisations (id {text} PRIMARY KEY, name {text} NOT NULL, created_at_ms bigint NOT NULL);
    CREATE TABLE sandboxes (
      org {text} NOT NULL, name {text} NOT NULL, id {text} NOT NULL UNIQUE, title {text} NOT NULL, type {text} NOT NULL,
      created_at_ms bigint NOT NULL, PRIMARY KEY (org, name));
    CREATE TABLE clients (
      id {text} PRIMARY KEY, org {text} NOT NULL, secret_hash {text} NOT NULL, technical_account {text} NOT NULL,
      created_at_ms bigint NOT NULL);
    CREATE INDEX clients_of_organisation ON clients (org, created_at_ms);
    CREATE TABLE settings (name {text} PRIMARY KEY, value text NOT NULL);
  )");
}

std::string servers_table(Dialect dialect) {
  return spelled(dialect,
                 "CREATE TABLE servers (id {text} PRIMARY KEY, host {text} NOT NULL, beat bigint NOT NULL);");
}

/// Forward only: a step that was released is never edited, a change is a new step.
using Step = std::string (*)(Dialect);
constexpr Step kSteps[] = {first_tables, servers_table};
constexpr std::int64_t kVersion = std::size(kSteps);

Result<std::int64_t> stored_version(Connection& connection) {
  std::int64_t version = 0;
  const auto take = [&](const Row& row) { version = row.integer(0); };
  if (connection.dialect() == Dialect::sqlite) {
    TRY(connection.run("PRAGMA user_version", {}, take));
    return version;
  }
  bool exists = false;
  TRY(connection.run("SELECT 1 WHERE to_regclass('headwater_schema') IS NOT NULL", {},
                     [&](const Row&) { exists = true; }));
  if (exists) TRY(connection.run("SELECT version FROM headwater_schema", {}, take));
  return version;
}

Result<void> store_version(Connection& connection) {
  const auto version = std::to_string(kVersion);
  if (connection.dialect() == Dialect::sqlite) return connection.script("PRAGMA user_version = " + version);
  return connection.script(
      "CREATE TABLE IF NOT EXISTS headwater_schema (version bigint NOT NULL);"
      "DELETE FROM headwater_schema; INSERT INTO headwater_schema VALUES (" +
      version + ")");
}

Result<void> check_version(std::int64_t version) {
  if (version <= kVersion) return {};
  return Error{ErrorKind::unsupported,
               "The metadata store was written by a newer Headwater (tables of version " +
                   std::to_string(version) + ", this one knows " + std::to_string(kVersion) +
                   "); use that one."};
}

Result<void> upgrade(Connection& connection) {
  if (connection.dialect() == Dialect::postgres) TRY(connection.script(std::string(kLock)));
  // Somebody else may have been first while this one waited for the lock.
  const auto version = TRY(stored_version(connection));
  TRY(check_version(version));
  for (auto step = version; step < kVersion; ++step)
    TRY(connection.script(kSteps[step](connection.dialect())));
  if (version < kVersion) TRY(store_version(connection));
  return {};
}

}  // namespace

Result<void> migrate(Database& database) {
  std::int64_t version = 0;
  const auto ask = [&](Connection& connection) -> Result<void> {
    version = TRY(stored_version(connection));
    return {};
  };
  TRY(database.query(ask));
  if (version == kVersion) return {};
  TRY(check_version(version));
  return database.write(upgrade);
}

}  // namespace headwater::store::internal
