#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headwater::authoring {

/// The names of the variables that a GraphQL query gives to an argument, "a" of "orders(after: $a)"; within
/// an input object where it holds what pages ("page: {after: $a}"), not where it filters.
std::vector<std::string> variables_of(std::string_view query, std::string_view argument);

}  // namespace headwater::authoring
