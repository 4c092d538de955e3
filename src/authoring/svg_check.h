#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::authoring {

struct SvgProblem {
  std::size_t line = 1;
  std::string_view rule;  // "icon/script"
  std::string message, hint;
};

inline constexpr std::size_t kIconBytesMax = 64U << 10;

/// Why an icon is no SVG that anybody may show: not well-formed, too large, able to run scripts or to fetch
/// anything, without a size, multiplying itself when it is drawn. Only elements that draw are let through, so
/// what is not known is refused.
std::vector<SvgProblem> check_svg(std::string_view text);

/// The picture from its root element on, as it is published: without what stands before it (the XML
/// declaration, comments). Text that is no XML as it is.
std::string bare_svg(std::string_view text);

}  // namespace headwater::authoring
