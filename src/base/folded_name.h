#pragma once

#include <string>
#include <string_view>

#include "base/text.h"

namespace headwater {

/// What the spellings of one name have in common: "List-Id", "list_id" and "listId" are "listid".
inline std::string folded_name(std::string_view name) {
  std::string folded;
  for (const char c : name)
    if (c != '-' && c != '_' && c != ' ') folded += ascii_lower(c);
  return folded;
}

}  // namespace headwater
