#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "secrets/params.h"
#include "secrets/vault.h"
#include "store/store.h"

namespace headwater::store {

using NamedSecrets = std::map<std::string, Secret>;

/// Credentials of resources: sealed by the vault, kept by the store. Thread-safe.
class Credentials {
 public:
  Credentials(Store& store, const secrets::Vault& vault) : store_(store), vault_(vault) {}

  /// All credentials of one owner, open. Errors: storage.
  Result<NamedSecrets> of(std::string_view owner) const;
  /// The same within a transaction that is open already.
  Result<NamedSecrets> of(Transaction& transaction, std::string_view owner) const;
  /// A params document as it was sent: `stored` with the owner's credentials back in their places.
  Result<json::Value> open_params(std::string_view owner, const json::Value& stored) const {
    return secrets::merge_params(stored, TRY(of(owner)));
  }
  /// Stores or replaces some of an owner's credentials, durably and all at once.
  Result<void> put(std::string_view owner, const NamedSecrets& secrets);
  /// The same within a transaction that is open already, e.g. with the connection's insert.
  Result<void> put(Transaction& transaction, std::string_view owner, const NamedSecrets& secrets) const;
  /// That the vault has the key that this store's credentials are sealed with. The first call marks the store
  /// with it. Errors: storage.
  Result<void> check_key();
  /// A keyed hash: equal for equal texts, useless for guessing one without the vault's key.
  std::string fingerprint(std::string_view text) const;
  /// Makes `secrets` all that the owner has.
  Result<void> replace(Transaction& transaction, std::string_view owner, const NamedSecrets& secrets) const;

 private:
  Store& store_;
  const secrets::Vault& vault_;
};

}  // namespace headwater::store
