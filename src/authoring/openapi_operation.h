#pragma once

#include <string>
#include <string_view>

#include "authoring/observed_request.h"
#include "base/result.h"
#include "json/value.h"

namespace headwater::authoring {

/// The request that one operation of an OpenAPI 3 or Swagger 2 description makes, with an example of its
/// answer. `operation` is its operationId, or "GET /path"; empty: the only GET there is. Errors:
/// invalid_argument (no such description), not_found (no such operation; the message names some there are).
Result<ObservedRequest> observe_operation(const json::Value& document, std::string_view operation);

}  // namespace headwater::authoring
