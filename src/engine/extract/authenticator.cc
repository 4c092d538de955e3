#include "engine/extract/authenticator.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "base/url.h"
#include "domain/expression.h"
#include "domain/text_template.h"

namespace headwater::extract {

namespace {

constexpr int kAttemptsMax = 3;
constexpr std::size_t kChainsMax = 8;    // of one connection
constexpr std::size_t kKnownMax = 1024;  // earlier tokens of a connection that still mean its current ones
constexpr std::int64_t kMillisFrom = 100'000'000'000;  // an epoch number from here on counts milliseconds

constexpr std::string_view kRefused = "CONNECTOR-1001-500";

Error refused(std::string message) {
  return Error{ErrorKind::unauthorized, std::move(message), {}, kRefused};
}

// Fills ${name} of an address in auth.params from its siblings ("https://${region}.auth.example.test").
Result<std::string> filled(std::string_view text, const json::Value& params, std::string_view where) {
  const auto parsed = TRY(domain::TextTemplate::parse(text));
  std::string result;
  for (const auto& part : parsed.parts()) {
    if (part.kind != domain::TextTemplate::PartKind::name) {
      result += part.text;
      continue;
    }
    const auto* value = params.find(part.text);
    if (!value || value->is_null())
      return Error{ErrorKind::invalid_argument, "The placeholder \"" + part.text + "\" has no value.",
                   std::string(where)};
    result += domain::text_of(*value);
  }
  return result;
}

std::string param(const AuthSettings& settings, std::string_view name) {
  const auto* value = settings.params.find(name);
  return value ? domain::text_of(*value) : std::string();
}

std::string override_of(const AuthSettings& settings, std::string_view name, std::string_view otherwise) {
  const auto* overrides = settings.params.find("requestParameterOverride");
  const std::string_view given = overrides ? overrides->string_at(name) : std::string_view();
  return std::string(given.empty() ? otherwise : given);
}

std::string token_url(const AuthSettings& settings) {
  std::string url = param(settings, "accessTokenUrl");
  if (url.empty()) url = param(settings, "tokenEndpoint");
  return url;
}

std::optional<TimePoint> read_expiry(const json::Value* value) {
  if (!value || value->is_null()) return std::nullopt;
  if (const auto number = value->as_int64_lenient())
    return *number >= kMillisFrom ? from_epoch_millis(*number) : from_epoch_seconds(*number);
  const auto* text = value->if_string();
  if (!text || text->empty()) return std::nullopt;
  if (const auto time = parse_rfc3339(*text)) return *time;
  return parse_http_date(*text);
}

bool can_refresh(const AuthSettings& settings, const Secret& refresh_token) {
  if (token_url(settings).empty()) return false;
  return settings.type == AuthType::oauth2_client_credential || !refresh_token.empty();
}

bool is_due(const Tokens& tokens, TimePoint now) {
  return tokens.access.empty() || (tokens.expires_at && now + tokens.margin >= *tokens.expires_at);
}

std::string tokens_hash(const Tokens& tokens, const AuthSettings& settings) {
  return crypto::sha256(tokens.access.reveal() + '\0' + tokens.refresh.reveal() + '\0' +
                        param(settings, "clientId") + '\0' + param(settings, "clientSecret") + '\0' +
                        token_url(settings));
}

Tokens tokens_of_params(const AuthSettings& settings) {
  Tokens tokens;
  tokens.access = Secret(param(settings, "accessToken"));
  tokens.refresh = Secret(param(settings, "refreshToken"));
  tokens.expires_at = read_expiry(settings.params.find("expirationDate"));
  return tokens;
}

json::Value changed_params(const Tokens& tokens, const Tokens& before) {
  json::Object changed;
  changed.set("accessToken", json::Value(tokens.access.reveal()));
  if (!(tokens.refresh == before.refresh)) changed.set("refreshToken", json::Value(tokens.refresh.reveal()));
  if (tokens.expires_at)
    changed.set("expirationDate", json::Value(format_rfc3339(*tokens.expires_at)));
  else if (before.expires_at)
    changed.set("expirationDate", json::Value());  // the earlier token's: this one's is not known
  return json::Value(std::move(changed));
}

// An OAuth error code from an answer ("invalid_grant"): a word of a fixed vocabulary, never a credential.
std::string error_word(std::string_view body) {
  const auto answer = json::parse(body);
  if (!answer) return {};
  const std::string word(answer->string_at("error"));
  const bool harmless =
      !word.empty() && word.size() <= 40 &&
      std::all_of(word.begin(), word.end(), [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
  return harmless ? " (" + word + ")" : std::string();
}

}  // namespace

Result<http::ClientRequest> token_request(const AuthSettings& settings, const Secret& refresh_token) {
  const bool is_refresh = settings.type == AuthType::oauth2_refresh_code;
  QueryParams fields;
  fields.emplace_back("grant_type", is_refresh ? "refresh_token" : "client_credentials");
  if (is_refresh) fields.emplace_back("refresh_token", refresh_token.reveal());
  for (const std::string_view name : {"clientId", "clientSecret"})
    if (const auto value = param(settings, name); !value.empty())
      fields.emplace_back(override_of(settings, name, name == "clientId" ? "client_id" : "client_secret"),
                          value);
  if (const auto scope = param(settings, "scope"); !scope.empty()) fields.emplace_back("scope", scope);

  http::ClientRequest request;
  const auto address = TRY(filled(token_url(settings), settings.params, "/auth/params/accessTokenUrl"));
  auto url = Url::parse(address);
  if (!url)
    return Error{ErrorKind::invalid_argument, "The token address cannot be read: " + url.error().message,
                 "/auth/params/accessTokenUrl"};
  request.url = *std::move(url);
  request.headers.emplace_back("Accept", "application/json");
  if (equal_ignoring_case(override_of(settings, "authenticationMethod", "POST"), "GET")) {
    if (!request.url.query.empty()) request.url.query += '&';
    request.url.query += format_query(fields);
    request.url.has_query = true;
    return request;
  }
  request.method = "POST";
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  request.body = format_query(fields);
  return request;
}

Result<Tokens> read_token_answer(const AuthSettings& settings, int status, std::string_view body,
                                 TimePoint asked_at) {
  if (status < 200 || status > 299) {
    const std::string message =
        "The token endpoint answered " + std::to_string(status) + error_word(body) + ".";
    if (status == 429 || status >= 500) return Error{ErrorKind::upstream, message, {}, "CONNECTOR-1001-500"};
    return refused(message + " The connection's credentials must be renewed.");
  }
  const auto answer = json::parse(body);
  if (!answer || !answer->is_object())
    return Error{
        ErrorKind::upstream, "The token endpoint's answer is no JSON object.", {}, "CONNECTOR-1001-500"};
  const std::string access_field = override_of(settings, "accessTokenField", "access_token");
  Tokens tokens;
  tokens.access = Secret(std::string(answer->string_at(access_field)));
  if (tokens.access.empty())
    return Error{ErrorKind::upstream,
                 "The token endpoint's answer has no \"" + access_field + "\"" + error_word(body) + ".",
                 {},
                 "CONNECTOR-1001-500"};
  tokens.refresh =
      Secret(std::string(answer->string_at(override_of(settings, "refreshTokenField", "refresh_token"))));
  const auto* lifetime = answer->find(override_of(settings, "expireInField", "expires_in"));
  // The lifetime counts from the answer; counting from the question errs on the early side.
  if (const auto seconds = lifetime ? lifetime->as_int64_lenient() : std::nullopt;
      seconds && *seconds > 0 && *seconds < 1'000'000'000) {
    tokens.expires_at = asked_at + std::chrono::seconds(*seconds);
    // One that lives no longer than the margin would be refreshed for every page.
    tokens.margin = std::min<std::chrono::nanoseconds>(tokens.margin, std::chrono::seconds(*seconds) / 4);
  }
  return tokens;
}

struct CredentialBroker::Entry {
  std::mutex mutex;
  std::condition_variable_any settled;
  bool refreshing = false;
  std::uint64_t failures = 0;
  std::optional<Error> failure;
  Tokens current;
  std::optional<Tokens>
      unsaved;  // obtained, but the persist callback failed: saved before anything is asked again
  std::deque<std::string> known;  // hashes of the token pairs that led to `current`
};

std::shared_ptr<CredentialBroker::Entry> CredentialBroker::entry_for(const AuthSettings& settings) {
  const Tokens given = tokens_of_params(settings);
  const std::string hash = tokens_hash(given, settings);
  const std::string key = settings.connection_key.empty() ? "alone:" + fingerprint(settings)
                                                          : "connection:" + settings.connection_key;
  const std::lock_guard lock(mutex_);
  auto& chains = entries_[key];
  for (const auto& entry : chains) {
    const std::lock_guard entry_lock(entry->mutex);
    if (std::find(entry->known.begin(), entry->known.end(), hash) != entry->known.end()) return entry;
  }
  auto entry = std::make_shared<Entry>();
  entry->current = given;
  entry->known.push_back(hash);
  if (chains.size() == kChainsMax) chains.erase(chains.begin());
  chains.push_back(entry);
  return entry;
}

void CredentialBroker::forget(std::string_view connection_key) {
  const std::lock_guard lock(mutex_);
  entries_.erase("connection:" + std::string(connection_key));
}

Result<Tokens> CredentialBroker::tokens(const AuthSettings& settings, http::Client& client,
                                        std::stop_token stop) {
  const auto entry = entry_for(settings);
  Tokens current;
  {
    const std::lock_guard lock(entry->mutex);
    current = entry->current;
  }
  if (!is_due(current, clock_.now())) return current;
  if (can_refresh(settings, current.refresh))
    return refresh(*entry, settings, current.generation, true, client, std::move(stop));
  if (current.access.empty())
    return Error{ErrorKind::invalid_argument,
                 "The connection has no access token, and nothing to get one with: give accessToken, or "
                 "accessTokenUrl with what it takes.",
                 "/auth/params/accessToken", "CONNECTOR-1001-400"};
  return current;  // Perhaps it still works; the source will say so.
}

bool CredentialBroker::has_tokens(const AuthSettings& settings) {
  const auto entry = entry_for(settings);
  const std::lock_guard lock(entry->mutex);
  return !is_due(entry->current, clock_.now());
}

Result<Tokens> CredentialBroker::renew(const AuthSettings& settings, std::uint64_t generation,
                                       http::Client& client, std::stop_token stop) {
  const auto entry = entry_for(settings);
  Secret refresh_token;
  {
    const std::lock_guard lock(entry->mutex);
    if (entry->current.generation > generation) return entry->current;
    refresh_token = entry->current.refresh;
  }
  if (!can_refresh(settings, refresh_token))
    return refused("The source refuses the access token, and it cannot be refreshed.");
  return refresh(*entry, settings, generation, false, client, std::move(stop));
}

bool CredentialBroker::is_stale(const AuthSettings& settings, std::uint64_t generation) {
  const auto entry = entry_for(settings);
  const std::lock_guard lock(entry->mutex);
  return entry->current.generation > generation;
}

Result<Tokens> CredentialBroker::refresh(Entry& entry, const AuthSettings& settings,
                                         std::uint64_t stale_generation, bool only_if_due,
                                         http::Client& client, std::stop_token stop) {
  Tokens before;
  std::optional<Tokens> unsaved;
  {
    std::unique_lock lock(entry.mutex);
    const std::uint64_t failures = entry.failures;
    if (!entry.settled.wait(lock, stop, [&entry] { return !entry.refreshing; }))
      return Error{ErrorKind::cancelled, "Stopped while waiting for a token."};
    if (entry.current.generation > stale_generation && (!only_if_due || !is_due(entry.current, clock_.now())))
      return entry.current;
    if (entry.failures > failures && entry.failure) return *entry.failure;
    entry.refreshing = true;
    before = entry.current;
    unsaved = std::exchange(entry.unsaved, std::nullopt);
  }
  // A rotated refresh token that is used before it is kept would be lost by a crash, and with it the account.
  const auto save = [&](const Tokens& tokens) -> Result<Tokens> {
    if (!settings.persist) return tokens;
    const json::Object began{{"accessToken", before.access.reveal()},
                             {"refreshToken", before.refresh.reveal()}};
    auto saved = settings.persist(changed_params(tokens, before), began);
    if (saved) return tokens;
    unsaved = tokens;
    return std::move(saved).error();
  };
  const auto ask = [&]() -> Result<Tokens> {
    if (const auto pending = std::exchange(unsaved, std::nullopt)) return save(*pending);
    const auto request = TRY(token_request(settings, before.refresh));
    for (int attempt = 1;; ++attempt) {
      http::StringSink sink(1U << 20);
      const TimePoint asked_at = clock_.now();
      auto sent = client.send(request, sink, stop);
      if (!sent) return std::move(sent).error();
      const int status = sink.answer.status;
      const bool busy = status == 429 || status == 502 || status == 503 || status == 504;
      if (busy && attempt < kAttemptsMax) {
        if (!clock_.wait_for(std::chrono::seconds(attempt), stop))
          return Error{ErrorKind::cancelled, "Stopped while getting a token."};
        continue;
      }
      auto tokens = TRY(read_token_answer(settings, status, sink.text, asked_at));
      if (tokens.refresh.empty()) tokens.refresh = before.refresh;
      tokens.generation = before.generation + 1;
      return save(tokens);
    }
  };
  auto outcome = ask();
  {
    const std::lock_guard lock(entry.mutex);
    entry.refreshing = false;
    if (outcome) {
      entry.current = *outcome;
      entry.known.push_back(tokens_hash(*outcome, settings));
      // Whoever began the chain looks it up by its first tokens for as long as he reads on.
      if (entry.known.size() > kKnownMax) entry.known.erase(entry.known.begin() + 1);
      entry.failure.reset();
    } else {
      ++entry.failures;
      entry.unsaved = std::move(unsaved);
      entry.failure = outcome.error();
    }
  }
  entry.settled.notify_all();
  return outcome;
}

bool Authenticator::is_ready() {
  const bool has_token =
      settings_.type == AuthType::oauth2_refresh_code || settings_.type == AuthType::oauth2_client_credential;
  return !has_token || broker_->has_tokens(settings_);
}

Result<AuthMarks> Authenticator::marks(http::Client& client, std::stop_token stop) {
  AuthMarks marks;
  switch (settings_.type) {
    case AuthType::none:
      break;
    case AuthType::oauth2_refresh_code:
    case AuthType::oauth2_client_credential: {
      const auto tokens = TRY(broker_->tokens(settings_, client, std::move(stop)));
      marks.headers.emplace_back("Authorization", "Bearer " + tokens.access.reveal());
      marks.generation = tokens.generation;
      break;
    }
    case AuthType::basic:
      marks.headers.emplace_back(
          "Authorization",
          "Basic " + crypto::base64(param(settings_, "username") + ":" + param(settings_, "password")));
      break;
    case AuthType::key_based:
      for (const auto& key : settings_.keys) {
        if (key.place == KeyPlacement::Place::header)
          marks.headers.emplace_back(key.name, key.value.reveal());
        if (key.place == KeyPlacement::Place::query) marks.query.emplace_back(key.name, key.value.reveal());
        if (key.place == KeyPlacement::Place::body) marks.body.emplace_back(key.name, key.value.reveal());
      }
      break;
  }
  for (const auto& [name, value] : marks.headers)
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return Error{ErrorKind::invalid_argument,
                   "A credential sent as the header \"" + name + "\" holds a line break.", "/auth/params"};
  return marks;
}

Result<bool> Authenticator::renew_after_401(std::uint64_t generation, http::Client& client,
                                            std::stop_token stop) {
  const bool has_tokens =
      settings_.type == AuthType::oauth2_refresh_code || settings_.type == AuthType::oauth2_client_credential;
  if (!has_tokens) return false;
  TRY(broker_->renew(settings_, generation, client, std::move(stop)));
  return true;
}

}  // namespace headwater::extract
