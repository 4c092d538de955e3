#include "mapping/environment.h"

#include <cstring>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/time.h"
#include "base/zones.h"
#include "mapping/user_agent.h"

namespace headwater::mapping {

const Environment& Environment::system() {
  static const Environment environment{
      [] { return epoch_millis(SystemClock().now()); },
      [] {
        std::uint64_t out = 0;
        const auto bytes = crypto::random_bytes(sizeof out);
        std::memcpy(&out, bytes.data(), sizeof out);
        return out;
      },
      &Zones::system(),
      []() -> const UserAgents& { return UserAgents::packaged(); },
  };
  return environment;
}

}  // namespace headwater::mapping
