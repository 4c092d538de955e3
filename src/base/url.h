#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace headwater {

/// An absolute http or https URL, split. Components stay percent-encoded as they were given.
struct Url {
  std::string scheme;    // "http" or "https", lower case
  std::string userinfo;  // encoded, without "@"; usually empty
  std::string host;      // lower case; IPv6 in brackets
  std::uint16_t port;    // explicit, or the scheme's default
  std::string path;      // starts with "/"
  std::string query;     // without "?"
  bool has_query = false;

  /// Errors: invalid_argument saying which part is wrong.
  static Result<Url> parse(std::string_view text);
  /// Resolves a reference as RFC 3986 section 5 does.
  Result<Url> resolve(std::string_view reference) const;

  std::string text() const;
  /// scheme://host:port, the port only when it is not the default: what credentials belong to.
  std::string origin() const;
  /// The text with userinfo and query values replaced by "***": what may be logged. The values of `open`
  /// parameters stand.
  std::string redacted(const std::vector<std::string>& open = {}) const;
};

/// Percent-encodes all but RFC 3986 unreserved characters.
std::string percent_encode(std::string_view text);
/// Decodes %XX; a malformed escape stays as it is. With `plus_is_space` also "+".
std::string percent_decode(std::string_view text, bool plus_is_space = false);

using QueryParams = std::vector<std::pair<std::string, std::string>>;  // decoded names and values
QueryParams parse_query(std::string_view query);
std::string format_query(const QueryParams& params);

}  // namespace headwater
