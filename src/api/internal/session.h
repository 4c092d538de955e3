#pragma once

#include "api/services.h"
#include "http/server.h"

namespace headwater::api {

/// What answers a browser about its session.
using SessionHandler = Result<http::Response> (*)(ApiServices&, const http::Request&);
/// Around it: errors become problems, a bug a 500, and no answer is kept by anybody.
http::Router::Handler guarded(ApiServices& services, SessionHandler handler);

/// Signing in and out of a browser: POST /session {"code"} of a sign-in link, GET /session what the browser
/// has, DELETE /session.
void add_session_routes(http::Router& router, ApiServices& services);
/// For whoever is signed in: GET /session/access (who may call the API, which browsers are signed in),
/// POST /session/token {"lifetimeSeconds"?}, DELETE /session/clients/{id}/tokens, /session/others and
/// /session/others/{id}.
void add_session_access_routes(http::Router& router, ApiServices& services);

}  // namespace headwater::api
