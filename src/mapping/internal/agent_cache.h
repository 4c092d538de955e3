#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/user_agent.h"

namespace headwater::mapping {

/// Remembers what the last texts were parsed to: 256 sets of 16, each with a lock of its own, the text that
/// was not asked for longest leaving its set. So its size is bounded, and threads hardly ever meet. Any
/// thread.
class AgentCache {
 public:
  static constexpr std::size_t kSets = 256;
  static constexpr std::size_t kWays = 16;

  /// What is remembered of `text`, or what `parse` gives, which runs outside the locks.
  template <class Parse>
  std::shared_ptr<const Agent> find_or(std::string_view text, const Parse& parse) {
    const std::size_t hash = std::hash<std::string_view>{}(text);
    Set& set = sets_[hash % kSets];
    {
      const std::lock_guard lock(set.mutex);
      for (std::size_t way = 0; way < kWays; ++way) {
        if (set.hashes[way] != hash) continue;
        Slot& slot = set.slots[way];
        if (slot.agent == nullptr || slot.text != text) continue;
        slot.asked_for = ++set.time;
        return slot.agent;
      }
    }
    auto agent = std::make_shared<const Agent>(parse(text));
    const std::lock_guard lock(set.mutex);
    const auto oldest = std::ranges::min_element(set.slots, {}, &Slot::asked_for);
    set.hashes[static_cast<std::size_t>(oldest - set.slots.begin())] = hash;
    *oldest = Slot{++set.time, std::string(text), agent};
    return agent;
  }

 private:
  struct Slot {
    std::uint64_t asked_for = 0;
    std::string text;
    std::shared_ptr<const Agent> agent;  // Shared with those who asked.
  };
  struct Set {
    std::mutex mutex;
    std::uint64_t time = 0;
    std::array<std::size_t, kWays> hashes{};  // Apart from the slots: one look at two lines of memory.
    std::array<Slot, kWays> slots;
  };
  std::vector<Set> sets_{kSets};
};

}  // namespace headwater::mapping
