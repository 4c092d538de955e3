#include "base/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "base/crypto.h"

namespace headwater {
namespace {

namespace fs = std::filesystem;

constexpr int kLinksMax = 40;                 // as the kernel follows
constexpr std::size_t kDraftNameBytes = 200;  // a name may have 255, and a draft's is longer than its file's

// Where a path leads in the end.
struct Place {
  fs::path path;
  std::optional<struct stat> there;
  std::optional<int> descriptor;  // of this process

  bool is_folder() const { return there && S_ISDIR(there->st_mode); }
  bool is_for_a_file() const { return !descriptor && (!there || S_ISREG(there->st_mode)); }
};

Error wrong(const fs::path& path, std::string_view what) {
  return Error{ErrorKind::invalid_argument, "'" + path.native() + "' " + std::string(what) + "."};
}

// 3 for /dev/fd/3. To open that name anew would lose the place within the file that stands behind it, and to
// replace that file would not reach those who have it open.
std::optional<int> own_descriptor(const fs::path& path) {
  const std::string name = path.filename().native();
  int number = -1;
  const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (code != std::errc() || end != name.data() + name.size() || number < 0) return std::nullopt;
  std::error_code failed;
  const auto folder = fs::canonical(path.parent_path(), failed);
  if (failed || folder != "/proc/" + std::to_string(::getpid()) + "/fd") return std::nullopt;
  return number;
}

Result<Place> find_place(const fs::path& named) {
  std::error_code failed;
  Place place;
  place.path = fs::absolute(named, failed);
  if (failed || named.empty() || named.filename().empty())
    return wrong(named, "is no name of a file to write");
  for (int links = 0; links <= kLinksMax; ++links) {
    place.descriptor = own_descriptor(place.path);
    if (place.descriptor) return place;
    struct stat status{};
    if (::lstat(place.path.c_str(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return place;
      return errno_error("write to", place.path.native());
    }
    if (!S_ISLNK(status.st_mode)) {
      place.there = status;
      return place;
    }
    const auto target = fs::read_symlink(place.path, failed);
    if (failed) return wrong(named, "is a link that cannot be read: " + failed.message());
    place.path = target.is_absolute() ? target : place.path.parent_path() / target;
  }
  return wrong(named, "is a link that leads to links without end");
}

Result<Place> find_writable(const fs::path& named, OutputForm form) {
  auto place = TRY(find_place(named));
  if (place.is_folder()) return wrong(named, "is no file name to write to, but a folder");
  if (!place.is_for_a_file()) {
    if (form == OutputForm::stream) return place;
    return wrong(named, "is there and no regular file; what is written needs one");
  }
  const auto folder = place.path.parent_path();
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) return wrong(named, "has no folder: that does not exist");
  if (::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0)
    return errno_error("write into", folder.native());
  return place;
}

// The open call of a pipe that nobody reads cannot be interrupted, so it is asked again and again.
Result<UniqueFd> open_pipe(const fs::path& path, const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kAgain(20);
  while (!stop.stop_requested()) {
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (!fd && errno != ENXIO && errno != EINTR) return errno_error("open", path.native());
    if (fd) {
      const int flags = ::fcntl(fd.get(), F_GETFL);
      if (flags < 0 || ::fcntl(fd.get(), F_SETFL, flags & ~O_NONBLOCK) < 0)
        return errno_error("open", path.native());
      return fd;
    }
    std::this_thread::sleep_for(kAgain);
  }
  return Error{ErrorKind::cancelled, "Stopped while nobody read " + path.native() + "."};
}

Result<UniqueFd> open_through(const Place& place, const std::stop_token& stop) {
  if (place.there && S_ISFIFO(place.there->st_mode)) return open_pipe(place.path, stop);
  UniqueFd fd(place.descriptor ? ::fcntl(*place.descriptor, F_DUPFD_CLOEXEC, 0)
                               : ::open(place.path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return errno_error("open", place.path.native());
  return fd;
}

// Root gives the file back to whom it belongs; others may keep its group.
void keep_owner(int fd, const struct stat& before) {
  [[maybe_unused]] const bool kept = ::fchown(fd, before.st_uid, before.st_gid) == 0 ||
                                     ::fchown(fd, static_cast<uid_t>(-1), before.st_gid) == 0;
}

}  // namespace

Result<void> OutputFile::check(const fs::path& path, OutputForm form) {
  TRY(find_writable(path, form));
  return {};
}

bool OutputFile::is_written_through(const fs::path& path) {
  const auto place = find_place(path);
  return place && !place->is_folder() && !place->is_for_a_file();
}

void OutputFile::remove(const fs::path& path) {
  const auto place = find_place(path);
  if (place && place->there && place->is_for_a_file()) ::unlink(place->path.c_str());
}

Result<OutputFile> OutputFile::open(const fs::path& path, OutputForm form, unsigned mode,
                                    const std::stop_token& stop) {
  auto place = TRY(find_writable(path, form));
  OutputFile out;
  if (!place.is_for_a_file()) {
    out.fd_ = TRY(open_through(place, stop));
    return out;
  }
  const std::string name = place.path.filename().native().substr(0, kDraftNameBytes);
  auto draft = place.path.parent_path() / ("." + name + "." + crypto::random_hex(4) + ".part");
  // What only its owner may read is not shown to others while it is written either.
  constexpr mode_t kPrivate = 0600;
  out.fd_ = UniqueFd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                            place.there ? kPrivate : static_cast<mode_t>(mode)));
  if (!out.fd_) return errno_error("make", draft.native());
  out.whole_ = true;
  out.place_ = std::move(place.path);
  out.draft_ = std::move(draft);
  out.before_ = place.there;
  return out;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : fd_(std::move(other.fd_)),
      whole_(other.whole_),
      place_(std::move(other.place_)),
      draft_(std::exchange(other.draft_, {})),
      before_(other.before_) {}

Result<void> OutputFile::keep() {
  if (draft_.empty()) return {};
  if (before_) {
    constexpr mode_t kPermissions = 0777;
    keep_owner(fd_.get(), *before_);
    if (::fchmod(fd_.get(), before_->st_mode & kPermissions) != 0)
      return errno_error("set the mode of", draft_.native());
  }
  TRY(sync_data(fd_.get(), draft_.native()));
  if (::rename(draft_.c_str(), place_.c_str()) != 0) return errno_error("rename to", place_.native());
  draft_.clear();
  return sync_folder(place_.parent_path());
}

void OutputFile::discard() {
  if (!draft_.empty()) ::unlink(draft_.c_str());
  draft_.clear();
}

Result<void> write_output_file(const fs::path& path, std::string_view bytes, unsigned mode) {
  auto file = TRY(OutputFile::open(path, OutputForm::file, mode));
  TRY(write_all(file.fd(), bytes, path.native()));
  return file.keep();
}

}  // namespace headwater
