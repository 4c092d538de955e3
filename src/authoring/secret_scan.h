#pragma once

#include <cstddef>
#include <cstdint>
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

/// A value that a text of some language gives to a credential's name: `<password>x</password>`,
/// `token: "x"`, `password=x`. References to inputs are none.
struct NamedSecret {
  std::size_t begin = 0, end = 0;  // of the value
  std::string name;
};
std::vector<NamedSecret> find_named_secrets(std::string_view text);

/// "X-Api-Key", "access_token", "clientSecret": what a credential is called. Tokens of paging are none.
bool sounds_secret(std::string_view name);

/// What a member of a request is, by its name and the value that it has.
enum class Secrecy : std::uint8_t {
  none,
  perhaps,  // "code", "pin", "session": a name for many things, with a value that looks like a key
  surely
};
Secrecy secrecy_of(std::string_view name, std::string_view value);

/// "login", "user", "email": whose password stands beside it.
bool sounds_of_login(std::string_view name);
/// "pw", "password": what a login's is called.
bool sounds_of_password(std::string_view name);

/// "page_token", "nextCursor": where a page stands, however random the value is.
bool sounds_of_paging(std::string_view name);

/// Letters and digits of a name in lower case: "per_page", "perPage" and "per-page" are one.
std::string plain_name(std::string_view name);

}  // namespace headwater::authoring
