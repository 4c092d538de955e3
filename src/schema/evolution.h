#pragma once

#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace headwater::schema {

/// What of a change would spoil records that were written under the schema before, or the columns they stand
/// in: members removed or of another type, new required members, narrower values. New optional members, and
/// texts, break nothing. Pointers into the schema before or after. Local references and allOf are followed.
std::vector<Problem> breaking_changes(const json::Value& before, const json::Value& after);

}  // namespace headwater::schema
