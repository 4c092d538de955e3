#pragma once

#include <optional>

#include "base/result.h"
#include "domain/resource.h"

namespace headwater::store::internal {

/// Refuses when a condition is given and the resource is no longer the one it names. Errors: stale_etag.
Result<void> check_etag(const std::optional<Etag>& if_match, const Etag& current);

/// Whether a change function gave back what it got.
bool is_unchanged(const domain::Resource& before, const domain::Resource& after);

}  // namespace headwater::store::internal
