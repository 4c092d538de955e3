#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace headwater::journal {

/// One file of a partition, named by the offset of its first event, of fixed size. Behind its last record
/// stand zeros, or records with smaller offsets in a file that was written over. Writing into blocks that are
/// there already makes a sync about half as dear as growing a file.
class Segment {
 public:
  /// How the space of a new one is made its own; it reads as zeros either way.
  enum class Space : std::uint8_t {
    written,  // zeros in every block: small commits are dear where a block is written for the first time
    reserved  // by the file system alone: large commits would have the disk write everything twice
  };
  /// A new one without a place yet, its space durable: making one takes long, so it is made ahead.
  /// Errors: storage ("no space left on device"); nothing is left behind.
  static Result<Segment> make(const std::filesystem::path& folder, std::uint64_t bytes, Space space);
  /// Gives it its place.
  Result<void> begin_at(std::uint64_t first_offset);
  /// Takes its place from it: it waits for a new one, its records as they are.
  Result<void> set_aside();
  /// Removes the files of a folder that have no place: what an earlier process had made ahead or set aside.
  static Result<void> remove_unplaced(const std::filesystem::path& folder);
  static Result<Segment> open(const std::filesystem::path& file);
  /// The first offsets of a folder's segments, ascending.
  static Result<std::vector<std::uint64_t>> list(const std::filesystem::path& folder);
  static std::filesystem::path path_of(const std::filesystem::path& folder, std::uint64_t first_offset);

  std::uint64_t first_offset() const { return first_offset_; }
  std::uint64_t bytes() const { return bytes_; }
  const std::filesystem::path& path() const { return path_; }

  Result<void> write(std::uint64_t at, std::string_view bytes);
  /// What was written is durable then.
  Result<void> sync();
  /// Reads into `out` what stands from `at` on, at most `bytes`.
  Result<void> read(std::uint64_t at, std::uint64_t bytes, std::string& out) const;
  /// Zeros from `at` to the end, durable: nothing that stood there can be taken for a record again.
  Result<void> cut(std::uint64_t at);

 private:
  Segment(std::filesystem::path path, UniqueFd fd, std::uint64_t first_offset, std::uint64_t bytes)
      : path_(std::move(path)), fd_(std::move(fd)), first_offset_(first_offset), bytes_(bytes) {}
  std::filesystem::path path_;
  UniqueFd fd_;
  std::uint64_t first_offset_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace headwater::journal
