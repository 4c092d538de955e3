#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace headwater::mapping {

/// A proposed row: a field of the source that looks like a field of the target.
struct Suggestion {
  std::string source;       // path
  std::string destination;  // path; empty: nothing of the target looks like the source
  double score = 0;         // 0 to 1
};

/// Whether fields of the source that look like none of the target are named as well, behind the others.
enum class Unmapped : std::uint8_t { left_out, named };

/// Proposes at most one row for each field of the target, in the target's order, by the words in the names
/// and by the types. `sample`: a record, or an array of records. Fields in arrays of objects are paired by
/// [*]. Errors: invalid_argument, a sample or schema that is no object.
Result<std::vector<Suggestion>> suggest(const json::Value& sample, const json::Value& target_schema,
                                        Unmapped unmapped = Unmapped::left_out);

}  // namespace headwater::mapping
