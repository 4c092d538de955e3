#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authoring/source_folder.h"
#include "base/result.h"
#include "base/secret.h"

namespace headwater::catalog {

/// Which repository, and what in it.
struct GitSettings {
  std::string url;  // https://, ssh:// or file://; may carry user and password
  std::string branch = "main";
  std::string path;  // of the folder that holds Sources/; empty: the repository's root
  // Empty: what git and ssh of the server's user take by themselves.
  std::string ca_bundle;    // https: a PEM file of the certificates to trust
  std::string ssh_key;      // ssh: a file with a private key that has no passphrase
  std::string known_hosts;  // ssh: a file with the keys of the hosts to trust
};

/// A branch of somebody's git repository, as far as its sources go. Objects are fetched into a bare
/// repository of our own and read from there one by one: nothing is checked out, so no hook, filter,
/// attribute, submodule or symbolic link of theirs has any effect. Runs the `git` program, without a shell,
/// with no configuration but what is given here. Confined to one thread.
class GitRepository {
 public:
  /// Errors: invalid_argument (what is wrong with the settings, without their credentials), not_found (there
  /// is no git).
  static Result<GitRepository> make(const GitSettings& settings, std::filesystem::path folder);

  /// The address without its credentials.
  const std::string& shown() const { return shown_; }

  /// Gets the branch's last commit, and gives its id.
  /// Errors: unavailable (git's own words), timeout, too_large, cancelled, storage. Nothing secret in them.
  Result<std::string> fetch(const std::stop_token& stop);

  struct Source {
    std::string name;
    std::string tree;     // an id of all that is in its folder
    std::string problem;  // why it cannot be a source; else empty
  };
  /// What is in Sources/ of a commit, by name. Errors: not_found (there is no such folder), as fetch.
  Result<std::vector<Source>> sources(const std::string& commit, const std::stop_token& stop);

  /// Writes a source's five artifacts below `folder`, as a repository has them; those that are not there are
  /// left out. Errors: invalid_argument (a symbolic link in their place, a file too large), as fetch.
  Result<authoring::SourcePlace> write(const Source& source, const std::filesystem::path& folder,
                                       const std::stop_token& stop);

  /// The path of the sources in the repository, "team/Sources".
  std::string sources_path() const;

 private:
  GitRepository() = default;
  Result<std::string> git(std::vector<std::string> arguments, std::size_t output_max,
                          const std::stop_token& stop);
  Result<void> prepare(const std::stop_token& stop);
  bool holds(const std::string& commit, const std::stop_token& stop);
  std::string without_credentials(std::string text) const;
  std::string advice(std::string_view words) const;

  std::filesystem::path program_, folder_;
  std::string url_, shown_, branch_, path_, ca_bundle_, ssh_command_;
  Secret user_, password_;
  std::string fetched_;
};

}  // namespace headwater::catalog
