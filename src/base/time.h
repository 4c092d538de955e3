#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace headwater {

inline constexpr std::array<std::string_view, 12> kMonthNames{
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
/// In the order of std::chrono::weekday::c_encoding.
inline constexpr std::array<std::string_view, 7> kWeekdayNames{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                               "Thursday", "Friday", "Saturday"};

std::int64_t epoch_seconds(TimePoint time);
std::int64_t epoch_millis(TimePoint time);
TimePoint from_epoch_seconds(std::int64_t seconds);  // beyond kTimeMin or kTimeMax (time_range.h): that one
TimePoint from_epoch_millis(std::int64_t millis);

/// "2024-03-05T09:07:03Z"; the fraction appears only when it is not zero.
std::string format_rfc3339(TimePoint time);
/// Reads RFC 3339 ("Z" or an offset, any fraction). A date alone is midnight UTC; a time without an
/// offset is UTC. Errors: invalid_argument, also for what lies outside of time_range.h.
Result<TimePoint> parse_rfc3339(std::string_view text);
/// "Tue, 05 Mar 2024 09:07:03 GMT", RFC 9110 5.6.7.
std::string format_http_date(TimePoint time);
std::optional<TimePoint> parse_http_date(std::string_view text);

/// A custom .NET date format (REST reference, section 9), always UTC and the invariant culture.
/// "epoch"/"unix" and "epochMillis" are our extension. Any text is a format: unknown characters stand
/// for themselves. Errors: invalid_argument for an unclosed quote or a trailing backslash or percent.
Result<std::string> format_dotnet(TimePoint time, std::string_view format);

}  // namespace headwater
