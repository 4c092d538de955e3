#pragma once

#include <span>

#include "api/internal/embedded_file.h"

namespace headwater::api {

/// The page that shows the API's description, names as in /docs/NAME, the page itself "index.html": our own
/// files from src/api/viewer and those of npm's swagger-ui-dist, embedded when the room is built.
std::span<const EmbeddedFile> viewer_files();

}  // namespace headwater::api
