#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/extract/extractor.h"
#include "json/value.h"

namespace headwater::extract {

/// One request as it would be sent, every secret replaced by "***".
struct PlannedRequest {
  std::string method;
  std::string url;
  http::Headers headers;
  std::string body;
  std::string why;  // "page 1", "page 2: offset rises by 100", "token refresh when ..."

  json::Value to_json() const;
};

/// What a run would do, worked out without calling anybody.
struct RequestPlan {
  std::vector<PlannedRequest> requests;    // the first page and the ones that follow from the spec alone
  std::string paging;                      // "OFFSET by offset/limit, 100 records a page; ends when ..."
  std::string auth;                        // "OAuth 2 Refresh Code (OAuth2RefreshCode)"
  std::string window_start, window_end;    // as sent to the source; empty: not sent
  std::optional<std::uint64_t> calls_max;  // maximumRequest, page limit or a fixed end page
  std::optional<std::uint64_t> calls_estimated;  // when the spec alone tells
  std::chrono::milliseconds delay{0};
  std::vector<std::string> notes;

  json::Value to_json() const;
};

/// Errors: as Extractor::make.
Result<RequestPlan> plan_requests(const Services& services, const SourceInputs& inputs,
                                  const ExtractorOptions& options);

/// What would be asked after the page behind which `cursor` stands (Extractor::cursor), as it would be sent;
/// nullopt when the source has ended there. Errors: as Extractor::make.
Result<std::optional<PlannedRequest>> plan_next(const Services& services, const SourceInputs& inputs,
                                                const ExtractorOptions& options, std::string_view cursor);

}  // namespace headwater::extract
