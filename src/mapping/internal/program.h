#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mapping/internal/evaluation.h"
#include "mapping/internal/row_program.h"
#include "mapping/internal/source_places.h"
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

struct CompiledRow {
  Row row;
  RowProgram program;
  std::string constant;  // its text, coerced; empty: nothing is written
};

struct Mapping::Program {
  explicit Program(const json::Value& target_schema) : types(target_schema) {}
  TargetTypes types;
  bool allow_nulls = false;
  std::vector<CompiledRow> rows;
  std::vector<Destination> destinations;  // [0] is the record
  SourcePlaces sources;
  std::uint32_t cursor_count = 0;
};

/// What one thread needs to apply mappings.
struct Mapping::Scratch::State {
  explicit State(const Environment& environment) : run(environment) {}
  Evaluation run;
  FoundPlaces places;
  std::vector<std::uint32_t> cursors;  // per [*] of a row's paths: the current element's node, or kNone
  std::vector<std::uint64_t> visited;  // per destination: the pass that wrote it last
  std::uint64_t pass = 0;
  std::vector<const json::Node*> elements;  // what a row's wildcard paths stand at
  std::string text;
};

}  // namespace headwater::mapping
