#pragma once

#include "authoring/observed_request.h"
#include "authoring/openapi_schemas.h"
#include "json/value.h"

namespace headwater::authoring {

/// The JSON body of a described POST: what the schema requires or gives a value for, and what limits a page.
/// Values that nobody gave become inputs, those of keys inputs of the account; what pages is left to paging,
/// the rest is named in a note.
void describe_json_body(const OpenApiSchemas& schemas, const json::Value& schema, ObservedRequest& request);

/// Whether a schema is one of an object's, directly or by its parts.
bool describes_object(const OpenApiSchemas& schemas, const json::Value& schema);

}  // namespace headwater::authoring
