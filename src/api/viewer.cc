#include "api/internal/viewer.h"

#include <algorithm>
#include <string>

#include "api/internal/viewer_files.h"
#include "api/problem.h"

namespace headwater::api {
namespace {

using http::Method;

// The page loads and calls this server only. The viewer's icons are data: images.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

// Whether a list such as "gzip, deflate;q=0.5" (RFC 9110, 12.5.3) allows gzip. No list allows everything.
bool takes_gzip(const http::Request& request) {
  const auto header = request.header("Accept-Encoding");
  if (!header) return true;
  std::string_view rest = *header;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view entry = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const auto semicolon = std::min(entry.find(';'), entry.size());
    const std::string_view coding = trimmed(entry.substr(0, semicolon));
    const std::string_view weight = trimmed(entry.substr(std::min(semicolon + 1, entry.size())));
    const bool refused =
        weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == std::string_view::npos;
    if ((coding == "gzip" || coding == "x-gzip" || coding == "*") && !refused) return true;
  }
  return false;
}

bool is_known(const http::Request& request, const ViewerFile& file) {
  const auto header = request.header("If-None-Match");
  return header && (*header == "*" || header->find(file.etag) != std::string_view::npos);
}

http::Response answer_file(const http::Request& request, const ViewerFile& file) {
  if (!file.encoding.empty() && !takes_gzip(request))
    return problem(Error{ErrorKind::unsupported, "This file is served compressed only: accept gzip.",
                         "Accept-Encoding", "FLOW-1400-406"},
                   request);
  const bool known = is_known(request, file);
  auto response = known ? http::Response::empty(304)
                        : http::Response::text(200, std::string(file.bytes), file.content_type);
  if (!known && !file.encoding.empty()) response.headers.emplace_back("Content-Encoding", file.encoding);
  if (!file.encoding.empty()) response.headers.emplace_back("Vary", "Accept-Encoding");
  return std::move(response)
      .with_header("ETag", std::string(file.etag))
      .with_header("Cache-Control", "no-cache")
      .with_header("Content-Security-Policy", std::string(kContentSecurityPolicy))
      .with_header("X-Content-Type-Options", "nosniff")
      .with_header("Referrer-Policy", "no-referrer");
}

http::Response answer(const http::Request& request, std::string_view name) {
  const auto files = viewer_files();
  const auto file =
      std::find_if(files.begin(), files.end(), [name](const ViewerFile& each) { return each.name == name; });
  if (file != files.end()) return answer_file(request, *file);
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
