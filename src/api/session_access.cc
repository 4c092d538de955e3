#include <exception>
#include <string>

#include "api/internal/session.h"
#include "api/problem.h"
#include "base/log.h"
#include "base/time.h"
#include "json/value.h"

// Who may call the API, and the browsers that are signed in: for whoever is signed in, not for tokens. A
// token that can make others would never end.
namespace headwater::api {
namespace {

using http::Method;
using http::Request;
using http::Response;
using json::Array;
using json::Object;
using json::Value;

constexpr std::int64_t kTokenSecondsMin = 300;
constexpr std::int64_t kTokenSecondsDefault = 3600;

/// A request of a browser that is signed in: the gateway has let it pass.
struct SignedIn {
  std::string_view id;  // its session's
  identity::Caller caller;
};

Result<SignedIn> signed_in(ApiServices& services, const Request& request) {
  const auto id = identity::session_cookie(request.header("cookie").value_or(""));
  if (!id || !request.header("authorization").value_or("").empty())
    return Error{ErrorKind::forbidden, "This is for a browser that is signed in, not for tokens.", "",
                 "403022"};
  const auto header = [&request](std::string_view name) { return request.header(name); };
  const bool reads = request.method == Method::get;
  auto caller = TRY(services.identity.authenticate(
      header, identity::SandboxHeader::ignored, reads ? identity::Intent::reads : identity::Intent::changes));
  return SignedIn{*id, std::move(caller)};
}

Result<Response> tell(ApiServices& services, const Request& request) {
  const auto here = TRY(signed_in(services, request));
  Array clients;
  for (const auto& [client, revoked] : TRY(services.identity.clients(here.caller.org()))) {
    Object one{{"clientId", client.id.value},
               {"technicalAccount", client.technical_account},
               {"createdAt", client.created_at_ms}};
    if (revoked) one.set("tokensRevokedAt", epoch_millis(*revoked));
    clients.emplace_back(std::move(one));
  }
  Array sessions;
  for (const identity::OpenSession& session : TRY(services.identity.sessions().open(here.id))) {
    Object one{{"id", session.id},
               {"beganAt", epoch_millis(session.began)},
               {"expiresAt", epoch_millis(session.expires)},
               {"own", session.own}};
    if (session.org) one.set("imsOrgId", session.org->value);
    sessions.emplace_back(std::move(one));
  }
  return Response::json(200, Object{{"clients", std::move(clients)}, {"sessions", std::move(sessions)}});
}

Result<Response> end_others(ApiServices& services, const Request& request) {
  const auto here = TRY(signed_in(services, request));
  const auto ended = TRY(services.identity.sessions().end_others(here.id));
  return Response::json(200, Object{{"ended", ended}});
}

Result<Response> end_other(ApiServices& services, const Request& request) {
  const auto here = TRY(signed_in(services, request));
  if (TRY(services.identity.sessions().end_other(here.id, request.path_param("id"))))
    return Response::empty(204);
  return Error{ErrorKind::not_found, "There is no such session of another browser: it may just have ended.",
               "", "FLOW-1439-404"};
}

Result<std::chrono::seconds> read_lifetime(const Request& request) {
  if (!request.header("content-type").value_or("").starts_with("application/json"))
    return Error{ErrorKind::invalid_argument, "A valid content-type must be specified", "", kContentTypeCode};
  const Value body = TRY(json::parse(request.body, {.depth_max = 4}));
  const Value* given = body.find("lifetimeSeconds");
  const auto seconds = given == nullptr ? std::optional(kTokenSecondsDefault) : given->as_int64();
  if (!seconds || *seconds < kTokenSecondsMin || *seconds > identity::kTokenLifetime.count())
    return Error{ErrorKind::invalid_argument,
                 "lifetimeSeconds must be a whole number from 300 to " +
                     std::to_string(identity::kTokenLifetime.count()) + ".",
                 "/lifetimeSeconds", "CONNECTOR-1302-400"};
  return std::chrono::seconds(*seconds);
}

// Shown now, kept nowhere.
Result<Response> make_token(ApiServices& services, const Request& request) {
  const auto here = TRY(signed_in(services, request));
  const auto lifetime = TRY(read_lifetime(request));
  std::optional<std::string> sandbox;
  if (const auto named = request.header("x-sandbox-name"); named && !named->empty()) sandbox = *named;
  const auto token =
      TRY(services.identity.mint(here.caller.org(), sandbox, identity::Unknown::refused, lifetime));
  log::info("access token made in a browser", {{"organisation", token.org.value},
                                               {"client", token.client.value},
                                               {"seconds", token.expires_in.count()}});
  return Response::json(201, token.json());
}

Result<Response> revoke_tokens(ApiServices& services, const Request& request) {
  const auto here = TRY(signed_in(services, request));
  const ClientId client{std::string(request.path_param("id"))};
  TRY(services.identity.revoke_tokens(here.caller.org(), client));
  log::info("access tokens revoked in a browser",
            {{"organisation", here.caller.org().value}, {"client", client.value}});
  return Response::empty(204);
}

}  // namespace

void add_session_access_routes(http::Router& router, ApiServices& services) {
  router.add(Method::get, "/session/access", guarded(services, tell));
  router.add(Method::post, "/session/token", guarded(services, make_token));
  router.add(Method::del, "/session/clients/{id}/tokens", guarded(services, revoke_tokens));
  router.add(Method::del, "/session/others", guarded(services, end_others));
  router.add(Method::del, "/session/others/{id}", guarded(services, end_other));
}

}  // namespace headwater::api
