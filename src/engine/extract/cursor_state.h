#pragma once

#include <cstdint>
#include <string_view>

#include "json/value.h"

// What a page's cursor keeps, read back.
namespace headwater::extract {

/// 0 when there is none.
inline std::uint64_t number_at(const json::Value& state, std::string_view name) {
  const auto* value = state.find(name);
  const auto number = value ? value->as_int64_lenient() : std::nullopt;
  return number && *number >= 0 ? static_cast<std::uint64_t>(*number) : 0;
}

/// 64-bit hashes do not fit a signed JSON number everywhere, so they are kept as text.
inline std::uint64_t hash_of_text(std::string_view text) {
  std::uint64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

}  // namespace headwater::extract
