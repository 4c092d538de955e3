#pragma once

#include <string_view>
#include <unordered_map>

#include "json/value.h"

namespace headwater::json {

/// The members of an object by their names, for whoever asks for many of them: the object itself looks
/// through them all each time. Keeps a reference to the object, which does not change meanwhile.
class MemberIndex {
 public:
  explicit MemberIndex(const Object& object) : object_(object) {
    constexpr std::size_t kIndexFrom = 16;
    if (object.size() < kIndexFrom) return;
    members_.reserve(object.size());
    for (const Member& member : object) members_.emplace(member.name, &member.value);
  }

  /// The member of that name, or nullptr.
  const Value* find(std::string_view name) const {
    if (members_.empty()) return object_.find(name);
    const auto found = members_.find(name);
    return found == members_.end() ? nullptr : found->second;
  }

 private:
  const Object& object_;
  std::unordered_map<std::string_view, const Value*> members_;
};

}  // namespace headwater::json
