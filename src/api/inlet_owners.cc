#include "api/internal/inlet_owners.h"

#include "api/internal/spec_lookup.h"
#include "domain/flow.h"

namespace headwater::api {
namespace {

using domain::InletAddress;
using domain::ResourceKind;
using json::Object;
using json::Value;

domain::ListQuery of_owner(std::string_view path, std::string_view owner) {
  domain::ListQuery query;
  query.filters.push_back(
      {{domain::PathStep{std::string(path), false}}, domain::FilterOp::equal, {std::string(owner)}});
  return query;
}

Result<void> insert(const Call& call, store::Transaction& transaction, const std::string& id, Value body) {
  TRY(transaction.insert(new_resource(call, ResourceKind::inlet, std::move(body), {}, id)));
  return {};
}

// Writes nothing when nothing changes: what senders' caches know of the inlet stays true.
Result<void> update(const Call& call, store::Transaction& transaction, const domain::Resource& inlet,
                    const Value& body) {
  if (body == inlet.body) return {};
  const auto change = [&](domain::Resource current) -> Result<domain::Resource> {
    current.body = body;
    domain::touch(current, call.caller.actor, call.now_ms());
    return current;
  };
  TRY(transaction.update(call.scope(), ResourceKind::inlet, inlet.id, change));
  return {};
}

// The base connection of a resolved flow's source; "" when it has none.
std::string_view base_of(const Value& flow) {
  const Value* sources = flow.find_path("inheritedAttributes.sourceConnections");
  const json::Array* list = sources == nullptr ? nullptr : sources->if_array();
  const Value* base = list == nullptr || list->empty() ? nullptr : list->front().find("baseConnection");
  return base == nullptr ? std::string_view() : base->string_at("id");
}

Result<std::optional<InletAddress>> inlet_of_base(const Call& call, const Value& flow) {
  const std::string_view id = base_of(flow);
  if (id.empty()) return std::optional<InletAddress>();
  const auto base = TRY(call.store().find(call.scope(), ResourceKind::connection, id));
  return base ? domain::inlet_of(base->body) : std::nullopt;
}

// The inlet of its own that a flow has, or a new one.
Result<InletAddress> own_inlet(const Call& call, std::string_view flow) {
  if (!flow.empty()) {
    const auto page = TRY(call.store().list(call.scope(), ResourceKind::inlet, of_owner("flowId", flow)));
    if (!page.items.empty()) {
      const domain::Resource& inlet = page.items.front();
      return InletAddress{inlet.id, std::string(inlet.body.string_at("inletUrl"))};
    }
  }
  return domain::new_inlet_address(call.services.inlets.base_url);
}

}  // namespace

void settle_inlet(const Call& call, const Value& connection, Value& auth,
                  const std::optional<InletAddress>& known, bool draft) {
  if (!domain::is_http_api(connection) || !auth.is_object()) return;
  Value* params = auth.find("params");
  if (draft && params == nullptr) return;
  std::optional<InletAddress> address;
  if (!draft) address = known ? *known : domain::new_inlet_address(call.services.inlets.base_url);
  auth.if_object()->set("params", domain::inlet_params(params == nullptr ? Value() : *params,
                                                       connection.string_at("name"), address));
}

Result<void> store_inlet(const Call& call, store::Transaction& transaction,
                         const domain::Resource& connection) {
  const auto address = domain::inlet_of(connection.body);
  if (!address) return {};
  const Value& params = *connection.body.find_path("auth.params");
  const auto inlet = TRY(transaction.find(call.scope(), ResourceKind::inlet, address->id));
  if (inlet) return update(call, transaction, *inlet, domain::following_connection(inlet->body, params));
  return insert(call, transaction, address->id, domain::inlet_of_connection(connection.id, params));
}

void tell_inlet(const Value& spec, const std::optional<domain::Resource>& base, Value& source) {
  if (!is_streaming(spec)) return;
  const auto address = base ? domain::inlet_of(base->body) : std::nullopt;
  Value* params = source.find("params");
  const bool has_params = params != nullptr && params->is_object();
  if (!address) {
    if (has_params) params->if_object()->erase("inletUrl");
    return;
  }
  if (!has_params) source.if_object()->set("params", Object{});
  source.find("params")->if_object()->set("inletUrl", address->url);
}

Result<FlowInlet> settle_inlet(const Call& call, const Value& flow_spec, std::string_view id, Value& flow,
                               bool draft) {
  FlowInlet inlet;
  inlet.streaming = !domain::is_batch_flow_spec(flow_spec);
  if (!inlet.streaming) return inlet;
  std::string url;
  if (!draft) {
    const auto shared = TRY(inlet_of_base(call, flow));
    if (!shared) inlet.own = TRY(own_inlet(call, id));
    url = shared ? shared->url : inlet.own->url;
  }
  const Value* options = flow.find("options");
  if (options == nullptr && draft) return inlet;
  flow.if_object()->set("options", domain::streaming_options(options == nullptr ? Value() : *options, url));
  return inlet;
}

Result<void> store_inlet(const Call& call, store::Transaction& transaction, const FlowInlet& inlet,
                         const domain::Resource& flow) {
  if (!inlet.streaming) return {};
  if (!inlet.own) return remove_inlets(call, transaction, "flowId", flow.id);
  const std::string_view name = flow.body.string_at("name");
  const auto stored = TRY(transaction.find(call.scope(), ResourceKind::inlet, inlet.own->id));
  if (!stored)
    return insert(call, transaction, inlet.own->id, domain::inlet_of_flow(flow.id, name, *inlet.own));
  Value body = stored->body;
  body.if_object()->set("name", name);
  body.if_object()->set("sourceId", name);
  return update(call, transaction, *stored, body);
}

Result<void> remove_inlets(const Call& call, store::Transaction& transaction, std::string_view path,
                           std::string_view owner) {
  const auto page = TRY(transaction.list(call.scope(), ResourceKind::inlet, of_owner(path, owner)));
  for (const domain::Resource& inlet : page.items)
    TRY(transaction.remove(call.scope(), ResourceKind::inlet, inlet.id));
  return {};
}

}  // namespace headwater::api
