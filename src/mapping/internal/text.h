#pragma once

#include <cstddef>
#include <string_view>

#include "mapping/internal/arena.h"
#include "mapping/internal/characters.h"

namespace headwater::mapping {

/// What to do with a position inside a character of two UTF-16 units: UTF-8 has no half of it.
enum class Half : std::uint8_t { before, behind };

/// Where UTF-16 unit `unit` of a text stands, in bytes; the text's size when it has fewer.
std::size_t offset_of_unit(std::string_view text, std::size_t unit, Half half);

/// As text.find(wanted, from), but in time proportional to both, whatever they hold.
std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from = 0);

/// Bytes of the character that starts at `at`, in a well-formed text.
std::size_t character_size(std::string_view text, std::size_t at);

/// Without the characters up to U+0020 and Unicode's White_Space at the ends.
std::string_view trim_start(std::string_view text);
std::string_view trim_end(std::string_view text);
inline std::string_view trim(std::string_view text) { return trim_end(trim_start(text)); }

/// Unicode's full case mapping, of no language: "straße" is "STRASSE". Copies into the arena; a text that
/// stays as it is is not copied.
Value to_upper(Arena& arena, std::string_view text);
Value to_lower(Arena& arena, std::string_view text);

/// Character by character, each with its simple case mapping: "ß" is not "SS".
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// Appends bytes that may not be UTF-8; U+FFFD stands for what is not.
void append_repaired(TextBuilder& out, std::string_view bytes);

}  // namespace headwater::mapping
