#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace headwater {

/// What bytes need of the place that they go to.
enum class OutputForm : std::uint8_t {
  stream,  // come one after another: a pipe or a device will do
  file,    // need a file
};

/// What a user asked to be written somewhere: every command that writes to a path of the user's does it here.
/// A link is followed. A regular file, and one that is not there yet, is written beside its place and takes
/// it, whole, with `keep`; otherwise nothing is left. It keeps the mode of the file that was there, and its
/// owner where that is allowed; a new file has `mode` without what the umask takes.
///
/// What is there and no regular file (a device, a pipe) is never replaced: a stream is written through it as
/// it comes, and so is one to a descriptor of this process (/dev/stdout), whatever stands behind that.
class OutputFile {
 public:
  static constexpr unsigned kMode = 0666;

  /// Whether `path` could be written, as far as that is known beforehand.
  /// Errors: invalid_argument (a folder; no folder to be in; no regular file, for what needs one); storage.
  static Result<void> check(const std::filesystem::path& path, OutputForm form);
  /// A pipe is waited for until somebody reads it. Errors: as `check`; cancelled.
  static Result<OutputFile> open(const std::filesystem::path& path, OutputForm form, unsigned mode = kMode,
                                 const std::stop_token& stop = {});
  /// Whether `path` is neither a regular file nor a place for one: what is written is there at once.
  static bool is_written_through(const std::filesystem::path& path);
  /// Removes the regular file that `path` leads to, if there is one.
  static void remove(const std::filesystem::path& path);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile() { discard(); }

  int fd() const { return fd_.get(); }
  /// False: it is written through.
  bool appears_whole() const { return whole_; }
  /// Where the bytes stand until they are kept. Only of what appears whole.
  const std::filesystem::path& draft() const { return draft_; }
  Result<void> keep();
  void discard();

 private:
  OutputFile() = default;

  UniqueFd fd_;
  bool whole_ = false;
  std::filesystem::path place_, draft_;  // the draft's name is empty when there is none (any more)
  std::optional<struct stat> before_;    // the file that is replaced
};

/// Writes a whole file for the user, as OutputFile does. Errors: as there.
Result<void> write_output_file(const std::filesystem::path& path, std::string_view bytes,
                               unsigned mode = OutputFile::kMode);

}  // namespace headwater
