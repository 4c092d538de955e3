#include "store/credentials.h"

#include <utility>

#include "base/crypto.h"

namespace headwater::store {

Result<NamedSecrets> Credentials::of(std::string_view owner) const {
  NamedSecrets open;
  const auto unseal_all = [&](Transaction& transaction) -> Result<void> {
    open = TRY(of(transaction, owner));
    return {};
  };
  TRY(store_.read(unseal_all));
  return open;
}

Result<NamedSecrets> Credentials::of(Transaction& transaction, std::string_view owner) const {
  NamedSecrets open;
  const auto sealed = TRY(transaction.secrets_of(owner));
  for (const auto& [name, bytes] : sealed) open[name] = TRY(vault_.unseal(owner, name, bytes));
  return open;
}

Result<void> Credentials::put(std::string_view owner, const NamedSecrets& secrets) {
  return store_.transact([&](Transaction& transaction) { return put(transaction, owner, secrets); });
}

Result<void> Credentials::put(Transaction& transaction, std::string_view owner,
                              const NamedSecrets& secrets) const {
  std::vector<std::pair<std::string, std::string>> sealed;
  sealed.reserve(secrets.size());
  for (const auto& [name, secret] : secrets) sealed.emplace_back(name, vault_.seal(owner, name, secret));
  return transaction.put_secrets(owner, sealed);
}

Result<void> Credentials::check_key() {
  constexpr std::string_view kOwner = "headwater-key";
  constexpr std::string_view kName = "check";
  constexpr std::string_view kSetting = "key_check";
  const auto fits = [this](std::string_view owner, std::string_view name,
                           std::string_view sealed) -> Result<void> {
    if (vault_.unseal(owner, name, sealed)) return {};
    return Error{
        ErrorKind::storage,
        "The key file is not the one that this store's credentials are sealed with. Put the right one "
        "back (--key-file; default: key in the data directory)."};
  };
  return store_.transact([&](Transaction& transaction) -> Result<void> {
    const auto mark = TRY(transaction.setting(kSetting));
    if (mark) return fits(kOwner, kName, crypto::base64_decode(*mark).value_or(""));
    if (const auto any = TRY(transaction.any_secret())) {
      const auto& [owner, name, sealed] = *any;
      TRY(fits(owner, name, sealed));
    }
    return transaction.put_setting(kSetting, crypto::base64(vault_.seal(kOwner, kName, Secret("headwater"))));
  });
}

std::string Credentials::fingerprint(std::string_view text) const {
  return crypto::hex(crypto::hmac_sha256(vault_.derive_key("fingerprint").reveal(), text));
}

Result<void> Credentials::replace(Transaction& transaction, std::string_view owner,
                                  const NamedSecrets& secrets) const {
  TRY(transaction.remove_secrets_of(owner));
  return put(transaction, owner, secrets);
}

}  // namespace headwater::store
