#include "domain/references.h"

#include "domain/flow.h"

namespace headwater::domain {
namespace {

constexpr std::string_view kUnknownSpec = "FLOW-1413-400";
constexpr std::string_view kUnknown = "CONNECTOR-1302-400";

std::vector<Reference> references_of_flow(const json::Value& flow) {
  const auto names = read_flow_references(flow);
  if (!names) return {};
  std::vector<Reference> out{{ResourceKind::flow_spec, names->spec.value, "/flowSpec/id", kUnknownSpec}};
  const auto add = [&out](ResourceKind kind, const std::string& member, const auto& ids) {
    for (std::size_t i = 0; i < ids.size(); ++i)
      out.push_back({kind, ids[i].value, "/" + member + "/" + std::to_string(i), "FLOW-1430-400"});
  };
  add(ResourceKind::source_connection, "sourceConnectionIds", names->sources);
  add(ResourceKind::target_connection, "targetConnectionIds", names->targets);
  if (const auto& mapping = names->mapping)
    out.push_back({ResourceKind::mapping_set, mapping->id.value, "/transformations/0/params/mappingId",
                   "FLOW-1411-400"});
  return out;
}

}  // namespace

std::vector<Reference> references_of(const Resource& resource) {
  std::vector<Reference> out;
  const auto add = [&](ResourceKind kind, std::string_view path, std::string where, std::string_view code) {
    const json::Value* id = resource.body.find_path(path);
    if (id != nullptr && id->if_string() != nullptr && !id->if_string()->empty())
      out.push_back({kind, *id->if_string(), std::move(where), code});
  };
  const auto add_spec = [&] {
    add(ResourceKind::connection_spec, "connectionSpec.id", "/connectionSpec/id", kUnknownSpec);
  };
  const auto add_base = [&] {
    add(ResourceKind::connection, "baseConnectionId", "/baseConnectionId", kUnknown);
  };
  switch (resource.kind) {
    case ResourceKind::connection:
      add_spec();
      return out;
    case ResourceKind::source_connection:
      add_spec();
      add_base();
      return out;
    case ResourceKind::target_connection:
      add_spec();
      if (resource.state == text_of(State::draft)) return out;
      add_base();
      add(ResourceKind::dataset, "params.dataSetId", "/params/dataSetId", kUnknown);
      return out;
    case ResourceKind::flow:
      return references_of_flow(resource.body);
    case ResourceKind::dataset:
      add(ResourceKind::schema, "schemaRef.id", "/schemaRef/id", kUnknown);
      return out;
    case ResourceKind::connection_spec:
    case ResourceKind::flow_spec:
    case ResourceKind::run:
    case ResourceKind::mapping_set:
    case ResourceKind::schema:
    case ResourceKind::batch:
    case ResourceKind::inlet:  // goes with its owner, which stored it
    case ResourceKind::webhook:
      return out;
  }
  return out;
}

Error missing(const Reference& reference) {
  return Error{ErrorKind::invalid_argument,
               "There is no entry " + reference.id + " in " + std::string(collection_name(reference.kind)) +
                   ": it may just have been deleted.",
               reference.where, reference.code};
}

}  // namespace headwater::domain
