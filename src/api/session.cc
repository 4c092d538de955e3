#include "api/internal/session.h"

#include <exception>
#include <string>

#include "api/problem.h"
#include "base/crypto.h"
#include "base/time.h"
#include "json/value.h"

namespace headwater::api {
namespace {

using http::Method;
using http::Request;
using http::Response;
using identity::SessionClaims;
using json::Array;
using json::Object;
using json::Value;

Error refused(ErrorKind kind, std::string_view code, std::string message) {
  return Error{kind, std::move(message), "", code};
}

// Secure where the world reaches the server over TLS: on loopback without it browsers would drop the cookie.
std::string cookie(const ApiServices& services, std::string_view value, std::int64_t seconds) {
  std::string text(identity::kSessionCookie);
  text +=
      "=" + std::string(value) + "; Path=/; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(seconds);
  if (services.inlets.base_url.starts_with("https://")) text += "; Secure";
  return text;
}

Result<Value> state(ApiServices& services, const SessionClaims& claims, std::string_view csrf) {
  Array organisations;
  for (const auto& organisation : TRY(services.identity.organisations_of(claims)))
    organisations.emplace_back(Object{{"id", organisation.id.value}, {"name", organisation.name}});
  return Value(Object{{"signedIn", true},
                      {"csrfToken", csrf},
                      {"expiresAt", epoch_millis(claims.expires)},
                      {"organisations", std::move(organisations)}});
}

Result<Response> sign_in(ApiServices& services, const Request& request) {
  // A form of another page can send neither this type nor this header.
  const auto site = request.header("sec-fetch-site").value_or("same-origin");
  if (site != "same-origin" && site != "none")
    return refused(ErrorKind::forbidden, "403022", "Signing in is for the pages of this server only.");
  if (!request.header("content-type").value_or("").starts_with("application/json"))
    return refused(ErrorKind::invalid_argument, kContentTypeCode, "A valid content-type must be specified");
  const Value body = TRY(json::parse(request.body, {.depth_max = 4}));
  const auto session = TRY(services.identity.sessions().begin(body.string_at("code")));
  // The browser's cookie is written over: nobody could end the session that it had.
  if (const auto before = identity::session_cookie(request.header("cookie").value_or("")))
    TRY(services.identity.sessions().end(*before));
  const SessionClaims claims{session.org, session.expires};
  const auto lifetime = std::chrono::duration_cast<std::chrono::seconds>(identity::kSessionLifetime).count();
  return Response::json(201, TRY(state(services, claims, session.csrf.reveal())))
      .with_header("Set-Cookie", cookie(services, session.id.reveal(), lifetime));
}

// Whoever has not signed in is told so, without an error: it is what the page asks first.
Result<Response> tell_state(ApiServices& services, const Request& request) {
  const auto id = identity::session_cookie(request.header("cookie").value_or(""));
  const auto claims = id ? TRY(services.identity.sessions().find(*id)) : std::nullopt;
  if (!claims) return Response::json(200, Object{{"signedIn", false}});
  const auto site = request.header("sec-fetch-site").value_or("same-origin");
  if (site != "same-origin" && site != "none")
    return refused(ErrorKind::forbidden, "403022", "A session is for the pages of this server only.");
  return Response::json(200,
                        TRY(state(services, *claims, services.identity.sessions().csrf_of(*id).reveal())));
}

Result<Response> sign_out(ApiServices& services, const Request& request) {
  auto& sessions = services.identity.sessions();
  const auto id = identity::session_cookie(request.header("cookie").value_or(""));
  if (id && TRY(sessions.find(*id))) {
    const auto token = request.header("x-csrf-token").value_or("");
    if (!crypto::equal_constant_time(sessions.csrf_of(*id).reveal(), token))
      return refused(ErrorKind::forbidden, "403021",
                     "A change needs the session's token in the header x-csrf-token.");
    TRY(sessions.end(*id));
  }
  return Response::empty(204).with_header("Set-Cookie", cookie(services, "", 0));
}

}  // namespace

http::Router::Handler guarded(ApiServices& services, SessionHandler handler) {
  return [&services, handler](const Request& request) {
    try {
      auto answer = handler(services, request);
      return (answer ? *std::move(answer) : problem(answer.error(), request))
          .with_header("Cache-Control", "no-store");
    } catch (const std::exception& bug) {
      return broken(bug, request);
    }
  };
}

void add_session_routes(http::Router& router, ApiServices& services) {
  router.add(Method::post, "/session", guarded(services, sign_in));
  router.add(Method::get, "/session", guarded(services, tell_state));
  router.add(Method::del, "/session", guarded(services, sign_out));
}

}  // namespace headwater::api
