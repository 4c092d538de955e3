#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace headwater {

/// Headers that say how a message is framed, or belong to one connection: whoever writes the bytes sets them.
/// With one of another's choosing the peer would read another message than was sent.
constexpr bool belongs_to_http(std::string_view header_name) {
  constexpr std::array<std::string_view, 9> kNames = {
      "Content-Length", "Transfer-Encoding", "Connection",       "TE",    "Trailer",
      "Upgrade",        "Keep-Alive",        "Proxy-Connection", "Expect"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [header_name](std::string_view each) { return equal_ignoring_case(each, header_name); });
}

}  // namespace headwater
