#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/client.h"
#include "json/value.h"

namespace headwater::extract {

/// How a base connection authenticates (REST-source reference, section 4).
enum class AuthType : std::uint8_t { none, oauth2_refresh_code, oauth2_client_credential, basic, key_based };
std::string_view name_of(AuthType type);

/// Where one key of a KeyBased specification goes.
struct KeyPlacement {
  enum class Place : std::uint8_t { header, query, body };
  Place place = Place::header;
  std::string name;  // of the header, query parameter or body member
  Secret value;
};

/// Stores what a refresh changed of auth.params (accessToken, refreshToken, expirationDate; null: none now)
/// without a visible etag change. `before` has the accessToken and refreshToken that the refresh began with:
/// an account that holds others by now was changed by somebody, and stays as it is. An error keeps the new
/// tokens from being used.
using PersistTokens =
    std::function<Result<void>(const json::Value& changed_params, const json::Value& before)>;

/// A base connection's `auth`, read against its connection spec. A value.
struct AuthSettings {
  AuthType type = AuthType::none;
  std::string spec_name;
  json::Value params;                     // auth.params, an object
  json::Value schema;                     // the authSpec's JSON schema of params, or null
  std::vector<std::string> secret_names;  // members of params whose values are never shown
  std::vector<KeyPlacement> keys;         // KeyBased
  /// Identifies the base connection among all of the process, so that runs share its tokens. Empty: the
  /// tokens belong to this caller alone.
  std::string connection_key;
  PersistTokens persist;  // may be empty
};

/// The authSpec entry that `spec_name` names: exact first, then ignoring case, spaces, '-' and '_'. With
/// an empty name: the only entry. nullptr when there is none.
const json::Value* find_auth_spec(const json::Value& connection_spec, std::string_view spec_name);

/// Reads `auth` ({specName, params}; bare params and null are accepted when the spec leaves no doubt)
/// against the connection spec's authSpec. `params` are not validated against their schema here.
/// Errors: invalid_argument, CONNECTOR-1301-400 when no entry fits, `where` "/auth/...".
Result<AuthSettings> read_auth(const json::Value& connection_spec, const json::Value& auth);

/// The client's options for calls with these credentials: auth.params `clientCertificate` and
/// `clientPrivateKey`, PEM texts, are shown to a source that asks for them, whatever the type of
/// authentication (our extension).
http::ClientOptions with_certificate(http::ClientOptions options, const AuthSettings& settings);

/// The text for a reader, every credential of the account in it replaced by "***", however it is
/// written there (SecretTexts): a spec may put one into the path of its addresses, which messages name.
std::string without_credentials(std::string text, const AuthSettings& settings);
/// `without_credentials`, and then at most `bytes_max` bytes of it, cut before a character. A text that is
/// cut first may end in a part of a credential that nothing recognizes any more.
std::string shown_part(std::string text, std::size_t bytes_max, const AuthSettings& settings);

/// What authentication adds to one request. Everything in it is secret.
struct AuthMarks {
  http::Headers headers;
  QueryParams query;
  std::vector<std::pair<std::string, std::string>> body;
  std::uint64_t generation = 0;  // of the token used
};

struct Tokens {
  Secret access;
  Secret refresh;
  std::optional<TimePoint> expires_at;
  std::chrono::nanoseconds margin{std::chrono::seconds(30)};  // so long before that they are refreshed
  std::uint64_t generation = 0;                               // rises with each refresh
};

/// The current tokens of every base connection in the process: one refresh at a time for each, however
/// many runs ask (the others wait and take its result). Thread-safe.
class CredentialBroker {
 public:
  explicit CredentialBroker(Clock& clock) : clock_(clock) {}

  /// The tokens to use now; refreshed first when they end within their margin (a slow page must not leave
  /// with a dead token) or are missing.
  /// `client` is the caller's, used when this caller is the one who refreshes.
  /// Errors: unauthorized (the token endpoint refuses), upstream, cancelled, or the persist callback's.
  Result<Tokens> tokens(const AuthSettings& settings, http::Client& client, std::stop_token stop);
  /// Whether `tokens` would answer without asking anybody.
  bool has_tokens(const AuthSettings& settings);
  /// After a 401: refreshes unless somebody already has since `generation`. unauthorized when nothing can
  /// be refreshed.
  Result<Tokens> renew(const AuthSettings& settings, std::uint64_t generation, http::Client& client,
                       std::stop_token stop);
  /// Whether somebody has refreshed since `generation`: a 401 then says nothing about the current token.
  bool is_stale(const AuthSettings& settings, std::uint64_t generation);
  /// Forgets a deleted connection. One whose credentials were changed needs nothing: other tokens begin a
  /// chain of their own, and who began with the earlier ones goes on with theirs.
  void forget(std::string_view connection_key);

 private:
  struct Entry;
  std::shared_ptr<Entry> entry_for(const AuthSettings& settings);
  Result<Tokens> refresh(Entry& entry, const AuthSettings& settings, std::uint64_t stale_generation,
                         bool only_if_due, http::Client& client, std::stop_token stop);

  Clock& clock_;
  std::mutex mutex_;
  // A connection's chains of tokens, the one begun last at the end. Shared with callers in a refresh.
  std::map<std::string, std::vector<std::shared_ptr<Entry>>, std::less<>> entries_;
};

/// Puts credentials on requests. Confined to one thread; the broker behind it is shared.
class Authenticator {
 public:
  Authenticator(AuthSettings settings, CredentialBroker& broker)
      : settings_(std::move(settings)), broker_(&broker) {}

  const AuthSettings& settings() const { return settings_; }
  Result<AuthMarks> marks(http::Client& client, std::stop_token stop);
  /// Whether `marks` would answer at once: no token has to be fetched first.
  bool is_ready();
  /// Whether the marks of that generation have been replaced since.
  bool is_stale(std::uint64_t generation) { return broker_->is_stale(settings_, generation); }
  /// True when the request is worth one repetition with new marks.
  Result<bool> renew_after_401(std::uint64_t generation, http::Client& client, std::stop_token stop);

 private:
  AuthSettings settings_;
  CredentialBroker* broker_;
};

/// A token request as the specification and its requestParameterOverride shape it. Pure.
Result<http::ClientRequest> token_request(const AuthSettings& settings, const Secret& refresh_token);
/// Reads the token endpoint's answer. Errors: unauthorized, upstream.
Result<Tokens> read_token_answer(const AuthSettings& settings, int status, std::string_view body,
                                 TimePoint asked_at);

/// A fingerprint of the credentials, for budgets and caches: same credentials, same text.
std::string fingerprint(const AuthSettings& settings);

}  // namespace headwater::extract
