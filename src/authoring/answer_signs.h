#pragma once

#include <string_view>

namespace headwater::authoring {

/// What APIs call the members of an answer that say whether further pages follow. Names are compared without
/// case and signs.

/// "has_more": true while more follows.
bool tells_more(std::string_view name);
/// "is_last_page": true when nothing follows.
bool tells_last(std::string_view name);
/// "total_pages"
bool counts_pages(std::string_view name);
/// "next", "nextPageToken": the next page's link, token or number.
bool leads_on(std::string_view name);
/// Tokens without "next" in their names; a number in one is a request's own offset, said again.
bool may_lead_on(std::string_view name);

}  // namespace headwater::authoring
