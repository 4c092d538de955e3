#include "engine/extract/cursor_trail.h"

#include <algorithm>
#include <utility>

#include "engine/extract/cursor_state.h"
#include "engine/extract/page_hash.h"

namespace headwater::extract {
namespace {

constexpr std::size_t kRecentMax = 64;     // cursor hashes that a checkpoint keeps
constexpr std::size_t kSeenMax = 200'000;  // cursor hashes in memory

}  // namespace

bool CursorTrail::leads_back(std::string_view cursor) {
  const std::uint64_t hash = hash_bytes(cursor);
  if (cursor == tortoise_) return true;
  if (!seen_.insert(hash).second) return true;
  if (seen_.size() > kSeenMax) seen_.erase(seen_.begin());
  recent_.push_back(hash);
  if (recent_.size() > kRecentMax) recent_.pop_front();
  if (++tortoise_age_ >= tortoise_limit_) {
    tortoise_ = std::string(cursor);
    tortoise_age_ = 0;
    tortoise_limit_ *= 2;
  }
  return false;
}

void CursorTrail::add_to(json::Object& state) const {
  if (!tortoise_.empty()) {
    state.set("tortoise", json::Value(tortoise_));
    state.set("tortoiseAge", json::Value(tortoise_age_));
    state.set("tortoiseLimit", json::Value(tortoise_limit_));
  }
  if (!recent_.empty()) {
    json::Array seen;
    for (const auto hash : recent_) seen.emplace_back(std::to_string(hash));
    state.set("seen", json::Value(std::move(seen)));
  }
}

void CursorTrail::restore(const json::Value& state) {
  tortoise_ = state.string_at("tortoise");
  tortoise_age_ = number_at(state, "tortoiseAge");
  tortoise_limit_ = std::max<std::uint64_t>(1, number_at(state, "tortoiseLimit"));
  if (const auto* seen = state.find("seen"); seen && seen->is_array())
    for (const auto& each : *seen->if_array())
      if (const auto* text = each.if_string()) {
        recent_.push_back(hash_of_text(*text));
        seen_.insert(recent_.back());
      }
}

}  // namespace headwater::extract
