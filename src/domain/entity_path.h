#pragma once

#include <functional>
#include <string_view>

#include "domain/source_spec.h"

namespace headwater::domain {

/// True when the member beside the array stays in the record: keepAttributes first, then skipAttributes; a
/// sibling of the wrapper's name gives way to the wrapper. The array itself is no sibling.
/// Source: REST-source reference, sections 7.2 and 14 (reading S).
bool keeps_sibling(const EntityPath& path, std::string_view name);

/// `keeps_sibling` for json::ArrayCutter::Options; holds its own copy of the lists.
std::function<bool(std::string_view)> keep_sibling_rule(const EntityPath& path);

}  // namespace headwater::domain
