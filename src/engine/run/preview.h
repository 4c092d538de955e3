#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "engine/extract/request_plan.h"
#include "engine/run/source_access.h"
#include "json/value.h"

namespace headwater::run {

struct PreviewOptions {
  std::size_t records_max = 10;
  extract::AnswerStart* answer = nullptr;  // gets what came, also when nothing can be made of it
};

struct Preview {
  json::Value schema;   // derived from the records, or the author's own, transformed
  json::Array records;  // as shaped, nulls left out at every depth
  std::uint64_t input_bytes = 0;
  bool cut = false;  // the page was too large to be read whole: members behind its records are not known
  std::uint64_t rejected = 0;                   // elements of those looked at that are no records
  std::string first_rejected;                   // "record 2: invalid UTF-8 at byte 9"
  std::uint64_t element_count = 0;              // of the array of records, as far as it was read
  std::optional<extract::PlannedRequest> next;  // with `answer` only: what the page leads to, if anything
};

/// The first records of a source as they would be shaped, and their schema: one request for the first page,
/// without schedule parameters; reading stops as soon as enough records are in.
/// Errors: invalid_argument (spec or params, pointers into them), upstream where no element is a record, and
/// the source's own (upstream, unauthorized, unavailable, timeout, forbidden) with the remote status in the
/// text. Source: REST-source reference, section 10; flow-service reference, 10.2.
Result<Preview> preview(SourceAccess& access, const SourceDocuments& source, const PreviewOptions& options,
                        std::stop_token stop);

/// `{"format":"hierarchical","schema":...,"data":[...]}`
json::Value encode(const Preview& preview);

/// Checks an account: calls the authorisation test URL when there is one, else sends the first page's
/// request when the spec can be run with what is known; with neither it is fine.
/// Errors: unauthorized, when the source refuses the credentials; as preview, when it cannot be asked or
/// answers something else.
/// `only_test_url`: at creation, Basic and KeyBased accounts are not probed (choice 25).
struct ProbeOptions {
  bool only_test_url = false;
};
Result<void> probe_connection(SourceAccess& access, const SourceDocuments& source,
                              const ProbeOptions& options, std::stop_token stop);

}  // namespace headwater::run
