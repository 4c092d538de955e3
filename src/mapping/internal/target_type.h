#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/value.h"

namespace headwater::mapping {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

/// Looks names up by view, without building a string.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>{}(name); }
};
using NameMap = std::unordered_map<std::string, std::uint32_t, NameHash, std::equal_to<>>;

/// What the target schema says of one place.
struct TargetType {
  enum class Kind : std::uint8_t { any, string, boolean, integer, number, date_time, date, object, array };
  Kind kind = Kind::any;
  NameMap members;                    // object: declared members
  std::vector<std::string> required;  // object: members that a record must have
  std::uint32_t additional = kNone;   // object: type of other members; kNone when they have none
  bool closed = false;                // object: other members are not carried (some are declared)
  std::uint32_t items = kNone;        // array
};

/// The types of a target schema (JSON Schema or XDM: properties, items, allOf, local $ref). [0] is the
/// root; a schema that is null gives one type, any.
class TargetTypes {
 public:
  explicit TargetTypes(const json::Value& schema);
  const TargetType& operator[](std::uint32_t index) const { return types_[index]; }
  /// The type of a member, of any element; kNone when the schema does not know it.
  std::uint32_t member(std::uint32_t object, std::string_view name) const;
  std::uint32_t element(std::uint32_t array) const;
  /// A type that takes everything.
  std::uint32_t any() const { return any_; }

 private:
  std::uint32_t add(const json::Value& schema);
  void fill(std::uint32_t index, const json::Value& schema, int depth);
  const json::Value* local(std::string_view reference) const;

  const json::Value* root_;  // during construction
  std::vector<TargetType> types_;
  std::unordered_map<const json::Value*, std::uint32_t> known_;
  std::uint32_t any_ = 0;
};

}  // namespace headwater::mapping
