#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/zones.h"

namespace headwater::mapping {

/// A zone by name (`zone`, lives as long as its Zones) or a fixed offset (`zone` null).
struct ZoneChoice {
  const Zone* zone = nullptr;
  std::int32_t offset = 0;  // seconds east of UTC; of no meaning when `zone` is set
};

/// A date value (data-prep reference, E.1): an instant and the zone in which people read it. Years 0001 to
/// 9999, as read in its zone when it was made.
struct ZonedTime {
  std::int64_t seconds = 0;  // UTC, since 1970
  std::uint32_t nanos = 0;
  std::int32_t offset = 0;     // seconds east of UTC, in force at `seconds`
  const Zone* zone = nullptr;  // null: the offset is fixed
};

/// What calendar and clock show for a ZonedTime.
struct LocalTime {
  std::chrono::year_month_day date;
  std::chrono::sys_days day;  // `date`, as a count
  unsigned hour = 0, minute = 0, second = 0;
};
LocalTime local_time(const ZonedTime& time);

/// A week of the ISO calendar: Monday first, week 1 holds the year's first Thursday.
struct IsoWeek {
  int year = 0;
  unsigned week = 0;
};
IsoWeek iso_week(std::chrono::sys_days day);

/// The instant in the zone. Fixed offsets reach 18 hours.
ZonedTime at_zone(std::int64_t utc_seconds, std::uint32_t nanos, ZoneChoice zone);
/// Same instant, other zone.
ZonedTime with_zone(const ZonedTime& time, ZoneChoice zone);
/// A clock reading in a zone, gaps and overlaps as Zone::to_utc has them.
ZonedTime from_local(std::int64_t local_seconds, std::uint32_t nanos, ZoneChoice zone);
/// In UTC; nullopt outside the years 0001 to 9999.
std::optional<ZonedTime> from_millis(std::int64_t epoch_millis);
/// Rounded down.
std::int64_t to_millis(const ZonedTime& time);

/// "2022-03-04T05:06:07Z", "...07.120+01:00": a fraction of 3, 6 or 9 digits when there is one.
void append_iso(std::string& out, const ZonedTime& time);

/// The components of E.5, in any case; nullopt for an unknown word. Weekdays: 1 = Sunday (DP-21).
std::optional<std::int64_t> date_part(std::string_view component, const ZonedTime& time);

/// Replaces one field of the local time; the day is clamped when the month gets shorter. Gives the reason
/// for which it cannot ("a month is 1 to 12"), leaving `time` alone; empty when done.
std::string_view set_date_part(std::string_view component, std::int64_t value, ZonedTime& time);

struct DateTimeFields {
  std::int64_t year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, nanosecond = 0;
};
/// Local time in `zone` (DP-15). Gives the reason for which it cannot, leaving `out` alone; empty when done.
std::string_view make_date_time(const DateTimeFields& fields, ZoneChoice zone, ZonedTime& out);

/// Reads "Europe/Paris", "+02:00", "+0200", "+02", "Z", "UTC", "GMT+2", and the abbreviations of E.4, which
/// are fixed offsets even where an IANA id is spelt the same.
std::optional<ZoneChoice> find_zone(std::string_view text, const Zones& zones);

}  // namespace headwater::mapping
