#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "authoring/source_folder.h"
#include "base/result.h"
#include "cli/api_client.h"

namespace headwater::cli {

struct PublicationOptions {
  bool dry_run = false;
  bool yes = false;  // also what breaks flows, and what was published from a folder of another name
};

struct Publication {
  bool refused = false;  // flows would break, or it is another folder's: nothing was changed
  std::string id;        // of the connection spec; empty when refused, and in a dry run of a new one
};

/// Registers a source at a server, or updates it there, and lets flows have it; done a second time it changes
/// nothing. `tell` gets lines for people: what changes, and which flows that breaks. The source has been
/// reviewed. Errors: as ApiClient::call; invalid_argument (the files); conflict (several specs could be
/// meant).
Result<Publication> publish_source(const authoring::SourcePlace& place, ApiClient& client,
                                   const PublicationOptions& options,
                                   const std::function<void(std::string_view)>& tell);

}  // namespace headwater::cli
