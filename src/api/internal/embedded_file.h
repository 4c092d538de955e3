#pragma once

#include <span>
#include <string_view>

#include "http/server.h"

namespace headwater::api {

/// A file that the program carries along.
struct EmbeddedFile {
  std::string_view name;
  std::string_view content_type;
  std::string_view encoding;  // "gzip", or "" for bytes as they are
  std::string_view bytes;
  std::string_view etag;  // with its quotes
};

/// nullptr: there is none of that name.
const EmbeddedFile* find_file(std::span<const EmbeddedFile> files, std::string_view name);

/// 200 with the file, or 304 when the caller has it, under these two policies. A file that is embedded
/// compressed answers 406 to whoever does not take gzip.
http::Response answer_file(const http::Request& request, const EmbeddedFile& file,
                           std::string_view content_security_policy, std::string_view cache_control);

}  // namespace headwater::api
