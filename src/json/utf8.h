#pragma once

#include <string_view>

namespace headwater::json {

/// True when every byte belongs to a well-formed UTF-8 character.
bool is_utf8(std::string_view text);

}  // namespace headwater::json
