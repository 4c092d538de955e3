#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headwater {

/// What a zone's clocks show at one instant.
struct ZoneOffset {
  std::int32_t seconds = 0;  // east of UTC
  bool daylight = false;
  std::string abbreviation;  // "CEST"; zones without a lettered one have "+03".
};

/// One zone of the tz database. Immutable to its users; every call from any thread.
class Zone {
 public:
  /// The IANA id, "Europe/Paris".
  std::string_view name() const;
  /// Before the first known transition: local mean time; after the last one: the rule that is in force
  /// now, for ever. Any year of std::chrono.
  ZoneOffset offset_at(std::int64_t utc_seconds) const;
  /// The instant of a clock reading (seconds as if it were UTC). A reading that the clocks skip moves
  /// forward by the gap; of one that they show twice, the first.
  std::int64_t to_utc(std::int64_t local_seconds) const;

  /// Only of use to Zones.
  struct State;
  explicit Zone(std::unique_ptr<State> state);
  Zone(Zone&&) noexcept;
  Zone& operator=(Zone&&) noexcept;
  ~Zone();

 private:
  friend class Zones;
  std::unique_ptr<State> state_;
};

/// The system's tz database. Immutable to its users; every call from any thread.
class Zones {
 public:
  /// Opened at the first call; each zone's file is read when it is first asked for. A system without
  /// tzdata has no zones.
  static const Zones& system();
  /// By its id, in its case; null when there is none or its file cannot be read. Lives as long as this.
  const Zone* find(std::string_view iana_name) const;

 private:
  Zones();
  std::vector<Zone> zones_;  // by name
};

}  // namespace headwater
