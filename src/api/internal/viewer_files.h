#pragma once

#include <span>
#include <string_view>

namespace headwater::api {

/// A file of the page that shows the API's description.
struct ViewerFile {
  std::string_view name;  // as in /docs/NAME; the page itself: "index.html"
  std::string_view content_type;
  std::string_view encoding;  // "gzip", or "" for bytes as they are
  std::string_view bytes;
  std::string_view etag;  // with its quotes
};

/// All of them: our own from src/api/viewer and those of npm's swagger-ui-dist, embedded when the room is
/// built.
std::span<const ViewerFile> viewer_files();

}  // namespace headwater::api
