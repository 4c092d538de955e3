#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace headwater::mapping {

/// A proposed row: a field of the source that looks like a field of the target.
struct Suggestion {
  std::string source;       // path
  std::string destination;  // path
  double score = 0;         // 0 to 1
};

/// Proposes at most one row for each field of the target, in the target's order, by the words in the names
/// and by the types. `sample`: a record, or an array of records. Fields in arrays of objects are paired by
/// [*]. Errors: invalid_argument, a sample or schema that is no object.
Result<std::vector<Suggestion>> suggest(const json::Value& sample, const json::Value& target_schema);

}  // namespace headwater::mapping
