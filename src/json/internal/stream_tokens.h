#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "json/internal/bracket_scan.h"
#include "json/internal/grammar.h"

// What the cutters have in common: tokens whose bytes arrive in pieces, and the errors about them.
namespace headwater::json::internal {

/// Finds where a string ends, wherever its text is divided.
class StringScan {
 public:
  /// Takes some of the next bytes, the first ever being the one behind the opening quote. Gives how many: up
  /// to and with the next quote or backslash, or all.
  std::size_t run(const char* bytes, std::size_t size) {
    const std::size_t plain = escaped_ ? 0 : plain_length(bytes, size);
    if (plain == size) return size;
    done_ = !escaped_ && bytes[plain] == '"';
    escaped_ = !escaped_ && bytes[plain] == '\\';
    return plain + 1;
  }
  bool done() const { return done_; }

 private:
  bool escaped_ = false;  // the next byte is
  bool done_ = false;
};

/// How many bytes at the front belong to the number or literal that is being read.
inline std::size_t scalar_length(const char* bytes, std::size_t size) {
  std::size_t length = 0;
  for (; length < size; ++length) {
    const char c = bytes[length];
    if (is_space(c) || c == ',' || c == ']' || c == '}') break;
  }
  return length;
}

/// A member name with its escapes resolved; `text` has its quotes, and half pairs in it are mended. nullopt:
/// no valid string.
std::optional<std::string> read_name(std::string& text);

/// `offset` counts from the start of the document.
Error no_json(std::string_view reason, std::size_t offset);

Error record_too_large(std::size_t number, std::size_t bytes_max);

}  // namespace headwater::json::internal
