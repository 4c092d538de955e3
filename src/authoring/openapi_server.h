#pragma once

#include "authoring/observed_request.h"
#include "authoring/openapi_schemas.h"
#include "json/value.h"

namespace headwater::authoring {

/// The host of a described server, and where its paths begin; its variables become inputs. nullptr: none is
/// described.
void describe_server(const OpenApiSchemas& schemas, const json::Value* server, ObservedRequest& request);

}  // namespace headwater::authoring
