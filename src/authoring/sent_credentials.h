#pragma once

#include <vector>

#include "authoring/publish_source.h"
#include "json/value.h"

namespace headwater::authoring {

/// What two versions of a spec send as credentials by texts of their own, without restAttributes: the header
/// Authorization, and each header, parameter and member of the body that asks for an input of an account.
/// Where one is gone or changed, its flows are refused by the source.
std::vector<BreakingChange> broken_credentials(const json::Value& before, const json::Value& after);

/// Whether a header other than those differs, also by its value alone.
bool other_headers_differ(const json::Value& before, const json::Value& after);

}  // namespace headwater::authoring
