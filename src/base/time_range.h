#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"

namespace headwater {

/// The times that can be told. A TimePoint counts nanoseconds and reaches a little further on both sides:
/// there is room to reckon.
inline constexpr TimePoint kTimeMin = std::chrono::sys_days(std::chrono::year(1678) / 1 / 1);
inline constexpr TimePoint kTimeMax =
    std::chrono::sys_days(std::chrono::year(2262) / 1 / 1) - std::chrono::nanoseconds(1);

/// A time from seconds, and what is left below one; nullopt outside of these.
std::optional<TimePoint> time_point(std::chrono::sys_seconds seconds, std::chrono::nanoseconds more = {});

}  // namespace headwater
