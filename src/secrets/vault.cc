#include "secrets/vault.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/crypto.h"
#include "base/file.h"

namespace headwater::secrets {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kHeader = "headwater-key-1 ";  // then the key in base64

/// Both names are authenticated; the length keeps ("ab", "c") and ("a", "bc") apart.
std::string context_of(std::string_view owner, std::string_view name) {
  std::string context = std::to_string(owner.size());
  context.append(":").append(owner).append("/").append(name);
  return context;
}

/// Writes a new key under a name of its own, then links it into place: whoever comes second finds the first
/// one's file, whole.
Result<void> make_key_file(const std::filesystem::path& path) {
  if (path.has_parent_path()) TRY(make_folders(path.parent_path()));
  auto draft = path;
  draft += "." + crypto::random_hex(8);
  const auto text = std::string(kHeader) + crypto::base64(crypto::random_bytes(kKeyBytes)) + "\n";
  TRY(write_file_durably(draft, text, 0600));
  const int linked = ::link(draft.c_str(), path.c_str());
  const int failure = errno;
  ::unlink(draft.c_str());
  if (linked != 0 && failure != EEXIST) {
    errno = failure;
    return errno_error("create the key file", path.string());
  }
  return sync_folder(path.has_parent_path() ? path.parent_path() : std::filesystem::path("."));
}

Result<void> check_permissions(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return errno_error("read the key file", path.string());
  if (!S_ISREG(status.st_mode))
    return Error{ErrorKind::storage, "The key file " + path.string() + " is not a regular file."};
  if ((status.st_mode & 077U) != 0)
    return Error{ErrorKind::forbidden,
                 "The key file " + path.string() + " is open to other users; run \"chmod 600 " +
                     path.string() + "\", and change the stored credentials if somebody may have read it."};
  return {};
}

}  // namespace

Result<Vault> Vault::open(const std::filesystem::path& key_file) {
  if (::access(key_file.c_str(), F_OK) != 0) {
    if (errno != ENOENT) return errno_error("read the key file", key_file.string());
    TRY(make_key_file(key_file));
  }
  TRY(check_permissions(key_file));
  std::string_view text;
  const auto file = TRY(read_file(key_file, 4096));
  text = file;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  std::optional<std::string> key;
  if (text.starts_with(kHeader)) key = crypto::base64_decode(text.substr(kHeader.size()));
  if (!key || key->size() != kKeyBytes)
    return Error{ErrorKind::storage,
                 "The key file " + key_file.string() +
                     " holds no Headwater key. Put the right one back: without it the stored "
                     "credentials cannot be read."};
  return Vault(Secret(*std::move(key)));
}

std::string Vault::seal(std::string_view owner, std::string_view name, const Secret& secret) const {
  return crypto::seal(key_.reveal(), secret.reveal(), context_of(owner, name));
}

Result<Secret> Vault::unseal(std::string_view owner, std::string_view name, std::string_view sealed) const {
  auto plain = crypto::open_sealed(key_.reveal(), sealed, context_of(owner, name));
  if (!plain)
    return Error{ErrorKind::storage, "The stored credential \"" + std::string(name) + "\" of " +
                                         std::string(owner) +
                                         " cannot be opened with this key file; enter it again, or put the "
                                         "right key file back."};
  return Secret(*std::move(plain));
}

Secret Vault::derive_key(std::string_view purpose) const {
  std::string label = "headwater/";
  label.append(purpose);
  return Secret(crypto::hmac_sha256(key_.reveal(), label));
}

}  // namespace headwater::secrets
