#pragma once

#include <vector>

#include "authoring/publish_source.h"
#include "json/value.h"

namespace headwater::authoring {

/// What it means to publish `after` in place of `before`, for whoever decides about it:
/// {"changes":[{"kind":"added"|"removed"|"changed","pointer","before"?,"after"?}],
///  "breaking":[{"pointer","message"}], "alters":[{"pointer","message"}],
///  "flows":[{"id","name","sandbox","effect":"breaks"|"alters"|"keeps"}]}
/// What the server adds to a spec, and its id, are no changes.
json::Value compare_for_publication(const json::Value& before, const json::Value& after,
                                    const std::vector<FlowUse>& flows);

}  // namespace headwater::authoring
