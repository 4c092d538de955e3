#pragma once

#include <cstdint>
#include <functional>

namespace headwater {
class Zones;
}

namespace headwater::mapping {

class UserAgents;

/// What expressions may see of the world; everything else is a function of the record. Whoever applies a
/// mapping hands it in, tests with fixed values.
struct Environment {
  std::function<std::int64_t()> now_ms;            // Unix time, milliseconds; asked once per record (C.11)
  std::function<std::uint64_t()> random;           // for uuid()
  const Zones* zones = nullptr;                    // never null when applied
  std::function<const UserAgents&()> user_agents;  // asked on first use

  /// The system's clock, random source, time zones and the packaged user agent patterns.
  static const Environment& system();
};

}  // namespace headwater::mapping
