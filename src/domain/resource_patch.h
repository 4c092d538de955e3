#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "json/patch.h"
#include "json/value.h"

namespace headwater::domain {

/// What a PATCH of one kind of resource may touch: the first members of paths.
using PatchRoots = std::span<const std::string_view>;

/// Reads a PATCH body: an array of operations, or one operation alone. Only add, replace and remove, in any
/// letter case. Source: Flow Service reference, section 16.
/// Errors: invalid_argument with FLOW-1405 (empty), 1455 (an operation lacks a member), 1434 (operation not
/// supported), 1414 (connectionSpec), CONNECTOR-1365 (path); `where` leads into the patch.
Result<json::Patch> read_resource_patch(const json::Value& body, PatchRoots roots);

}  // namespace headwater::domain
