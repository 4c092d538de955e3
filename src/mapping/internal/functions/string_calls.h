#pragma once

#include <span>

#include "mapping/internal/evaluation.h"

namespace headwater::mapping {

/// What the functions of strings.cc do (reference D.1).
struct StringCalls {
  using In = std::span<const Value>;
  static Value concat(Evaluation& run, In values);
  static Value explode(Evaluation& run, In values);
  static Value instr(Evaluation& run, In values);
  static Value replacestr(Evaluation& run, In values);
  static Value substr(Evaluation& run, In values);
  static Value lower(Evaluation& run, In values);
  static Value upper(Evaluation& run, In values);
  static Value split(Evaluation& run, In values);
  static Value join(Evaluation& run, In values);
  static Value lpad(Evaluation& run, In values);
  static Value rpad(Evaluation& run, In values);
  static Value left(Evaluation& run, In values);
  static Value right(Evaluation& run, In values);
  static Value ltrim(Evaluation& run, In values);
  static Value rtrim(Evaluation& run, In values);
  static Value trim(Evaluation& run, In values);
  static Value equals(Evaluation& run, In values);
  static Value equals_ignoring_case(Evaluation& run, In values);
};

}  // namespace headwater::mapping
