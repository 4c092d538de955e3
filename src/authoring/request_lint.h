#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "json/value.h"

namespace headwater::authoring {

/// What a reviewer says of the requests that a spec makes.
struct RequestRemark {
  std::string_view rule;  // one of the lint's
  Severity severity = Severity::warning;
  std::string pointer, message, hint;
};

/// Beyond what domain's lint says: a host that cannot be one, a documentation's placeholders that would be
/// sent as they stand, paging that the request hints at and the spec does not have.
std::vector<RequestRemark> review_request(const json::Value& spec);

}  // namespace headwater::authoring
