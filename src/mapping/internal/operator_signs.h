#pragma once

#include <string_view>
#include <vector>

#include "mapping/internal/syntax.h"

namespace headwater::mapping {

struct OperatorSign {
  std::string_view sign;
  Syntax::Kind kind;
};

/// Operators between two operands that bind equally.
struct OperatorLevel {
  std::vector<OperatorSign> operators;
  bool chains;  // a op b op c
};

/// From those that bind least to those that bind most. Source: data-prep reference, C.4.
const std::vector<OperatorLevel>& operator_levels();
const std::vector<OperatorSign>& prefix_operators();

}  // namespace headwater::mapping
