#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "json/record.h"
#include "mapping/internal/path.h"
#include "mapping/internal/target_type.h"

namespace headwater::mapping {

/// The places of a source record that rows and expressions read, found in one walk over the record.
/// Immutable once compiled.
class SourcePlaces {
 public:
  SourcePlaces() : serial_(next_serial()) { tree_.emplace_back(); }

  /// The number of the place that a path names; the same for the same path. The path up to its first [*],
  /// when it has one.
  std::uint32_t add(const Path& path);

  std::size_t size() const { return places_.size(); }

 private:
  friend class FoundPlaces;
  struct Branch {
    NameMap members;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> elements;  // array index, branch; ascending
    std::uint32_t slot = kNone;                                     // filled with this branch's node
  };
  // A place: its path, then its readings with dots that belong to names (reference B.2, DP-04).
  struct Place {
    Path path;
    std::vector<std::uint32_t> slots;
    std::uint32_t head = kNone;  // slot of the path's first step, to walk on from where arrays intervene
  };
  std::uint32_t add_slot(std::span<const Step> path);
  static std::uint64_t next_serial();

  std::uint64_t serial_;      // another one for every tree: an address may come again
  std::vector<Branch> tree_;  // [0] is the record
  std::vector<Place> places_;
  std::vector<std::uint32_t> first_slots_;  // of each place: that of the path as it is
  std::uint32_t slot_count_ = 0;
};

/// What one record holds at the places. Reused from record to record.
class FoundPlaces {
 public:
  void find(const SourcePlaces& places, const json::Record& record);
  /// The node at a place; null when the record has none.
  const json::Node* node(std::uint32_t place) const {
    const auto found = slots_[places_->first_slots_[place]];
    return found != kNone ? record_->nodes + found : by_other_reading(place);
  }
  /// The node of the path's first step, when the path goes on behind it.
  const json::Node* head(std::uint32_t place) const {
    const auto slot = places_->places_[place].head;
    return slot == kNone || slots_[slot] == kNone ? nullptr : record_->nodes + slots_[slot];
  }

 private:
  // A member's name as the record writes it, and its branch; kNone when nobody reads it.
  struct Known {
    std::string name;
    std::uint32_t branch = kNone;
  };
  void collect(std::uint32_t node, std::uint32_t branch);
  std::uint32_t branch_of(const json::Node& name, const SourcePlaces::Branch& branch, Known& known);
  const json::Node* by_other_reading(std::uint32_t place) const;

  const SourcePlaces* places_ = nullptr;
  const json::Record* record_ = nullptr;
  std::uint64_t serial_ = 0;  // of the places that `known_` is about
  // Of each branch: the members of the object that was read there last, in their order. The next one mostly
  // has the same, and comparing a name is cheaper than looking it up.
  std::vector<std::vector<Known>> known_;
  std::vector<std::uint32_t> slots_;
  std::string text_;
};

}  // namespace headwater::mapping
