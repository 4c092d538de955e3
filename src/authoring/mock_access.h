#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "authoring/mock_constants.h"
#include "base/result.h"
#include "engine/extract/authenticator.h"
#include "http/server.h"
#include "json/value.h"

namespace headwater::authoring {

/// Who may read a mock: any one of its accounts. Access tokens come from its token endpoint; those that the
/// accounts begin with have ended where there is such an endpoint to ask, so that the refresh is seen to
/// work. Thread-safe.
class MockAccess {
 public:
  /// Errors: invalid_argument, when an account does not fit the spec.
  static Result<std::unique_ptr<MockAccess>> make(const json::Value& connection_spec,
                                                  const domain::SourceSpec& spec,
                                                  const std::vector<json::Value>& accounts);

  /// The 401 for a request without the credentials; nullopt when it has them. For data the spec's own headers
  /// and parameters may hold some, too.
  std::optional<http::Response> refusal(const http::Request& request, bool for_data) const;
  /// What a request for data lacks of the spec's constants; nullopt when nothing.
  std::optional<std::string> missing(const http::Request& request) const;
  const MockConstants& constants() const { return constants_.front(); }
  /// The answer of the token endpoint.
  http::Response token(const http::Request& request);

 private:
  bool fits(const http::Request& request, const extract::AuthSettings& account) const;

  std::vector<extract::AuthSettings> accounts_;
  std::vector<MockConstants> constants_;  // for each account
  mutable std::mutex mutex_;
  std::set<std::string> tokens_;
  std::uint64_t issued_ = 0;
};

/// A member of a request's body, a JSON object or a form; nullopt when there is none.
std::optional<std::string> body_member(const http::Request& request, std::string_view name);

}  // namespace headwater::authoring
