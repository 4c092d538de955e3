#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace headwater::schema {

/// The formats of JSON Schema draft-07, section 7.3. Others are annotations.
enum class Format : std::uint8_t {
  date_time,
  date,
  time,
  email,
  idn_email,
  hostname,
  idn_hostname,
  ipv4,
  ipv6,
  uri,
  uri_reference,
  iri,
  iri_reference,
  uri_template,
  json_pointer,
  relative_json_pointer,
  regex,
};

std::optional<Format> find_format(std::string_view name);
std::string_view format_name(Format format);
/// An example to show beside a value that does not conform.
std::string_view format_example(Format format);

/// `text` is valid UTF-8.
bool conforms(Format format, std::string_view text);

bool is_ipv4(std::string_view text);
bool is_ipv6(std::string_view text);
bool is_uri(std::string_view text, bool relative, bool international);

}  // namespace headwater::schema
