#pragma once

#include <optional>
#include <string>
#include <vector>

#include "json/value.h"
#include "mapping/internal/path.h"
#include "mapping/mapping_set.h"

namespace headwater::mapping {

/// A row compiled: what gives its value, and where it goes. The expression language adds a third kind.
struct RowProgram {
  enum class Kind { attribute, constant };
  Kind kind = Kind::attribute;
  Path source;           // attribute
  json::Value constant;  // constant; null writes nothing unless nulls are allowed
  Path destination;
};

/// Compiles one row. Gives nothing, and at least one problem, when it cannot be used.
std::optional<RowProgram> compile_row(const Row& row, std::size_t index, std::vector<RowProblem>& problems);

}  // namespace headwater::mapping
