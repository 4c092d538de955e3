#pragma once

#include <string>
#include <string_view>

#include "http/client.h"

namespace headwater::extract {

/// The next page's address in an answer's headers; empty when there is none. Of `Link` (RFC 8288) the target
/// whose relation is "next", of any other header its whole value.
std::string next_link_in(const http::Headers& headers, std::string_view name);

}  // namespace headwater::extract
