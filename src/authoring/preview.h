#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"
#include "engine/run/preview.h"

namespace headwater::authoring {

/// The preview as text for a terminal: the schema as an indented list of paths and types, then the first
/// records as a table of their scalar members, `columns_max` characters wide.
std::string format_preview(const run::Preview& preview, std::size_t columns_max);

}  // namespace headwater::authoring
