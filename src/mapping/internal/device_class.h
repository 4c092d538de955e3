#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "mapping/internal/agent_patterns.h"
#include "mapping/internal/first_match.h"

namespace headwater::mapping {

/// Which class of device sent a user agent text, by an ordered list of rules. Immutable; any thread.
class DeviceClasses {
 public:
  static Result<DeviceClasses> make();
  /// One of the names of the reference, "Unknown" when no rule tells. `text` has no control characters.
  std::string_view of(std::string_view text, std::string_view system,
                      const AgentPatterns::Device& device) const;

  static constexpr std::string_view kHacker = "Hacker";
  static constexpr std::string_view kUnknown = "Unknown";

 private:
  FirstMatch rules_;
};

}  // namespace headwater::mapping
