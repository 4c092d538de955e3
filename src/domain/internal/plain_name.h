#pragma once

#include <string>
#include <string_view>

#include "base/text.h"

namespace headwater::domain {

/// What two spellings of one name have in common: "list-id", "list_id", "listId".
inline std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == ' ' || c == '.') continue;
    plain += ascii_lower(c);
  }
  return plain;
}

}  // namespace headwater::domain
