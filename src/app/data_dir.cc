#include "app/data_dir.h"

#include <CLI/CLI.hpp>

#include <system_error>

namespace headwater::app {

void DataDirOptions::add_to(CLI::App& command) {
  command.add_option("--data-dir", data_dir, "The server's data directory")
      ->envname("HEADWATER_DATA_DIR")
      ->capture_default_str();
  command.add_option("--store", store, "The server's store")
      ->envname("HEADWATER_STORE")
      ->capture_default_str();
  command.add_option("--key-file", key_file, "The server's key file")->envname("HEADWATER_KEY_FILE");
}

std::filesystem::path DataDirOptions::key() const {
  return key_file.empty() ? std::filesystem::path(data_dir) / "key" : std::filesystem::path(key_file);
}

Result<void> DataDirOptions::check_is_a_servers(std::string_view advice) const {
  std::error_code failed;
  const bool found = std::filesystem::exists(key(), failed);
  if (failed)
    return Error{ErrorKind::storage, "Cannot look for " + key().native() + ": " + failed.message() + "."};
  if (found) return {};
  return Error{ErrorKind::not_found, data_dir + " is no data directory of a server (there is no " +
                                         key().native() + "); " + std::string(advice)};
}

}  // namespace headwater::app
