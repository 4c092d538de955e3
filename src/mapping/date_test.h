#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/zones.h"
#include "mapping/internal/date_pattern.h"

namespace headwater::mapping {

inline constexpr const char* kMonday = "2024-12-30T05:06:07.089Z";

inline const Zones& zones() { return Zones::system(); }

inline std::string iso(const std::optional<ZonedTime>& time) {
  std::string out;
  if (!time) return "no match";
  append_iso(out, *time);
  return out;
}

inline std::string parsed(std::string_view pattern, std::string_view text) {
  const auto compiled = DatePattern::compile(pattern);
  if (!compiled) return compiled.error().message;
  return iso(compiled->parse(text, zones()));
}

inline std::string any(std::string_view text) { return iso(parse_any_date(text, zones())); }

}  // namespace headwater::mapping
