#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "engine/extract/authenticator.h"
#include "engine/run/source_access.h"
#include "http/client.h"
#include "http/server.h"
#include "json/value.h"

namespace headwater::authoring {

/// Stands on loopback in the place of a token endpoint that gives a new refresh token for each one that is
/// spent. Whoever asks it shares one chain of tokens, however many they are: a server's connection, and the
/// drafts that are tried beside it. They get access tokens, and a word in the place of the refresh token,
/// which stays here and in what `keep_tokens` of the source writes. Thread-safe.
class TokenRelay {
 public:
  /// Whether a refresh may spend the account's refresh token.
  static bool is_needed(const extract::AuthSettings& account);
  /// For an account that needs it. The endpoint is asked with `client`, never in vain: a stop does not end a
  /// call that may have spent a token. Errors: invalid_argument.
  static Result<std::unique_ptr<TokenRelay>> start(const run::SourceDocuments& source,
                                                   http::ClientOptions client);
  ~TokenRelay();
  TokenRelay(const TokenRelay&) = delete;
  TokenRelay& operator=(const TokenRelay&) = delete;

  /// {specName, params} that leads here.
  const json::Value& account() const { return account_; }
  /// To a token request of that account.
  http::Response answer(const http::Request& request);
  /// Why no token could be had, the first time that none could; empty when there was always one.
  std::string trouble() const;

 private:
  TokenRelay(extract::AuthSettings settings, http::ClientOptions client);
  Result<void> listen();
  void lead_here();
  /// Which of the tokens the asker has; nullopt: none of them.
  std::optional<std::uint64_t> generation_in(const http::Request& request) const;
  Result<extract::Tokens> newest(const http::Request& request);
  http::Response refused(const Error& error);
  std::string name_of(std::string_view overridden, std::string_view usual) const;

  SystemClock clock_;
  extract::CredentialBroker broker_;
  extract::AuthSettings settings_;
  http::ClientOptions client_;
  std::string mark_;  // what the words in the place of a refresh token begin with
  json::Value account_;
  mutable std::mutex mutex_;
  std::string trouble_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace headwater::authoring
