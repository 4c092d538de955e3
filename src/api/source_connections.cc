#include "api/internal/account.h"
#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "api/internal/inlet_owners.h"
#include "api/internal/spec_lookup.h"

namespace headwater::api::source_connections {
namespace {

using domain::ResourceKind;
using domain::State;
using json::Object;
using json::Value;

constexpr std::string_view kPatchRoots[] = {"name", "description", "params", "data"};

std::string base_id_of(const Value& document) { return std::string(document.string_at("baseConnectionId")); }

Result<domain::Resource> find_base(const Call& call, const Value& document) {
  const auto base = TRY(call.store().find(call.scope(), ResourceKind::connection, base_id_of(document)));
  if (!base)
    return bad_request("CONNECTOR-1302-400", "/baseConnectionId",
                       "There is no base connection " + base_id_of(document) + ".");
  const Value* base_spec = base->body.find("connectionSpec");
  const Value* own_spec = document.find("connectionSpec");
  if (base_spec == nullptr || own_spec == nullptr || base_spec->string_at("id") != own_spec->string_at("id"))
    return bad_request("CONNECTOR-1332-400", "/baseConnectionId",
                       "The base connection belongs to another connection spec than this source connection.");
  return *base;
}

Result<void> check_params(const Value& spec, const Value& document) {
  if (is_streaming(spec)) return {};
  const Value* given = document.find("params");
  const Value params = given == nullptr || given->is_null() ? Value(Object{}) : *given;
  if (!params.is_object()) return bad_request("CONNECTOR-1302-400", "/params", "params must be an object.");
  return check_source_params(spec, params, "params");
}

bool needs_account(const Value& spec) {
  const Value* list = spec.find("authSpec");
  return !is_streaming(spec) && list != nullptr && list->if_array() != nullptr && !list->if_array()->empty();
}

// Streaming clients leave out data and params; a REST source cannot be read without them (section 11).
Result<void> check_members(const Value& spec, const Value& document) {
  if (document.string_at("name").empty())
    return bad_request("CONNECTOR-1304-400", "/name",
                       "name is required: what the source connection is called.");
  const Value* data = document.find("data");
  if (!is_streaming(spec) && (data == nullptr || !data->is_object()))
    return bad_request("CONNECTOR-1304-400", "/data",
                       "data is required, for a REST source {\"format\":\"json\"}.");
  const Value* format = data == nullptr ? nullptr : data->find("format");
  if (!is_streaming(spec) && format != nullptr && !format->is_null() && data->string_at("format") != "json")
    return bad_request("CONNECTOR-1327-400", "/data/format", "data.format must be json for a REST source.");
  if (needs_account(spec) && base_id_of(document).empty())
    return bad_request("CONNECTOR-1304-400", "/baseConnectionId",
                       "baseConnectionId is required: the connection spec needs an account.");
  return check_params(spec, document);
}

// All that a source connection must satisfy before a flow may use it.
Result<void> check_whole(const Call& call, const Value& spec, const Value& document) {
  TRY(check_members(spec, document));
  if (base_id_of(document).empty()) return {};
  const auto base = TRY(find_base(call, document));
  if (state_of(base) == State::draft)
    return bad_request("FLOW-1456-400", "/baseConnectionId",
                       "The base connection is a draft: publish it first.");
  const auto account = TRY(open_account(call, base));
  const Value* params = document.find("params");
  return check_credentials_with(call, account, base.id, params == nullptr ? Value(Object{}) : *params);
}

Value params_of(const Value& document) {
  const Value* params = document.find("params");
  return params == nullptr ? Value() : *params;
}

// Takes what the spec marks as a credential out of the params, and what is sealed already.
secrets::SplitParams split_source(const Value& spec, Value& document, const secrets::Places& sealed = {}) {
  Value* params = document.find("params");
  if (params == nullptr || !params->is_object()) return {};
  const Value* schema = spec.find_path("sourceSpec.spec");
  auto split = secrets::split_described(schema == nullptr ? Value() : *schema, *params, sealed);
  *params = split.open;
  return split;
}

// The document with these credentials in their places: what is checked, never what is stored.
Value opened(Value document, const secrets::SecretsByPointer& secrets) {
  if (Value* params = document.find("params"); params != nullptr && params->is_object())
    *params = secrets::merge_params(*params, secrets);
  return document;
}

// What the source connection has from its base connection: who that is, and where its senders post to.
Result<void> put_inherited(const Call& call, const Value& spec, Value& document) {
  std::optional<domain::Resource> base;
  if (!base_id_of(document).empty()) base = TRY(find_base(call, document));
  tell_inlet(spec, base, document);
  if (!base) return {};
  const Value* base_spec = base->body.find("connectionSpec");
  Object connection{{"id", base->id}, {"connectionSpec", base_spec == nullptr ? Value() : *base_spec}};
  document.if_object()->set("inheritedAttributes", Object{{"baseConnection", std::move(connection)}});
  return {};
}

}  // namespace

Result<http::Response> list(const Call& call) { return answer_list(call, ResourceKind::source_connection); }

Result<http::Response> create(const Call& call) {
  auto document = TRY(object_body(call));
  TRY(check_texts(document));
  const auto spec = TRY(resolve_connection_spec(call, document));
  TRY(read_reference(document, "baseConnectionId"));
  const bool draft = TRY(read_draft_mode(call));
  if (draft && !domain::draft_mode_supported(spec))
    return bad_request("FLOW-1100-400", "/connectionSpec/id", "The connection spec does not support drafts.");
  if (!draft) TRY(check_whole(call, spec, document));
  TRY(put_inherited(call, spec, document));
  const auto split = split_source(spec, document);
  const auto state = domain::text_of(draft ? State::draft : State::enabled);
  return store_new(
      call, new_resource(call, ResourceKind::source_connection, std::move(document), std::string(state)),
      created, [&](store::Transaction& transaction, const domain::Resource& stored) {
        return call.services.credentials.put(transaction, stored.id, split.secrets);
      });
}

Result<http::Response> lookup(const Call& call) {
  return answer_found(call, ResourceKind::source_connection);
}

Result<http::Response> patch(const Call& call) {
  auto patched = TRY(read_patched(call, ResourceKind::source_connection, kPatchRoots));
  const auto spec = TRY(resolve_connection_spec(call, patched.after));
  TRY(put_inherited(call, spec, patched.after));
  const auto stored = secrets::moved_along(patched.before.body, patched.patch, json::Pointer({"params"}),
                                           TRY(call.services.credentials.of(patched.before.id)));
  const auto sealed = secrets::sealed_places(params_of(patched.after), stored);
  if (Value* params = patched.after.find("params"))
    *params = secrets::restore_params(*params, params_of(patched.before.body), stored);
  if (state_of(patched.before) != State::draft) TRY(check_members(spec, patched.after));
  const auto split = split_source(spec, patched.after, sealed);
  const auto change = [&call, &patched](domain::Resource current) -> Result<domain::Resource> {
    current.body = patched.after;
    domain::touch(current, call.caller.actor, call.now_ms());
    return current;
  };
  domain::Resource result;
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    result = TRY(transaction.update(call.scope(), patched.before.kind, patched.before.id, change,
                                    patched.before.etag));
    return call.services.credentials.replace(transaction, result.id, split.secrets);
  };
  TRY(call.store().transact(work));
  call.services.inlets.changed();
  return changed(result);
}

Result<http::Response> remove(const Call& call) {
  TRY(remove_unused(call, {ResourceKind::source_connection, "source connection", "sourceConnectionIds[]"}));
  call.services.inlets.changed();
  return http::Response::empty(204);
}

Result<http::Response> act(const Call& call) {
  const auto action = TRY(read_action(call, {domain::Action::publish}));
  TRY(action_body(call));
  const auto current = TRY(call.store().get(call.scope(), ResourceKind::source_connection, call.id()));
  TRY(check_if_match(call, current));
  const auto next = TRY(domain::state_after(state_of(current), action));
  Value document = current.body;
  const auto spec = TRY(resolve_connection_spec(call, document));
  const auto stored = TRY(call.services.credentials.of(current.id));
  TRY(check_whole(call, spec, opened(document, stored)));
  TRY(put_inherited(call, spec, document));
  const auto change = [&](domain::Resource resource) -> Result<domain::Resource> {
    resource.state = domain::text_of(next);
    resource.body = document;
    domain::touch(resource, call.caller.actor, call.now_ms());
    return resource;
  };
  const auto published = TRY(store_changed(call, current, change));
  call.services.inlets.changed();
  return changed(published);
}

}  // namespace headwater::api::source_connections
