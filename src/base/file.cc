#include "base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/crypto.h"

namespace headwater {

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int UniqueFd::release() { return std::exchange(fd_, -1); }

void UniqueFd::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Error errno_error(std::string_view verb, std::string_view what) {
  const int code = errno;
  std::string message = "Cannot ";
  message.append(verb)
      .append(" ")
      .append(what)
      .append(": ")
      .append(std::generic_category().message(code))
      .append(".");
  if (code == ENOSPC || code == EDQUOT || code == EFBIG || code == EROFS)
    return Error{ErrorKind::storage, std::move(message), {}, kTakesNothing};
  return Error{code == ENOENT ? ErrorKind::not_found : ErrorKind::storage, std::move(message)};
}

Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t bytes_max) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("open", path.native());
  std::string out;
  char chunk[1 << 16];
  while (true) {
    const ssize_t got = ::read(fd.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read", path.native());
    if (got == 0) return out;
    if (out.size() + static_cast<std::size_t>(got) > bytes_max)
      return Error{ErrorKind::too_large,
                   path.native() + " is larger than the limit of " + std::to_string(bytes_max) + " bytes."};
    out.append(chunk, static_cast<std::size_t>(got));
  }
}

Result<void> write_all(int fd, std::string_view bytes, std::string_view what) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno_error("write", what);
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> sync_data(int fd, std::string_view what) {
  if (::fdatasync(fd) != 0) return errno_error("sync", what);
  return {};
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const UniqueFd fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return errno_error("open", folder.native());
  if (::fsync(fd.get()) != 0) return errno_error("sync", folder.native());
  return {};
}

Result<void> make_folders(const std::filesystem::path& folder, unsigned mode) {
  std::error_code code;
  if (std::filesystem::is_directory(folder, code)) return {};
  if (folder.has_parent_path() && folder.parent_path() != folder)
    TRY(make_folders(folder.parent_path(), mode));
  if (::mkdir(folder.c_str(), static_cast<mode_t>(mode)) != 0 && errno != EEXIST)
    return errno_error("make the folder", folder.native());
  return {};
}

Result<void> write_file_durably(const std::filesystem::path& path, std::string_view bytes, unsigned mode) {
  std::filesystem::path temporary = path;
  temporary += "." + crypto::random_hex(6) + ".tmp";
  const auto write = [&]() -> Result<void> {
    const UniqueFd fd(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
    if (!fd) return errno_error("create", temporary.native());
    if (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0)
      return errno_error("set the mode of", temporary.native());
    TRY(write_all(fd.get(), bytes, temporary.native()));
    if (::fsync(fd.get()) != 0) return errno_error("sync", temporary.native());
    if (::rename(temporary.c_str(), path.c_str()) != 0) return errno_error("replace", path.native());
    return sync_folder(path.parent_path());
  };
  auto written = write();
  if (!written) ::unlink(temporary.c_str());
  return written;
}

Result<FileLock> FileLock::take(const std::filesystem::path& file) {
  UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return errno_error("open", file.string());
  while (::flock(fd.get(), LOCK_EX) != 0)
    if (errno != EINTR) return errno_error("lock", file.string());
  return FileLock(std::move(fd));
}

Result<std::optional<FileLock>> FileLock::try_take(const std::filesystem::path& file) {
  UniqueFd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd) return errno_error("open", file.string());
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0) return std::optional<FileLock>(FileLock(std::move(fd)));
  if (errno == EWOULDBLOCK) return std::optional<FileLock>();
  return errno_error("lock", file.string());
}

Result<TemporaryFolder> TemporaryFolder::make(std::string_view prefix) {
  std::error_code code;
  const auto root = std::filesystem::temp_directory_path(code);
  std::string pattern =
      (code ? std::filesystem::path("/tmp") : root).native() + "/" + std::string(prefix) + "XXXXXX";
  if (::mkdtemp(pattern.data()) == nullptr) return errno_error("make the temporary folder", pattern);
  return TemporaryFolder(std::filesystem::path(pattern));
}

TemporaryFolder::~TemporaryFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace headwater
