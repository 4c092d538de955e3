#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace headwater::domain {

/// Everything that is wrong with a connection spec, at once: errors where it cannot run, warnings where it
/// merely looks wrong. Pointers lead into the document; each problem carries a hint.
std::vector<Problem> check_connection_spec(const json::Value& connection_spec);

/// Longer pointers are no author's: whatever is said of a value has its pointer, and so has each value within
/// it. A spec with such a value is not looked at any further.
inline constexpr std::size_t kPointerBytesMax = 4'000;
/// What is wrong with a spec that has one, at the value around it.
std::optional<Problem> find_long_pointer(const json::Value& connection_spec);

/// True when none of the problems is an error.
bool can_run(const std::vector<Problem>& problems);

/// As answers and reports show them: [{"pointer","reason","hint","severity"}].
json::Array encode(const std::vector<Problem>& problems);

}  // namespace headwater::domain
