#include <utility>

#include "base/time.h"
#include "store/internal/change.h"
#include "store/internal/database.h"
#include "store/internal/list_sql.h"
#include "store/internal/tables.h"
#include "store/store.h"

namespace headwater::store {

using domain::Resource;
using domain::ResourceKind;
using internal::DbValue;
using internal::Dialect;
using internal::Row;

namespace {

// Under heavy contention somebody always gets through; the bound only ends what should be impossible.
constexpr int kUpdateAttemptsMax = 1000;

constexpr std::string_view kColumns =
    "id, org, sandbox, sandbox_name, created_at_ms, updated_at_ms, created_by, updated_by, created_client, "
    "updated_client, state, etag, body";
constexpr int kColumnCount = 13;

std::string scope_of(const Resource& resource) {
  if (domain::is_global(resource.kind)) return "";
  return *Scope(resource.tenant).key();
}

/// The one place of the state: the member of the resource, or else of the body.
void settle_state(Resource& resource) {
  auto* body = resource.body.if_object();
  if (body != nullptr && !resource.state.empty()) body->erase("state");
}

std::string effective_state(const Resource& resource) {
  return resource.state.empty() ? std::string(resource.body.string_at("state")) : resource.state;
}

// All but the body.
Resource common_fields_from(ResourceKind kind, const Row& row) {
  Resource resource;
  resource.kind = kind;
  resource.id = row.text(0);
  resource.tenant = {OrgId(row.text(1)), SandboxId(row.text(2)), row.text(3)};
  resource.created_at_ms = row.integer(4);
  resource.updated_at_ms = row.integer(5);
  resource.created_by = row.text(6);
  resource.updated_by = row.text(7);
  resource.created_client = row.text(8);
  resource.updated_client = row.text(9);
  resource.state = row.text(10);
  resource.etag = Etag(row.text(11));
  return resource;
}

Result<Resource> resource_from(ResourceKind kind, const Row& row) {
  Resource resource = common_fields_from(kind, row);
  auto body = json::parse(row.text(12));
  if (!body)
    return Error{ErrorKind::storage, "The stored document of " + std::string(domain::collection_name(kind)) +
                                         "/" + resource.id + " cannot be read: " + body.error().message};
  resource.body = *std::move(body);
  if (!resource.body.string_at("state").empty()) resource.state.clear();
  return resource;
}

Error not_found(ResourceKind kind, std::string_view id) {
  return Error{
      ErrorKind::not_found,
      std::string(domain::collection_name(kind)) + " with this id does not exist: " + std::string(id), "",
      "FLOW-1439-404"};
}

/// A subquery that has a row when `needs[i]` exists, for each of them. On PostgreSQL nobody can remove or
/// lock that row then; SQLite's one writer has everything locked.
std::vector<std::string> rows_of(internal::Statement& statement, Dialect dialect, const Scope& scope,
                                 const std::vector<domain::Reference>& needs) {
  std::vector<std::string> rows;
  for (const auto& reference : needs) {
    std::string row = "(SELECT 1 FROM " + std::string(internal::table_name(reference.kind)) +
                      " WHERE id = " + statement.param(reference.id);
    if (domain::is_global(reference.kind))
      row += " AND scope = ''";
    else if (scope.key())
      row += " AND scope = " + statement.param(*scope.key());
    rows.push_back(row + (dialect == Dialect::postgres ? " FOR KEY SHARE)" : ")"));
  }
  return rows;
}

/// "id = ?1 AND scope = ?2" with its parameters; without the scope for Scope::all().
internal::Statement by_id(const Scope& scope, ResourceKind kind, std::string_view id) {
  internal::Statement where;
  where.sql = "id = " + where.param(std::string(id));
  if (domain::is_global(kind))
    where.sql += " AND scope = ''";
  else if (scope.key())
    where.sql += " AND scope = " + where.param(*scope.key());
  return where;
}

internal::Statement select_by_id(const Scope& scope, ResourceKind kind, std::string_view id) {
  auto select = by_id(scope, kind, id);
  select.sql = "SELECT " + std::string(kColumns) + " FROM " + std::string(internal::table_name(kind)) +
               " WHERE " + select.sql;
  return select;
}

}  // namespace

Result<void> internal::check_etag(const std::optional<Etag>& if_match, const Etag& current) {
  if (!if_match || domain::etag_matches(*if_match, current)) return {};
  return Error{ErrorKind::stale_etag,
               "Supplied version=[" + if_match->value + "] does not match the current version on entity=[" +
                   current.value + "]",
               "", "FLOW-1404-412"};
}

bool internal::is_unchanged(const Resource& before, const Resource& after) {
  return before.updated_at_ms == after.updated_at_ms && before.state == after.state &&
         before.body == after.body;
}

Scope::Scope(const domain::Tenant& tenant) : key_(tenant.org.value + "/" + tenant.sandbox.value) {}

Result<Resource> Transaction::insert(Resource resource, const std::vector<domain::Reference>& needs) {
  settle_state(resource);
  resource.etag = domain::new_etag();
  const bool has_doc = connection_.dialect() == Dialect::postgres;
  internal::Statement insert;
  insert.params = {resource.id,
                   resource.tenant.org.value,
                   resource.tenant.sandbox.value,
                   resource.tenant.sandbox_name,
                   resource.created_at_ms,
                   resource.updated_at_ms,
                   resource.created_by,
                   resource.updated_by,
                   resource.created_client,
                   resource.updated_client,
                   effective_state(resource),
                   resource.etag.value,
                   resource.body.dump(),
                   scope_of(resource)};
  std::string sql = "INSERT INTO " + std::string(internal::table_name(resource.kind)) + " (" +
                    std::string(kColumns) + ", scope" + (has_doc ? ", doc" : "") + ") SELECT ?1";
  for (int i = 2; i <= kColumnCount + 1; ++i) sql += ", ?" + std::to_string(i);
  if (has_doc) sql += ", " + insert.param(internal::searchable_document(resource.body)) + "::jsonb";
  // Together with the row, so that a create stays one exchange with the server.
  const Scope scope(resource.tenant);
  std::string from;
  for (const auto& row : rows_of(insert, connection_.dialect(), scope, needs))
    from += (from.empty() ? " FROM " : " CROSS JOIN ") + row + " n" + std::to_string(from.size());
  // A failed statement would end a PostgreSQL transaction, a skipped one does not.
  if (TRY(connection_.run(sql + from + " WHERE TRUE ON CONFLICT DO NOTHING", insert.params)) == 0) {
    TRY(require(scope, needs));
    return Error{ErrorKind::conflict, std::string(domain::collection_name(resource.kind)) +
                                          " with this id exists already: " + resource.id};
  }
  return resource;
}

Result<void> Transaction::require(const Scope& scope, const std::vector<domain::Reference>& needs) {
  if (needs.empty()) return {};
  internal::Statement select;
  for (const auto& row : rows_of(select, connection_.dialect(), scope, needs))
    select.sql += (select.sql.empty() ? "SELECT " : ", ") + row;
  std::optional<std::size_t> missing;
  TRY(connection_.run(select.sql, select.params, [&](const Row& row) {
    for (std::size_t i = needs.size(); i-- > 0;)
      if (row.is_null(static_cast<int>(i))) missing = i;
  }));
  if (missing) return domain::missing(needs[*missing]);
  return {};
}

Result<Resource> Transaction::lock(const Scope& scope, ResourceKind kind, std::string_view id) {
  if (connection_.dialect() == Dialect::postgres) {
    const auto where = by_id(scope, kind, id);
    TRY(connection_.run(
        "SELECT 1 FROM " + std::string(internal::table_name(kind)) + " WHERE " + where.sql + " FOR UPDATE",
        where.params));
  }
  return get(scope, kind, id);
}

Result<std::optional<Resource>> Transaction::find(const Scope& scope, ResourceKind kind,
                                                  std::string_view id) {
  const auto select = select_by_id(scope, kind, id);
  std::optional<Result<Resource>> found;
  TRY(connection_.run(select.sql, select.params, [&](const Row& row) { found = resource_from(kind, row); }));
  if (!found) return std::optional<Resource>();
  return std::optional<Resource>(TRY(*std::move(found)));
}

Result<domain::WireText> Transaction::get_text(const Scope& scope, ResourceKind kind, std::string_view id) {
  const auto select = select_by_id(scope, kind, id);
  std::optional<domain::WireText> found;
  TRY(connection_.run(select.sql, select.params, [&](const Row& row) {
    found = domain::wire_text(common_fields_from(kind, row), row.text(12));
  }));
  if (!found) return not_found(kind, id);
  return *std::move(found);
}

Result<Resource> Transaction::get(const Scope& scope, ResourceKind kind, std::string_view id) {
  auto found = TRY(find(scope, kind, id));
  if (!found) return not_found(kind, id);
  return *std::move(found);
}

Result<bool> Transaction::replace(const Resource& before, Resource& after) {
  settle_state(after);
  after.etag = domain::new_etag();
  internal::Statement update;
  update.sql = "UPDATE " + std::string(internal::table_name(after.kind)) + " SET";
  update.sql += " body = " + update.param(after.body.dump());
  update.sql += ", state = " + update.param(effective_state(after));
  update.sql += ", etag = " + update.param(after.etag.value);
  update.sql += ", updated_at_ms = " + update.param(after.updated_at_ms);
  update.sql += ", updated_by = " + update.param(after.updated_by);
  update.sql += ", updated_client = " + update.param(after.updated_client);
  if (connection_.dialect() == Dialect::postgres)
    update.sql += ", doc = " + update.param(internal::searchable_document(after.body)) + "::jsonb";
  // The etag in the WHERE clause is the lock: no row changed means that somebody else was first.
  update.sql += " WHERE id = " + update.param(before.id) + " AND scope = " + update.param(scope_of(before)) +
                " AND etag = " + update.param(before.etag.value);
  return TRY(connection_.run(update.sql, update.params)) != 0;
}

Result<Resource> Transaction::update(const Scope& scope, ResourceKind kind, std::string_view id,
                                     const Change& change, const std::optional<Etag>& if_match) {
  for (int attempt = 0; attempt < kUpdateAttemptsMax; ++attempt) {
    const auto before = TRY(get(scope, kind, id));
    TRY(internal::check_etag(if_match, before.etag));
    auto after = TRY(change(before));
    if (internal::is_unchanged(before, after)) return before;
    if (TRY(replace(before, after))) return after;
  }
  return Error{ErrorKind::unavailable, "Too many changes of this resource at once; try again."};
}

Result<void> Transaction::remove(const Scope& scope, ResourceKind kind, std::string_view id,
                                 const std::optional<Etag>& if_match) {
  const auto before = TRY(get(scope, kind, id));
  TRY(internal::check_etag(if_match, before.etag));
  internal::Statement where = by_id(scope, kind, id);
  // With a condition the row must still be the one that was compared.
  if (if_match) where.sql += " AND etag = " + where.param(before.etag.value);
  const auto removed = TRY(connection_.run(
      "DELETE FROM " + std::string(internal::table_name(kind)) + " WHERE " + where.sql, where.params));
  if (removed == 0) {
    // Somebody was faster: gone now, or another version.
    const auto now = TRY(get(scope, kind, id));
    return internal::check_etag(before.etag, now.etag);
  }
  TRY(remove_secrets_of(id));
  if (kind == ResourceKind::flow) return remove_timer(FlowId(std::string(id)));
  if (kind == ResourceKind::webhook) return forget_deliveries(id);
  return {};
}

Result<internal::Statement> Transaction::page_statement(const Scope& scope, ResourceKind kind,
                                                        const domain::ListQuery& query) {
  auto rows = internal::Rows::many;
  if (const auto ask = internal::ask_for_few(connection_.dialect(), scope, kind, query))
    TRY(connection_.run(ask->sql, ask->params, [&](const Row& row) {
      if (row.integer(0) != 0) rows = internal::Rows::few;
    }));
  return internal::select_page(connection_.dialect(), scope, kind, query, kColumns, rows);
}

Result<ResourcePage> Transaction::list(const Scope& scope, ResourceKind kind,
                                       const domain::ListQuery& query) {
  const auto statement = TRY(page_statement(scope, kind, query));
  const auto order_values = internal::order_value_count(connection_.dialect(), kind, query);
  if (query.after && query.after->values.size() != order_values)
    return Error{ErrorKind::invalid_argument,
                 "continuationToken belongs to another list; start the list again.", "continuationToken",
                 "FLOW-1451-400"};
  ResourcePage page;
  std::optional<Error> failure;
  std::vector<DbValue> last_values;
  bool more = false;
  TRY(connection_.run(statement.sql, statement.params, [&](const Row& row) {
    // One row more than asked for tells that there is another page.
    if (query.limit && page.items.size() == *query.limit) {
      more = true;
      return;
    }
    auto resource = resource_from(kind, row);
    if (!resource) {
      failure = std::move(resource).error();
      return;
    }
    page.items.push_back(*std::move(resource));
    last_values.clear();
    for (std::size_t i = 0; i < order_values; ++i)
      last_values.push_back(row.value(kColumnCount + static_cast<int>(i)));
  }));
  if (failure) return *std::move(failure);
  if (more)
    page.next =
        domain::format_continuation_token(query, internal::position_of(last_values, page.items.back().id));
  return page;
}

Result<std::int64_t> Transaction::count(const Scope& scope, ResourceKind kind,
                                        const domain::ListQuery& query) {
  const auto statement = internal::select_count(connection_.dialect(), scope, kind, query);
  std::int64_t count = 0;
  TRY(connection_.run(statement.sql, statement.params, [&](const Row& row) { count = row.integer(0); }));
  return count;
}

Result<std::string> Transaction::explain_list(const Scope& scope, ResourceKind kind,
                                              const domain::ListQuery& query) {
  const bool sqlite = connection_.dialect() == Dialect::sqlite;
  const auto statement = TRY(page_statement(scope, kind, query));
  std::string plan;
  const auto add = [&](const Row& row) { plan += row.text(sqlite ? 3 : 0) + "\n"; };
  TRY(connection_.run((sqlite ? "EXPLAIN QUERY PLAN " : "EXPLAIN ") + statement.sql, statement.params, add));
  return plan;
}

}  // namespace headwater::store
