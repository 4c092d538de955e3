#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headwater {

/// Owns a file descriptor.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd() { reset(); }
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release();
  void reset();

 private:
  int fd_ = -1;
};

/// Errors: not_found, too_large, storage; the message names the path.
Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t bytes_max = 1ULL << 31);

/// Replaces `path` whole or not at all: temporary sibling, fsync, rename, fsync of the folder.
Result<void> write_file_durably(const std::filesystem::path& path, std::string_view bytes,
                                unsigned mode = 0644);

/// An exclusive lock of a file; held until destroyed or the process ends, also against other processes.
class FileLock {
 public:
  /// Waits for the lock.
  static Result<FileLock> take(const std::filesystem::path& file);
  /// nullopt when somebody holds it.
  static Result<std::optional<FileLock>> try_take(const std::filesystem::path& file);

 private:
  explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// Writes all bytes. Errors: storage ("no space left on device" and its like, with the path given in `what`).
Result<void> write_all(int fd, std::string_view bytes, std::string_view what);
Result<void> sync_data(int fd, std::string_view what);
Result<void> sync_folder(const std::filesystem::path& folder);
Result<void> make_folders(const std::filesystem::path& folder, unsigned mode = 0755);

/// The code of a storage error when what is there can be read and nothing more is taken in: the disk is full,
/// or read-only. The one that a server which is out of service answers.
inline constexpr std::string_view kTakesNothing = "FLOW-1103-503";

/// An error of kind storage from errno, saying what was tried on what; kTakesNothing when the disk is full.
Error errno_error(std::string_view verb, std::string_view what);

/// A new empty folder below the system's temporary folder, removed with its contents at the end.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make(std::string_view prefix);
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

}  // namespace headwater
