#include "api/internal/open_routes.h"

#include "api/internal/description.h"
#include "api/problem.h"
#include "base/metrics.h"
#include "base/url.h"
#include "json/value.h"

namespace headwater::api {
namespace {

using http::Method;
using json::Object;

// Clients send the form in the body, some in the query.
http::Response token(ApiServices& services, const http::Request& request) {
  QueryParams form = parse_query(request.body);
  form.insert(form.end(), request.query.begin(), request.query.end());
  const auto answer = services.identity.answer_token_request(form);
  if (!answer) return problem(answer.error(), request);
  return http::Response::json(answer->status, answer->body).with_header("Cache-Control", "no-store");
}

http::Response ready(ApiServices& services, const http::Request& request) {
  const auto checked = services.store.check();
  if (!checked) {
    const bool told = status_of(checked.error()) == 503 && !checked.error().code.empty();
    return problem(
        told ? checked.error() : Error{ErrorKind::unavailable, "The metadata store does not answer."},
        request);
  }
  return http::Response::json(200, Object{{"status", "ready"}});
}

}  // namespace

void add_open_routes(http::Router& router, ApiServices& services) {
  router.add(Method::post, "/ims/token/v3",
             [&services](const http::Request& request) { return token(services, request); });
  router.add(
      Method::get, "/healthz",
      [](const http::Request&) { return http::Response::json(200, Object{{"status", "ok"}}); },
      http::Router::Thread::io);  // whatever the workers wait for
  router.add(Method::get, "/readyz",
             [&services](const http::Request& request) { return ready(services, request); });
  router.add(Method::get, "/metrics", [](const http::Request&) {
    return http::Response::text(200, metrics::render(), "text/plain; version=0.0.4; charset=utf-8");
  });
  router.add(Method::get, "/data/foundation/flowservice/openapi.yaml", [](const http::Request&) {
    return http::Response::text(200, std::string(description()), "application/yaml; charset=utf-8");
  });
}

}  // namespace headwater::api
