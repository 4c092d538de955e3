#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/source_spec.h"
#include "json/value.h"

namespace headwater::authoring {

/// What the records of a mock are like. A value.
struct MockRecordShape {
  std::uint64_t seed = 1;
  json::Value schema;                     // of one element, where the author's spec has one; or null
  std::vector<std::string> nested_array;  // what the spec explodes, within an element; empty: nothing
  std::vector<std::string> key;           // what recordKey names, within an element; empty: nothing
};

/// The records that a mock has: 0 to size() - 1, sorted by time, a minute apart. Number and seed decide every
/// byte of a record. Confined to one thread, or guarded by its owner.
class MockRecords {
 public:
  static constexpr std::int64_t kFirstTime = 1'704'067'200;  // 2024-01-01T00:00:00Z
  static constexpr std::uint64_t kNested = 2;                // elements of the array that is exploded

  MockRecords(MockRecordShape shape, std::uint64_t count) : shape_(std::move(shape)), count_(count) {}

  std::uint64_t size() const { return count_ + added_; }
  /// Further records, as if they had come up since, all at that time (not before those that are there).
  void add(std::uint64_t count, TimePoint time);
  /// The first record that is not before `time`; size() when there is none.
  std::uint64_t index_at(TimePoint time) const;
  TimePoint time_of(std::uint64_t index) const;

  /// The element that a page holds. A drifted one has a member more, and a text where others have a number.
  json::Value element(std::uint64_t index, bool drifted) const;

 private:
  MockRecordShape shape_;
  std::uint64_t count_;
  std::uint64_t added_ = 0;
  TimePoint added_from_{};
};

/// A value that fits the schema: its default, an example, the first of its enum, or one of its type.
json::Value sample_of(const json::Value& schema, const std::string& name);

/// Sets the member at the end of `names`, making the objects on the way there.
void set_at(json::Object& object, const std::vector<std::string>& names, json::Value value);

}  // namespace headwater::authoring
