#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace headwater::cli {

/// Lines of a file, one event each.
struct EventLines {
  std::string text;                     // whole lines, each with its end
  std::vector<std::uint64_t> numbers;   // of these lines in the file, from 1
  std::vector<std::uint64_t> too_long;  // of lines that were left out
  bool empty() const { return numbers.empty() && too_long.empty(); }
};

/// Reads events, one JSON text a line, from a file or from standard input. Confined to one thread at a time.
class EventReader {
 public:
  /// "-" is standard input. Errors: storage.
  static Result<EventReader> open(const std::string& file);

  /// The lines that come next, blank ones left out: at most `lines_max` and `bytes_max`; fewer when a pipe
  /// has no more for now. Empty at the end, and when `stop` was requested. Errors: storage.
  Result<EventLines> next(std::size_t lines_max, std::size_t bytes_max, const std::stop_token& stop);

 private:
  EventReader(std::string name, UniqueFd fd) : name_(std::move(name)), fd_(std::move(fd)) {}
  Result<bool> complete_line(std::size_t bytes_max, bool may_wait, const std::stop_token& stop);
  Result<bool> fill(bool may_wait, const std::stop_token& stop);

  std::string name_;
  UniqueFd fd_;
  std::string buffer_;
  std::size_t at_ = 0;  // in the buffer
  bool ended_ = false;

  // The line that comes next, as far as it was read.
  std::string line_;
  bool line_done_ = false;
  bool line_too_long_ = false;
  std::uint64_t number_ = 0;  // of the line before
};

}  // namespace headwater::cli
