#include "domain/resource.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/crypto.h"

namespace headwater::domain {
namespace {

/// Whether the API answers `version` with the etag (section 3); other services have versions of their own.
bool version_is_etag(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::connection:
    case ResourceKind::source_connection:
    case ResourceKind::target_connection:
    case ResourceKind::flow:
    case ResourceKind::run:
      return true;
    case ResourceKind::connection_spec:
    case ResourceKind::flow_spec:
    case ResourceKind::mapping_set:
    case ResourceKind::schema:
    case ResourceKind::dataset:
    case ResourceKind::batch:
      return false;
  }
  return false;
}

constexpr std::array<std::string_view, 11> kCommonFields = {
    "id",          "createdAt", "updatedAt", "createdBy", "updatedBy", "createdClient", "updatedClient",
    "sandboxName", "sandboxId", "imsOrgId",  "etag"};

bool is_left_out(const Resource& resource, std::string_view member) {
  if (member == "version") return version_is_etag(resource.kind);
  if (member == "state") return !resource.state.empty();
  return std::find(kCommonFields.begin(), kCommonFields.end(), member) != kCommonFields.end();
}

std::string_view stripped(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return etag;
}

}  // namespace

std::string_view collection_name(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::connection_spec:
      return "connectionSpecs";
    case ResourceKind::flow_spec:
      return "flowSpecs";
    case ResourceKind::connection:
      return "connections";
    case ResourceKind::source_connection:
      return "sourceConnections";
    case ResourceKind::target_connection:
      return "targetConnections";
    case ResourceKind::flow:
      return "flows";
    case ResourceKind::run:
      return "runs";
    case ResourceKind::mapping_set:
      return "mappingSets";
    case ResourceKind::schema:
      return "schemas";
    case ResourceKind::dataset:
      return "dataSets";
    case ResourceKind::batch:
      return "batches";
  }
  return "";
}

bool is_global(ResourceKind kind) {
  return kind == ResourceKind::connection_spec || kind == ResourceKind::flow_spec;
}

Resource new_resource(ResourceKind kind, std::string id, Tenant tenant, const Actor& actor,
                      std::int64_t now_ms, json::Value body, std::string state) {
  Resource resource;
  resource.kind = kind;
  resource.id = id.empty() ? crypto::uuid() : std::move(id);
  resource.tenant = std::move(tenant);
  resource.created_at_ms = now_ms;
  resource.updated_at_ms = now_ms;
  resource.created_by = actor.user;
  resource.updated_by = actor.user;
  resource.created_client = actor.client;
  resource.updated_client = actor.client;
  resource.state = std::move(state);
  resource.body = std::move(body);
  return resource;
}

void touch(Resource& resource, const Actor& actor, std::int64_t now_ms) {
  resource.updated_at_ms = std::max(now_ms, resource.updated_at_ms + 1);
  resource.updated_by = actor.user;
  resource.updated_client = actor.client;
}

json::Value wire_form(const Resource& resource) {
  json::Object out;
  out.set("id", resource.id);
  out.set("createdAt", resource.created_at_ms);
  out.set("updatedAt", resource.updated_at_ms);
  out.set("createdBy", resource.created_by);
  out.set("updatedBy", resource.updated_by);
  out.set("createdClient", resource.created_client);
  out.set("updatedClient", resource.updated_client);
  if (!resource.tenant.sandbox.empty()) out.set("sandboxId", resource.tenant.sandbox.value);
  if (!resource.tenant.sandbox_name.empty()) out.set("sandboxName", resource.tenant.sandbox_name);
  if (!resource.tenant.org.empty()) out.set("imsOrgId", resource.tenant.org.value);
  if (const auto* body = resource.body.if_object()) {
    for (const auto& [name, value] : *body)
      if (!is_left_out(resource, name)) out.set(name, value);
  }
  if (!resource.state.empty()) out.set("state", resource.state);
  if (version_is_etag(resource.kind)) out.set("version", resource.etag.value);
  if (is_global(resource.kind) && !out.contains("version")) out.set("version", "1.0");
  out.set("etag", resource.etag.value);
  return out;
}

Etag new_etag() {
  // Only the outer groups vary in etags that clients have seen; 64 random bits make each one new.
  const auto digits = crypto::random_hex(8);
  return Etag('"' + digits.substr(0, 8) + "-0000-0200-0000-" + digits.substr(8) + "0000\"");
}

bool etag_matches(const Etag& a, const Etag& b) { return stripped(a.value) == stripped(b.value); }

}  // namespace headwater::domain
