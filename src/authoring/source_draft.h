#pragma once

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "authoring/observed_request.h"
#include "authoring/source_template.h"
#include "base/result.h"
#include "http/client.h"
#include "json/value.h"

namespace headwater::authoring {

/// A source made of one observed request: what goes into its files, and what does not.
struct SourceDraft {
  RestDescription rest;
  /// {specName, params} with the credentials' names in place of their values: how an account is written.
  json::Value account;
  std::vector<std::pair<std::string, std::string>> params;  // inputs and the values that were seen
  bool has_credentials = false;
  std::vector<std::string> notes;
};

/// Pure: no credential's value goes anywhere.
SourceDraft draft_source(const ObservedRequest& request);

/// Sends the request as it was seen, once, and keeps its answer in `request.answer`.
/// Errors: unauthorized (401, 403), upstream (another status, no JSON), and those of http::Client::send.
Result<void> probe_answer(ObservedRequest& request, http::ClientOptions client, std::stop_token stop);

}  // namespace headwater::authoring
