#include "api/internal/wiring.h"

#include "api/internal/change.h"
#include "api/internal/spec_lookup.h"
#include "mapping/mapping_set_json.h"

namespace headwater::api {
namespace {

using domain::InheritedConnection;
using domain::ResourceKind;
using domain::State;
using json::Value;

Value member_or_null(const Value& object, std::string_view name) {
  const Value* found = object.find(name);
  return found == nullptr ? Value() : *found;
}

Result<domain::Resource> find_connection(const Call& call, ResourceKind kind, const std::string& id,
                                         const std::string& where, bool draft) {
  const auto found = TRY(call.store().find(call.scope(), kind, id));
  const std::string what(domain::collection_name(kind));
  if (!found) return bad_request("FLOW-1430-400", where, "There is no entry " + id + " in " + what + ".");
  if (!draft && state_of(*found) == State::draft)
    return bad_request("FLOW-1456-400", where,
                       "The entry " + id + " of " + what + " is a draft: publish it first.");
  return *found;
}

InheritedConnection inherited(const domain::Resource& connection) {
  InheritedConnection out{connection.id, member_or_null(connection.body, "connectionSpec"), "", {}};
  if (const Value* base = connection.body.find_path("inheritedAttributes.baseConnection")) {
    out.base_id = base->string_at("id");
    out.base_connection_spec = member_or_null(*base, "connectionSpec");
  }
  return out;
}

Result<std::string> schema_id_of_dataset(const Call& call, const domain::Resource& target) {
  const Value* dataset = target.body.find_path("params.dataSetId");
  if (dataset == nullptr || dataset->if_string() == nullptr) return std::string();
  const auto found = TRY(call.store().find(call.scope(), ResourceKind::dataset, *dataset->if_string()));
  if (!found)
    return bad_request("CONNECTOR-1302-400", "/targetConnectionIds/0", "The target's dataset is gone.");
  return std::string(member_or_null(found->body, "schemaRef").string_at("id"));
}

// The mapping must exist, compile, and write what the dataset holds.
Result<void> check_mapping(const Call& call, const domain::MappingReference& reference,
                           const domain::Resource& target) {
  const std::string where = "/transformations/0/params/mappingId";
  const auto found = TRY(find_mapping_set(call, reference.id.value, reference.version));
  if (!found) {
    const bool known = TRY(find_mapping_set(call, reference.id.value, std::nullopt)).has_value();
    if (known)
      return bad_request("FLOW-1412-400", "/transformations/0/params/mappingVersion",
                         "The mapping set " + reference.id.value + " has no such version.");
    return bad_request("FLOW-1411-400", where, "There is no mapping set " + reference.id.value + ".");
  }
  const auto set = TRY(mapping::read_mapping_set(found->body));
  const std::string dataset_schema = TRY(schema_id_of_dataset(call, target));
  if (!set.schema_id.empty() && !dataset_schema.empty() && set.schema_id != dataset_schema)
    return bad_request(
        "FLOW-1425-400", where,
        "The mapping set writes schema " + set.schema_id + ", but the dataset holds " + dataset_schema + ".");
  const auto problems = mapping::check(set);
  if (problems.empty()) return {};
  Error error = bad_request("FLOW-1419-400", where, "The mapping set cannot be used.");
  for (const auto& problem : problems)
    error.problems.push_back({"/mappings/" + std::to_string(problem.row) + "/" + problem.member,
                              problem.reason, problem.hint, Severity::error});
  return error;
}

ConnectionSpecId spec_of(const domain::Resource& connection) {
  return ConnectionSpecId(std::string(member_or_null(connection.body, "connectionSpec").string_at("id")));
}

// Both specs of a draft must allow drafts (reference section 18).
Result<void> check_draft_source(const Call& call, const domain::Resource& source) {
  Value document = source.body;
  const auto spec = TRY(resolve_connection_spec(call, document));
  if (domain::draft_mode_supported(spec)) return {};
  return bad_request("FLOW-1100-400", "/sourceConnectionIds/0",
                     "The connection spec of the source does not support drafts.");
}

}  // namespace

Result<void> resolve_flow(const Call& call, const Value& flow_spec, Value& flow, bool draft) {
  const auto names = TRY(domain::read_flow_references(flow));
  const auto source = TRY(find_connection(call, ResourceKind::source_connection, names.sources.front().value,
                                          "/sourceConnectionIds/0", draft));
  const auto target = TRY(find_connection(call, ResourceKind::target_connection, names.targets.front().value,
                                          "/targetConnectionIds/0", draft));
  if (draft) TRY(check_draft_source(call, source));
  TRY(domain::check_flow_wiring(flow_spec, spec_of(source), spec_of(target)));
  if (names.mapping) TRY(check_mapping(call, *names.mapping, target));
  flow.if_object()->set("inheritedAttributes",
                        domain::inherited_attributes(flow_spec, {inherited(source)}, {inherited(target)}));
  return {};
}

Result<std::optional<domain::Resource>> find_mapping_set(const Call& call, std::string_view id,
                                                         std::optional<std::int64_t> version) {
  auto latest = TRY(call.store().find(call.scope(), ResourceKind::mapping_set, id));
  if (!latest || !version) return latest;
  const Value* own = latest->body.find("version");
  if (own != nullptr && own->as_int64_lenient() == version) return latest;
  const std::string kept = std::string(id) + "." + std::to_string(*version);
  return call.store().find(call.scope(), ResourceKind::mapping_set, kept);
}

}  // namespace headwater::api
