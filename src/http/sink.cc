#include <algorithm>

#include "base/text.h"
#include "http/client.h"

namespace headwater::http {

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers)
    if (equal_ignoring_case(key, name)) return value;
  return std::nullopt;
}

Result<void> StringSink::head(const ResponseHead& head) {
  answer = head;
  text.clear();
  return {};
}

Result<void> StringSink::body(std::string_view bytes) {
  if (bytes.size() > bytes_max_ - std::min<std::uint64_t>(bytes_max_, text.size()))
    return Error{ErrorKind::too_large, "The answer has more than " + std::to_string(bytes_max_) + " bytes."};
  text += bytes;
  return {};
}

}  // namespace headwater::http
