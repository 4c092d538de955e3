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
};

/// Reads the patch and applies it to the current document. Errors: the ones of required_if_match,
/// read_resource_patch and Patch::apply; not_found; FLOW-1404-412.
Result<Patched> read_patched(const Call& call, domain::ResourceKind kind, domain::PatchRoots roots);

/// Stores a patched document unless somebody was faster since it was read. Errors: FLOW-1404-412.
Result<domain::Resource> store_patched(const Call& call, const Patched& patched);

/// The `op` of an action, one of `allowed`. FINALIZE is refused with FLOW-1402, all else with FLOW-1435.
Result<domain::Action> read_action(const Call& call, std::initializer_list<domain::Action> allowed);

/// The state of a stored resource, `enabled` when it has none.
domain::State state_of(const domain::Resource& resource);

/// Errors: FLOW-1404-412, when the caller sent If-Match and it is not the resource's etag.
Result<void> check_if_match(const Call& call, const domain::Resource& current);

}  // namespace headwater::api
