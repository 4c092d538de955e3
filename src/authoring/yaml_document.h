#pragma once

#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace headwater::authoring {

/// A YAML document as the JSON that it stands for: plain scalars are null, booleans and numbers where they
/// look so (YAML 1.2 core schema), all else is text; aliases are written out, within a bound.
/// Errors: invalid_argument with line and column; too_large.
Result<json::Value> read_yaml(std::string_view text);

}  // namespace headwater::authoring
