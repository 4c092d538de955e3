#pragma once

#include "domain/internal/problem_list.h"
#include "domain/internal/spec_reader.h"
#include "json/value.h"

namespace headwater::domain {

/// Warns of a known name that is written with other letter case, hyphens or underscores: it is not read.
void check_slips(const json::Value& spec, const SpecReader& places, ProblemList& problems);

}  // namespace headwater::domain
