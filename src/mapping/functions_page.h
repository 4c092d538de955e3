#pragma once

#include <string>

namespace headwater::mapping {

/// docs/functions.md: every function by category, and the operators, from the table.
std::string functions_page();

}  // namespace headwater::mapping
