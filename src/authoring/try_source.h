#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/extract/request_plan.h"
#include "engine/run/source_access.h"
#include "json/value.h"

namespace headwater::authoring {

/// One step of a trial: what was sent (secrets masked), what came back, and what was made of it.
struct TriedStep {
  std::string_view name;  // "account", "page", "records", "schema"
  bool reached = false;
  bool good = false;
  std::optional<extract::PlannedRequest> sent;
  std::string got, made;
  std::string problem, hint;  // when it is not good
  json::Value detail;         // records: the first of them; schema: the schema; else null
};

/// A source tried on its real API, as far as it goes.
struct Trial {
  std::vector<TriedStep> steps;                 // all of them, in order
  std::optional<extract::PlannedRequest> next;  // the next page's request, when the spec alone tells
  std::vector<std::string> notes;
  bool good() const;
};

/// Asks whether the account is accepted, fetches one page, shapes it and derives a schema; stops at the first
/// step that fails. Nothing is kept. Errors: invalid_argument (spec, params: nothing could be sent; a
/// streaming source calls nobody), cancelled.
Result<Trial> try_source(run::SourceAccess& access, const run::SourceDocuments& draft, std::stop_token stop);

json::Value encode(const Trial& trial);
std::string format(const Trial& trial);

}  // namespace headwater::authoring
