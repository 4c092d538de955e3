#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
}

namespace headwater::app {

/// A setting that was left empty is none.
inline std::optional<std::string> given(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

/// All settings of a server. Each is a flag, a HEADWATER_* environment variable and a key of the TOML file,
/// under one name:
/// --data-dir, HEADWATER_DATA_DIR, data_dir. The flag wins over the variable, the variable over the file.
struct Config {
  std::string listen = "127.0.0.1:8080";  // port 0: a free one
  std::string public_url;                 // where senders reach this server; empty: made from `listen`
  std::string data_dir = "./headwater-data";
  std::string store = "sqlite";
  std::string key_file;  // empty: DATA/key
  std::vector<std::string> allow_network;
  std::string log_level = "info";
  std::string log_format = "auto";  // auto: pretty on a terminal, else json
  std::size_t runs_max = 4;
  std::size_t io_threads = 0;  // 0: one for every two cores
  std::size_t worker_threads = 12;
  std::size_t body_bytes_max = 16U << 20;
  double requests_per_second = 0;  // per source host and credential; 0: no limit of our own
  std::string proxy, no_proxy, ca_bundle;
  std::uint64_t response_bytes_max = 1ULL << 30;  // of one answer of a source
  std::uint64_t bytes_per_second_min = 100;       // of one answer of a source, over a minute
  std::string default_sandbox = "prod";           // of requests that name none; empty: they are refused
  bool strict = false;                            // refuse what the documents forbid and their examples do
  std::size_t stop_seconds = 20;                  // how long a stop waits for requests in progress
  std::chrono::seconds housekeeping_every{600};   // compaction, garbage, old rejected records
  std::chrono::seconds quarantine_kept{30 * 86'400};  // rejected records and diagnostics
  std::chrono::seconds staging_kept{30 * 86'400};     // interrupted batches that nobody goes on with
  std::chrono::seconds retired_kept{900};             // files that compaction has replaced
  std::chrono::seconds server_lease{30};              // a server silent for so long is dead
  std::chrono::seconds late_after{300};               // a run not begun so long after it was due is late
  std::chrono::seconds webhook_kept{86'400};          // how long telling a webhook something is tried
  std::size_t inlet_body_bytes_max = 1U << 20;        // of a request to an inlet, decoded
  std::uint64_t journal_bytes_max = 8ULL << 30;  // of events that wait for the lake; past it senders wait
  std::chrono::seconds commit_every{5};          // how long events wait for others of their flow
  std::uint64_t commit_events = 500'000;         // or until there are so many
  std::uint64_t commit_bytes = 64U << 20;        // or so many bytes
  bool new_lake = false;                         // the store's lake was lost: this one is its lake now
  std::string catalog_git;                       // a git repository whose sources are published; empty: none
  std::string catalog_branch = "main";
  std::string catalog_path;  // of the folder that holds Sources/; empty: the root
  std::string catalog_git_ca_bundle, catalog_git_ssh_key, catalog_git_known_hosts;  // files; empty: git's own
  std::string catalog_org, catalog_sandbox;       // published for; empty: the first, prod
  std::chrono::seconds catalog_git_interval{60};  // how often it is looked at
  // Of `headwater source dev` only, so they are hidden, and neither variables nor keys of the file.
  std::string source_folder;   // the folder that the builder edits; empty: none
  std::string source_account;  // files with what it tries the source with
  std::string source_params;
};

/// Declares every setting on a command, with its environment variable.
void add_settings(CLI::App& command, Config& config);

/// Fills the settings that neither flag nor variable gave. Errors: invalid_argument naming line or key.
Result<void> read_config_file(CLI::App& command, const std::filesystem::path& path);

}  // namespace headwater::app
