#include <utility>

#include "base/crypto.h"
#include "store/internal/database.h"
#include "store/internal/tables.h"
#include "store/store.h"

namespace headwater::store {

using internal::DbValue;
using internal::Row;

namespace {

DbValue nanoseconds(const std::optional<TimePoint>& time) {
  if (!time) return std::monostate{};
  return static_cast<std::int64_t>(time->time_since_epoch().count());
}

std::optional<TimePoint> time_at(const Row& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return TimePoint(std::chrono::nanoseconds(row.integer(column)));
}

constexpr std::string_view kTimerColumns =
    "SELECT flow, org, sandbox, sandbox_name, due_ns, covered_ns, current_run, owner, told_late_ns FROM "
    "flow_timers ";

FlowTimer timer_from(const Row& row) {
  return {FlowId(row.text(0)), {OrgId(row.text(1)), SandboxId(row.text(2)), row.text(3)},
          time_at(row, 4),     time_at(row, 5),
          RunId(row.text(6)),  row.text(7),
          time_at(row, 8)};
}

constexpr std::string_view kSandboxColumns =
    "SELECT id, org, name, title, type, created_at_ms FROM sandboxes ";

Sandbox sandbox_from(const Row& row) {
  return {SandboxId(row.text(0)), OrgId(row.text(1)), row.text(2), row.text(3), row.text(4), row.integer(5)};
}

constexpr std::string_view kClientColumns =
    "SELECT id, org, secret_hash, technical_account, created_at_ms FROM clients ";

Client client_from(const Row& row) {
  return {ClientId(row.text(0)), OrgId(row.text(1)), row.text(2), row.text(3), row.integer(4)};
}

constexpr std::string_view kSessionColumns =
    "SELECT hash, kind, org, created_at_ms, expires_at_ms FROM sessions ";

Session session_from(const Row& row) {
  return {row.text(0), row.text(1), OrgId(row.text(2)), row.integer(3), row.integer(4)};
}

template <class T, class Read>
Result<std::vector<T>> all(internal::Connection& connection, std::string_view sql,
                           const std::vector<DbValue>& params, Read read) {
  std::vector<T> rows;
  TRY(connection.run(sql, params, [&](const Row& row) { rows.push_back(read(row)); }));
  return rows;
}

template <class T, class Read>
Result<std::optional<T>> first(internal::Connection& connection, std::string_view sql,
                               const std::vector<DbValue>& params, Read read) {
  std::optional<T> found;
  TRY(connection.run(sql, params, [&](const Row& row) { found = read(row); }));
  return found;
}

std::string first_text(const Row& row) { return row.text(0); }

}  // namespace

Result<void> Transaction::put_secret(std::string_view owner, std::string_view name, std::string_view sealed) {
  return put_secrets(owner, {{std::string(name), std::string(sealed)}});
}

Result<void> Transaction::put_secrets(std::string_view owner,
                                      const std::vector<std::pair<std::string, std::string>>& secrets) {
  if (secrets.empty()) return {};
  std::string rows;
  std::vector<DbValue> params{std::string(owner)};
  for (const auto& [name, sealed] : secrets) {
    params.emplace_back(name);
    params.emplace_back(crypto::base64(sealed));
    rows += (rows.empty() ? "(?1, ?" : ", (?1, ?") + std::to_string(params.size() - 1) + ", ?" +
            std::to_string(params.size()) + ")";
  }
  TRY(connection_.run("INSERT INTO secrets (owner, name, sealed) VALUES " + rows +
                          " ON CONFLICT (owner, name) DO UPDATE SET sealed = excluded.sealed",
                      params));
  return {};
}

Result<std::optional<std::string>> Transaction::secret(std::string_view owner, std::string_view name) {
  const auto encoded =
      TRY(first<std::string>(connection_, "SELECT sealed FROM secrets WHERE owner = ?1 AND name = ?2",
                             {std::string(owner), std::string(name)}, first_text));
  if (!encoded) return std::optional<std::string>();
  return crypto::base64_decode(*encoded);
}

Result<std::vector<std::pair<std::string, std::string>>> Transaction::secrets_of(std::string_view owner) {
  using NameAndBytes = std::pair<std::string, std::string>;
  return all<NameAndBytes>(connection_, "SELECT name, sealed FROM secrets WHERE owner = ?1 ORDER BY name",
                           {std::string(owner)}, [](const Row& row) {
                             return NameAndBytes(row.text(0),
                                                 crypto::base64_decode(row.text(1)).value_or(""));
                           });
}

Result<std::optional<std::tuple<std::string, std::string, std::string>>> Transaction::any_secret() {
  using Found = std::tuple<std::string, std::string, std::string>;
  return first<Found>(connection_, "SELECT owner, name, sealed FROM secrets LIMIT 1", {}, [](const Row& row) {
    return Found(row.text(0), row.text(1), crypto::base64_decode(row.text(2)).value_or(""));
  });
}

Result<void> Transaction::remove_secret(std::string_view owner, std::string_view name) {
  TRY(connection_.run("DELETE FROM secrets WHERE owner = ?1 AND name = ?2",
                      {std::string(owner), std::string(name)}));
  return {};
}

Result<void> Transaction::remove_secrets_of(std::string_view owner) {
  TRY(connection_.run("DELETE FROM secrets WHERE owner = ?1", {std::string(owner)}));
  return {};
}

Result<void> Transaction::put_timer(const FlowTimer& timer) {
  TRY(connection_.run(
      "INSERT INTO flow_timers (flow, org, sandbox, sandbox_name, due_ns, covered_ns) VALUES (?1, ?2, ?3, "
      "?4, ?5, ?6) "
      "ON CONFLICT (flow) DO UPDATE SET due_ns = excluded.due_ns, covered_ns = excluded.covered_ns",
      {timer.flow.value, timer.tenant.org.value, timer.tenant.sandbox.value, timer.tenant.sandbox_name,
       nanoseconds(timer.due), nanoseconds(timer.covered)}));
  return {};
}

Result<std::optional<FlowTimer>> Transaction::timer(const FlowId& flow) {
  return first<FlowTimer>(connection_, std::string(kTimerColumns) + "WHERE flow = ?1", {flow.value},
                          timer_from);
}

Result<std::optional<FlowTimer>> Transaction::lock_timer(const FlowId& flow) {
  std::string sql = std::string(kTimerColumns) + "WHERE flow = ?1";
  // SQLite's one writer has everything locked.
  if (connection_.dialect() == internal::Dialect::postgres) sql += " FOR UPDATE";
  return first<FlowTimer>(connection_, sql, {flow.value}, timer_from);
}

Result<void> Transaction::remove_timer(const FlowId& flow) {
  TRY(connection_.run("DELETE FROM flow_timers WHERE flow = ?1", {flow.value}));
  return {};
}

Result<std::vector<FlowTimer>> Transaction::due_timers(TimePoint now, std::size_t limit) {
  return all<FlowTimer>(connection_,
                        std::string(kTimerColumns) +
                            "WHERE current_run IS NULL AND due_ns <= ?1 ORDER BY due_ns, flow LIMIT ?2",
                        {nanoseconds(now), static_cast<std::int64_t>(limit)}, timer_from);
}

Result<std::optional<TimePoint>> Transaction::next_due() {
  return first<TimePoint>(connection_,
                          "SELECT due_ns FROM flow_timers WHERE current_run IS NULL AND due_ns IS NOT NULL "
                          "ORDER BY due_ns LIMIT 1",
                          {}, [](const Row& row) { return *time_at(row, 0); });
}

Result<std::vector<FlowTimer>> Transaction::late_timers(TimePoint due_before) {
  return all<FlowTimer>(connection_,
                        std::string(kTimerColumns) +
                            "WHERE due_ns <= ?1 AND (told_late_ns IS NULL OR told_late_ns <> due_ns) "
                            "ORDER BY due_ns, flow",
                        {nanoseconds(due_before)}, timer_from);
}

Result<bool> Transaction::mark_late(const FlowId& flow, TimePoint due) {
  return TRY(connection_.run("UPDATE flow_timers SET told_late_ns = due_ns WHERE flow = ?1 AND due_ns = ?2 "
                             "AND (told_late_ns IS NULL OR told_late_ns <> due_ns)",
                             {flow.value, nanoseconds(due)})) != 0;
}

Result<bool> Transaction::claim(const FlowId& flow, const domain::Tenant& tenant, const RunId& run,
                                std::string_view owner) {
  // One statement: whoever inserts or finds the flow idle has it, all others change no row.
  return TRY(connection_.run("INSERT INTO flow_timers (flow, org, sandbox, sandbox_name, current_run, owner) "
                             "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (flow) DO UPDATE "
                             "SET current_run = excluded.current_run, owner = excluded.owner WHERE "
                             "flow_timers.current_run IS NULL",
                             {flow.value, tenant.org.value, tenant.sandbox.value, tenant.sandbox_name,
                              run.value, std::string(owner)})) != 0;
}

Result<bool> Transaction::release(const FlowId& flow, const RunId& run, std::optional<TimePoint> due,
                                  std::optional<TimePoint> covered) {
  return TRY(connection_.run(
             "UPDATE flow_timers SET current_run = NULL, owner = NULL, due_ns = ?1, covered_ns = ?2 "
             "WHERE flow = ?3 AND current_run = ?4",
             {nanoseconds(due), nanoseconds(covered), flow.value, run.value})) != 0;
}

Result<std::vector<FlowTimer>> Transaction::claimed_timers(std::string_view owner) {
  std::string sql = std::string(kTimerColumns) + "WHERE current_run IS NOT NULL";
  std::vector<DbValue> params;
  if (!owner.empty()) {
    sql += " AND owner = ?1";
    params.emplace_back(std::string(owner));
  }
  return all<FlowTimer>(connection_, sql + " ORDER BY flow", params, timer_from);
}

Result<bool> Transaction::take_over(const FlowId& flow, const RunId& run, std::string_view from,
                                    std::string_view to) {
  return TRY(connection_.run(
             "UPDATE flow_timers SET owner = ?1 WHERE flow = ?2 AND current_run = ?3 AND owner = ?4",
             {std::string(to), flow.value, run.value, std::string(from)})) != 0;
}

Result<void> Transaction::put_server(const ServerBeat& server) {
  TRY(
      connection_.run("INSERT INTO servers (id, host, beat) VALUES (?1, ?2, ?3) "
                      "ON CONFLICT (id) DO UPDATE SET host = excluded.host, beat = excluded.beat",
                      {server.id, server.host, server.beat}));
  return {};
}

Result<std::vector<ServerBeat>> Transaction::servers() {
  return all<ServerBeat>(connection_, "SELECT id, host, beat FROM servers ORDER BY id", {},
                         [](const Row& row) { return ServerBeat{row.text(0), row.text(1), row.integer(2)}; });
}

Result<void> Transaction::remove_server(std::string_view id) {
  TRY(connection_.run("DELETE FROM servers WHERE id = ?1", {std::string(id)}));
  return {};
}

Result<bool> Transaction::add_organisation(const Organisation& organisation) {
  return TRY(connection_.run("INSERT INTO organisations (id, name, created_at_ms) VALUES (?1, ?2, ?3) "
                             "ON CONFLICT DO NOTHING",
                             {organisation.id.value, organisation.name, organisation.created_at_ms})) != 0;
}

Result<std::optional<Organisation>> Transaction::organisation(const OrgId& id) {
  return first<Organisation>(
      connection_, "SELECT id, name, created_at_ms FROM organisations WHERE id = ?1", {id.value},
      [](const Row& row) { return Organisation{OrgId(row.text(0)), row.text(1), row.integer(2)}; });
}

Result<std::vector<Organisation>> Transaction::organisations() {
  return all<Organisation>(
      connection_, "SELECT id, name, created_at_ms FROM organisations ORDER BY created_at_ms, id", {},
      [](const Row& row) { return Organisation{OrgId(row.text(0)), row.text(1), row.integer(2)}; });
}

Result<bool> Transaction::add_sandbox(const Sandbox& sandbox) {
  return TRY(connection_.run("INSERT INTO sandboxes (id, org, name, title, type, created_at_ms) "
                             "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                             {sandbox.id.value, sandbox.org.value, sandbox.name, sandbox.title, sandbox.type,
                              sandbox.created_at_ms})) != 0;
}

Result<std::optional<Sandbox>> Transaction::sandbox_named(const OrgId& org, std::string_view name) {
  return first<Sandbox>(connection_, std::string(kSandboxColumns) + "WHERE org = ?1 AND name = ?2",
                        {org.value, std::string(name)}, sandbox_from);
}

Result<std::optional<Sandbox>> Transaction::sandbox(const OrgId& org, const SandboxId& id) {
  return first<Sandbox>(connection_, std::string(kSandboxColumns) + "WHERE org = ?1 AND id = ?2",
                        {org.value, id.value}, sandbox_from);
}

Result<std::vector<Sandbox>> Transaction::sandboxes(const OrgId& org) {
  return all<Sandbox>(connection_,
                      std::string(kSandboxColumns) + "WHERE org = ?1 ORDER BY created_at_ms, name",
                      {org.value}, sandbox_from);
}

Result<void> Transaction::remove_resources_of(const domain::Tenant& tenant) {
  const std::vector<DbValue> scope = {*Scope(tenant).key()};
  for (const auto kind : {domain::ResourceKind::connection, domain::ResourceKind::source_connection,
                          domain::ResourceKind::inlet})
    TRY(connection_.run("DELETE FROM secrets WHERE owner IN (SELECT id FROM " +
                            std::string(internal::table_name(kind)) + " WHERE scope = ?1)",
                        scope));
  TRY(connection_.run("DELETE FROM kept_answers WHERE scope = ?1", scope));
  TRY(connection_.run("DELETE FROM flow_timers WHERE org = ?1 AND sandbox = ?2",
                      {tenant.org.value, tenant.sandbox.value}));
  for (const auto kind : internal::all_kinds())
    if (!domain::is_global(kind))
      TRY(connection_.run("DELETE FROM " + std::string(internal::table_name(kind)) + " WHERE scope = ?1",
                          scope));
  return {};
}

Result<void> Transaction::remove_sandbox(const OrgId& org, const SandboxId& id) {
  TRY(connection_.run("DELETE FROM sandboxes WHERE org = ?1 AND id = ?2", {org.value, id.value}));
  return {};
}

Result<bool> Transaction::add_client(const Client& client) {
  return TRY(connection_.run("INSERT INTO clients (id, org, secret_hash, technical_account, created_at_ms) "
                             "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                             {client.id.value, client.org.value, client.secret_hash, client.technical_account,
                              client.created_at_ms})) != 0;
}

Result<std::optional<Client>> Transaction::client(const ClientId& id) {
  return first<Client>(connection_, std::string(kClientColumns) + "WHERE id = ?1", {id.value}, client_from);
}

Result<std::vector<Client>> Transaction::clients(const OrgId& org) {
  return all<Client>(connection_, std::string(kClientColumns) + "WHERE org = ?1 ORDER BY created_at_ms, id",
                     {org.value}, client_from);
}

Result<void> Transaction::add_session(const Session& session) {
  TRY(connection_.run("DELETE FROM sessions WHERE expires_at_ms <= ?1", {session.created_at_ms}));
  TRY(connection_.run(
      "INSERT INTO sessions (hash, kind, org, created_at_ms, expires_at_ms) "
      "VALUES (?1, ?2, ?3, ?4, ?5)",
      {session.hash, session.kind, session.org.value, session.created_at_ms, session.expires_at_ms}));
  return {};
}

Result<std::optional<Session>> Transaction::session(std::string_view hash) {
  return first<Session>(connection_, std::string(kSessionColumns) + "WHERE hash = ?1", {std::string(hash)},
                        session_from);
}

Result<std::vector<Session>> Transaction::sessions(std::string_view kind, std::int64_t now_ms) {
  return all<Session>(connection_,
                      std::string(kSessionColumns) +
                          "WHERE kind = ?1 AND expires_at_ms > ?2 ORDER BY created_at_ms DESC, hash",
                      {std::string(kind), now_ms}, session_from);
}

Result<bool> Transaction::remove_session(std::string_view hash) {
  return TRY(connection_.run("DELETE FROM sessions WHERE hash = ?1", {std::string(hash)})) != 0;
}

Result<bool> Transaction::keep_answer(const Scope& scope, std::string_view route, std::string_view key,
                                      const KeptAnswer& answer, std::int64_t oldest_ms) {
  TRY(connection_.run("DELETE FROM kept_answers WHERE created_at_ms <= ?1", {oldest_ms}));
  return TRY(connection_.run(
             "INSERT INTO kept_answers (scope, route, idempotency_key, fingerprint, answer, created_at_ms) "
             "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
             {scope.key().value_or(""), std::string(route), std::string(key), answer.fingerprint,
              answer.answer, answer.created_at_ms})) != 0;
}

Result<std::optional<KeptAnswer>> Transaction::kept_answer(const Scope& scope, std::string_view route,
                                                           std::string_view key, std::int64_t oldest_ms) {
  return first<KeptAnswer>(
      connection_,
      "SELECT fingerprint, answer, created_at_ms FROM kept_answers "
      "WHERE scope = ?1 AND route = ?2 AND idempotency_key = ?3 AND created_at_ms > ?4",
      {scope.key().value_or(""), std::string(route), std::string(key), oldest_ms},
      [](const Row& row) { return KeptAnswer{row.text(0), row.text(1), row.integer(2)}; });
}

Result<std::optional<std::string>> Transaction::setting(std::string_view name) {
  return first<std::string>(connection_, "SELECT value FROM settings WHERE name = ?1", {std::string(name)},
                            first_text);
}

Result<void> Transaction::put_setting(std::string_view name, std::string_view value) {
  TRY(
      connection_.run("INSERT INTO settings (name, value) VALUES (?1, ?2) "
                      "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                      {std::string(name), std::string(value)}));
  return {};
}

Result<std::string> Transaction::setting_or_put(std::string_view name, std::string_view value) {
  TRY(connection_.run("INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
                      {std::string(name), std::string(value)}));
  const auto stored = TRY(setting(name));
  return stored.value_or(std::string(value));
}

}  // namespace headwater::store
