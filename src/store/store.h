#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/list_query.h"
#include "domain/references.h"
#include "domain/resource.h"

namespace headwater::store {

namespace internal {
class Connection;
class Database;
struct Statement;
}  // namespace internal

/// Whose resources a call sees. Specs are global and seen in every scope.
class Scope {
 public:
  Scope(const domain::Tenant& tenant);  // NOLINT: a tenant is the usual scope
  /// Every tenant's: for the service's own work (recovery, the scheduler), never for a caller's request.
  static Scope all() { return Scope(); }
  /// nullopt for all().
  const std::optional<std::string>& key() const { return key_; }

 private:
  Scope() = default;
  std::optional<std::string> key_;
};

/// One page of a list, in the query's order.
struct ResourcePage {
  std::vector<domain::Resource> items;
  std::optional<std::string> next;  // continuation token, absent on the last page
};

/// Changes a resource: gets the current one, returns the new one (body, state, updated_*; see domain::touch).
/// May be called again when somebody else was first, so it has no side effects. A result with the body,
/// state and updated_at_ms it was given writes nothing and keeps the etag.
using Change = std::function<Result<domain::Resource>(domain::Resource)>;

struct Organisation {
  OrgId id;  // HEX24@AdobeOrg
  std::string name;
  std::int64_t created_at_ms = 0;
};

struct Sandbox {
  SandboxId id;  // uuid
  OrgId org;
  std::string name;  // lower case, unique in the organisation
  std::string title;
  std::string type;  // "production", "development"
  std::int64_t created_at_ms = 0;
};

struct Client {
  ClientId id;  // the API key
  OrgId org;
  std::string secret_hash;
  std::string technical_account;  // HEX24@techacct.adobe.com
  std::int64_t created_at_ms = 0;
};

/// A browser's session, or the one-time code that begins one.
struct Session {
  std::string hash;  // of what the browser holds: the store never has that itself
  std::string kind;  // "session", "code"
  OrgId org;         // the only organisation that it is for; empty: all of the installation
  std::int64_t created_at_ms = 0;
  std::int64_t expires_at_ms = 0;
};

/// The answer to a request that came with an Idempotency-Key.
struct KeptAnswer {
  std::string fingerprint;  // of the request
  std::string answer;
  std::int64_t created_at_ms = 0;
};

/// What the scheduler remembers of one flow.
struct FlowTimer {
  FlowId flow;
  domain::Tenant tenant;
  std::optional<TimePoint> due;      // when the next run is due; absent: never (disabled, streaming, done)
  std::optional<TimePoint> covered;  // end of the last window that was read; absent: none yet
  RunId current_run;                 // empty: idle
  std::string owner;                 // which server process claimed current_run
  std::optional<TimePoint> told_late = {};  // the due time whose run was told to be late
};

/// Something that a webhook is to be told, until it was or is given up.
struct WebhookEvent {
  std::string webhook;
  std::string id;  // the same for every webhook that is told of it
  std::string type;
  std::string body;  // the bytes that are sent
  std::int64_t created_at_ms = 0;
  std::int64_t due_at_ms = 0;  // when it is to be tried (again)
  std::int64_t attempts = 0;   // those that failed
};

/// A server process among those that share the store. `beat` rises while it lives.
struct ServerBeat {
  std::string id;    // owner of claims
  std::string host;  // which machine, since its last boot
  std::int64_t beat = 0;
};

/// All that can be done within one transaction. Confined to the function it is given to.
/// Errors of every method: storage (the database failed), unavailable (it cannot be reached or is busy).
class Transaction {
 public:
  explicit Transaction(internal::Connection& connection) : connection_(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Resources.

  /// Stores a new resource and gives it its etag. What it `needs` exists then and cannot go before this
  /// transaction ends. Errors: conflict, when the id exists; the one of `require`.
  Result<domain::Resource> insert(domain::Resource resource,
                                  const std::vector<domain::Reference>& needs = {});
  /// That these exist, in the scope or globally by their kind, and stay until this transaction ends. Only
  /// where it may write. Errors: domain::missing.
  Result<void> require(const Scope& scope, const std::vector<domain::Reference>& needs);
  /// Errors: not_found, FLOW-1439-404.
  Result<domain::Resource> get(const Scope& scope, domain::ResourceKind kind, std::string_view id);
  /// What the API answers for it, without reading the document: domain::wire_text. Errors: not_found.
  Result<domain::WireText> get_text(const Scope& scope, domain::ResourceKind kind, std::string_view id);
  Result<std::optional<domain::Resource>> find(const Scope& scope, domain::ResourceKind kind,
                                               std::string_view id);
  /// The same, and nobody can come to need it before this transaction ends: whoever removes a resource asks
  /// after this who uses it. Only where it may write.
  Result<domain::Resource> lock(const Scope& scope, domain::ResourceKind kind, std::string_view id);
  /// Errors: not_found; stale_etag (FLOW-1404-412), when `if_match` is given and no longer the etag; what
  /// `change` answers.
  Result<domain::Resource> update(const Scope& scope, domain::ResourceKind kind, std::string_view id,
                                  const Change& change, const std::optional<Etag>& if_match = {});
  /// Removes the resource, its credentials, timer and waiting deliveries. Errors: not_found, stale_etag.
  Result<void> remove(const Scope& scope, domain::ResourceKind kind, std::string_view id,
                      const std::optional<Etag>& if_match = {});
  Result<ResourcePage> list(const Scope& scope, domain::ResourceKind kind, const domain::ListQuery& query);
  /// How many match the filters, whatever limit and position.
  Result<std::int64_t> count(const Scope& scope, domain::ResourceKind kind, const domain::ListQuery& query);
  /// The database's query plan of `list`, one step a line: for tests.
  Result<std::string> explain_list(const Scope& scope, domain::ResourceKind kind,
                                   const domain::ListQuery& query);

  // Sealed credentials by owner (a resource id) and name. The store never sees them open.

  Result<void> put_secret(std::string_view owner, std::string_view name, std::string_view sealed);
  /// All of them in one statement: (name, sealed).
  Result<void> put_secrets(std::string_view owner,
                           const std::vector<std::pair<std::string, std::string>>& secrets);
  Result<std::optional<std::string>> secret(std::string_view owner, std::string_view name);
  Result<std::vector<std::pair<std::string, std::string>>> secrets_of(std::string_view owner);
  /// Any one of them: (owner, name, sealed).
  Result<std::optional<std::tuple<std::string, std::string, std::string>>> any_secret();
  Result<void> remove_secret(std::string_view owner, std::string_view name);
  Result<void> remove_secrets_of(std::string_view owner);

  // Timers of flows.

  /// Stores due and covered; a run that is claimed stays claimed.
  Result<void> put_timer(const FlowTimer& timer);
  Result<std::optional<FlowTimer>> timer(const FlowId& flow);
  /// The same, and nobody else changes it before this transaction ends. Only where it may write.
  Result<std::optional<FlowTimer>> lock_timer(const FlowId& flow);
  Result<void> remove_timer(const FlowId& flow);
  /// Idle flows that are due at `now`, the longest waiting first.
  Result<std::vector<FlowTimer>> due_timers(TimePoint now, std::size_t limit);
  /// When the next idle flow becomes due; nullopt: none.
  Result<std::optional<TimePoint>> next_due();
  /// Makes `run` the flow's current run if it has none: true for exactly one of those who try at once.
  /// A flow without a timer gets one that is never due.
  Result<bool> claim(const FlowId& flow, const domain::Tenant& tenant, const RunId& run,
                     std::string_view owner);
  /// Ends the claim of `run` and stores what comes next. False when `run` is not the current run.
  Result<bool> release(const FlowId& flow, const RunId& run, std::optional<TimePoint> due,
                       std::optional<TimePoint> covered);
  /// Claimed flows of one owner: what a restarted server has to go on with. Empty owner: of all.
  Result<std::vector<FlowTimer>> claimed_timers(std::string_view owner);
  /// Gives the claim of `run` to another server; false when `from` does not hold it any more.
  Result<bool> take_over(const FlowId& flow, const RunId& run, std::string_view from, std::string_view to);

  /// Flows whose next run was due at `due_before` or earlier, whether a run of theirs is in progress or not,
  /// and nobody has said so yet; the longest waiting first.
  Result<std::vector<FlowTimer>> late_timers(TimePoint due_before);
  /// Notes that the run due at `due` is known to be late: true for exactly one of those who try.
  Result<bool> mark_late(const FlowId& flow, TimePoint due);

  // Events for webhooks.

  /// Whoever comes with an event that is there already changes nothing.
  Result<void> add_event(const WebhookEvent& event);
  /// Whether an event is due that no living server has, of a webhook that none is telling something.
  Result<bool> has_due_event(std::int64_t now_ms);
  /// Makes the longest due one of those `owner`'s; nullopt: there is none (any more).
  Result<std::optional<WebhookEvent>> claim_event(std::int64_t now_ms, std::string_view owner);
  /// Lets it go, to be tried again at its due_at_ms with its number of attempts. False: it is not `owner`'s.
  Result<bool> put_back_event(const WebhookEvent& event, std::string_view owner);
  /// Delivered, or given up. False: it is not `owner`'s (any more).
  Result<bool> remove_event(const WebhookEvent& event, std::string_view owner);
  Result<void> remove_events_of(std::string_view webhook);
  Result<std::int64_t> count_events_of(std::string_view webhook);
  /// What became of a webhook's last delivery, a JSON text.
  Result<void> put_delivery(std::string_view webhook, std::string_view last);
  Result<std::optional<std::string>> delivery(std::string_view webhook);

  // Server processes.

  Result<void> put_server(const ServerBeat& server);
  Result<std::vector<ServerBeat>> servers();
  Result<void> remove_server(std::string_view id);

  // Organisations, sandboxes, clients.

  /// False when it exists already.
  Result<bool> add_organisation(const Organisation& organisation);
  Result<std::optional<Organisation>> organisation(const OrgId& id);
  Result<std::vector<Organisation>> organisations();  // oldest first
  /// False when the organisation has a sandbox of that name.
  Result<bool> add_sandbox(const Sandbox& sandbox);
  Result<std::optional<Sandbox>> sandbox_named(const OrgId& org, std::string_view name);
  Result<std::optional<Sandbox>> sandbox(const OrgId& org, const SandboxId& id);
  Result<std::vector<Sandbox>> sandboxes(const OrgId& org);
  /// Removes every resource of the tenant, with credentials and timers; the sandbox itself stays.
  Result<void> remove_resources_of(const domain::Tenant& tenant);
  /// Absent: fine.
  Result<void> remove_sandbox(const OrgId& org, const SandboxId& id);
  Result<bool> add_client(const Client& client);
  Result<std::optional<Client>> client(const ClientId& id);
  Result<std::vector<Client>> clients(const OrgId& org);

  // Sessions of browsers.

  /// Forgets those that have expired when this one is created.
  Result<void> add_session(const Session& session);
  Result<std::optional<Session>> session(std::string_view hash);
  /// Those of a kind that have not expired at `now_ms`, the latest first.
  Result<std::vector<Session>> sessions(std::string_view kind, std::int64_t now_ms);
  /// False when there is none (any more).
  Result<bool> remove_session(std::string_view hash);

  // Answers kept under an Idempotency-Key of a tenant and route.

  /// False when the key has an answer that was kept after `oldest_ms`. Forgets all older ones.
  Result<bool> keep_answer(const Scope& scope, std::string_view route, std::string_view key,
                           const KeptAnswer& answer, std::int64_t oldest_ms);
  Result<std::optional<KeptAnswer>> kept_answer(const Scope& scope, std::string_view route,
                                                std::string_view key, std::int64_t oldest_ms);

  // Settings: small values of the installation.

  Result<std::optional<std::string>> setting(std::string_view name);
  Result<void> put_setting(std::string_view name, std::string_view value);
  /// Stores `value` if there is none; answers the one that counts now.
  Result<std::string> setting_or_put(std::string_view name, std::string_view value);

 private:
  friend class Store;
  /// Stores `after` with a new etag where `before` still stands: false when somebody else was first.
  Result<bool> replace(const domain::Resource& before, domain::Resource& after);

  Result<void> forget_deliveries(std::string_view webhook);

  Result<internal::Statement> page_statement(const Scope& scope, domain::ResourceKind kind,
                                             const domain::ListQuery& query);

  internal::Connection& connection_;
};

/// The metadata store: SQLite in one file, or PostgreSQL. Thread-safe. What a write has answered is durable.
class Store {
 public:
  /// "sqlite" (a file in `data_dir`), "sqlite:PATH", "sqlite::memory:" (tests), "postgres://..." or
  /// "postgresql://...". Makes the data folder and brings the tables up to date; several processes may open
  /// at once. Errors: invalid_argument (the URL), storage, unavailable; unsupported, when a newer Headwater
  /// has written the tables.
  static Result<std::unique_ptr<Store>> open(std::string_view url, const std::filesystem::path& data_dir);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Runs `work` in one transaction: all of it is stored when it answers no error, nothing otherwise. May run
  /// it again when the database asks for it, so `work` has no side effects but on the transaction and on
  /// variables that it assigns anew. Nothing slow belongs in it: SQLite has one writer.
  Result<void> transact(const std::function<Result<void>(Transaction&)>& work);
  /// Runs `work` on one consistent snapshot; it must not write.
  Result<void> read(const std::function<Result<void>(Transaction&)>& work);
  /// That the database answers, and takes something in again once its disk was full (FLOW-1103-503).
  Result<void> check();
  /// Whether reading one resource takes microseconds and waits for nobody: SQLite in a file.
  bool reads_are_quick() const;

  // One resource, one transaction; see Transaction. `update` holds no lock while `change` runs.

  Result<domain::Resource> insert(domain::Resource resource);
  Result<domain::Resource> get(const Scope& scope, domain::ResourceKind kind, std::string_view id);
  Result<domain::WireText> get_text(const Scope& scope, domain::ResourceKind kind, std::string_view id);
  Result<std::optional<domain::Resource>> find(const Scope& scope, domain::ResourceKind kind,
                                               std::string_view id);
  Result<domain::Resource> update(const Scope& scope, domain::ResourceKind kind, std::string_view id,
                                  const Change& change, const std::optional<Etag>& if_match = {});
  Result<void> remove(const Scope& scope, domain::ResourceKind kind, std::string_view id,
                      const std::optional<Etag>& if_match = {});
  Result<ResourcePage> list(const Scope& scope, domain::ResourceKind kind, const domain::ListQuery& query);
  Result<std::int64_t> count(const Scope& scope, domain::ResourceKind kind, const domain::ListQuery& query);

 private:
  explicit Store(std::unique_ptr<internal::Database> database);
  /// For one reading statement: no transaction around it.
  Result<void> read_one(const std::function<Result<void>(Transaction&)>& work);

  std::unique_ptr<internal::Database> database_;
};

}  // namespace headwater::store
