#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "json/value.h"
#include "mapping/internal/expression_program.h"
#include "mapping/internal/path.h"
#include "mapping/internal/source_places.h"
#include "mapping/mapping_set.h"

namespace headwater::mapping {

/// A path with [*] that a row reads, and the first of its cursors, one for each [*].
struct WildcardPath {
  Path path;
  std::uint32_t place = 0;  // of SourcePlaces, up to the first [*]
  std::uint32_t cursors = 0;
  std::uint32_t count = 0;
};

/// A row compiled: what gives its value, and where it goes.
struct RowProgram {
  enum class Kind : std::uint8_t { attribute, constant, expression };
  Kind kind = Kind::attribute;
  std::uint32_t place = 0;                        // attribute without [*]
  json::Value constant;                           // constant; null writes nothing unless nulls are allowed
  std::unique_ptr<ExpressionProgram> expression;  // stays in its place: values point into it
  std::vector<WildcardPath> wildcards;  // attribute: one at the most; expression: of its attributes, in order
  Path destination;
};

/// Compiles one row; what it reads is added to `places`. False, and at least one problem, when it cannot be
/// used. `source`: the types of the source, or null.
bool compile_row(const Row& row, std::size_t index, const TargetTypes* source, SourcePlaces& places,
                 RowProgram& program, std::vector<RowProblem>& problems);

}  // namespace headwater::mapping
