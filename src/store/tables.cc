#include "store/internal/tables.h"

#include <array>

namespace headwater::store::internal {
namespace {

using domain::ResourceKind;

constexpr std::array kKinds = {ResourceKind::connection_spec,
                               ResourceKind::flow_spec,
                               ResourceKind::connection,
                               ResourceKind::source_connection,
                               ResourceKind::target_connection,
                               ResourceKind::flow,
                               ResourceKind::run,
                               ResourceKind::mapping_set,
                               ResourceKind::schema,
                               ResourceKind::dataset,
                               ResourceKind::batch};

constexpr std::string_view kSpecPaths[] = {"name", "providerId"};
constexpr std::string_view kConnectionPaths[] = {"name", "connectionSpec.id"};
constexpr std::string_view kEndpointPaths[] = {"connectionSpec.id", "baseConnectionId", "params.dataSetId"};
constexpr std::string_view kFlowPaths[] = {"name", "flowSpec.id", "lastRunDetails.startedAtUTC",
                                           "inheritedAttributes.properties.isSourceFlow"};
constexpr std::string_view kRunPaths[] = {"flowId", "metrics.durationSummary.startedAtUTC",
                                          "metrics.statusSummary.status"};
constexpr std::string_view kNamedPaths[] = {"name"};
constexpr std::string_view kSchemaPaths[] = {"title", "meta:altId"};

struct FieldColumn {
  std::string_view field;
  Column column;
};
constexpr FieldColumn kFieldColumns[] = {
    {"id", {"id"}},
    {"createdAt", {"created_at_ms", true}},
    {"updatedAt", {"updated_at_ms", true}},
    {"createdBy", {"created_by"}},
    {"updatedBy", {"updated_by"}},
    {"createdClient", {"created_client"}},
    {"updatedClient", {"updated_client"}},
    {"sandboxId", {"sandbox"}},
    {"sandboxName", {"sandbox_name"}},
    {"imsOrgId", {"org"}},
    {"state", {"state"}},
    {"etag", {"etag"}},
};

// Names of a FieldPath hold no quotes and no backslash, so they stand in a literal as they are.
std::string json_path(const domain::FieldPath& path) {
  std::string out = "'$";
  for (const auto& step : path) out += ".\"" + step.name + '"';
  return out + '\'';
}

std::string json_keys(const domain::FieldPath& path) {
  std::string out = "'{";
  for (const auto& step : path) {
    if (out.size() > 2) out += ',';
    out += '"' + step.name + '"';
  }
  return out + "}'";
}

}  // namespace

std::string_view table_name(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::connection_spec:
      return "connection_specs";
    case ResourceKind::flow_spec:
      return "flow_specs";
    case ResourceKind::connection:
      return "connections";
    case ResourceKind::source_connection:
      return "source_connections";
    case ResourceKind::target_connection:
      return "target_connections";
    case ResourceKind::flow:
      return "flows";
    case ResourceKind::run:
      return "runs";
    case ResourceKind::mapping_set:
      return "mapping_sets";
    case ResourceKind::schema:
      return "schemas";
    case ResourceKind::dataset:
      return "datasets";
    case ResourceKind::batch:
      return "batches";
  }
  return "";
}

std::span<const ResourceKind> all_kinds() { return kKinds; }

Column column_of(ResourceKind kind, const domain::FieldPath& path) {
  if (path.size() != 1 || path[0].array) return {};
  for (const auto& [field, column] : kFieldColumns)
    if (field == path[0].name) return column;
  // Of these the API answers the etag as version; the others have a version of their own in the body.
  const bool version_is_etag = kind == ResourceKind::connection || kind == ResourceKind::source_connection ||
                               kind == ResourceKind::target_connection || kind == ResourceKind::flow ||
                               kind == ResourceKind::run;
  if (version_is_etag && path[0].name == "version") return {"etag"};
  return {};
}

std::span<const std::string_view> indexed_paths(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::connection_spec:
    case ResourceKind::flow_spec:
      return kSpecPaths;
    case ResourceKind::connection:
      return kConnectionPaths;
    case ResourceKind::source_connection:
    case ResourceKind::target_connection:
      return kEndpointPaths;
    case ResourceKind::flow:
      return kFlowPaths;
    case ResourceKind::run:
      return kRunPaths;
    case ResourceKind::schema:
      return kSchemaPaths;
    case ResourceKind::dataset:
      return kNamedPaths;
    case ResourceKind::mapping_set:
    case ResourceKind::batch:
      return {};
  }
  return {};
}

std::string body_value(Dialect dialect, const domain::FieldPath& path) {
  if (dialect == Dialect::sqlite) return "json_extract(body, " + json_path(path) + ")";
  return "(doc #> " + json_keys(path) + ")";
}

std::string body_text_lower(Dialect dialect, const domain::FieldPath& path) {
  if (dialect == Dialect::sqlite) return "lower(json_extract(body, " + json_path(path) + "))";
  return "lower(doc #>> " + json_keys(path) + ")";
}

}  // namespace headwater::store::internal
