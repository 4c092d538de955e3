#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/record.h"

namespace headwater::json::internal {

/// Why a text is not JSON, and where.
struct GrammarError {
  std::size_t offset = 0;
  const char* reason = "";
  bool limit = false;  // a limit was passed; the text may be valid JSON
};

/// A container that is not closed yet, while a parser is inside it.
struct OpenContainer {
  std::uint32_t node = 0;
  bool fresh = true;  // nothing in it yet
};

/// Checks a text byte by byte against RFC 8259 and leaves its nodes, as Record describes them. It is the
/// room's only full grammar: `parse` stands on it, and RecordParser's fast walk asks it why it failed.
/// Stricter than the RFC in one point: an escape that is half a surrogate pair is an error, for it stands
/// for no character and no UTF-8 text can hold it. Vectors are cleared and reused.
std::optional<GrammarError> parse_strictly(std::string_view text, std::uint32_t depth_max,
                                           std::vector<Node>& nodes, std::vector<OpenContainer>& open);

/// The end of the number that starts at `from`, or npos when no JSON number stands there.
std::size_t number_end(std::string_view text, std::size_t from);
inline bool is_number(std::string_view text) { return number_end(text, 0) == text.size(); }

/// Checks the escapes of a string's inside (control characters and UTF-8 are checked elsewhere). Gives the
/// offset of the first wrong one, or npos.
std::size_t wrong_escape(std::string_view inside);

/// As json::mend_half_pairs.
bool mend_half_pairs(std::string& json_text);

/// Appends a checked string's inside with its escapes resolved.
void append_unescaped(std::string& out, std::string_view inside);

/// Appends a character as UTF-8; what is no character becomes U+FFFD.
void append_utf8(std::string& out, std::uint32_t code_point);

/// The length of the well-formed UTF-8 sequence at the front, or 0.
std::size_t utf8_length(std::string_view text);

inline bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace headwater::json::internal
