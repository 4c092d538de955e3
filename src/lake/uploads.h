#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/ids.h"
#include "base/result.h"
#include "lake/lake.h"
#include "lake/query.h"

namespace headwater::lake {

inline constexpr std::size_t kUploadFilesMax = 1500;  // in a batch
inline constexpr std::size_t kUploadPartsMax = 1000;  // of a file
inline constexpr std::uint64_t kUploadBytesMax = 100ULL << 30;
inline constexpr std::size_t kUploadNameMax = 512;  // bytes

/// A file of an upload as far as it has come.
struct UploadedFile {
  std::string name;         // "customers/summer.json", as the client wrote it
  std::uint64_t bytes = 0;  // without a gap from the first byte
  bool open = false;        // sent in parts, and not completed
};

/// Bytes on their way into an upload. Destroyed before they were given to it they leave nothing. Confined
/// to one thread at a time.
class UploadPart {
 public:
  UploadPart(std::filesystem::path file, UniqueFd fd) : file_(std::move(file)), fd_(std::move(fd)) {}
  ~UploadPart();
  UploadPart(const UploadPart&) = delete;
  UploadPart& operator=(const UploadPart&) = delete;
  /// Errors: storage.
  Result<void> write(std::string_view bytes);
  std::uint64_t bytes() const { return bytes_; }

 private:
  friend class Uploads;
  Result<void> finish();

  std::filesystem::path file_;
  UniqueFd fd_;
  std::uint64_t bytes_ = 0;
  bool kept_ = false;
};

/// Reads an uploaded file from its start. Confined to one thread.
class UploadReader {
 public:
  explicit UploadReader(std::vector<std::filesystem::path> parts) : parts_(std::move(parts)) {}
  /// The next bytes, at most `bytes_max`; empty at the end. Errors: storage.
  Result<std::string> read(std::size_t bytes_max);

 private:
  std::vector<std::filesystem::path> parts_;
  std::size_t next_ = 0;
  UniqueFd fd_;
};

/// The files of a batch between its creation and its commit. They stand under numbers of their own in a
/// folder of the dataset, an index names them; what a call has answered is on the disk. The name of a file
/// never becomes a path. May be used from several threads and processes at once; the lake outlives it.
class Uploads {
 public:
  Uploads(const Lake& lake, const DatasetId& dataset, const BatchId& batch);

  /// Errors: not_found (the dataset), storage.
  Result<void> begin();
  /// Errors of all that follow: not_found, when the upload was not begun or is removed; conflict, when it is
  /// sealed; invalid_argument for a name that cannot be one; storage.

  Result<std::unique_ptr<UploadPart>> start_part() const;
  /// Stores a whole file, in the place of one of that name. True when there was none.
  Result<bool> put(std::string_view name, UploadPart& part);
  /// Starts a file that comes in parts, in the place of one of that name.
  Result<void> initialize(std::string_view name);
  /// Adds the bytes from `offset`. The same range again replaces it; one that overlaps another is refused
  /// (invalid_argument). Errors: also not_found for a file that is not initialised.
  Result<UploadedFile> put_range(std::string_view name, std::uint64_t offset, UploadPart& part);
  /// Ends a file that came in parts. Errors: invalid_argument, naming the first byte that is missing.
  Result<UploadedFile> complete(std::string_view name);
  Result<UploadedFile> find(std::string_view name) const;
  Result<std::vector<UploadedFile>> files() const;
  /// From here on nothing more is taken; again: fine. Errors: invalid_argument while a file is open.
  Result<void> seal();
  /// Takes files again.
  Result<void> unseal();
  /// Removes all files; absent: fine.
  void remove();

  Result<UploadReader> open(std::string_view name) const;
  /// The rows of a file that is Parquet, one JSON object after another. Errors: invalid_argument when it is
  /// none, too_large (memory), what the sink gave.
  using RowText = std::function<Result<void>(std::string_view object)>;
  Result<void> read_parquet(std::string_view name, const std::stop_token& stop, const RowText& row) const;

 private:
  struct Index;
  Result<Index> read_index() const;
  Result<void> change(const std::function<Result<void>(Index&)>& edit);
  std::vector<std::filesystem::path> paths_of(const Index& index, std::string_view name) const;

  const Lake& lake_;
  DatasetId dataset_;
  std::filesystem::path folder_;
};

/// Errors: invalid_argument. A relative path of plain segments: no "..", no control characters.
Result<void> check_upload_name(std::string_view name);

}  // namespace headwater::lake
