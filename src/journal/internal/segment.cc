#include "journal/internal/segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace headwater::journal {
namespace {

constexpr std::string_view kExtension = ".journal";
constexpr std::string_view kDraft = "next.draft";
constexpr std::string_view kSpare = ".spare";
constexpr std::size_t kNameDigits = 20;
constexpr std::size_t kZerosBytes = 1U << 20;
constexpr std::uint64_t kMadeAtOnce = 128U << 10;

Result<void> write_at(int fd, std::uint64_t at, std::string_view bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const auto written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error("write", path.string());
    bytes.remove_prefix(static_cast<std::size_t>(written));
    at += static_cast<std::uint64_t>(written);
  }
  return {};
}

Result<void> write_zeros(int fd, std::uint64_t from, std::uint64_t to, const std::filesystem::path& path) {
  static const std::string zeros(kZerosBytes, '\0');
  for (auto at = from; at < to; at += zeros.size()) {
    const auto size = std::min<std::uint64_t>(zeros.size(), to - at);
    TRY(write_at(fd, at, std::string_view(zeros).substr(0, size), path));
  }
  return {};
}

// Piece by piece, so that commits do not wait for all of it.
Result<void> write_space(int fd, std::uint64_t bytes, const std::filesystem::path& path) {
  for (std::uint64_t at = 0; at < bytes; at += kMadeAtOnce) {
    TRY(write_zeros(fd, at, std::min(at + kMadeAtOnce, bytes), path));
    TRY(sync_data(fd, path.string()));
  }
  return {};
}

// Not every file system can.
Result<void> reserve_space(int fd, std::uint64_t bytes, const std::filesystem::path& path) {
  int failed = 0;
  do {
    failed = ::fallocate(fd, 0, 0, static_cast<off_t>(bytes));
  } while (failed != 0 && errno == EINTR);
  if (failed == 0) return sync_data(fd, path.string());
  if (errno != EOPNOTSUPP) return errno_error("reserve space for", path.string());
  return write_space(fd, bytes, path);
}

}  // namespace

std::filesystem::path Segment::path_of(const std::filesystem::path& folder, std::uint64_t first_offset) {
  auto digits = std::to_string(first_offset);
  digits.insert(0, kNameDigits - digits.size(), '0');
  return folder / (digits + std::string(kExtension));
}

// Under another name until it is taken: a crash leaves no half segment that looks like a whole one.
Result<Segment> Segment::make(const std::filesystem::path& folder, std::uint64_t bytes, Space space) {
  auto draft = folder / kDraft;
  UniqueFd fd(::open(draft.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return errno_error("make", draft.string());
  auto made =
      space == Space::reserved ? reserve_space(fd.get(), bytes, draft) : write_space(fd.get(), bytes, draft);
  if (!made) {
    ::unlink(draft.c_str());
    return std::move(made).error();
  }
  return Segment(std::move(draft), std::move(fd), 0, bytes);
}

Result<void> Segment::begin_at(std::uint64_t first_offset) {
  auto place = path_of(path_.parent_path(), first_offset);
  if (::rename(path_.c_str(), place.c_str()) != 0) return errno_error("rename", path_.string());
  path_ = std::move(place);
  first_offset_ = first_offset;
  auto synced = sync_folder(path_.parent_path());
  if (!synced) {
    // Left there, it would begin behind a hole: offsets that were not acknowledged are given out again.
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  return synced;
}

Result<void> Segment::set_aside() {
  auto place = path_;
  place.replace_extension(kSpare);
  if (::rename(path_.c_str(), place.c_str()) != 0) return errno_error("rename", path_.string());
  path_ = std::move(place);
  return {};
}

Result<void> Segment::remove_unplaced(const std::filesystem::path& folder) {
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const auto& file = entry.path();
    if (failed || (file.extension() != kSpare && file.filename() != kDraft)) continue;
    std::filesystem::remove(file, failed);
  }
  if (failed)
    return Error{ErrorKind::storage,
                 "The folder " + folder.string() + " cannot be cleared: " + failed.message()};
  return {};
}

Result<Segment> Segment::open(const std::filesystem::path& file) {
  UniqueFd fd(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd) return errno_error("open", file.string());
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return errno_error("look at", file.string());
  std::uint64_t first = 0;
  const auto name = file.filename().string();
  std::from_chars(name.data(), name.data() + name.size(), first);
  return Segment(file, std::move(fd), first, static_cast<std::uint64_t>(status.st_size));
}

Result<std::vector<std::uint64_t>> Segment::list(const std::filesystem::path& folder) {
  std::vector<std::uint64_t> out;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const auto name = entry.path().filename().string();
    std::uint64_t first = 0;
    const auto* end = name.data() + name.size();
    const auto read = std::from_chars(name.data(), end, first);
    if (read.ec == std::errc() &&
        std::string_view(read.ptr, static_cast<std::size_t>(end - read.ptr)) == kExtension)
      out.push_back(first);
  }
  if (failed)
    return Error{ErrorKind::storage,
                 "The folder " + folder.string() + " cannot be read: " + failed.message()};
  std::sort(out.begin(), out.end());
  return out;
}

Result<void> Segment::write(std::uint64_t at, std::string_view bytes) {
  return write_at(fd_.get(), at, bytes, path_);
}

Result<void> Segment::sync() { return sync_data(fd_.get(), path_.string()); }

Result<void> Segment::read(std::uint64_t at, std::uint64_t bytes, std::string& out) const {
  out.resize(at < bytes_ ? std::min(bytes, bytes_ - at) : 0);
  for (std::size_t done = 0; done < out.size();) {
    const auto got = ::pread(fd_.get(), out.data() + done, out.size() - done, static_cast<off_t>(at + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read", path_.string());
    if (got == 0) return Error{ErrorKind::storage, "The file " + path_.string() + " is shorter than it was."};
    done += static_cast<std::size_t>(got);
  }
  return {};
}

Result<void> Segment::cut(std::uint64_t at) {
  TRY(write_zeros(fd_.get(), at, bytes_, path_));
  return sync();
}

}  // namespace headwater::journal
