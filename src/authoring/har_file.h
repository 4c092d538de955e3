#pragma once

#include "authoring/observed_request.h"
#include "base/result.h"
#include "json/value.h"

namespace headwater::authoring {

/// The request of a HAR file (a browser's record of its network traffic) whose JSON answer holds the most
/// records, with that answer. Errors: invalid_argument (no HAR), not_found (no request answered JSON).
Result<ObservedRequest> observe_har(const json::Value& document);

}  // namespace headwater::authoring
