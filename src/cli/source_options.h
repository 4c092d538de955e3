#pragma once

#include <memory>
#include <string>
#include <vector>

#include "authoring/draft.h"
#include "base/clock.h"
#include "base/result.h"
#include "engine/run/source_access.h"

namespace CLI {
class App;
}

namespace headwater::cli {

/// What `run`, `preview` and `explain` have in common: a draft on disk and how to reach its source.
struct SourceOptions {
  std::string spec, auth, params;
  std::vector<std::string> param;
  std::vector<std::string> allow_network;
  std::uint64_t response_bytes_max = http::ClientOptions{}.response_bytes_max;
  std::uint64_t bytes_per_second_min = http::ClientOptions{}.bytes_per_second_min;
  std::string proxy, no_proxy, ca_bundle, client_certificate, client_key;

  /// Everything, the spec as the command's first argument.
  void add_to(CLI::App& command);
  /// --auth, --params, --param
  void add_account_to(CLI::App& command);
  /// How the source is reached: --allow-network, --proxy and their like.
  void add_network_to(CLI::App& command);
  Result<http::ClientOptions> client_options() const;
  /// Reads the draft. Tokens that a refresh rotates are written back into the --auth file before they are
  /// used: the old refresh token is dead by then.
  Result<run::SourceDocuments> read_draft() const;
  /// The same, and its params and those of its account are what the spec asks for.
  Result<run::SourceDocuments> read_checked_draft() const;
};

/// --since and --until.
struct WindowOptions {
  std::string since, until;
  void add_to(CLI::App& command);
  /// Without --until the window ends now. Errors: invalid_argument.
  Result<extract::Window> window(const Clock& clock) const;
};

}  // namespace headwater::cli
