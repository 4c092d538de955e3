#pragma once

#include "domain/internal/problem_list.h"
#include "domain/internal/spec_reader.h"
#include "domain/source_spec.h"
#include "json/value.h"

namespace headwater::domain {

/// Tells of what is meant for the body of a request that has none: a GET carries no page parameters and no
/// keys there, so the source would never see them.
void check_body_use(const json::Value& spec, const SourceSpec& source, const SpecReader& places,
                    ProblemList& problems);

}  // namespace headwater::domain
