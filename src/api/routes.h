#pragma once

#include "api/services.h"
#include "http/server.h"

namespace headwater::api {

/// Registers every route of the public API and the answers to unknown paths. `services` outlives the router.
void add_routes(http::Router& router, ApiServices& services);

}  // namespace headwater::api
