#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace headwater::authoring {

/// Reads a time that `format_dotnet` wrote in that format (REST reference, section 9), UTC where the text
/// names no offset; text behind it is ignored. nullopt when it is no such time, or when the format has parts
/// that do not tell a time. Parts that the format lacks are those of midnight, 1 January 2000.
std::optional<TimePoint> read_dotnet(std::string_view text, std::string_view format);

}  // namespace headwater::authoring
