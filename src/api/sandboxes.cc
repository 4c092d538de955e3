#include "api/internal/catalog.h"
#include "api/internal/handlers.h"
#include "domain/run.h"
#include "json/value.h"

namespace headwater::api::sandboxes {
namespace {

using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;
using store::Sandbox;

constexpr std::string_view kPath = "/data/foundation/sandbox-management/sandboxes/";
constexpr std::string_view kDefault = "prod";

Value wire(const Sandbox& sandbox, std::string_view state = "active") {
  return Object{{"id", sandbox.id.value},
                {"name", sandbox.name},
                {"title", sandbox.title},
                {"state", state},
                {"type", sandbox.type},
                {"region", "local"},
                {"isDefault", sandbox.name == kDefault},
                {"createdDate", sandbox.created_at_ms}};
}

std::string text_or_empty(const Value& document, std::string_view name) {
  return std::string(document.string_at(name));
}

// Runs of streaming flows last until their hour is over, whatever becomes of the flow.
Result<std::int64_t> count_unfinished(store::Transaction& transaction, const store::Scope& scope) {
  domain::ListQuery query;
  query.filters.push_back(TRY(domain::parse_filter("metrics.statusSummary.status==inProgress,scheduled")));
  query.filters.push_back(TRY(domain::parse_filter("trigger!=" + std::string(domain::kStreamTrigger))));
  return transaction.count(scope, ResourceKind::run, query);
}

// What would go on working in a sandbox that is gone.
Result<void> check_idle(store::Transaction& transaction, const domain::Tenant& tenant) {
  const store::Scope scope(tenant);
  const auto flows = TRY(count_where(transaction, scope, ResourceKind::flow, "state", "enabled"));
  if (flows > 0)
    return bad_request(
        "FLOW-1447-400", "",
        "The sandbox has " + std::to_string(flows) + " enabled flow(s): disable or delete them first.");
  const auto runs = TRY(count_unfinished(transaction, scope));
  if (runs == 0) return {};
  return bad_request("FLOW-1447-400", "",
                     "The sandbox has " + std::to_string(runs) +
                         " run(s) that have not ended: wait for them or cancel them.");
}

Result<void> remove_from_lake(const Call& call, const domain::Tenant& tenant) {
  const std::string owner = lake_tenant(tenant);
  const auto datasets = TRY(call.services.lake.datasets());
  for (const auto& dataset : datasets)
    if (dataset.tenant == owner) TRY(call.services.lake.remove_dataset(dataset.id));
  return {};
}

}  // namespace

Result<http::Response> list(const Call& call) {
  const auto sandboxes = TRY(call.services.identity.sandboxes(call.caller.org()));
  Array items;
  for (const Sandbox& sandbox : sandboxes) items.emplace_back(wire(sandbox));
  const auto size = static_cast<std::int64_t>(items.size());
  return http::Response::json(200, Object{{"sandboxes", std::move(items)},
                                          {"_page", Object{{"limit", size}, {"count", size}}},
                                          {"_links", Object{}}});
}

Result<http::Response> create(const Call& call) {
  const auto body = TRY(object_body(call));
  for (const std::string_view name : {"name", "title", "type"}) {
    const Value* text = body.find(name);
    if (text != nullptr && !text->is_string() && !text->is_null())
      return bad_request("CONNECTOR-1302-400", "/" + std::string(name),
                         std::string(name) + " must be a text.");
  }
  const identity::NewSandbox wanted{text_or_empty(body, "name"), text_or_empty(body, "title"),
                                    text_or_empty(body, "type")};
  const auto made = TRY(call.services.identity.create_sandbox(call.caller.org(), wanted));
  return http::Response::json(201, wire(made)).with_header("Location", std::string(kPath) + made.name);
}

Result<http::Response> lookup(const Call& call) {
  const auto sandbox = TRY(call.services.identity.sandbox(call.caller.org(), call.id()));
  return http::Response::json(200, wire(sandbox));
}

// Resources first, then what the lake holds, the name last: a name that can be given again finds nothing of
// the sandbox that had it, wherever this was interrupted.
Result<http::Response> remove(const Call& call) {
  const auto sandbox = TRY(call.services.identity.sandbox(call.caller.org(), call.id()));
  if (sandbox.name == kDefault)
    return bad_request("FLOW-1416-400", "", "The sandbox prod is every organisation's default: it stays.");
  const domain::Tenant tenant{sandbox.org, sandbox.id, sandbox.name};
  const auto empty = [&tenant](store::Transaction& transaction) -> Result<void> {
    TRY(check_idle(transaction, tenant));
    return transaction.remove_resources_of(tenant);
  };
  TRY(call.store().transact(empty));
  call.services.inlets.changed();
  TRY(remove_from_lake(call, tenant));
  TRY(call.services.identity.remove_sandbox(tenant));
  return http::Response::json(200, wire(sandbox, "deleted"));
}

}  // namespace headwater::api::sandboxes
