#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::authoring {

/// A credential that stands in a text where none may be.
struct SecretFound {
  std::size_t position = 0;  // of its first byte
  std::string what;          // "a private key", "a GitHub token"; never the text itself
  bool certain = false;      // of a known form; otherwise it merely looks random
};

/// Credentials in a text: private keys, tokens of known forms, literal Authorization values, and words so
/// random that they are hardly names. UUIDs and addresses are none. Sorted by position.
std::vector<SecretFound> find_secrets(std::string_view text);

/// "X-Api-Key", "access_token", "clientSecret": what a credential is called. Tokens of paging are none.
bool sounds_secret(std::string_view name);

/// "page_token", "nextCursor": where a page stands, however random the value is.
bool sounds_of_paging(std::string_view name);

/// Letters and digits of a name in lower case: "per_page", "perPage" and "per-page" are one.
std::string plain_name(std::string_view name);

}  // namespace headwater::authoring
