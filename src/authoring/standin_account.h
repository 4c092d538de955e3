#pragma once

#include <optional>

#include "json/value.h"

namespace headwater::authoring {

/// The spec, so that its authSpec takes `account`, {specName, params}, whose token addresses or refresh token
/// are those of what stands in front of the source: as it is where it takes them, else without what the
/// schema says of those members' values. nullopt: it refuses the account even so.
std::optional<json::Value> spec_that_takes(json::Value spec, const json::Value& account);

}  // namespace headwater::authoring
