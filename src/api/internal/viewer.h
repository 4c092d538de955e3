#pragma once

#include "http/server.h"

namespace headwater::api {

/// GET /docs: the page that shows the API's description and tries its calls; GET /docs/{file}: what it is
/// made of.
void add_viewer_routes(http::Router& router);

}  // namespace headwater::api
