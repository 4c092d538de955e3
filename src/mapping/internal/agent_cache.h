#pragma once

#include <array>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/user_agent.h"

namespace headwater::mapping {

/// Remembers what the last texts were parsed to: 512 sets of 8, each with a lock of its own, the text that
/// was not asked for longest leaving its set. So its size is bounded, and threads hardly ever meet. Any
/// thread.
class AgentCache {
 public:
  static constexpr std::size_t kSets = 512;
  static constexpr std::size_t kWays = 8;

  /// What is remembered of `text`, or what `parse` gives, which runs outside the locks.
  template <class Parse>
  std::shared_ptr<const Agent> find_or(std::string_view text, const Parse& parse) {
    const std::size_t hash = std::hash<std::string_view>{}(text);
    Set& set = sets_[hash % kSets];
    {
      const std::lock_guard lock(set.mutex);
      for (auto& slot : set.slots) {
        if (slot.hash != hash || slot.agent == nullptr || slot.text != text) continue;
        slot.asked_for = ++set.time;
        return slot.agent;
      }
    }
    auto agent = std::make_shared<const Agent>(parse(text));
    const std::lock_guard lock(set.mutex);
    Slot* oldest = &set.slots.front();
    for (auto& slot : set.slots)
      if (slot.asked_for < oldest->asked_for) oldest = &slot;
    *oldest = Slot{hash, ++set.time, std::string(text), agent};
    return agent;
  }

 private:
  struct Slot {
    std::size_t hash = 0;
    std::uint64_t asked_for = 0;
    std::string text;
    std::shared_ptr<const Agent> agent;  // Shared with those who asked.
  };
  struct Set {
    std::mutex mutex;
    std::uint64_t time = 0;
    std::array<Slot, kWays> slots;
  };
  std::vector<Set> sets_{kSets};
};

}  // namespace headwater::mapping
