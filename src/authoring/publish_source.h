#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/source_folder.h"
#include "base/result.h"
#include "json/value.h"

namespace headwater::authoring {

/// The spec as a server's catalog has it: label, description, icon and category of the artifacts stand in its
/// uiAttributes as entries, `{"key": ..., "text": ...}` (the icon's with "svg"). See decision 0031.
/// Errors: invalid_argument (the spec is no JSON object).
Result<json::Value> catalog_spec(const SourceArtifacts& artifacts);

/// The artifacts of a spec that a server has: entries become files, and texts for development again; what the
/// server added is left out, its id is kept. `name` is the folder's.
SourceArtifacts artifacts_of(const json::Value& stored, std::string_view name);

/// The folder that a server's spec was published from, as its entry in the catalog says; "" when it says
/// nothing of one.
std::string published_folder(const json::Value& stored);

/// What a server added to a spec is left out: who, when, etag.
json::Value without_server_members(json::Value spec);

/// One member that differs between two versions of a spec.
struct SpecChange {
  enum class Kind : std::uint8_t { added, removed, changed };
  Kind kind = Kind::changed;
  std::string pointer;
  json::Value before, after;
};
std::vector<SpecChange> compare_specs(const json::Value& before, const json::Value& after);

/// A change that flows made for the earlier version do not survive.
struct BreakingChange {
  enum class Reach : std::uint8_t {
    every_flow,
    flows_that_give,      // those whose source connection gives the input `name`
    flows_that_lack,      // those whose source connection does not
    flows_of_the_account  // those whose account has the authentication `name`
  };
  Reach reach = Reach::every_flow;
  std::string name;
  std::string pointer, message;
};
std::vector<BreakingChange> breaking_changes(const json::Value& before, const json::Value& after);

/// A change that flows survive, and behind which they fetch otherwise: paging, the window, parameters,
/// headers.
struct FetchChange {
  std::string pointer, message;
};
std::vector<FetchChange> fetch_changes(const json::Value& before, const json::Value& after);

/// A flow, by what decides whether a change breaks it.
struct FlowUse {
  std::string id, name;
  json::Value params;     // of its source connection
  std::string auth_name;  // auth.specName of its account; empty without one
  std::string sandbox;    // its name
};
bool breaks(const BreakingChange& change, const FlowUse& flow);

}  // namespace headwater::authoring
