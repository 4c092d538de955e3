#pragma once

#include <cstdint>

#include "authoring/observed_request.h"
#include "authoring/openapi_schemas.h"
#include "json/value.h"

namespace headwater::authoring {

/// The JSON body of a described POST: what the schema requires or gives a value for, and what limits a page.
/// Texts that nobody gave become inputs, those of keys inputs of the account, numbers and truths are made up;
/// what pages is left to paging, the rest is named in a note.
void describe_json_body(const OpenApiSchemas& schemas, const json::Value& schema, ObservedRequest& request);

/// Whether a schema is one of an object's, directly or by its parts.
bool describes_object(const OpenApiSchemas& schemas, const json::Value& schema);

/// Whether what is called like something that pages has the type for it: "count: boolean" has not, nor has a
/// "size" that is one of two words.
bool may_page(const json::Value& schema);

/// The number as the schema writes numbers: one of its choices, or the nearest that its bounds allow.
json::Value paging_number(const OpenApiSchemas& schemas, const json::Value& schema, std::int64_t wanted);

}  // namespace headwater::authoring
