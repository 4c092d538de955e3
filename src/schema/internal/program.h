#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/regex.h"
#include "json/value.h"
#include "schema/internal/decimal.h"
#include "schema/internal/formats.h"
#include "schema/validator.h"

namespace headwater::schema {

/// Index of a subschema in Program::schemas, or of a rule set in its table.
using Index = std::uint32_t;
constexpr Index kNone = 0xFFFFFFFF;

/// One bit for each JSON Schema type.
enum TypeBit : std::uint8_t {
  kNullBit = 1,
  kBooleanBit = 2,
  kIntegerBit = 4,
  kNumberBit = 8,
  kStringBit = 16,
  kArrayBit = 32,
  kObjectBit = 64,
};

struct NumberRules {
  std::optional<Bound> maximum, exclusive_maximum, minimum, exclusive_minimum;
  std::string multiple_of;  // empty: none
};

struct Pattern {
  std::string text;  // as written
  Regex regex;
};

struct StringRules {
  std::uint64_t length_max = UINT64_MAX;
  std::uint64_t length_min = 0;
  std::optional<Pattern> pattern;
  std::optional<Format> format;
};

struct ArrayRules {
  std::uint64_t items_max = UINT64_MAX;
  std::uint64_t items_min = 0;
  bool unique = false;
  std::vector<Index> positions;  // `items` as an array
  Index rest = kNone;            // `items` as a schema, or `additionalItems` behind `positions`
  bool rest_is_additional = false;
  Index contains = kNone;
};

/// Member names to small numbers, by open addressing.
class NameTable {
 public:
  /// The number of `name`, adding it if it is new.
  Index add(std::string_view name);
  Index find(std::string_view name) const;
  std::size_t size() const { return names_.size(); }
  const std::string& name(Index number) const { return names_[number]; }

 private:
  void build();
  static std::uint64_t hash(std::string_view name);
  std::vector<std::string> names_;
  std::vector<Index> slots_;
};

struct Dependency {
  Index name;  // in ObjectRules::names
  Index schema = kNone;
  std::vector<Index> required;  // names
};

struct ObjectRules {
  std::uint64_t members_max = UINT64_MAX;
  std::uint64_t members_min = 0;
  NameTable names;                // of properties, required and dependencies
  std::vector<Index> properties;  // by number in `names`; kNone where the name is no property
  std::vector<Index> required;    // numbers in `names`
  std::vector<std::pair<Pattern, Index>> patterns;
  Index additional = kNone;
  Index property_names = kNone;
  std::vector<Dependency> dependencies;
  bool needs_presence = false;  // required or dependencies
};

struct GenericRules {
  std::vector<json::Value> enumeration;
  bool has_enumeration = false;
  std::optional<json::Value> constant;
  std::vector<Index> all_of, any_of, one_of;
  Index negation = kNone;
  Index condition = kNone, consequence = kNone, alternative = kNone;
};

/// One compiled subschema: what applies to values of each kind. A `$ref` compiles to `ref` alone.
struct Schema {
  std::uint8_t types = 0;  // 0: any
  bool never = false;      // the schema false
  Index ref = kNone;
  Index number = kNone, string = kNone, array = kNone, object = kNone, generic = kNone;
};

struct Validator::Program {
  std::vector<Schema> schemas;  // [0] is the root
  std::vector<NumberRules> numbers;
  std::vector<StringRules> strings;
  std::vector<ArrayRules> arrays;
  std::vector<ObjectRules> objects;
  std::vector<GenericRules> generics;
  std::vector<Problem> warnings;
};

}  // namespace headwater::schema
