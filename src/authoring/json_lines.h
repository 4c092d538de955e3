#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::authoring {

/// On which lines, from 1, of a JSON text the values stand that JSON pointers name; of one that is not there,
/// the line of the nearest one around it. Findings have pointers, editors want lines. The text is gone
/// through once, and nothing is kept of what no pointer names. Of what is no JSON only a part is known.
std::vector<std::size_t> json_lines(std::string_view text, const std::vector<std::string>& pointers);

}  // namespace headwater::authoring
