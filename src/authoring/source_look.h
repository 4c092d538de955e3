#pragma once

#include <stop_token>

#include "base/result.h"
#include "engine/run/source_access.h"
#include "json/value.h"

namespace headwater::authoring {

/// One call of a source whose spec is being written, and all that it leads to:
/// {"page": {"status", "contentType", "text", "bytes", "cut"},   // as it came, its first 64 KiB
///  "content": {"path", "count", "complete"},                    // the array of records in it
///  "next": {"why", "method", "url", "headers", "body"?},        // absent when the source ends here
///  "preview": {"format", "schema", "data"}}                     // the records as shaped
/// With "failure" ({"message", "code"?}) in place of the last three when nothing can be made of the page.
/// Credentials of the account and of the params are "***" wherever the source says them again.
/// Errors: as run::preview, when the source gives no answer at all.
Result<json::Value> look_at_source(run::SourceAccess& access, const run::SourceDocuments& draft,
                                   std::stop_token stop);

}  // namespace headwater::authoring
