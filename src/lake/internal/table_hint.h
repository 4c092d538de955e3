#pragma once

#include <string>
#include <vector>

#include "lake/lake.h"

namespace headwater::lake {

/// DuckDB's message about a table that there is not, with the closest of these datasets in the place of the
/// system view that it means; where none is close, with how to list them. Any other message as it is.
std::string with_table_hint(std::string message, const std::vector<DatasetInfo>& datasets);

}  // namespace headwater::lake
