#pragma once

#include <span>

#include "mapping/internal/evaluation.h"

namespace headwater::mapping {

/// What the functions on objects and maps do (reference D.6 and D.8).
struct ObjectCalls {
  using Values = std::span<const Value>;
  static Value is_empty(Evaluation& run, Values values);
  static Value contains_key(Evaluation& run, Values values);
  static Value nullify(Evaluation& run, Values values);
  static Value arrays_to_objects(Evaluation& run, Values values);
  static Value to_object(Evaluation& run, Values values);
  static Value str_to_object(Evaluation& run, Values values);
  static Value get_keys(Evaluation& run, Values values);
  static Value get_values(Evaluation& run, Values values);
  static Value map_get_values(Evaluation& run, Values values);
  static Value map_has_keys(Evaluation& run, Values values);
  static Value add_to_map(Evaluation& run, Values values);
  static Value object_to_map(Evaluation& run, Values values);
  static Value array_to_map(Evaluation& run, Values values);
  static Value to_map(Evaluation& run, Values values);
};

}  // namespace headwater::mapping
