#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "json/value.h"

namespace headwater::domain {

enum class ResourceKind : std::uint8_t {
  connection_spec,
  flow_spec,
  connection,
  source_connection,
  target_connection,
  flow,
  run,
  mapping_set,
  schema,
  dataset,
  batch,
  inlet,    // where senders of events post to; its id, 64 hexadecimal digits, is part of its address
  webhook,  // whom an organisation tells of its runs; of no sandbox
};

/// The collection's name in paths and error bodies: "connectionSpecs", "flows", "dataSets", ...
std::string_view collection_name(ResourceKind kind);
/// Specs are seen by every organisation and sandbox; all else belongs to exactly one.
bool is_global(ResourceKind kind);

/// Who owns a resource. `org` and `sandbox` decide; the name is carried along for answers.
struct Tenant {
  OrgId org;          // "HEX@AdobeOrg"
  SandboxId sandbox;  // uuid
  std::string sandbox_name;
  bool operator==(const Tenant&) const = default;
};

/// Who made a call. For service tokens both are the client's id.
struct Actor {
  std::string user;
  std::string client;
  bool operator==(const Actor&) const = default;
};

/// A stored resource. `body` holds what the caller sent and what the service added, members verbatim and in
/// order, without the common fields: those are the other members here. Source: Flow Service reference,
/// section 3.
struct Resource {
  ResourceKind kind = ResourceKind::connection;
  std::string id;
  Tenant tenant;
  std::int64_t created_at_ms = 0;
  std::int64_t updated_at_ms = 0;
  std::string created_by;
  std::string updated_by;
  std::string created_client;
  std::string updated_client;
  std::string state;  // empty: none of its own; a `state` member of the body then counts
  Etag etag;          // given by the store; contains the double quotes
  json::Value body = json::Object{};
};

/// A resource as `actor` creates it at `now_ms`, with a new random id when `id` is empty.
Resource new_resource(ResourceKind kind, std::string id, Tenant tenant, const Actor& actor,
                      std::int64_t now_ms, json::Value body, std::string state = {});
/// Records who changes a resource when. Makes updated_at_ms grow in any case, so that every change is seen.
void touch(Resource& resource, const Actor& actor, std::int64_t now_ms);

/// What the API answers: common fields, body members in their order, state, version, etag. For tenant
/// resources `version` equals the etag; specs keep the version of their body. Members of the body that
/// have the name of a common field are left out.
json::Value wire_form(const Resource& resource);

/// A resource's wire form as text.
struct WireText {
  std::string text;
  Etag etag;
};
/// The text of wire_form for a resource whose body is `body_text`, which the store wrote (Value::dump of an
/// object), and whose state is `resource.state` unless the body has one. The body is not parsed: its members
/// are copied.
WireText wire_text(const Resource& resource, std::string_view body_text);

/// `"xxxxxxxx-0000-0200-0000-xxxxxxxx0000"` with its double quotes, different each time.
Etag new_etag();
/// Compares after stripping one pair of double quotes (and a weak prefix) from each side.
bool etag_matches(const Etag& a, const Etag& b);

}  // namespace headwater::domain
