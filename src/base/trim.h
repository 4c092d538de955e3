#pragma once

#include <string_view>

namespace headwater {

/// The text without such signs before and behind it.
inline std::string_view trimmed(std::string_view text, std::string_view signs = " ") {
  const auto first = text.find_first_not_of(signs);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(signs) - first + 1);
}

}  // namespace headwater
