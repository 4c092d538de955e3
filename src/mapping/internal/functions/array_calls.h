#pragma once

#include <span>

#include "mapping/internal/evaluation.h"

namespace headwater::mapping {

/// What the functions on arrays do (reference D.7).
struct ArrayCalls {
  using Values = std::span<const Value>;
  static Value coalesce(Evaluation& run, Values values);
  static Value first(Evaluation& run, Values values);
  static Value last(Evaluation& run, Values values);
  static Value add_to_array(Evaluation& run, Values values);
  static Value join_arrays(Evaluation& run, Values values);
  static Value to_array(Evaluation& run, Values values);
  static Value size_of(Evaluation& run, Values values);
  static Value unchanged(Evaluation& run, Values values);
  static Value array_to_string(Evaluation& run, Values values);
  static Value filter(Evaluation& run, Values values);
  static Value transform(Evaluation& run, Values values);
  static Value flatten(Evaluation& run, Values values);
};

}  // namespace headwater::mapping
