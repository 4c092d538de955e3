#pragma once

#include "api/internal/call.h"
#include "domain/flow.h"
#include "json/value.h"

namespace headwater::api {

/// Checks everything that a flow names (connections, their specs, mapping set, dataset) within the caller's
/// tenant, and writes `inheritedAttributes` into the document. A draft may name drafts and lack its mapping.
/// Errors: invalid_argument, `where` naming the reference.
Result<void> resolve_flow(const Call& call, const json::Value& flow_spec, json::Value& flow, bool draft);

/// A mapping set at a version, the latest when absent; nullopt when there is none. Replaced versions are kept
/// as resources "<set id>.<version>", where runs find them too.
Result<std::optional<domain::Resource>> find_mapping_set(const Call& call, std::string_view id,
                                                         std::optional<std::int64_t> version);

}  // namespace headwater::api
