#include <algorithm>
#include <utility>

#include "identity/identity.h"
#include "identity/token_generations.h"

namespace headwater::identity {

Result<std::vector<ClientAccess>> Identity::clients(const OrgId& org) {
  std::vector<ClientAccess> found;
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    for (auto& client : TRY(transaction.clients(org))) {
      const auto revoked = TRY(token_generation(transaction, client.id)).revoked;
      found.push_back({std::move(client), revoked});
    }
    return {};
  };
  TRY(store_.read(ask));
  return found;
}

Result<void> Identity::revoke_tokens(const OrgId& org, const ClientId& client) {
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    const auto known = TRY(transaction.clients(org));
    if (std::none_of(known.begin(), known.end(), [&](const auto& one) { return one.id == client; }))
      return Error{ErrorKind::not_found, "The organisation has no such client.", "", "FLOW-1439-404"};
    return begin_token_generation(transaction, client, clock_.now());
  };
  TRY(store_.transact(work));
  const std::lock_guard lock(mutex_);
  ++revocations_;
  std::erase_if(tokens_, [&](const auto& known) { return known.second.claims.client == client; });
  return {};
}

Result<void> Identity::check_generation(const TokenClaims& claims) {
  if (!claims.generation) return {};
  const auto ask = [&](store::Transaction& transaction) -> Result<void> {
    if (TRY(token_generation(transaction, claims.client)).number == *claims.generation) return {};
    return Error{ErrorKind::unauthorized, "The access token was revoked; get a new one.", "", "401013"};
  };
  return store_.read(ask);
}

}  // namespace headwater::identity
