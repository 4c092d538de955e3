#pragma once

#include "api/services.h"
#include "http/server.h"

namespace headwater::api {

/// Routes without a token: POST /ims/token/v3; GET /healthz, /readyz, /metrics and the API's description.
void add_open_routes(http::Router& router, ApiServices& services);

}  // namespace headwater::api
