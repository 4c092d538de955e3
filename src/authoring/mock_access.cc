#include "authoring/mock_access.h"

#include <algorithm>

#include "authoring/mock_plan.h"
#include "base/crypto.h"
#include "base/url.h"
#include "domain/expression.h"

namespace headwater::authoring {
namespace {

using extract::AuthSettings;
using extract::AuthType;
using extract::KeyPlacement;
using json::Object;
using json::Value;

std::string param(const AuthSettings& account, std::string_view name) {
  const auto* value = account.params.find(name);
  return value == nullptr ? std::string() : domain::text_of(*value);
}

bool has_endpoint(const AuthSettings& account) {
  return !param(account, "accessTokenUrl").empty() || !param(account, "tokenEndpoint").empty();
}

bool is_oauth(const AuthSettings& account) {
  return account.type == AuthType::oauth2_refresh_code || account.type == AuthType::oauth2_client_credential;
}

std::string answer_name(const AuthSettings& account, std::string_view overridden, std::string_view usual) {
  const auto* overrides = account.params.find("requestParameterOverride");
  const auto name = overrides == nullptr ? std::string_view() : overrides->string_at(overridden);
  return std::string(name.empty() ? usual : name);
}

http::Response refused(std::string_view error, std::string_view detail) {
  return http::Response::json(401, Object{{"error", error}, {"message", detail}});
}

// The fields of a token request, wherever they stand.
QueryParams fields_of(const http::Request& request) {
  return request.method == http::Method::post ? parse_query(request.body) : request.query;
}

}  // namespace

std::optional<std::string> body_member(const http::Request& request, std::string_view name) {
  if (request.body.empty()) return std::nullopt;
  if (const auto type = request.header("Content-Type");
      type && type->find("application/x-www-form-urlencoded") != std::string_view::npos) {
    for (const auto& [field, value] : parse_query(request.body))
      if (field == name) return value;
    return std::nullopt;
  }
  const auto body = json::parse(request.body);
  const auto* value = body ? body->find(name) : nullptr;
  if (body && value == nullptr) value = body->find_path(name);  // "variables.after"
  return value == nullptr ? std::nullopt : std::optional(domain::text_of(*value));
}

Result<std::unique_ptr<MockAccess>> MockAccess::make(const Value& connection_spec,
                                                     const domain::SourceSpec& spec,
                                                     const std::vector<Value>& accounts) {
  auto access = std::make_unique<MockAccess>();
  for (const auto& account : accounts) {
    auto settings = TRY(extract::read_auth(connection_spec, account));
    if (is_oauth(settings) && !has_endpoint(settings)) access->tokens_.insert(param(settings, "accessToken"));
    access->constants_.emplace_back(spec, settings);
    access->accounts_.push_back(std::move(settings));
  }
  return access;
}

bool MockAccess::fits(const http::Request& request, const AuthSettings& account) const {
  const auto authorization = std::string(request.header("Authorization").value_or(""));
  if (account.type == AuthType::basic)
    return authorization ==
           "Basic " + crypto::base64(param(account, "username") + ":" + param(account, "password"));
  if (is_oauth(account)) {
    constexpr std::string_view kBearer = "Bearer ";
    const std::lock_guard lock(mutex_);
    return authorization.starts_with(kBearer) && tokens_.contains(authorization.substr(kBearer.size()));
  }
  return std::all_of(account.keys.begin(), account.keys.end(), [&request](const KeyPlacement& key) {
    std::optional<std::string> sent;
    if (key.place == KeyPlacement::Place::header) {
      if (const auto header = request.header(key.name)) sent = std::string(*header);
    } else if (key.place == KeyPlacement::Place::query) {
      if (const auto value = request.query_param(key.name)) sent = std::string(*value);
    } else {
      sent = body_member(request, key.name);
    }
    return sent == key.value.reveal();
  });
}

std::optional<std::string> MockAccess::missing(const http::Request& request) const {
  return constants().missing(request);
}

std::optional<http::Response> MockAccess::refusal(const http::Request& request, bool for_data) const {
  for (std::size_t i = 0; i < accounts_.size(); ++i)
    if (fits(request, accounts_[i]) && (!for_data || constants_[i].authorizes(request))) return std::nullopt;
  return refused("invalid_credentials", "The request does not carry the credentials of the mock.");
}

http::Response MockAccess::token(const http::Request& request) {
  const auto sent = fields_of(request);
  for (const auto& account : accounts_) {
    if (!is_oauth(account) || !has_endpoint(account)) continue;
    const auto expected = extract::token_request(account, Secret(param(account, "refreshToken")));
    if (!expected) continue;
    const auto fields =
        parse_query(expected->method == "POST" ? std::string_view(expected->body) : expected->url.query);
    const bool same = (request.method == http::Method::post) == (expected->method == "POST") &&
                      std::all_of(fields.begin(), fields.end(), [&sent](const auto& field) {
                        return std::find(sent.begin(), sent.end(), field) != sent.end();
                      });
    if (!same) continue;
    const std::lock_guard lock(mutex_);
    const auto token = "mock-token-" + std::to_string(++issued_);
    tokens_.insert(token);
    return http::Response::json(200, Object{{answer_name(account, "accessTokenField", "access_token"), token},
                                            {"token_type", "Bearer"},
                                            {answer_name(account, "expireInField", "expires_in"), 3600}});
  }
  return refused("invalid_client", "The token request does not carry the credentials of the mock.");
}

}  // namespace headwater::authoring
