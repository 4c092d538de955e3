#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "cli/api_client.h"
#include "json/value.h"

namespace headwater::cli {

/// How many records a source says it has, and where in its answer it says so.
struct SourceTotal {
  std::int64_t records = 0;
  std::string place;  // "paging.total"
};

/// Looks at a first page, asked for by the server, with all that stands beside the records. nullopt when
/// nothing there counts them all, or the server cannot ask: what a run fetched has no other witness then.
std::optional<SourceTotal> told_total(ApiClient& client, json::Value spec, const json::Value& account,
                                      const json::Value& params, std::stop_token stop);

/// The same of one record with what stands beside it; `wrapper` names the record itself.
std::optional<SourceTotal> total_beside(const json::Value& record, std::string_view wrapper);

}  // namespace headwater::cli
