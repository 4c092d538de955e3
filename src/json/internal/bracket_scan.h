#pragma once

#include <cstddef>
#include <cstdint>

namespace headwater::json::internal {

/// Finds where a bracketed value ends, 64 bytes at a time, wherever its text is divided. Brackets inside
/// strings do not count; which bracket closes which is not checked.
class BracketScan {
 public:
  /// Takes the next bytes, the first ever being the opening bracket. Gives the number of bytes that belong
  /// to the value: fewer than `size` only when it is done.
  std::size_t run(const char* bytes, std::size_t size);
  bool done() const { return depth_ == 0; }

 private:
  /// Up to 64 bytes; `size` counts those that are meant.
  std::size_t block(const char* bytes, std::size_t size);

  std::uint64_t in_string_ = 0;  // all ones while inside a string
  std::uint64_t escaped_ = 0;    // 1 when the next byte is escaped
  std::uint64_t depth_ = 0;
};

/// The length of the front that holds neither a quote nor a backslash.
std::size_t plain_length(const char* bytes, std::size_t size);

}  // namespace headwater::json::internal
