#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "json/record.h"
#include "json/value.h"

namespace headwater::schema {

/// What was seen at one place of the records: the kinds, how often, and what stands below. `seen` counts
/// occurrences of the place with any value; for a member, its parent's `objects - seen` is how often it was
/// missing.
struct Shape {
  std::uint64_t seen = 0;
  std::uint64_t nulls = 0;
  std::uint64_t booleans = 0;
  std::uint64_t integers = 0;   // numbers written without fraction and exponent
  std::uint64_t fractions = 0;  // all other numbers
  std::uint64_t strings = 0;
  std::uint64_t arrays = 0;
  std::uint64_t objects = 0;
  bool beyond_2_53 = false;  // some integer lies outside -2^53 to 2^53-1
  bool beyond_int64 = false;

  struct Member;
  std::vector<Member> members;      // in the order first seen
  std::unique_ptr<Shape> elements;  // all elements of all arrays here; null when there were none

  const Member* find(std::string_view name) const;
};

struct Shape::Member {
  std::string name;
  Shape shape;
};

/// True when some object at `parent` lacked the member, or it was null.
bool is_nullable(const Shape& parent, const Shape::Member& member);

/// Derives a schema from records, one after another, keeping none of them. Confined to one thread.
/// Source: REST-source reference, section 10; flow-service reference, section 10.2.
class Inference {
 public:
  /// Places beyond `places_max` (members used as data, not as names) are not looked at; see `truncated`.
  explicit Inference(std::size_t places_max = 20'000) : places_left_(places_max) {}

  void add(const json::Record& record);
  void add(const json::Record& record, const json::Node& node);

  /// The kinds merged: integer with bounds -2^53 and 2^53-1 (without them when a value lies outside); integer
  /// and fraction -> number; other scalars together -> string; null only -> {}; an array without elements has
  /// items {}; a scalar beside an object or array, or both of those -> {}. `required` is never given.
  json::Value schema() const;
  const Shape& shape() const { return root_; }
  /// Some members were not looked at, because there were too many.
  bool truncated() const { return truncated_; }

 private:
  std::uint32_t add_node(const json::Record& record, std::uint32_t index, Shape& shape);
  Shape* member_of(Shape& shape, std::string_view name, std::size_t position);

  Shape root_;
  std::size_t places_left_;
  bool truncated_ = false;
  std::string scratch_;
};

/// The schema of one place, by the rules of Inference::schema.
json::Value schema_of(const Shape& shape);

}  // namespace headwater::schema
