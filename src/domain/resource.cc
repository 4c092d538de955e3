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
    case ResourceKind::inlet:
    case ResourceKind::webhook:
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

constexpr std::size_t kHeadBytes = 768;  // about what stands around a body

/// The members before the body's.
template <class Put>
void put_head(const Resource& resource, Put put) {
  put("id", std::string_view(resource.id));
  put("createdAt", resource.created_at_ms);
  put("updatedAt", resource.updated_at_ms);
  put("createdBy", std::string_view(resource.created_by));
  put("updatedBy", std::string_view(resource.updated_by));
  put("createdClient", std::string_view(resource.created_client));
  put("updatedClient", std::string_view(resource.updated_client));
  const Tenant& tenant = resource.tenant;
  if (!tenant.sandbox.empty()) put("sandboxId", std::string_view(tenant.sandbox.value));
  if (!tenant.sandbox_name.empty()) put("sandboxName", std::string_view(tenant.sandbox_name));
  if (!tenant.org.empty()) put("imsOrgId", std::string_view(tenant.org.value));
}

/// Writes one JSON object member by member.
class MemberWriter {
 public:
  explicit MemberWriter(std::size_t bytes) { text_.reserve(bytes); }
  void put(std::string_view name, std::string_view value) {
    begin(name);
    json::append_quoted(text_, value);
  }
  void put(std::string_view name, std::int64_t value) {
    begin(name);
    text_ += std::to_string(value);
  }
  /// A member as it stands in another object: `"name":value`.
  void copy(std::string_view member) {
    text_ += text_.empty() ? '{' : ',';
    text_ += member;
  }
  std::string text() && { return std::move(text_) + "}"; }

 private:
  void begin(std::string_view name) {
    text_ += text_.empty() ? "{\"" : ",\"";
    text_.append(name).append("\":");
  }
  std::string text_;
};

/// Walks over the members of a JSON object's text that has no spaces between its tokens, as Value::dump
/// writes it.
class MemberReader {
 public:
  explicit MemberReader(std::string_view object) : rest_(object) {
    if (!rest_.empty()) rest_.remove_prefix(1);
  }
  std::string_view name;    // as written, without its quotes
  std::string_view value;   // as written
  std::string_view member;  // both, with the colon

  /// False at the end.
  bool next() {
    if (!rest_.starts_with('"')) return false;
    const std::size_t name_end = string_end(0);
    const std::size_t end = value_end(name_end + 1);
    member = rest_.substr(0, end);
    name = member.substr(1, name_end - 2);
    value = member.substr(std::min(name_end + 1, end));
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return true;
  }

 private:
  /// Behind the string that begins at `at`.
  std::size_t string_end(std::size_t at) const {
    for (++at; at < rest_.size() && rest_[at] != '"'; ++at)
      if (rest_[at] == '\\') ++at;
    return std::min(at + 1, rest_.size());
  }
  /// The comma or brace after the value that begins at `at`.
  std::size_t value_end(std::size_t at) const {
    for (std::size_t depth = 0; at < rest_.size(); ++at) {
      const char c = rest_[at];
      if (c == '"')
        at = string_end(at) - 1;
      else if (c == '{' || c == '[')
        ++depth;
      else if (depth == 0 && (c == ',' || c == '}'))
        return at;
      else if (c == '}' || c == ']')
        --depth;
    }
    return rest_.size();
  }
  std::string_view rest_;
};

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
    case ResourceKind::inlet:
      return "inlets";
    case ResourceKind::webhook:
      return "webhooks";
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
  resource.id = id.empty() ? crypto::ordered_uuid() : std::move(id);
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
  put_head(resource, [&out](std::string_view name, auto value) { out.set(name, value); });
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

WireText wire_text(const Resource& resource, std::string_view body_text) {
  MemberWriter out(body_text.size() + kHeadBytes);
  put_head(resource, [&out](std::string_view name, auto value) { out.put(name, value); });
  bool own_state = false;
  bool own_version = false;
  for (MemberReader body(body_text); body.next();) {
    if (body.name == "state") {
      own_state = body.value.starts_with('"') && body.value != R"("")";
      if (!own_state && is_left_out(resource, body.name)) continue;
    } else if (is_left_out(resource, body.name)) {
      continue;
    }
    own_version = own_version || body.name == "version";
    out.copy(body.member);
  }
  if (!own_state && !resource.state.empty()) out.put("state", resource.state);
  if (version_is_etag(resource.kind)) out.put("version", resource.etag.value);
  if (is_global(resource.kind) && !own_version) out.put("version", "1.0");
  out.put("etag", resource.etag.value);
  return {std::move(out).text(), resource.etag};
}

Etag new_etag() {
  // Only the outer groups vary in etags that clients have seen; 64 random bits make each one new.
  const auto digits = crypto::random_hex(8);
  return Etag('"' + digits.substr(0, 8) + "-0000-0200-0000-" + digits.substr(8) + "0000\"");
}

bool etag_matches(const Etag& a, const Etag& b) { return stripped(a.value) == stripped(b.value); }

}  // namespace headwater::domain
