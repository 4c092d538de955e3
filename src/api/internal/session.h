#pragma once

#include "api/services.h"
#include "http/server.h"

namespace headwater::api {

/// Signing in and out of a browser: POST /session {"code"} of a sign-in link, GET /session what the browser
/// has, DELETE /session.
void add_session_routes(http::Router& router, ApiServices& services);
/// For whoever is signed in: GET /session/access (who may call the API, which browsers are signed in),
/// POST /session/token {"lifetimeSeconds"?}, DELETE /session/others and /session/others/{id}.
void add_session_access_routes(http::Router& router, ApiServices& services);

}  // namespace headwater::api
