#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "domain/run.h"
#include "engine/extract/request_plan.h"
#include "engine/run/source_access.h"
#include "json/value.h"

namespace headwater::authoring {

/// The exact request plan of a run, made without calling the API; every secret is masked.
struct Explanation {
  extract::RequestPlan plan;
  std::string content;            // "$.members, each in \"member\", beside its siblings without _links"
  std::vector<Problem> problems;  // what lint says about the spec
};

/// Errors: invalid_argument, as a run would meet before its first request.
Result<Explanation> explain(run::SourceAccess& access, const run::SourceDocuments& draft,
                            const extract::Window& window);

json::Value encode(const Explanation& explanation);
std::string format(const Explanation& explanation);

}  // namespace headwater::authoring
