#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "domain/list_query.h"
#include "store/internal/database.h"
#include "store/internal/tables.h"

namespace headwater::store::internal {
namespace {

using domain::ResourceKind;

// Serialises migrations of several servers on one PostgreSQL; any constant that nobody else uses.
constexpr std::string_view kLock = "SELECT pg_advisory_xact_lock(720190416)";

std::string replaced(std::string text, std::string_view mark, std::string_view by) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size()))
    text.replace(at, mark.size(), by);
  return text;
}

/// Replaces {text}: in PostgreSQL text that is ordered by its bytes, as SQLite orders all text.
std::string spelled(Dialect dialect, std::string sql) {
  return replaced(std::move(sql), "{text}", dialect == Dialect::sqlite ? "text" : "text COLLATE \"C\"");
}

/// The kinds whose tables the first steps make; those behind them came later, each with a step of its own.
std::span<const ResourceKind> first_kinds() {
  constexpr std::size_t kFirst = 11;
  return all_kinds().first(kFirst);
}

/// A table of resources. `scope` is org + '/' + sandbox, empty for global kinds; every index begins with it,
/// and ends with the default order, so that a filtered first page reads no more rows than it shows. The
/// indexes of members are made by a later step.
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
  return spelled(dialect, sql);
}

std::string first_tables(Dialect dialect) {
  std::string sql;
  for (const auto kind : first_kinds()) sql += resource_table(dialect, kind);
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

std::string kept_answers(Dialect dialect) {
  return spelled(dialect, R"(
    CREATE TABLE kept_answers (
      scope {text} NOT NULL, route {text} NOT NULL, idempotency_key {text} NOT NULL, fingerprint {text} NOT NULL,
      answer text NOT NULL, created_at_ms bigint NOT NULL, PRIMARY KEY (scope, route, idempotency_key));
    CREATE INDEX kept_answers_by_age ON kept_answers (created_at_ms);
  )");
}

/// A document's elements at one array path: "SELECT DISTINCT place, value, scope, change, id" for a trigger.
std::string select_elements(Dialect dialect, std::string_view dotted, std::size_t place) {
  const auto path = path_of(dotted);
  const auto array = std::find_if(path.begin(), path.end(), [](const auto& step) { return step.array; });
  const domain::FieldPath before(path.begin(), array + 1);
  const domain::FieldPath after(array + 1, path.end());
  const auto number = std::to_string(place);
  const auto head = "INSERT INTO {elements} SELECT DISTINCT " + number + ", ";
  if (dialect == Dialect::sqlite) {
    // json_extract fails on an element that is a bare string; keys of objects are no integers.
    const std::string inside = "CASE WHEN e.type IN ('object', 'array') THEN e.value END";
    const auto value = after.empty() ? "e.value" : member_of(dialect, inside, after);
    const auto is_text = after.empty() ? "e.type = 'text'" : type_of(inside, after) + " = 'text'";
    return head + value + ", new.scope, new.updated_at_ms, new.id FROM json_each(new.body, " +
           path_literal(dialect, before) + ") e WHERE typeof(e.key) = 'integer' AND " + is_text + ";\n";
  }
  const auto found = member_of(dialect, "new.doc", before);
  const auto value = after.empty() ? "e.v" : member_of(dialect, "e.v", after);
  return head + value + " #>> '{}', new.scope, new.updated_at_ms, new.id FROM jsonb_array_elements(CASE " +
         "jsonb_typeof(" + found + ") WHEN 'array' THEN " + found + " ELSE '[]'::jsonb END) e(v) WHERE " +
         "jsonb_typeof(" + value + ") = 'string';\n";
}

/// The table of array elements of a kind, kept by triggers, and filled from what is there.
std::string element_index(Dialect dialect, ResourceKind kind) {
  std::string fill;
  const auto paths = array_paths(kind);
  for (std::size_t place = 0; place < paths.size(); ++place)
    fill += select_elements(dialect, paths[place], place);
  const std::string clear = "DELETE FROM {elements} WHERE e_id = old.id AND e_scope = old.scope;\n";
  std::string sql = R"(
    CREATE TABLE {elements} (
      e_path integer NOT NULL, e_value {text} NOT NULL, e_scope {text} NOT NULL, e_updated_at_ms bigint NOT NULL,
      e_id {text} NOT NULL, PRIMARY KEY (e_path, e_value, e_scope, e_updated_at_ms, e_id)))";
  sql += dialect == Dialect::sqlite ? " WITHOUT ROWID;\n" : ";\n";
  sql += "CREATE INDEX {elements}_by_id ON {elements} (e_id, e_scope);\n";
  if (dialect == Dialect::sqlite) {
    sql += "CREATE TRIGGER {elements}_insert AFTER INSERT ON {table} BEGIN\n" + fill + "END;\n";
    sql += "CREATE TRIGGER {elements}_update AFTER UPDATE ON {table} BEGIN\n" + clear + fill + "END;\n";
    sql += "CREATE TRIGGER {elements}_delete AFTER DELETE ON {table} BEGIN\n" + clear + "END;\n";
  } else {
    sql +=
        "CREATE FUNCTION {elements}_keep() RETURNS trigger LANGUAGE plpgsql AS $keep$ BEGIN\n"
        "IF TG_OP <> 'INSERT' THEN " +
        clear + "END IF;\nIF TG_OP <> 'DELETE' THEN " + fill +
        "END IF;\nRETURN NULL; END $keep$;\n"
        "CREATE TRIGGER {elements}_keep AFTER INSERT OR UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION {elements}_keep();\n";
  }
  sql += "UPDATE {table} SET state = state;\n";
  return replaced(replaced(std::move(sql), "{elements}", element_table(kind)), "{table}", table_name(kind));
}

/// What PostgreSQL's indexes held before `headwater_key`.
std::string first_sort_key(Dialect dialect, std::string_view dotted) {
  const auto path = path_of(dotted);
  if (dialect == Dialect::sqlite || domain::ignores_case(path)) return sort_key(dialect, path);
  const auto value = body_value(dialect, path);
  return "(CASE WHEN jsonb_typeof(" + value + ") IN ('object', 'array') THEN 'null'::jsonb ELSE COALESCE(" +
         value + ", 'null'::jsonb) END)";
}

std::string path_index(ResourceKind kind, std::size_t number, const std::string& columns) {
  const std::string table(table_name(kind));
  return "CREATE INDEX " + table + "_by_path_" + std::to_string(number) + " ON " + table + " (scope, " +
         columns + ", id);\n";
}

/// Indexes of what lists are filtered and ordered by, instead of the first version's.
std::string list_indexes(Dialect dialect) {
  constexpr int kFirstVersionsMembers = 4;
  std::string sql;
  for (const auto kind : first_kinds()) {
    const std::string table(table_name(kind));
    for (int i = 1; i <= kFirstVersionsMembers; ++i)
      sql += "DROP INDEX IF EXISTS " + table + "_by_member_" + std::to_string(i) + ";\n";
    std::size_t number = 0;
    const auto index = [&](const std::string& columns) {
      sql += path_index(kind, ++number, columns + ", updated_at_ms");
    };
    for (const auto path : indexed_paths(kind)) index(first_sort_key(dialect, path));
    if (kind == ResourceKind::run)
      index(first_sort_key(dialect, "flowId") + ", " +
            first_sort_key(dialect, "metrics.durationSummary.startedAtUTC"));
    if (!array_paths(kind).empty()) sql += element_index(dialect, kind);
  }
  return spelled(dialect, sql);
}

/// Text whose bytes have the order of SQLite's values: missing members and containers, numbers (as doubles,
/// so that what an index holds is short), strings. Booleans are 1 and 0, as they are to SQLite.
constexpr std::string_view kKeyFunction = R"(
  CREATE FUNCTION headwater_key(v jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $key$
  DECLARE n numeric; bits bigint;
  BEGIN
    CASE jsonb_typeof(v)
      WHEN 'string' THEN RETURN '3' || (v #>> '{}');
      WHEN 'number' THEN n := v::numeric;
      WHEN 'boolean' THEN n := v::boolean::integer;
      ELSE RETURN '1';
    END CASE;
    -- What is smaller would be out of a double's range.
    IF abs(n) < 1e-300 THEN n := 0; END IF;
    bits := ('x' || encode(float8send(n::float8), 'hex'))::bit(64)::bigint;
    IF bits < 0 THEN bits := ~bits; ELSE bits := bits # (-9223372036854775808)::bigint; END IF;
    RETURN '2' || lpad(to_hex(bits), 16, '0');
  END $key$;
)";

/// Lists of runs that are filtered by one member and ordered by the creation have an index; and PostgreSQL
/// orders as SQLite does, whatever the database's collation.
std::string one_order(Dialect dialect) {
  std::string sql(dialect == Dialect::postgres ? kKeyFunction : "");
  for (const auto kind : first_kinds()) {
    std::size_t number = 0;
    const auto key = [&](std::string_view dotted) { return sort_key(dialect, path_of(dotted)); };
    // The indexes that SQLite has stay as they are.
    const auto again = [&](const std::string& columns) {
      ++number;
      if (dialect == Dialect::postgres)
        sql += "DROP INDEX " + std::string(table_name(kind)) + "_by_path_" + std::to_string(number) + ";\n" +
               path_index(kind, number, columns + ", updated_at_ms");
    };
    for (const auto path : indexed_paths(kind)) again(key(path));
    if (kind != ResourceKind::run) continue;
    again(key("flowId") + ", " + key("metrics.durationSummary.startedAtUTC"));
    for (const auto* path : {"flowId", "metrics.statusSummary.status"})
      sql += path_index(kind, ++number, key(path) + ", created_at_ms");
  }
  return sql;
}

std::string answers_and_list_indexes(Dialect dialect) {
  return kept_answers(dialect) + list_indexes(dialect);
}

/// Inlets came with streaming: their table with the indexes of its lists.
std::string inlets_table(Dialect dialect) {
  constexpr auto kKind = ResourceKind::inlet;
  std::string sql = resource_table(dialect, kKind);
  std::size_t number = 0;
  for (const auto path : indexed_paths(kKind))
    sql += path_index(kKind, ++number, sort_key(dialect, path_of(path)) + ", updated_at_ms");
  return sql;
}

/// Sessions came with the web application.
std::string sessions_table(Dialect dialect) {
  return spelled(dialect, R"(
    CREATE TABLE sessions (
      hash {text} PRIMARY KEY, kind {text} NOT NULL, org {text} NOT NULL, created_at_ms bigint NOT NULL,
      expires_at_ms bigint NOT NULL);
    CREATE INDEX sessions_by_expiry ON sessions (expires_at_ms);
  )");
}

/// Webhooks, the events that wait for their delivery, what became of the last one of each webhook, and which
/// window's lateness was told.
std::string webhook_tables(Dialect dialect) {
  return resource_table(dialect, ResourceKind::webhook) + spelled(dialect, R"(
    CREATE TABLE webhook_events (
      webhook {text} NOT NULL, id {text} NOT NULL, type {text} NOT NULL, body text NOT NULL, created_at_ms bigint NOT NULL,
      due_at_ms bigint NOT NULL, attempts bigint NOT NULL, owner {text}, PRIMARY KEY (webhook, id));
    CREATE INDEX webhook_events_by_time ON webhook_events (due_at_ms, id);
    CREATE TABLE webhook_deliveries (webhook {text} PRIMARY KEY, last text NOT NULL);
    ALTER TABLE flow_timers ADD COLUMN told_late_ns bigint;
  )");
}

/// Forward only: a step that was released is never edited, a change is a new step.
using Step = std::string (*)(Dialect);
constexpr Step kSteps[] = {first_tables,   servers_table, answers_and_list_indexes, one_order, inlets_table,
                           sessions_table, webhook_tables};
constexpr std::int64_t kVersion = std::size(kSteps);
constexpr int kLockWaits = 40;

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

/// Leaves in `version` what it has found.
Result<void> upgrade(Connection& connection, std::int64_t& version) {
  if (connection.dialect() == Dialect::postgres) TRY(connection.script(std::string(kLock)));
  // Somebody else may have been first while this one waited for the lock.
  version = TRY(stored_version(connection));
  TRY(check_version(version));
  for (auto step = version; step < kVersion; ++step)
    TRY(connection.script(kSteps[step](connection.dialect())));
  if (version < kVersion) TRY(store_version(connection));
  return {};
}

}  // namespace

std::int64_t latest_version() { return kVersion; }

Result<std::int64_t> stored_version(Connection& connection) {
  std::int64_t version = 0;
  const auto take = [&](const Row& row) { version = row.integer(0); };
  if (connection.dialect() == Dialect::sqlite) {
    TRY(connection.run("PRAGMA user_version", {}, take));
    return version;
  }
  bool exists = false;
  // The server remembers for each connection that a name was unknown, and hears of a new table only when it
  // locks one: reading pg_class makes it listen, so that tables made while the migration lock was waited for
  // are seen.
  TRY(connection.run("SELECT 1 FROM pg_catalog.pg_class WHERE oid = to_regclass('headwater_schema')", {},
                     [&](const Row&) { exists = true; }));
  if (exists) TRY(connection.run("SELECT version FROM headwater_schema", {}, take));
  return version;
}

Result<std::int64_t> migrate(Database& database) {
  std::int64_t version = 0;
  int waits = 0;
  const auto ask = [&](Connection& connection) -> Result<void> {
    version = TRY(stored_version(connection));
    // SQLite's lock is waited for 15 seconds; the indexes of a large store take another process longer.
    waits = connection.dialect() == Dialect::sqlite ? kLockWaits : 0;
    return {};
  };
  TRY(database.query(ask));
  if (version == kVersion) return version;
  TRY(check_version(version));
  const auto work = [&version](Connection& connection) { return upgrade(connection, version); };
  auto done = database.write(work);
  for (; waits > 0 && !done && done.error().kind == ErrorKind::unavailable; --waits)
    done = database.write(work);
  if (!done) return std::move(done).error();
  return version;
}

}  // namespace headwater::store::internal
