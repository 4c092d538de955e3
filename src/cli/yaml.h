#pragma once

#include <string>

#include "json/value.h"

namespace headwater::cli {

/// Appends the value as YAML 1.2 block text that 1.1 readers understand alike: a string that either would
/// take for something else ("yes", "1e3", "2024-03-05") is quoted, one of several lines is a literal block,
/// a number keeps its digits. `indent` spaces stand before each line but the first, whose place the caller
/// has chosen. Ends with a newline.
void append_yaml(std::string& out, const json::Value& value, std::size_t indent = 0);

}  // namespace headwater::cli
