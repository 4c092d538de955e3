#pragma once

#include <string_view>

#include "schema/validator.h"

namespace headwater::schema {

/// As a schema writes it, "multipleOf"; "false" and "limit" for what is no keyword.
std::string_view word(Keyword keyword);

}  // namespace headwater::schema
