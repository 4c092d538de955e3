#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace headwater::domain {

/// What the JSON Schema that a connection spec has of params (a source connection's, an account's) says
/// against some, pointers put below `prefix`; no value is repeated. `what` names them: "auth.params".
/// Errors: FLOW-1413-400, a schema that cannot be compiled: the spec's author's fault, and named as such.
Result<std::vector<Problem>> param_problems(const json::Value& schema, const json::Value& params,
                                            std::string_view prefix, std::string_view what);

}  // namespace headwater::domain
