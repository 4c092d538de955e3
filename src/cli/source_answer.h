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
#include "domain/source_spec.h"
#include "json/value.h"

namespace headwater::cli {

/// How many records a source says it has, and where in its answer it says so.
struct SourceTotal {
  std::int64_t records = 0;
  std::string place;  // "paging.total", "header X-Total-Count"
  bool in_header = false;
};

/// One page of a source, asked for by the server, with all that stands beside its records.
struct SourceAnswer {
  std::string asked;  // "GET https://api.example.test/orders", secrets masked
  std::int64_t status = 0;
  json::Value beside;      // an object without its nulls; null: not known
  json::Value whole;       // the answer as it came; null where it is long
  json::Array records;     // the first few, as a run shapes them, without what stands beside them
  std::int64_t count = 0;  // of the page's records
  std::int64_t page = 1;   // which one it is; behind the first only where several were asked for
  bool has_next = false;   // the spec leads on from it
  /// Where the records stand: member names from the answer's root; nullopt: by more than names.
  std::optional<std::vector<std::string>> path;
  std::vector<std::pair<std::string, std::string>> headers;  // those that tell of pages
  bool is_record = false;                                    // the whole answer is one
};

/// Which page, where it is not the first as the spec asks for it.
struct PageAsked {
  std::string parameter;   // empty: the spec's own way
  std::int64_t value = 0;  // of the parameter
  std::int64_t limit = 0;  // limitValue; 0: the spec's
};

/// Where a run's records hold what the source calls one: member names, the wrapper's last. Empty: a record is
/// it itself.
std::vector<std::string> record_place(const domain::SourceSpec& spec);

/// Asks for a page without the schedule's parameters; nothing is kept. Errors: the server's, when it cannot
/// ask or no answer comes; cancelled.
Result<SourceAnswer> ask_source(ApiClient& client, json::Value spec, const json::Value& account,
                                const json::Value& params, const PageAsked& page, std::stop_token stop);

/// nullopt when nothing in the answer counts all records: what a run fetched has no such witness then.
/// `declared`: the spec's totalPath, beside which nothing else counts; empty: none.
std::optional<SourceTotal> total_in(const SourceAnswer& answer,
                                    const std::vector<std::string>& declared = {});

/// What the answer that should be the last one says of more.
struct MoreSaid {
  std::string surely;    // "has_more is true"; empty when nothing says so
  std::string maybe;     // a token for what follows: some sources give one always
  bool by_link = false;  // `surely` is but a link
  std::string place;     // of the link or the token
  bool denied = false;   // it says that nothing follows
};
/// `pages`: that were read.
MoreSaid more_in(const SourceAnswer& answer, std::int64_t pages);

}  // namespace headwater::cli
