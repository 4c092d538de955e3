#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace headwater::secrets {

/// Encrypts credentials at rest (AES-256-GCM) with the key of one file. Immutable, thread-safe.
class Vault {
 public:
  /// Reads the key file; makes a new one (mode 0600, written durably) when there is none. Two processes that
  /// do so at once end with the same key.
  /// Errors: forbidden, when somebody besides the owner may read or write the file, saying how to repair it;
  /// storage, when it cannot be read or holds no key.
  static Result<Vault> open(const std::filesystem::path& key_file);

  /// `owner` is the resource's id, `name` the credential's: sealed bytes open only under the same two.
  std::string seal(std::string_view owner, std::string_view name, const Secret& secret) const;
  /// Errors: storage, when key, owner or name is another or the bytes were changed.
  Result<Secret> unseal(std::string_view owner, std::string_view name, std::string_view sealed) const;

  /// A key of 32 bytes for one purpose ("access-token"), the same each time and useless for any other.
  Secret derive_key(std::string_view purpose) const;

 private:
  explicit Vault(Secret key) : key_(std::move(key)) {}
  Secret key_;
};

}  // namespace headwater::secrets
