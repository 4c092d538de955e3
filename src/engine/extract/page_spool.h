#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace headwater::extract {

/// The elements of one page in order: up to `memory_max` bytes in memory, more in an unlinked file, so that
/// memory does not depend on the page's size. Confined to one thread.
class PageSpool {
 public:
  /// `expected` is about how many bytes will come, when somebody knows.
  PageSpool(std::size_t memory_max, std::filesystem::path folder, std::size_t expected = 0)
      : memory_max_(memory_max), folder_(std::move(folder)) {
    bytes_.reserve(std::min(expected, memory_max));
  }

  /// `to_be_continued`: the next call brings more of the same text. Errors: storage.
  Result<void> append(std::string_view text, bool to_be_continued = false);
  /// Ends writing; reading starts.
  Result<void> seal();

  /// The next text, or the next piece of one that was appended in pieces; valid until the next call. False at
  /// the end. Errors: storage.
  Result<bool> next(std::string_view& text);
  /// More of the text that `next` gave follows.
  bool is_continued() const { return continued_; }
  /// Where `next` goes on, and a return there.
  std::uint64_t place() const { return file_ ? read_from_ - (bytes_.size() - at_) : at_; }
  void go_to(std::uint64_t place);
  void rewind() { go_to(0); }
  std::uint64_t size() const { return file_bytes_ + bytes_.size(); }  // while it is written
  bool is_on_disk() const { return static_cast<bool>(file_); }

  /// A text that ends before its last piece.
  Error cut_short() const;

 private:
  Result<void> open_file();
  Result<void> flush();
  Result<bool> have(std::size_t bytes);

  std::size_t memory_max_;
  std::filesystem::path folder_;
  std::string bytes_;  // all texts, or what is not written yet, or a window of the file
  UniqueFd file_;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t read_from_ = 0;  // file offset behind the window
  std::size_t at_ = 0;           // in bytes_
  bool continued_ = false;
};

}  // namespace headwater::extract
