#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "api/internal/spec_lookup.h"

namespace headwater::api::target_connections {
namespace {

using domain::ResourceKind;
using domain::State;
using json::Value;

constexpr std::string_view kPatchRoots[] = {"name", "description", "params", "data"};

Result<void> check_base(const Call& call, const Value& document) {
  const std::string id(document.string_at("baseConnectionId"));
  if (id.empty()) return {};
  const auto base = TRY(call.store().find(call.scope(), ResourceKind::connection, id));
  if (!base)
    return bad_request("CONNECTOR-1302-400", "/baseConnectionId", "There is no base connection " + id + ".");
  if (state_of(*base) == State::draft)
    return bad_request("FLOW-1456-400", "/baseConnectionId",
                       "The base connection is a draft: publish it first.");
  return {};
}

// A schema goes by its id, its $id and its meta:altId.
Result<void> check_schema(const Call& call, const Value& document, const domain::Resource& dataset) {
  const auto id_in = [](const Value* reference) {
    return reference == nullptr ? std::string() : std::string(reference->string_at("id"));
  };
  const std::string sent = id_in(document.find_path("data.schema"));
  const std::string own = id_in(dataset.body.find("schemaRef"));
  if (sent.empty() || own.empty() || sent == own) return {};
  const auto schema = TRY(call.store().find(call.scope(), ResourceKind::schema, own));
  if (schema && (schema->body.string_at("$id") == sent || schema->body.string_at("meta:altId") == sent))
    return {};
  return bad_request("CONNECTOR-1302-400", "/data/schema/id",
                     "The target connection is for schema " + sent + ", but its dataset " + dataset.id +
                         " holds " + own + ".");
}

Result<void> check_whole(const Call& call, const Value& document) {
  if (document.string_at("name").empty())
    return bad_request("CONNECTOR-1304-400", "/name",
                       "name is required: what the target connection is called.");
  TRY(check_base(call, document));
  const Value* dataset = document.find_path("params.dataSetId");
  const std::string* id = dataset == nullptr ? nullptr : dataset->if_string();
  if (id == nullptr || id->empty())
    return bad_request("CONNECTOR-1304-400", "/params/dataSetId",
                       "params.dataSetId is required: the dataset that records go to.");
  const auto found = TRY(call.store().find(call.scope(), ResourceKind::dataset, *id));
  if (!found)
    return bad_request("CONNECTOR-1302-400", "/params/dataSetId", "There is no dataset " + *id + ".");
  return check_schema(call, document, *found);
}

Result<void> check_is_target(const Value& spec) {
  if (spec.find("targetSpec") != nullptr) return {};
  return bad_request("CONNECTOR-1307-400", "/connectionSpec/id",
                     "The connection spec describes no target: use the data lake's, "
                     "c604ff05-7f1a-43c0-8e18-33bf874cb11c.");
}

}  // namespace

Result<http::Response> list(const Call& call) { return answer_list(call, ResourceKind::target_connection); }

Result<http::Response> create(const Call& call) {
  auto document = TRY(object_body(call));
  TRY(check_texts(document));
  const auto spec = TRY(resolve_connection_spec(call, document));
  TRY(check_is_target(spec));
  TRY(read_reference(document, "baseConnectionId"));
  const bool draft = TRY(read_draft_mode(call));
  if (draft && !domain::draft_mode_supported(spec))
    return bad_request("FLOW-1100-400", "/connectionSpec/id", "The connection spec does not support drafts.");
  if (!draft) TRY(check_whole(call, document));
  const auto state = domain::text_of(draft ? State::draft : State::enabled);
  return store_new(
      call, new_resource(call, ResourceKind::target_connection, std::move(document), std::string(state)),
      created);
}

Result<http::Response> lookup(const Call& call) {
  return answer_found(call, ResourceKind::target_connection);
}

Result<http::Response> patch(const Call& call) {
  const auto patched = TRY(read_patched(call, ResourceKind::target_connection, kPatchRoots));
  if (state_of(patched.before) != State::draft) TRY(check_whole(call, patched.after));
  const auto stored = TRY(store_patched(call, patched));
  call.services.inlets.changed();
  return changed(stored);
}

Result<http::Response> remove(const Call& call) {
  TRY(remove_unused(call, {ResourceKind::target_connection, "target connection", "targetConnectionIds[]"}));
  call.services.inlets.changed();
  return http::Response::empty(204);
}

Result<http::Response> act(const Call& call) {
  const auto action = TRY(read_action(call, {domain::Action::publish}));
  TRY(action_body(call));
  const auto current = TRY(call.store().get(call.scope(), ResourceKind::target_connection, call.id()));
  TRY(check_if_match(call, current));
  const auto next = TRY(domain::state_after(state_of(current), action));
  TRY(check_whole(call, current.body));
  const auto change = [&call, next](domain::Resource resource) -> Result<domain::Resource> {
    resource.state = domain::text_of(next);
    domain::touch(resource, call.caller.actor, call.now_ms());
    return resource;
  };
  const auto published = TRY(store_changed(call, current, change));
  call.services.inlets.changed();
  return changed(published);
}

}  // namespace headwater::api::target_connections
