#include "identity/internal/local_token.h"

#include "base/crypto.h"
#include "base/time.h"
#include "json/value.h"

namespace headwater::identity::internal {
namespace {

constexpr std::string_view kIssuer = "headwater";
// The one header there is: a token with another (another algorithm, "none") is not ours.
constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

Error refused(std::string message) {
  return Error{ErrorKind::unauthorized, std::move(message), "", "401013"};
}

}  // namespace

std::string LocalTokens::signature(std::string_view signed_part) const {
  return crypto::base64url(crypto::hmac_sha256(key_.reveal(), signed_part));
}

Secret LocalTokens::make(const TokenClaims& claims, TimePoint now) const {
  json::Object payload;
  payload.set("iss", kIssuer);
  payload.set("sub", claims.user);
  payload.set("org", claims.org.value);
  payload.set("client_id", claims.client.value);
  payload.set("iat", epoch_seconds(now));
  payload.set("exp", epoch_seconds(claims.expires));
  payload.set("jti", crypto::random_hex(8));
  if (const auto generation = claims.generation.value_or(0); generation != 0) payload.set("gen", generation);
  auto token = crypto::base64url(kHeader) + "." + crypto::base64url(json::Value(std::move(payload)).dump());
  token += "." + signature(token);
  return Secret(std::move(token));
}

std::optional<Result<TokenClaims>> LocalTokens::check(std::string_view token, TimePoint now) const {
  const auto header = crypto::base64url(kHeader) + ".";
  if (!token.starts_with(header)) return std::nullopt;
  const auto dot = token.rfind('.');
  if (dot < header.size()) return std::nullopt;
  if (!crypto::equal_constant_time(signature(token.substr(0, dot)), token.substr(dot + 1)))
    return std::nullopt;
  const auto text = crypto::base64_decode(token.substr(header.size(), dot - header.size()));
  const auto payload = json::parse(text.value_or(""));
  if (!payload || payload->string_at("iss") != kIssuer) return std::nullopt;
  const auto* expiry = payload->find("exp");
  const auto expires = expiry == nullptr ? std::nullopt : expiry->as_int64();
  if (!expires || epoch_seconds(now) >= *expires)
    return Result<TokenClaims>(refused("The access token has expired; get a new one."));
  const auto* generation = payload->find("gen");
  return Result<TokenClaims>(TokenClaims{OrgId(std::string(payload->string_at("org"))),
                                         ClientId(std::string(payload->string_at("client_id"))),
                                         std::string(payload->string_at("sub")), from_epoch_seconds(*expires),
                                         generation == nullptr ? 0 : generation->as_int64().value_or(-1)});
}

}  // namespace headwater::identity::internal
