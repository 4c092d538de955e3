#pragma once

#include <string>

#include "mapping/internal/value.h"

namespace headwater::mapping {

class Evaluation;

/// The value as compact JSON: dates as text, numbers of the record as it writes them.
void append_json(std::string& out, Evaluation& run, const Value& value);

}  // namespace headwater::mapping
