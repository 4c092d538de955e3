#include "authoring/token_relay.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "base/crypto.h"
#include "base/url.h"
#include "domain/expression.h"

namespace headwater::authoring {
namespace {

using json::Object;
using json::Value;

constexpr std::string_view kTokenPath = "/token";

std::string param(const extract::AuthSettings& account, std::string_view name) {
  const auto* value = account.params.find(name);
  return value == nullptr ? std::string() : domain::text_of(*value);
}

// "The token endpoint answered 400 (invalid_grant)."
struct Refusal {
  int status = 401;
  std::string word = "invalid_grant";
};

Refusal refusal_in(std::string_view message) {
  Refusal out;
  constexpr std::string_view kAnswered = "answered ";
  const auto at = message.find(kAnswered);
  if (at == std::string_view::npos) return out;
  const auto rest = message.substr(at + kAnswered.size());
  std::from_chars(rest.data(), rest.data() + rest.size(), out.status);
  const auto begin = rest.find('(');
  const auto end = rest.find(')');
  out.word = begin < end && end != std::string_view::npos
                 ? std::string(rest.substr(begin + 1, end - begin - 1))
                 : std::string();
  return out;
}

}  // namespace

bool TokenRelay::is_needed(const extract::AuthSettings& account) {
  return account.type == extract::AuthType::oauth2_refresh_code && !param(account, "refreshToken").empty() &&
         !(param(account, "accessTokenUrl") + param(account, "tokenEndpoint")).empty();
}

TokenRelay::TokenRelay(extract::AuthSettings settings, http::ClientOptions client)
    : broker_(clock_),
      settings_(std::move(settings)),
      client_(extract::with_certificate(std::move(client), settings_)),
      mark_("verify-" + crypto::random_hex(16) + "-") {}

Result<std::unique_ptr<TokenRelay>> TokenRelay::start(const run::SourceDocuments& source,
                                                      http::ClientOptions client) {
  auto settings = TRY(extract::read_auth(source.connection_spec, source.auth));
  settings.persist = source.keep_tokens;
  TRY(extract::token_request(settings, Secret("x")));
  std::unique_ptr<TokenRelay> relay(new TokenRelay(std::move(settings), std::move(client)));
  TRY(relay->listen());
  relay->lead_here();
  return relay;
}

Result<void> TokenRelay::listen() {
  for (const auto method : {http::Method::get, http::Method::post})
    router_.add(method, kTokenPath, [this](const http::Request& request) { return answer(request); });
  http::ServerOptions listening;
  listening.port = 0;
  server_ = TRY(http::Server::make(listening, router_));
  server_->start();
  return {};
}

void TokenRelay::lead_here() {
  const std::string url = "http://127.0.0.1:" + std::to_string(server_->port()) + std::string(kTokenPath);
  Object params = *settings_.params.if_object();
  for (const char* name : {"accessTokenUrl", "tokenEndpoint"})
    if (params.contains(name)) params.set(name, url);
  params.set("refreshToken", mark_ + "0");
  account_ = Object{{"specName", settings_.spec_name}, {"params", std::move(params)}};
}

TokenRelay::~TokenRelay() {
  if (server_) server_->stop(std::chrono::milliseconds(200));
}

std::string TokenRelay::name_of(std::string_view overridden, std::string_view usual) const {
  const auto* overrides = settings_.params.find("requestParameterOverride");
  const auto name = overrides == nullptr ? std::string_view() : overrides->string_at(overridden);
  return std::string(name.empty() ? usual : name);
}

std::optional<std::uint64_t> TokenRelay::generation_in(const http::Request& request) const {
  const auto fields = request.method == http::Method::post ? parse_query(request.body) : request.query;
  const auto sent = std::find_if(fields.begin(), fields.end(),
                                 [](const auto& each) { return each.first == "refresh_token"; });
  if (sent == fields.end() || !sent->second.starts_with(mark_)) return std::nullopt;
  std::uint64_t generation = 0;
  const auto digits = std::string_view(sent->second).substr(mark_.size());
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), generation);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return generation;
}

// Who has the newest and asks again has found it dead; everybody else gets it.
Result<extract::Tokens> TokenRelay::newest(const http::Request& request) {
  const auto client = TRY(http::Client::make(client_));
  if (const auto generation = generation_in(request)) TRY(broker_.renew(settings_, *generation, *client, {}));
  return broker_.tokens(settings_, *client, {});
}

http::Response TokenRelay::answer(const http::Request& request) {
  const auto tokens = newest(request);
  if (!tokens) return refused(tokens.error());
  Object answer{{name_of("accessTokenField", "access_token"), tokens->access.reveal()},
                {name_of("refreshTokenField", "refresh_token"), mark_ + std::to_string(tokens->generation)},
                {"token_type", "Bearer"}};
  if (tokens->expires_at) {
    const auto left = std::chrono::floor<std::chrono::seconds>(*tokens->expires_at - clock_.now()).count();
    answer.set(name_of("expireInField", "expires_in"), std::max<std::int64_t>(left, 1));
  }
  return http::Response::json(200, Value(std::move(answer)));
}

// What a repetition may mend was repeated here already.
http::Response TokenRelay::refused(const Error& error) {
  if (error.kind == ErrorKind::unauthorized) {
    const auto refusal = refusal_in(error.message);
    return http::Response::json(refusal.status, Object{{"error", refusal.word}});
  }
  const std::string message = extract::without_credentials(error.message, settings_);
  {
    const std::lock_guard lock(mutex_);
    if (trouble_.empty()) trouble_ = message;
  }
  constexpr int kFailedDependency = 424;
  return http::Response::json(kFailedDependency, Object{{"message", message}});
}

std::string TokenRelay::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace headwater::authoring
