#pragma once

#include <initializer_list>

#include "api/internal/call.h"
#include "domain/flow.h"
#include "domain/resource_patch.h"

namespace headwater::api {

/// A resource as it is and as a PATCH would leave it; nothing is stored yet.
struct Patched {
  domain::Resource before;
  json::Value after;
  json::Patch patch;
};

/// Reads the patch and applies it to the current document. Errors: the ones of required_if_match,
/// read_resource_patch and Patch::apply; not_found; FLOW-1404-412.
Result<Patched> read_patched(const Call& call, domain::ResourceKind kind, domain::PatchRoots roots);

/// Stores what `change` makes of a resource unless somebody was faster since it was read, or what the result
/// names does not exist. `also` belongs to the same transaction. Errors: FLOW-1404-412; domain::missing.
Result<domain::Resource> store_changed(const Call& call, const domain::Resource& before,
                                       const store::Change& change, const StoredWith& also = {});
/// Stores a patched document unless somebody was faster since it was read. Errors: FLOW-1404-412.
Result<domain::Resource> store_patched(const Call& call, const Patched& patched, const StoredWith& also = {});

/// What flows are made of: how it is called, and where a flow names it.
struct FlowPart {
  domain::ResourceKind kind;
  std::string_view word;
  std::string_view named_at;
};
/// Removes it unless a flow names it. Errors: FLOW-1417 (it is in use), not_found, FLOW-1404-412.
Result<void> remove_unused(const Call& call, const FlowPart& part);

/// The `op` of an action, one of `allowed`, and its `subOp`: only APPLY, the default, is a caller's.
/// Errors: FLOW-1402 (the provider's: FINALIZE, ROLLBACK), 1435 (op), 1436 (PROGRESS), 1437 (subOp).
Result<domain::Action> read_action(const Call& call, std::initializer_list<domain::Action> allowed);

/// The body of an action, null without one. Errors: FLOW-1406 (percentCompleted), 1407 (status), 1408
/// (status.errors), 1409 (recordTypes), CONNECTOR-1302 (no object).
Result<json::Value> action_body(const Call& call);

/// The state of a stored resource, `enabled` when it has none.
domain::State state_of(const domain::Resource& resource);

/// Errors: FLOW-1404-412, when the caller sent If-Match and it is not the resource's etag.
Result<void> check_if_match(const Call& call, const domain::Resource& current);

}  // namespace headwater::api
