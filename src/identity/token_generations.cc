#include "identity/token_generations.h"

#include <string>

#include "base/time.h"
#include "json/value.h"

namespace headwater::identity {
namespace {

std::string name_of(const ClientId& client) { return "token_generation/" + client.value; }

}  // namespace

Result<TokenGeneration> token_generation(store::Transaction& transaction, const ClientId& client) {
  const auto stored = TRY(transaction.setting(name_of(client)));
  if (!stored) return TokenGeneration{};
  const auto parsed = json::parse(*stored);
  const auto* number = parsed ? parsed->find("number") : nullptr;
  const auto* revoked = parsed ? parsed->find("revokedAt") : nullptr;
  const auto at = revoked == nullptr ? std::nullopt : revoked->as_int64();
  const auto count = number == nullptr ? std::nullopt : number->as_int64();
  // Whatever was revoked must not become good again.
  if (!count || !at)
    return Error{ErrorKind::storage, "The store's setting " + name_of(client) + " cannot be read."};
  return TokenGeneration{*count, from_epoch_millis(*at)};
}

Result<void> begin_token_generation(store::Transaction& transaction, const ClientId& client, TimePoint now) {
  const auto before = TRY(token_generation(transaction, client));
  const json::Value next = json::Object{{"number", before.number + 1}, {"revokedAt", epoch_millis(now)}};
  return transaction.put_setting(name_of(client), next.dump());
}

}  // namespace headwater::identity
