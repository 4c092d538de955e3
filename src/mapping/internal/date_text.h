#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/zones.h"

namespace headwater::mapping {

/// ASCII letters in any case.
bool same_letters(std::string_view a, std::string_view b);

/// With leading zeros to at least `width` digits.
void append_padded(std::string& out, std::uint64_t number, std::size_t width);

struct OffsetStyle {
  bool colon = false;
  bool z_for_utc = false;
  bool minutes_if_any = false;  // "-08", but "+0530"
  bool seconds = false;         // when there are any, as in local mean time
};
void append_offset(std::string& out, std::int32_t offset, OffsetStyle style);
/// "GMT", "GMT-8", "GMT+5:30"; padded: "GMT-08:00".
void append_gmt_offset(std::string& out, std::int32_t offset, bool padded);

struct OffsetText {
  std::int32_t seconds = 0;
  bool is_z = false;
  unsigned hour_digits = 0;
  bool minutes = false, colon = false;
};
/// Takes "Z", "+2", "+02", "+0200", "+02:00" or "+02:00:30" from the front; up to 18 hours. Leaves `text`
/// alone when there is none.
std::optional<OffsetText> take_offset(std::string_view& text);

/// "Pacific Daylight Time"; empty for a zone that is not in our table of common ones.
std::string_view long_zone_name(const Zone& zone, std::int32_t offset);
/// Takes a long name from the front and gives its offset.
std::optional<std::int32_t> take_long_zone_name(std::string_view& text);

}  // namespace headwater::mapping
