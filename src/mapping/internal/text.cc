#include "mapping/internal/text.h"

#include <unicode/ucasemap.h>
#include <unicode/uchar.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace headwater::mapping {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);
constexpr std::uint64_t kHighBits = 0x8080'8080'8080'8080U;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_ascii_word(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, kWord);
  return (word & kHighBits) == 0;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

bool is_space(std::uint32_t code) {
  return code <= 0x20 || code == 0x85 || code == 0xA0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F ||
         code == 0x205F || code == 0x3000;
}

using CaseMapping = std::int32_t (*)(const UCaseMap*, char*, std::int32_t, const char*, std::int32_t,
                                     UErrorCode*);

// The root locale's, made once; ICU reads it from any thread.
const UCaseMap* case_map() {
  static const UCaseMap* map = [] {
    UErrorCode error = U_ZERO_ERROR;
    return ucasemap_open("", 0, &error);
  }();
  return map;
}

Value map_case(Arena& arena, std::string_view text, CaseMapping mapping) {
  // Few texts grow, and then by little; ICU says how much one needs.
  auto capacity = text.size() + 8;
  for (;;) {
    auto* out = arena.take<char>(capacity);
    if (out == nullptr) return Value::failure(kTooLarge);
    UErrorCode error = U_ZERO_ERROR;
    const auto size =
        static_cast<std::size_t>(mapping(case_map(), out, static_cast<std::int32_t>(capacity), text.data(),
                                         static_cast<std::int32_t>(text.size()), &error));
    if (error == U_BUFFER_OVERFLOW_ERROR) {
      arena.shrink_last(out, out + capacity);
      capacity = size;
      continue;
    }
    if (U_FAILURE(error)) return Value::failure("the case of the text cannot be mapped");
    arena.shrink_last(out + size, out + capacity);
    return Value::of(std::string_view(out, size));
  }
}

// `first` is 'a' to make the letters from there on upper case, 'A' to make them lower case.
Value map_ascii(Arena& arena, std::string_view text, char first, CaseMapping otherwise) {
  const auto is_other_case = [first](char c) { return static_cast<unsigned char>(c - first) < 26; };
  unsigned char seen = 0;
  bool changes = false;
  for (const char c : text) {
    seen |= static_cast<unsigned char>(c);
    changes |= is_other_case(c);
  }
  if (seen >= 0x80) return map_case(arena, text, otherwise);
  if (!changes) return Value::of(text);
  auto* out = arena.take<char>(text.size());
  if (out == nullptr) return Value::failure(kTooLarge);
  for (std::size_t i = 0; i < text.size(); ++i)
    out[i] = static_cast<char>(text[i] ^ (is_other_case(text[i]) ? 0x20 : 0));
  return Value::of(std::string_view(out, text.size()));
}

}  // namespace

std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (wanted.size() < 2) return text.find(wanted, from);
  const auto* found = memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

std::size_t character_size(std::string_view text, std::size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return std::min(size, text.size() - at);
}

std::size_t offset_of_unit(std::string_view text, std::size_t unit, Half half) {
  std::size_t at = 0;
  while (unit > 0 && at < text.size()) {
    if (unit >= kWord && text.size() - at >= kWord && is_ascii_word(text.data() + at)) {
      at += kWord;
      unit -= kWord;
      continue;
    }
    const auto size = character_size(text, at);
    if (size == 4 && unit == 1) return half == Half::before ? at : at + size;
    at += size;
    unit -= size == 4 ? 2 : 1;
  }
  return at;
}

std::string_view trim_start(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto character = decode_utf8(text, at);
    if (character.size == 0 || !is_space(character.code)) break;
    at += character.size;
  }
  return text.substr(at);
}

std::string_view trim_end(std::string_view text) {
  while (!text.empty()) {
    auto at = text.size() - 1;
    while (at > 0 && is_continuation(text[at])) --at;
    const auto character = decode_utf8(text, at);
    if (character.size == 0 || !is_space(character.code)) break;
    text = text.substr(0, at);
  }
  return text;
}

Value to_upper(Arena& arena, std::string_view text) {
  return map_ascii(arena, text, 'a', &ucasemap_utf8ToUpper);
}
Value to_lower(Arena& arena, std::string_view text) {
  return map_ascii(arena, text, 'A', &ucasemap_utf8ToLower);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  // Two letters are the same when their upper cases are, or the lower cases of those: Georgian has no other
  // way back.
  const auto folded = [](std::uint32_t code) { return u_tolower(u_toupper(static_cast<UChar32>(code))); };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    const auto left = decode_utf8(a, i);
    const auto right = decode_utf8(b, j);
    if (left.size == 0 || right.size == 0) return a.substr(i) == b.substr(j);
    if (left.code != right.code && folded(left.code) != folded(right.code)) return false;
    i += left.size;
    j += right.size;
  }
  return i == a.size() && j == b.size();
}

void append_repaired(TextBuilder& out, std::string_view bytes) {
  std::size_t good = 0;
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (bytes.size() - at >= kWord && is_ascii_word(bytes.data() + at)) {
      at += kWord;
      continue;
    }
    const auto character = decode_utf8(bytes, at);
    if (character.size == 0) {
      out.append(bytes.substr(good, at - good));
      out.append(kReplacement);
      good = ++at;
    } else {
      at += character.size;
    }
  }
  out.append(bytes.substr(good));
}

}  // namespace headwater::mapping
