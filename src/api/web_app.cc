#include "api/internal/web_app.h"

#include <algorithm>
#include <string>

#include "api/problem.h"
#include "base/crypto.h"

namespace headwater::api {
namespace {

using http::Method;

// Asks this server only, runs scripts of its files only. Style sheets that the design system and the code
// editor make while they run carry the page's nonce (docs/decisions/0032-web-application.md).
constexpr std::string_view kPolicyOfThePage =
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";
constexpr std::string_view kPolicyOfFiles = "default-src 'none'; frame-ancestors 'none'";
constexpr std::string_view kNonce = "{nonce}";
constexpr std::size_t kNonceBytes = 16;

// First segments of what is an API, a probe, or the description's page.
constexpr std::string_view kReserved[] = {"data",    "headwater", "ims",    "collection", "docs",
                                          "metrics", "healthz",   "readyz", "session",    "assets"};

std::string with_nonce(std::string_view text, std::string_view nonce) {
  std::string out(text);
  for (auto at = out.find(kNonce); at != std::string::npos; at = out.find(kNonce, at + nonce.size()))
    out.replace(at, kNonce.size(), nonce);
  return out;
}

}  // namespace

bool is_for_the_application(const http::Request& request) {
  if (request.method != Method::get && request.method != Method::head) return false;
  if (request.header("accept").value_or("").find("text/html") == std::string_view::npos) return false;
  std::string_view first = request.path;
  if (first.starts_with('/')) first.remove_prefix(1);
  first = first.substr(0, first.find('/'));
  return std::find(std::begin(kReserved), std::end(kReserved), first) == std::end(kReserved);
}

// Never kept by a browser: each page has a nonce of its own, and names the assets of this very build.
http::Response application_page() {
  const EmbeddedFile* page = find_file(web_app_files(), "index.html");
  const std::string nonce = crypto::base64(crypto::random_bytes(kNonceBytes));
  return http::Response::text(200, with_nonce(page->bytes, nonce), "text/html; charset=utf-8")
      .with_header("Cache-Control", "no-store")
      .with_header("Content-Security-Policy", with_nonce(kPolicyOfThePage, nonce))
      .with_header("X-Content-Type-Options", "nosniff")
      .with_header("Referrer-Policy", "no-referrer")
      .with_header("Cross-Origin-Opener-Policy", "same-origin");
}

void add_web_app_routes(http::Router& router) {
  router.add(Method::get, "/", [](const http::Request&) { return application_page(); });
  router.add(Method::get, "/assets/{file}", [](const http::Request& request) {
    const std::string_view name = request.path_param("file");
    const EmbeddedFile* file = name == "index.html" ? nullptr : find_file(web_app_files(), name);
    if (file != nullptr)
      return answer_file(request, *file, kPolicyOfFiles, "public, max-age=31536000, immutable");
    return problem(Error{ErrorKind::not_found, "The application has no such file.", "", "FLOW-1439-404"},
                   request);
  });
}

}  // namespace headwater::api
