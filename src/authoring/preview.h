#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"
#include "engine/run/preview.h"

namespace headwater::authoring {

/// The preview as text for a terminal: the schema as an indented list of paths and types, then the first
/// records as a table of their scalar members, `columns_max` characters wide.
std::string format_preview(const run::Preview& preview, std::size_t columns_max);

/// A schema's members as such a list, a line each, `indent` blanks to their left.
void append_schema(std::string& out, const json::Value& schema, std::size_t indent);

}  // namespace headwater::authoring
