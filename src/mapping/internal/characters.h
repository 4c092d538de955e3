#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace headwater::mapping {

struct Utf8Character {
  std::uint32_t code = 0;
  std::uint32_t size = 0;  // bytes; 0: no well-formed character starts here
};
Utf8Character decode_utf8(std::string_view text, std::size_t at);
void append_utf8(std::string& out, std::uint32_t code);

/// Unicode's letters and decimal digits, for identifiers (C.2).
bool is_letter(std::uint32_t code);
bool is_unicode_digit(std::uint32_t code);

/// How many UTF-16 code units the text has: what positions and lengths count.
std::size_t utf16_length(std::string_view text);
/// The order of UTF-16 code units: as of bytes, but for characters beyond U+FFFF, which come before U+E000.
int compare_utf16(std::string_view a, std::string_view b);

}  // namespace headwater::mapping
