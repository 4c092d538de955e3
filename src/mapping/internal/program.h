#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mapping/internal/row_program.h"
#include "mapping/internal/target_type.h"
#include "mapping/mapping_set.h"

namespace headwater::mapping {

/// A place of the target record: what goes there, and what goes below it. Members and elements never mix.
struct Destination {
  std::string name;           // member: its name
  std::string key;            // member: `"name":`
  std::uint32_t row = kNone;  // the row that writes here
  std::uint32_t type = kNone;
  NameMap members;
  std::vector<std::uint32_t> member_order;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> elements;  // array index, place; ascending
  std::uint32_t every = kNone;                                    // [*]
  std::uint32_t wildcard = 0;                                     // which [*] of its rows `every` is
  std::vector<std::uint32_t> wildcard_rows;                       // rows whose arrays `every` runs over
};

/// A place of the source record that some row reads: one walk over a record fills all slots.
struct SourcePlace {
  NameMap members;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> elements;  // array index, place; ascending
  std::uint32_t slot = kNone;                                     // filled with this place's node
};

struct CompiledRow {
  Row row;
  RowProgram program;
  std::vector<std::uint32_t> slots;  // candidates, best first; empty for constants and wildcards
  std::string constant;              // its text, coerced; empty: nothing is written
  std::uint32_t cursors = 0;         // first of its wildcard cursors
};

struct Mapping::Program {
  explicit Program(const json::Value& target_schema) : types(target_schema) {}
  TargetTypes types;
  bool allow_nulls = false;
  std::vector<CompiledRow> rows;
  std::vector<Destination> destinations;  // [0] is the record
  std::vector<SourcePlace> sources;       // [0] is the record
  std::uint32_t slot_count = 0;
  std::uint32_t cursor_count = 0;
};

}  // namespace headwater::mapping
