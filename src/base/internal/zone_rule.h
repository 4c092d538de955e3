#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/zones.h"

namespace headwater {

/// Daylight time that returns every year: the POSIX rule at the end of a zone's file (RFC 8536 3.3), which
/// tells of the years after the file's last transition.
class ZoneRule {
 public:
  /// "CET-1CEST,M3.5.0,M10.5.0/3". Nullopt for a zone without daylight time, and for rules that count days
  /// of the year: no zone has one.
  static std::optional<ZoneRule> parse(std::string_view text);
  const ZoneOffset& offset_at(std::int64_t utc_seconds) const;

 private:
  /// "The last Sunday in March, 02:00 by the clock that shows until then."
  struct Change {
    std::chrono::month month{1};
    unsigned week = 1;  // 5: the last
    std::chrono::weekday weekday{0};
    std::int32_t local_seconds = 0;  // from midnight; may lie in another day
    std::int64_t utc(std::chrono::year year, std::int32_t offset_before) const;
  };
  static std::optional<Change> parse_change(std::string_view& text);

  ZoneOffset standard_, daylight_;
  Change begin_, end_;  // of daylight time
};

}  // namespace headwater
