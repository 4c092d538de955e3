#pragma once

#include "api/services.h"
#include "http/server.h"

namespace headwater::api {

/// Routes without a token: POST /ims/token/v3, GET /healthz, /readyz and /metrics.
void add_open_routes(http::Router& router, ApiServices& services);

}  // namespace headwater::api
