#pragma once

#include <string>
#include <string_view>

#include "api/internal/call.h"
#include "json/value.h"

namespace headwater::api {

/// The connection spec that `document.connectionSpec.id` names, and its version written into the document
/// when that gives none. Errors: FLOW-1413-400.
Result<json::Value> resolve_connection_spec(const Call& call, json::Value& document);

/// The flow spec that `document.flowSpec.id` names; as above.
Result<json::Value> resolve_flow_spec(const Call& call, json::Value& document);

/// The id that the author of a new spec brings, when it is a free UUID; "" otherwise, so that one is made. A
/// template that was read, edited and sent as a new spec has an id that is taken.
Result<std::string> own_spec_id(const Call& call, domain::ResourceKind kind, const json::Value& spec);

/// Everybody uses a spec, its organisation alone changes it: credentials of others go where it says.
/// Errors: FLOW-2120-403.
Result<void> check_owns_spec(const Call& call, const domain::Resource& spec);

/// Whether this is one of the specs that Headwater brings along.
bool is_shipped(const domain::Resource& spec);

/// Whether sources of this connection spec send their events themselves: nobody is called for them.
bool is_streaming(const json::Value& connection_spec);

/// The entry of the spec's `authSpec` that `spec_name` means: exact match first, then without regard to case,
/// blanks, '-' and '_'. Null when there is none.
const json::Value* find_auth_spec(const json::Value& connection_spec, std::string_view spec_name);

/// Problems of a document found by a JSON Schema, pointers put below `prefix`. Errors: invalid_argument with
/// them; a schema that cannot be compiled is the author's fault and named as such.
Result<void> check_against(const json::Value& schema, const json::Value& document, std::string_view prefix,
                           std::string_view what, std::string_view code);

/// The params of a source against what the spec asks of its user; `what` names them, and their place:
/// "params". Errors: those of domain::read_source_spec and check_against.
Result<void> check_source_params(const json::Value& spec, const json::Value& params, std::string_view what);

/// A spec that is put names itself or nothing. Errors: CONNECTOR-1302-400, another id than the path's.
Result<void> check_same_id(const Call& call, const json::Value& spec);

}  // namespace headwater::api
