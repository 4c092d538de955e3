#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "domain/run.h"
#include "engine/extract/extractor.h"
#include "json/value.h"

namespace headwater::run {

/// The documents that say how to read a source. `auth` holds credentials in clear: it is never logged, put
/// into an error or stored from here.
struct SourceDocuments {
  json::Value connection_spec;
  json::Value auth;    // {specName, params} of the base connection, or null
  json::Value params;  // the source connection's
  /// Whoever shares an account shares its token refresh: the base connection's id; empty for a draft.
  std::string account;
  /// Stores the members of auth.params that a refresh changed, before the new token is used.
  extract::PersistTokens keep_tokens;
};

/// What all reads of sources in one process share: the outgoing client's options (egress policy, timeouts,
/// proxy), the rate budgets per host and credential, and the single-flight token refreshes. Thread-safe;
/// built once by app or by a command, outlives all runs.
class SourceAccess {
 public:
  SourceAccess(http::ClientOptions client, Clock& clock);
  SourceAccess(const SourceAccess&) = delete;
  SourceAccess& operator=(const SourceAccess&) = delete;

  Clock& clock() { return clock_; }
  extract::Services services() { return extract::Services{clock_, credentials_, budgets_}; }
  /// What every extractor starts from; changed only before the first read.
  extract::ExtractorOptions& defaults() { return defaults_; }
  /// An account's credentials were changed or deleted.
  void forget(const std::string& account) { credentials_.forget(account); }

  /// Spec, auth and params read together. Errors: invalid_argument with every problem.
  static Result<extract::SourceInputs> read(const SourceDocuments& source, const extract::Window& window);

 private:
  Clock& clock_;
  extract::CredentialBroker credentials_;
  extract::RateBudgets budgets_;
  extract::ExtractorOptions defaults_;
};

}  // namespace headwater::run
