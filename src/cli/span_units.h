#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace headwater::cli {

/// How spans of time are written on the command line: 90s, 10m, 12h, 30d; without a unit, seconds.
inline const std::map<std::string, std::int64_t> kSpanUnits{{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}};

}  // namespace headwater::cli
