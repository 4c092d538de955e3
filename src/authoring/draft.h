#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/run/source_access.h"
#include "json/value.h"

namespace headwater::authoring {

/// Where a draft's parts are read from: what the one-shot commands are given.
struct DraftFiles {
  std::filesystem::path spec;
  std::filesystem::path auth;    // empty: none. {specName, params}, or the bare params
  std::filesystem::path params;  // empty: none. The source connection's params
  std::vector<std::pair<std::string, std::string>> param_texts;  // --param k=v, coerced by the spec's schema
};

/// A connection spec on disk with what is needed to run it, no server involved.
/// Errors: not_found (path), invalid_argument (JSON with line and column; a parameter the schema refuses;
/// an auth spec that the connection spec does not have), pointers into the file concerned.
Result<run::SourceDocuments> read_draft(const DraftFiles& files);

/// The same from documents that are already read. `auth` may be null, {specName, params} or bare params:
/// bare params take the spec's first (or only matching) auth spec.
Result<run::SourceDocuments> make_draft(json::Value spec, const json::Value& auth, json::Value params,
                                        const std::vector<std::pair<std::string, std::string>>& param_texts);

/// Puts what a refresh changed into an account's document, {specName, params} or the bare params: where the
/// member came from. Null removes one.
void put_tokens(json::Value& account, const json::Value& changed);

/// Whether the params, and those of the account, are what the spec's schemas of them ask for: as the API
/// looks at them before it takes them. Without an account nothing is asked of it. Errors: invalid_argument
/// with every problem, pointers below /params and /auth/params.
Result<void> check_params(const run::SourceDocuments& draft);

/// Everything that lint says about a spec: errors where it cannot run, warnings where it merely looks wrong.
std::vector<Problem> lint(const json::Value& spec);

}  // namespace headwater::authoring
