#include "mapping/internal/characters.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

namespace headwater::mapping {

Utf8Character decode_utf8(std::string_view text, std::size_t at) {
  if (at >= text.size()) return {};
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {first, 1};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  auto end = static_cast<std::int32_t>(0);
  UChar32 code = 0;
  const auto left = static_cast<std::int32_t>(std::min<std::size_t>(text.size() - at, 4));
  U8_NEXT(bytes + at, end, left, code);  // NOLINT(bugprone-inc-dec-in-conditions): ICU's macro
  if (code < 0) return {};
  return {static_cast<std::uint32_t>(code), static_cast<std::uint32_t>(end)};
}

void append_utf8(std::string& out, std::uint32_t code) {
  std::uint8_t bytes[4];
  std::int32_t size = 0;
  U8_APPEND_UNSAFE(bytes, size, code);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

bool is_letter(std::uint32_t code) {
  if (code < 0x80) return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
  return u_isalpha(static_cast<UChar32>(code)) != 0;
}

bool is_unicode_digit(std::uint32_t code) {
  if (code < 0x80) return code >= '0' && code <= '9';
  return u_isdigit(static_cast<UChar32>(code)) != 0;
}

std::size_t utf16_length(std::string_view text) {
  // Every character has one byte that is no continuation; those of four bytes take two units.
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += ((byte & 0xC0U) != 0x80U ? 1U : 0U) + (byte >= 0xF0U ? 1U : 0U);
  }
  return units;
}

int compare_utf16(std::string_view a, std::string_view b) {
  const auto size = std::min(a.size(), b.size());
  const auto differ = static_cast<std::size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(size), b.begin()).first - a.begin());
  if (differ == size) return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
  const auto order = [](char c) {
    const unsigned byte = static_cast<unsigned char>(c);
    return byte == 0xEEU || byte == 0xEFU ? byte + 0x100U : byte;
  };
  return order(a[differ]) < order(b[differ]) ? -1 : 1;
}

}  // namespace headwater::mapping
