#pragma once

#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace headwater::authoring {

/// Whether a document is an API's description as it was called before OpenAPI: "swagger": "2.0".
bool is_swagger(const json::Value& document);

/// The same API as OpenAPI 3 would describe it, as far as reading it needs: servers, parameters, bodies,
/// answers and security schemes. What is no part of these stays where it is, so that references hold. Of
/// operations but the one that is wanted (its operationId or "GET /path"; empty: the only GET) there is the
/// operationId alone. Errors: too_large (references multiply what is written out).
Result<json::Value> swagger_as_openapi(const json::Value& document, std::string_view operation);

}  // namespace headwater::authoring
