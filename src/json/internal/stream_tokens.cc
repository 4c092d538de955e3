#include "json/internal/stream_tokens.h"

#include "json/value.h"

namespace headwater::json::internal {

std::optional<std::string> read_name(std::string& text) {
  auto name = parse(text);
  if (!name && mend_half_pairs(text)) name = parse(text);
  if (!name) return std::nullopt;
  return *name->if_string();
}

Error no_json(std::string_view reason, std::size_t offset) {
  return Error{ErrorKind::invalid_argument,
               "Not valid JSON: " + std::string(reason) + " at byte " + std::to_string(offset) + "."};
}

Error record_too_large(std::size_t number, std::size_t bytes_max) {
  return Error{ErrorKind::too_large, "Record " + std::to_string(number) + " of the document is larger than " +
                                         std::to_string(bytes_max) + " bytes, the limit for one record."};
}

}  // namespace headwater::json::internal
