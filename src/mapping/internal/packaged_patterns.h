#pragma once

#include <string_view>

namespace headwater::mapping {

/// regexes.yaml of Debian's uap-core as it was when this was built.
std::string_view packaged_patterns();

}  // namespace headwater::mapping
