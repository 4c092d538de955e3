#pragma once

#include "base/result.h"
#include "json/value.h"
#include "mapping/mapping_set.h"

namespace headwater::mapping {

/// Reads both wire forms (data-prep reference, A.2 and A.3): source/destination/sourceType with short names
/// or media types, and sourceAttribute/destinationXdmPath. Rows without sourceType are attributes.
/// Errors: invalid_argument with every problem, pointers into `document`.
/// `unreadable`: takes what is wrong with single rows, which then keep their place in the set and are no
/// error.
Result<MappingSet> read_mapping_set(const json::Value& document,
                                    std::vector<RowProblem>* unreadable = nullptr);

/// "ATTRIBUTE", "EXPRESSION", "STATIC".
std::string_view wire_name(SourceType type);

}  // namespace headwater::mapping
