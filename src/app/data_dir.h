#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace CLI {
class App;
}

namespace headwater::app {

/// Where a server keeps what it has: for commands that work beside it, on its own machine.
struct DataDirOptions {
  std::string data_dir = "./headwater-data";
  std::string store = "sqlite";
  std::string key_file;  // empty: "key" in the data directory

  void add_to(CLI::App& command);
  std::filesystem::path key() const;
  /// Opening a folder that no server has made its own would make it one. `advice` ends the message.
  /// Errors: not_found; storage, the folder cannot be read.
  Result<void> check_is_a_servers(std::string_view advice) const;
};

}  // namespace headwater::app
