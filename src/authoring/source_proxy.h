#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/cassette.h"
#include "authoring/token_relay.h"
#include "base/result.h"
#include "engine/run/source_access.h"
#include "http/client.h"
#include "http/server.h"
#include "json/value.h"

namespace headwater::authoring {

/// Stands on loopback between a server and a source: passes calls on and keeps the answers, or gives answers
/// that were kept, without the network. Token calls are passed on and never kept. Thread-safe.
class SourceProxy {
 public:
  /// Passes on to the source that `source` describes, until `stop`. Token calls go to `relay`, which outlives
  /// this, where the account is one that leads to it. Errors: invalid_argument, as a run's before its first
  /// request.
  static Result<std::unique_ptr<SourceProxy>> record(const run::SourceDocuments& source,
                                                     http::ClientOptions client, std::stop_token stop = {},
                                                     TokenRelay* relay = nullptr);
  /// Answers from the cassette. The account is made up: no credentials are needed; params that are not given
  /// are those of the recording. Errors: invalid_argument (a required one is in neither).
  static Result<std::unique_ptr<SourceProxy>> replay(const json::Value& connection_spec,
                                                     const json::Value& params, Cassette cassette);
  ~SourceProxy();
  SourceProxy(const SourceProxy&) = delete;
  SourceProxy& operator=(const SourceProxy&) = delete;

  /// Spec, account and params that lead here.
  const json::Value& spec() const { return spec_; }
  const json::Value& account() const { return account_; }
  const json::Value& params() const { return params_; }

  /// One more credential that must not be kept.
  void hide(std::string_view secret) { scrubber_.add(secret); }
  /// Writes what was kept. Errors: as Cassette::write.
  Result<void> write(const std::filesystem::path& file) const;
  std::size_t answers() const;
  /// Why the source could not be asked, the first time that it could not; empty when it always was.
  std::string unreached() const;
  /// Requests that the cassette has no answer to.
  std::vector<std::string> missing() const;

 private:
  SourceProxy(const json::Value& connection_spec, domain::SourceSpec spec,
              const extract::AuthSettings& account, Cassette cassette);
  Result<void> listen();
  void lead_here(const json::Value& connection_spec, const json::Value& account, const json::Value& params);
  http::Response answer(const http::Request& request);
  http::Response token(const http::Request& request);
  http::Response played(const http::Request& request);
  Result<http::StringSink> pass_on(const http::Request& request, const std::string& url, bool follows);
  http::Response passed_on_for_tokens(const http::Request& request);
  bool stays_within(const http::ResponseHead& answer) const;
  http::Response kept(const http::Request& request, const http::StringSink& got);
  std::string led_here(std::string body) const;
  http::Headers led_here(http::Headers headers) const;
  http::Response unreachable(const Error& error);

  domain::SourceSpec read_;
  Scrubber scrubber_;
  /// Of a replay: leaves out what recordings did before a source's parameters, and inputs of a body, counted.
  std::optional<Scrubber> earlier_;
  bool recording_ = false;
  std::stop_token stop_;
  TokenRelay* relay_ = nullptr;
  http::ClientOptions client_;
  std::string base_, token_url_, test_url_;
  json::Value spec_, account_, params_;
  mutable std::mutex mutex_;
  Cassette cassette_;
  std::vector<std::string> missing_;
  std::string unreached_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

/// {specName, params}, as a server takes an account, however it was written; null when there is none.
/// Errors: invalid_argument, when it fits none of the spec's authentications, or several.
Result<json::Value> named_account(const json::Value& connection_spec, const json::Value& auth);

}  // namespace headwater::authoring
