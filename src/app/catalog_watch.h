#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "catalog/source_watch.h"
#include "identity/identity.h"

namespace headwater::app {

/// The watch of the settings' git repository, or null when they name none. It publishes through this server's
/// own API, at `server_url`, as a client of the organisation would.
/// Errors: invalid_argument (the settings), not_found (no git, no such organisation or sandbox), storage.
Result<std::unique_ptr<catalog::SourceWatch>> watch_catalog(const Config& config,
                                                            identity::Identity& identity,
                                                            const std::string& server_url, Clock& clock);

}  // namespace headwater::app
