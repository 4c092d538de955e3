#pragma once

#include "json/value.h"

namespace headwater::authoring {

/// Whether a document is an API's description as it was called before OpenAPI: "swagger": "2.0".
bool is_swagger(const json::Value& document);

/// The same API as OpenAPI 3 would describe it, as far as reading it needs: servers, parameters, bodies,
/// answers and security schemes. What is no part of these stays where it is, so that references hold.
json::Value swagger_as_openapi(const json::Value& document);

}  // namespace headwater::authoring
