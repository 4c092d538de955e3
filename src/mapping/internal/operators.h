#pragma once

#include <optional>
#include <string_view>

#include "mapping/internal/syntax.h"
#include "mapping/internal/value.h"

namespace headwater::mapping {

class Evaluation;

/// The operators of the reference's C.9 and C.10, logical ones and conditionals aside. Arguments are not
/// failed.
Value unary(Evaluation& run, Syntax::Kind kind, const Value& value);
Value binary(Evaluation& run, Syntax::Kind kind, const Value& left, const Value& right);

/// C.10: null, false, 0, NaN, "" and "false" are false.
bool truth(const Value& value);
bool is_empty_value(const Evaluation& run, const Value& value);
/// As ==. A text that is no number, against a number, is unequal here.
bool equal_leniently(Evaluation& run, const Value& left, const Value& right);
/// Less than zero, zero, more; nothing when the two have no order: `reason` says why.
std::optional<int> compare(Evaluation& run, const Value& left, const Value& right, std::string_view& reason);

}  // namespace headwater::mapping
