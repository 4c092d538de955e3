#include <algorithm>
#include <vector>

#include "api/internal/handlers.h"
#include "api/internal/spec_lookup.h"
#include "json/value.h"

namespace headwater::api::flow_specs {
namespace {

using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kTransformationNames[] = {"transformationSpecs", "transformationSpec",
                                                     "transformationSpecDTOS"};

Result<void> check_ids(const Value& spec, std::string_view member) {
  const Value* ids = spec.find(member);
  if (ids == nullptr || ids->is_null()) return {};
  const std::string where = "/" + std::string(member);
  const Array* items = ids->if_array();
  if (items == nullptr)
    return bad_request("CONNECTOR-1302-400", where,
                       std::string(member) + " must be an array of connection spec ids.");
  for (std::size_t index = 0; index < items->size(); ++index)
    if ((*items)[index].if_string() == nullptr)
      return bad_request("CONNECTOR-1302-400", where + "/" + std::to_string(index),
                         std::string(member) + " must hold ids as text.");
  return {};
}

Result<void> check(const Value& spec) {
  for (const std::string_view name : {std::string_view("name"), std::string_view("providerId")})
    if (spec.string_at(name).empty())
      return bad_request("CONNECTOR-1304-400", "/" + std::string(name), std::string(name) + " is required.");
  TRY(check_ids(spec, "sourceConnectionSpecIds"));
  TRY(check_ids(spec, "targetConnectionSpecIds"));
  for (const std::string_view name : kTransformationNames) {
    const Value* list = spec.find(name);
    if (list != nullptr && !list->is_null() && !list->is_array())
      return bad_request("CONNECTOR-1302-400", "/" + std::string(name),
                         std::string(name) + " must be an array.");
  }
  return {};
}

// A streaming flow spec's clients and a batch one's read the same spelling, whichever the author wrote.
Value normalised(Value spec) {
  Object* members = spec.if_object();
  if (members->contains("transformationSpecs")) return spec;
  Object out;
  for (json::Member& member : *members) {
    const bool alias = member.name == "transformationSpec" || member.name == "transformationSpecDTOS";
    out.set(alias ? std::string_view("transformationSpecs") : std::string_view(member.name),
            std::move(member.value));
  }
  return out;
}

constexpr std::string_view kSourceIds = "sourceConnectionSpecIds";

Error not_yours(std::string_view member, const std::string& why) {
  return Error{ErrorKind::forbidden,
               why +
                   " Of a flow spec that Headwater ships, other organisations may only add and remove ids of "
                   "their own connection specs in sourceConnectionSpecIds.",
               "/" + std::string(member), "FLOW-2120-403"};
}

std::vector<std::string> source_ids(const Value& spec) {
  std::vector<std::string> ids;
  const Value* list = spec.find(kSourceIds);
  if (list != nullptr && list->if_array() != nullptr)
    for (const Value& id : *list->if_array())
      if (id.if_string() != nullptr) ids.push_back(*id.if_string());
  return ids;
}

// Those of `ids` that are among the others, in their order.
std::vector<std::string> among(const std::vector<std::string>& ids, const std::vector<std::string>& others) {
  std::vector<std::string> out;
  std::copy_if(ids.begin(), ids.end(), std::back_inserter(out), [&others](const std::string& id) {
    return std::find(others.begin(), others.end(), id) != others.end();
  });
  return out;
}

Result<void> check_extends_sources(const Call& call, store::Transaction& transaction, const Value& before,
                                   const Value& after) {
  const auto old_ids = source_ids(before), new_ids = source_ids(after);
  if (among(old_ids, new_ids) != among(new_ids, old_ids))
    return not_yours(kSourceIds, "The order of sourceConnectionSpecIds would change.");
  for (const auto* ids : {&old_ids, &new_ids}) {
    const auto& others = ids == &old_ids ? new_ids : old_ids;
    for (const std::string& id : *ids) {
      if (std::find(others.begin(), others.end(), id) != others.end()) continue;
      const auto source = TRY(transaction.find(store::Scope::all(), ResourceKind::connection_spec, id));
      if (!source && ids == &old_ids)
        continue;  // it is gone: who takes its id out takes nothing from anybody
      if (!source || source->tenant.org != call.caller.org())
        return not_yours(kSourceIds, "The id " + id +
                                         " in sourceConnectionSpecIds names no connection spec of your "
                                         "organisation.");
    }
  }
  return {};
}

// What an organisation may do to a shipped flow spec that is another's: no flow of anybody else notices it.
Result<void> check_extends(const Call& call, store::Transaction& transaction, const domain::Resource& before,
                           const Value& body) {
  domain::Resource put = before;
  put.body = body;
  const Value old_form = domain::wire_form(before), new_form = domain::wire_form(put);
  for (const auto* form : {&old_form, &new_form}) {
    const Value& other = form == &old_form ? new_form : old_form;
    for (const auto& [name, value] : *form->if_object()) {
      const Value* counterpart = other.find(name);
      if (name != kSourceIds && value != (counterpart == nullptr ? Value() : *counterpart))
        return not_yours(name, "The member " + name + " would change.");
    }
  }
  return check_extends_sources(call, transaction, old_form, new_form);
}

}  // namespace

Result<http::Response> list(const Call& call) {
  return answer_list(call, ResourceKind::flow_spec, domain::kSpecListRules);
}

Result<http::Response> create(const Call& call) {
  auto spec = TRY(object_body(call));
  TRY(check(spec));
  auto id = TRY(own_spec_id(call, ResourceKind::flow_spec, spec));
  return store_new(
      call, new_resource(call, ResourceKind::flow_spec, normalised(std::move(spec)), {}, std::move(id)),
      [](const domain::Resource& stored) {
        return http::Response::json(201, domain::wire_form(stored))
            .with_header("Location", location_of(stored))
            .with_header("ETag", stored.etag.value);
      });
}

Result<http::Response> lookup(const Call& call) { return answer_found(call, ResourceKind::flow_spec); }

Result<http::Response> replace(const Call& call) {
  const auto old = TRY(call.store().get(call.scope(), ResourceKind::flow_spec, call.id()));
  const bool extends = old.tenant.org != call.caller.org() && is_shipped(old);
  if (!extends) TRY(check_owns_spec(call, old));
  auto spec = TRY(object_body(call));
  TRY(check_same_id(call, spec));
  TRY(check(spec));
  const Value body = normalised(std::move(spec));
  const auto change = [&call, &body](domain::Resource current) -> Result<domain::Resource> {
    current.body = body;
    domain::touch(current, call.caller.actor, call.now_ms());
    return current;
  };
  domain::Resource stored;
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    const auto current = TRY(transaction.lock(call.scope(), ResourceKind::flow_spec, call.id()));
    if (extends) TRY(check_extends(call, transaction, current, body));
    stored =
        TRY(transaction.update(call.scope(), ResourceKind::flow_spec, call.id(), change, if_match(call)));
    return {};
  };
  TRY(call.store().transact(work));
  return http::Response::json(200, domain::wire_form(stored)).with_header("ETag", stored.etag.value);
}

Result<http::Response> remove(const Call& call) {
  const auto work = [&call](store::Transaction& transaction) -> Result<void> {
    const auto spec = TRY(transaction.lock(call.scope(), ResourceKind::flow_spec, call.id()));
    TRY(check_owns_spec(call, spec));
    const auto flows =
        TRY(count_where(transaction, store::Scope::all(), ResourceKind::flow, "flowSpec.id", call.id()));
    if (flows > 0)
      return bad_request(
          "FLOW-1417-400", "",
          "The flow spec is in use by " + std::to_string(flows) + " flow(s): delete them first.");
    return transaction.remove(call.scope(), ResourceKind::flow_spec, call.id(), if_match(call));
  };
  TRY(call.store().transact(work));
  return http::Response::empty(204);
}

Result<http::Response> search(const Call& call) { return answer_search(call, ResourceKind::flow_spec); }

}  // namespace headwater::api::flow_specs
