#pragma once

#include "api/services.h"
#include "http/server.h"

namespace headwater::api {

/// Signing in and out of a browser: POST /session {"code"} of a sign-in link, GET /session what the browser
/// has, DELETE /session.
void add_session_routes(http::Router& router, ApiServices& services);

}  // namespace headwater::api
