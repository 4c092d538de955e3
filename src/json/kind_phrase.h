#pragma once

#include <string_view>

#include "json/value.h"

namespace headwater::json {

/// The kind as an error names it: "null", "a number", "an array".
std::string_view phrase(Kind kind);

}  // namespace headwater::json
