#include "store/internal/tables.h"

#include <array>

#include "store/internal/table_list.h"

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
                               ResourceKind::batch,
                               ResourceKind::inlet,
                               ResourceKind::webhook};

constexpr std::string_view kSpecPaths[] = {"name", "providerId"};
constexpr std::string_view kConnectionPaths[] = {"name", "connectionSpec.id", "description"};
constexpr std::string_view kEndpointPaths[] = {"baseConnectionId", "params.dataSetId", "name",
                                               "connectionSpec.id"};
constexpr std::string_view kFlowPaths[] = {"name",
                                           "lastRunDetails.startedAtUTC",
                                           "description",
                                           "flowSpec.id",
                                           "inheritedAttributes.properties.isDestinationFlow",
                                           "inheritedAttributes.properties.isSourceFlow"};
constexpr std::string_view kRunPaths[] = {"flowId", "metrics.durationSummary.startedAtUTC",
                                          "metrics.statusSummary.status"};
constexpr PathPair kRunPairs[] = {
    {kRunPaths[0], kRunPaths[1]}, {kRunPaths[0], "createdAt"}, {kRunPaths[2], "createdAt"}};
constexpr std::string_view kNamedPaths[] = {"name"};
constexpr std::string_view kSchemaPaths[] = {"title", "meta:altId"};
constexpr std::string_view kInletPaths[] = {"connectionId", "flowId"};

// Only ever longer: an element names its path by the place.
constexpr std::string_view kEndpointArrays[] = {"params.columns[].name"};
constexpr std::string_view kFlowArrays[] = {"sourceConnectionIds[]",
                                            "targetConnectionIds[]",
                                            "inheritedAttributes.sourceConnections[].id",
                                            "inheritedAttributes.targetConnections[].id",
                                            "inheritedAttributes.sourceConnections[].connectionSpec.id",
                                            "inheritedAttributes.targetConnections[].connectionSpec.id",
                                            "inheritedAttributes.sourceConnections[].baseConnection.id",
                                            "transformations[].params.mappingId",
                                            "transformations[].name"};

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
    case ResourceKind::inlet:
      return "inlets";
    case ResourceKind::webhook:
      return "webhooks";
  }
  return "";
}

std::span<const ResourceKind> all_kinds() { return kKinds; }

std::span<const TableDescription> table_list() {
  static const std::vector<TableDescription> all = [] {
    std::vector<TableDescription> tables;
    tables.reserve(std::size(kKinds) + 10);  // those below
    for (const auto kind : kKinds)
      tables.push_back(
          {std::string(table_name(kind)),
           {"id", "scope", "org", "sandbox", "sandbox_name", "created_at_ms", "updated_at_ms", "created_by",
            "updated_by", "created_client", "updated_client", "state", "etag", "body"},
           2,
           kind});
    const auto add = [&](std::string name, std::vector<std::string_view> columns, std::size_t key_columns) {
      tables.push_back({std::move(name), std::move(columns), key_columns, std::nullopt});
    };
    add("secrets", {"owner", "name", "sealed"}, 2);
    add("flow_timers",
        {"flow", "org", "sandbox", "sandbox_name", "due_ns", "covered_ns", "current_run", "owner",
         "told_late_ns"},
        1);
    add("organisations", {"id", "name", "created_at_ms"}, 1);
    add("sandboxes", {"org", "name", "id", "title", "type", "created_at_ms"}, 2);
    add("clients", {"id", "org", "secret_hash", "technical_account", "created_at_ms"}, 1);
    add("settings", {"name", "value"}, 1);
    add("kept_answers", {"scope", "route", "idempotency_key", "fingerprint", "answer", "created_at_ms"}, 3);
    add("sessions", {"hash", "kind", "org", "created_at_ms", "expires_at_ms"}, 1);
    add("webhook_events",
        {"webhook", "id", "type", "body", "created_at_ms", "due_at_ms", "attempts", "owner"}, 2);
    add("webhook_deliveries", {"webhook", "last"}, 1);
    return tables;
  }();
  return all;
}

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
    case ResourceKind::inlet:
      return kInletPaths;
    case ResourceKind::mapping_set:
    case ResourceKind::batch:
    case ResourceKind::webhook:
      return {};
  }
  return {};
}

std::span<const std::string_view> array_paths(ResourceKind kind) {
  if (kind == ResourceKind::flow) return kFlowArrays;
  if (kind == ResourceKind::source_connection || kind == ResourceKind::target_connection)
    return kEndpointArrays;
  return {};
}

std::span<const PathPair> indexed_pairs(ResourceKind kind) {
  if (kind == ResourceKind::run) return kRunPairs;
  return {};
}

domain::FieldPath path_of(std::string_view dotted) {
  domain::FieldPath path;
  for (;;) {
    const auto dot = dotted.find('.');
    auto name = dotted.substr(0, dot);
    const bool array = name.ends_with("[]");
    if (array) name.remove_suffix(2);
    path.push_back({std::string(name), array});
    if (dot == std::string_view::npos) return path;
    dotted.remove_prefix(dot + 1);
  }
}

// Names of a FieldPath hold no quotes and no backslash, so they stand in a literal as they are.
std::string path_literal(Dialect dialect, const domain::FieldPath& path) {
  if (dialect == Dialect::sqlite) {
    std::string out = "'$";
    for (const auto& step : path) out += ".\"" + step.name + '"';
    return out + '\'';
  }
  std::string out = "'{";
  for (const auto& step : path) out += (out.size() > 2 ? ",\"" : "\"") + step.name + '"';
  return out + "}'";
}

std::string member_of(Dialect dialect, const std::string& base, const domain::FieldPath& path) {
  if (dialect == Dialect::sqlite) return "json_extract(" + base + ", " + path_literal(dialect, path) + ")";
  return "(" + base + " #> " + path_literal(dialect, path) + ")";
}

std::string type_of(const std::string& base, const domain::FieldPath& path) {
  return "json_type(" + base + ", " + path_literal(Dialect::sqlite, path) + ")";
}

std::string element_table(ResourceKind kind) { return std::string(table_name(kind)) + "_elements"; }

std::string body_type(const domain::FieldPath& path) { return type_of("body", path); }

std::string sort_key(Dialect dialect, const domain::FieldPath& path) {
  const auto value = body_value(dialect, path);
  if (dialect == Dialect::sqlite) {
    if (domain::ignores_case(path)) return "(COALESCE(lower(" + value + "), ''))";
    return "(CASE WHEN " + body_type(path) + " IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(" +
           value + ", -9e999) END)";
  }
  if (domain::ignores_case(path)) return "(COALESCE(" + body_text_lower(dialect, path) + ", ''))";
  return "(headwater_key(" + value + ") COLLATE \"C\")";
}

std::string body_value(Dialect dialect, const domain::FieldPath& path) {
  return member_of(dialect, dialect == Dialect::sqlite ? "body" : "doc", path);
}

std::string body_text_lower(Dialect dialect, const domain::FieldPath& path) {
  if (dialect == Dialect::sqlite) return "lower(" + body_value(dialect, path) + ")";
  return "lower((doc #>> " + path_literal(dialect, path) + ") COLLATE \"C\")";
}

}  // namespace headwater::store::internal
