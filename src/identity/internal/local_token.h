#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "identity/identity.h"

namespace headwater::identity::internal {

/// Writes and checks the local provider's access tokens: JWTs signed with HMAC-SHA256. Immutable,
/// thread-safe.
class LocalTokens final : public TokenIssuer {
 public:
  explicit LocalTokens(Secret key) : key_(std::move(key)) {}

  Secret make(const TokenClaims& claims, TimePoint now) const;
  std::optional<Result<TokenClaims>> check(std::string_view token, TimePoint now) const override;

 private:
  std::string signature(std::string_view signed_part) const;
  Secret key_;
};

}  // namespace headwater::identity::internal
