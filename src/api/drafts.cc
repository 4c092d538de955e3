#include <map>
#include <utility>

#include "api/internal/account.h"
#include "api/internal/handlers.h"
#include "domain/spec_check.h"

namespace headwater::api::drafts {
namespace {

using json::Array;
using json::Object;
using json::Value;

Value member_or_null(const Value& body, std::string_view name) {
  const Value* found = body.find(name);
  return found == nullptr ? Value() : *found;
}

// Nothing is stored, so there is nothing whose tokens could be kept either; but the folder of an author may
// have the account's file.
SourceDraft draft_of(const Call& call, const Value& body, Value spec) {
  SourceDraft draft;
  draft.asker = call.caller.tenant.org.value;
  draft.connection_spec = std::move(spec);
  draft.auth = member_or_null(body, "auth");
  draft.params = member_or_null(body, "params");
  if (draft.params.is_null()) draft.params = Object{};
  draft.keep_tokens = [&services = call.services, auth = draft.auth](const Value& changed,
                                                                     const Value&) -> Result<void> {
    if (!services.source_folder) return {};
    return services.source_folder->keep_tokens(auth, changed);
  };
  return draft;
}

domain::ListQuery all_where(domain::FieldPath path, std::string_view value) {
  domain::ListQuery query;
  query.filters.push_back({std::move(path), domain::FilterOp::equal, {std::string(value)}});
  return query;
}

domain::ListQuery of_spec(std::string_view spec) {
  return all_where({{"connectionSpec", false}, {"id", false}}, spec);
}

Result<void> add_flows(store::Transaction& transaction, const store::Sandbox& sandbox, std::string_view spec,
                       std::vector<FlowOfSpec>& out) {
  const store::Scope scope(domain::Tenant{sandbox.org, sandbox.id, sandbox.name});
  const auto sources = TRY(transaction.list(scope, domain::ResourceKind::source_connection, of_spec(spec)));
  if (sources.items.empty()) return {};
  std::map<std::string, std::string, std::less<>> auth_names;
  const auto accounts = TRY(transaction.list(scope, domain::ResourceKind::connection, of_spec(spec)));
  for (const auto& account : accounts.items)
    if (const Value* auth = account.body.find("auth"))
      auth_names.emplace(account.id, auth->string_at("specName"));
  for (const auto& source : sources.items) {
    const auto flows = TRY(transaction.list(scope, domain::ResourceKind::flow,
                                            all_where({{"sourceConnectionIds", true}}, source.id)));
    const auto account = auth_names.find(source.body.string_at("baseConnectionId"));
    for (const auto& flow : flows.items)
      out.push_back({flow.id, std::string(flow.body.string_at("name")), member_or_null(source.body, "params"),
                     account == auth_names.end() ? std::string() : account->second, sandbox.name});
  }
  return {};
}

}  // namespace

// POST /headwater/drafts/compare, our extension: {"id", "connectionSpec"} -> what publishing the draft in
// place of the spec that is stored would change, and which flows of the organisation it breaks, in all of its
// sandboxes. "etag" is the stored one's: whoever publishes after this writes over nothing else. Changes
// nothing.
Result<http::Response> compare(const Call& call) {
  const auto body = TRY(object_body(call));
  const Value after = member_or_null(body, "connectionSpec");
  if (!after.is_object())
    return bad_request("CONNECTOR-1304-400", "/connectionSpec", "connectionSpec is required: a JSON object.");
  const auto id = body.string_at("id");
  if (id.empty())
    return bad_request("CONNECTOR-1304-400", "/id",
                       "id is required: that of the connection spec it replaces.");
  const auto before = TRY(call.store().get(call.scope(), domain::ResourceKind::connection_spec, id));
  std::vector<FlowOfSpec> flows;
  const auto look = [&](store::Transaction& transaction) -> Result<void> {
    flows.clear();
    for (const auto& sandbox : TRY(transaction.sandboxes(call.caller.tenant.org)))
      TRY(add_flows(transaction, sandbox, id, flows));
    return {};
  };
  TRY(call.store().read(look));
  Value answer = call.services.sources.compare(domain::wire_form(before), after, flows);
  answer.if_object()->set("etag", before.etag.value);
  return http::Response::json(200, answer);
}

// POST /headwater/drafts/try, our extension: {"connectionSpec", "auth"?, "params"?, "preview"?} ->
// {"problems", "plan" or "refusal"}, and with `preview` what one call of the source leads to: {"page",
// "content", "next"?, "preview"} or {"page", "failure"}. What an author sees while writing a spec; only
// `preview` calls the source.
Result<http::Response> try_out(const Call& call) {
  const auto body = TRY(object_body(call));
  const Value spec = member_or_null(body, "connectionSpec");
  if (!spec.is_object())
    return bad_request("CONNECTOR-1304-400", "/connectionSpec", "connectionSpec is required: a JSON object.");
  const Value* wanted = body.find("preview");
  const bool preview = wanted != nullptr && wanted->as_bool_lenient().value_or(false);
  const auto problems = domain::check_connection_spec(spec);
  Object answer{{"problems", domain::encode(problems)}};
  if (!domain::can_run(problems)) {
    if (preview)
      return bad_request("CONNECTOR-1304-400", "/connectionSpec",
                         "The spec cannot run yet: repair its errors before the source is called.");
    answer.set("refusal", "The requests are shown when the spec has no errors.");
    return http::Response::json(200, answer);
  }
  // Inputs that are missing yet are no fault of the request.
  const SourceDraft draft = draft_of(call, body, spec);
  if (auto plan = call.services.sources.explain(draft))
    answer.set("plan", *std::move(plan));
  else
    answer.set("refusal", plan.error().message);
  if (preview) {
    auto seen = call.services.sources.look(draft);
    if (!seen) return source_error(std::move(seen).error());
    for (auto& [name, value] : *seen->if_object()) answer.set(name, std::move(value));
  }
  return http::Response::json(200, answer);
}

}  // namespace headwater::api::drafts
