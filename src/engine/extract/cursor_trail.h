#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>

#include "json/value.h"

namespace headwater::extract {

/// The tokens and links that a run has followed: whether the source leads back to one of them. Finds any
/// cycle with constant memory, short ones at once. Confined to one run; its state goes into the page's
/// cursor.
class CursorTrail {
 public:
  /// Adds one; true when it is known to have been there before.
  bool leads_back(std::string_view cursor);

  void add_to(json::Object& state) const;
  void restore(const json::Value& state);

 private:
  // Brent's tortoise finds any cycle with constant memory; the sets only find it sooner.
  std::string tortoise_;
  std::uint64_t tortoise_age_ = 0, tortoise_limit_ = 1;
  std::deque<std::uint64_t> recent_;
  std::unordered_set<std::uint64_t> seen_;
};

}  // namespace headwater::extract
