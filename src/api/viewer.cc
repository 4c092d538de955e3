#include "api/internal/viewer.h"

#include "api/internal/viewer_files.h"
#include "api/problem.h"

namespace headwater::api {
namespace {

using http::Method;

// The page loads and calls this server only. The viewer's icons are data: images.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

http::Response answer(const http::Request& request, std::string_view name) {
  if (const auto* file = find_file(viewer_files(), name))
    return answer_file(request, *file, kContentSecurityPolicy, "no-cache");
  return problem(Error{ErrorKind::not_found, "The description's page has no such file.", "", "FLOW-1439-404"},
                 request);
}

}  // namespace

void add_viewer_routes(http::Router& router) {
  router.add(Method::get, "/docs",
             [](const http::Request& request) { return answer(request, "index.html"); });
  router.add(Method::get, "/docs/{file}",
             [](const http::Request& request) { return answer(request, request.path_param("file")); });
}

}  // namespace headwater::api
