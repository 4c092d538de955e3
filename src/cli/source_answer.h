#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "cli/api_client.h"
#include "json/value.h"

namespace headwater::cli {

/// How many records a source says it has, and where in its answer it says so.
struct SourceTotal {
  std::int64_t records = 0;
  std::string place;  // "paging.total"
};

/// One page of a source, asked for by the server, with all that stands beside its records.
struct SourceAnswer {
  std::string asked;  // "GET https://api.example.test/orders", secrets masked
  std::int64_t status = 0;
  json::Value beside;   // an object; null: not known
  json::Array records;  // the first few, as a run shapes them, without what stands beside them
  std::vector<std::pair<std::string, std::string>> headers;  // those that tell of pages
  bool is_record = false;                                    // the whole answer is one
};

/// Which page, where it is not the first.
struct PageAsked {
  std::string parameter;
  std::int64_t value = 0;
};

/// Asks for a page without the schedule's parameters; nothing is kept. Errors: the server's, when it cannot
/// ask or no answer comes; cancelled.
Result<SourceAnswer> ask_source(ApiClient& client, json::Value spec, const json::Value& account,
                                const json::Value& params, const std::optional<PageAsked>& page,
                                std::stop_token stop);

/// nullopt when nothing in the answer counts all records: what a run fetched has no such witness then.
std::optional<SourceTotal> total_in(const SourceAnswer& answer);

/// What the answer that should be the last one says of more.
struct MoreSaid {
  std::string surely;  // "has_more is true"; empty when nothing says so
  std::string maybe;   // a token for what follows: some sources give one always
};
/// `pages`: that were read.
MoreSaid more_in(const SourceAnswer& answer, std::int64_t pages);

}  // namespace headwater::cli
