#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headwater::schema {

/// A URI reference of any scheme split by RFC 3986 appendix B (urn:, file:, tag: too; base/url.h knows http
/// only).
struct UriReference {
  std::optional<std::string_view> scheme, authority, query, fragment;
  std::string_view path;

  explicit UriReference(std::string_view text);
};

/// Resolves `reference` against `base` (RFC 3986 section 5.2), the fragment kept.
std::string resolve_uri(std::string_view base, std::string_view reference);

/// Splits at the first "#": the URI and the fragment without it (empty when there is none).
std::pair<std::string_view, std::string_view> split_fragment(std::string_view uri);

}  // namespace headwater::schema
