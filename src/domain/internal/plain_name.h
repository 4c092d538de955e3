#pragma once

#include <string>
#include <string_view>

#include "base/folded_name.h"

namespace headwater::domain {

/// As folded_name, and "list.id" is the same, too: what an author may have meant.
inline std::string plain_name(std::string_view name) {
  std::string plain = folded_name(name);
  std::erase(plain, '.');
  return plain;
}

}  // namespace headwater::domain
