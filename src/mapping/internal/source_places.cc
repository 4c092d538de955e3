#include "mapping/internal/source_places.h"

#include <algorithm>
#include <atomic>

namespace headwater::mapping {

using json::Kind;

namespace {

// Of an object; what follows is looked up. Bounds what objects with ever new names leave behind.
constexpr std::size_t kKnownMembersMax = 256;
constexpr std::size_t kKnownNameMax = 64;  // bytes

}  // namespace

std::uint64_t SourcePlaces::next_serial() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

// The path as it is; then, for dots that may belong to a name, the rest of the path as one literal key.
std::uint32_t SourcePlaces::add(const Path& whole) {
  const auto every = std::find_if(whole.begin(), whole.end(),
                                  [](const Step& step) { return step.kind == Step::Kind::every; });
  Path path(whole.begin(), every);
  const auto known = std::find_if(places_.begin(), places_.end(),
                                  [&path](const Place& place) { return place.path == path; });
  if (known != places_.end()) return static_cast<std::uint32_t>(known - places_.begin());
  Place place;
  place.slots.push_back(add_slot(path));
  if (path.size() > 1) place.head = add_slot(std::span(path).first(1));
  const bool plain = !path.empty() && std::all_of(path.begin(), path.end(), [](const Step& step) {
    return step.kind == Step::Kind::name && step.name.find('.') == std::string::npos;
  });
  for (auto from = plain ? path.size() - 1 : 0; from-- > 0;) {
    Path shorter(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(from));
    Step rest;
    for (auto i = from; i < path.size(); ++i) rest.name += (i == from ? "" : ".") + path[i].name;
    shorter.push_back(std::move(rest));
    place.slots.push_back(add_slot(shorter));
  }
  place.path = std::move(path);
  first_slots_.push_back(place.slots.front());
  places_.push_back(std::move(place));
  serial_ = next_serial();
  return static_cast<std::uint32_t>(places_.size() - 1);
}

std::uint32_t SourcePlaces::add_slot(std::span<const Step> path) {
  std::uint32_t at = 0;
  for (const auto& step : path) {
    auto& here = tree_[at];
    const auto fresh = static_cast<std::uint32_t>(tree_.size());
    std::uint32_t next = fresh;
    if (step.kind == Step::Kind::name) {
      next = here.members.try_emplace(step.name, fresh).first->second;
    } else {
      const auto known = std::find_if(here.elements.begin(), here.elements.end(),
                                      [&step](const auto& entry) { return entry.first == step.index; });
      if (known != here.elements.end()) {
        next = known->second;
      } else {
        here.elements.emplace_back(step.index, fresh);
        std::sort(here.elements.begin(), here.elements.end());
      }
    }
    if (next == fresh) tree_.emplace_back();
    at = next;
  }
  auto& slot = tree_[at].slot;
  if (slot == kNone) slot = slot_count_++;
  return slot;
}

void FoundPlaces::find(const SourcePlaces& places, const json::Record& record) {
  places_ = &places;
  record_ = &record;
  slots_.assign(places.slot_count_, kNone);
  if (serial_ != places.serial_) {
    serial_ = places.serial_;
    known_.assign(places.tree_.size(), {});
  }
  collect(0, 0);
}

const json::Node* FoundPlaces::by_other_reading(std::uint32_t place) const {
  for (const auto slot : places_->places_[place].slots)
    if (slots_[slot] != kNone) return record_->nodes + slots_[slot];
  return nullptr;
}

std::uint32_t FoundPlaces::branch_of(const json::Node& name, const SourcePlaces::Branch& branch,
                                     Known& known) {
  const auto raw = record_->inner(name);
  if (known.name == raw && !raw.empty()) return known.branch;
  const auto wanted = branch.members.find(record_->characters(name, text_));
  const auto found = wanted == branch.members.end() ? kNone : wanted->second;
  if (raw.size() <= kKnownNameMax) {
    known.name.assign(raw);
    known.branch = found;
  }
  return found;
}

// One walk over what rows read; the rest is skipped by its end.
void FoundPlaces::collect(std::uint32_t node_index, std::uint32_t branch_index) {
  const auto& branch = places_->tree_[branch_index];
  const auto& node = record_->nodes[node_index];
  if (branch.slot != kNone) slots_[branch.slot] = node_index;
  if (node.kind == Kind::object && !branch.members.empty()) {
    auto& known = known_[branch_index];
    std::size_t member = 0;
    Known unknown;
    for (auto at = node_index + 1; at < node.next; ++member) {
      const auto value = at + 1;
      const bool remembered = member < kKnownMembersMax;
      if (remembered && member == known.size()) known.emplace_back();
      const auto wanted = branch_of(record_->nodes[at], branch, remembered ? known[member] : unknown);
      if (wanted != kNone) collect(value, wanted);
      at = record_->nodes[value].next;
    }
  } else if (node.kind == Kind::array && !branch.elements.empty()) {
    auto wanted = branch.elements.begin();
    std::uint32_t position = 0;
    for (auto at = node_index + 1; at < node.next && wanted != branch.elements.end(); ++position) {
      if (wanted->first == position) collect(at, (wanted++)->second);
      at = record_->nodes[at].next;
    }
  }
}

}  // namespace headwater::mapping
