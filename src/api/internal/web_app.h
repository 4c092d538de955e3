#pragma once

#include <span>

#include "api/internal/embedded_file.h"
#include "http/server.h"

namespace headwater::api {

/// What `web/` was built into: "index.html", and the files of /assets/NAME, whose names change with their
/// contents.
std::span<const EmbeddedFile> web_app_files();

/// GET /: the web application; GET /assets/{file}: what it is made of.
void add_web_app_routes(http::Router& router);
/// Whether a request that no route takes is a browser's for one of the application's own addresses, such as
/// /flows/ID: it gets the page, which knows them.
bool is_for_the_application(const http::Request& request);
/// The page, whatever its address.
http::Response application_page();

}  // namespace headwater::api
