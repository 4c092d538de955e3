#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "wire.h"

namespace source {

/// Who may read: the credentials of the table in source_server.cc, and a small OAuth2 token endpoint whose
/// refresh tokens rotate. Thread-safe.
class Access {
 public:
  Access() { reset(); }
  void reset();
  /// Every access token given so far is refused from now on.
  void expire();

  /// Strips a leading "/basic", "/bearer", "/key-header", "/key-query" or "/key-body" from the request's
  /// path and checks what it asks for; the 401 when that is missing.
  std::optional<Answer> check(Request& request);
  /// GET or POST /oauth/token
  Answer token(const Request& request);

 private:
  struct Token {
    std::chrono::steady_clock::time_point until;
    std::uint64_t uses;
  };
  bool spend(const std::string& token);
  std::string issue(const Request& request, bool with_refresh);

  std::mutex mutex_;
  std::map<std::string, Token> tokens_;
  std::set<std::string> refresh_tokens_;
  std::uint64_t issued_ = 0;
};

}  // namespace source
