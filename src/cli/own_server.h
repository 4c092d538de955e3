#pragma once

#include <sys/types.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "base/secret.h"
#include "cli/interrupt.h"

namespace headwater::cli {

/// A server of this program's own: `headwater serve` as a child process on a temporary folder and a free
/// port. It ends, and its folder goes, with this object; it also ends with this process. The folder that a
/// killed process has left goes when another server is started; a second Ctrl-C removes it itself.
class OwnServer {
 public:
  /// Waits until it listens; `more` are further arguments of `serve`. Errors: unavailable, with the last that
  /// it said.
  static Result<std::unique_ptr<OwnServer>> start(const std::vector<std::string>& allowed_networks,
                                                  const std::vector<std::string>& more = {});
  ~OwnServer();
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  const std::string& url() const { return url_; }
  std::string data_dir() const { return (folder_.path() / "data").string(); }
  /// Goes with the server; nobody else may look into it.
  const std::filesystem::path& folder() const { return folder_.path(); }
  /// What stands behind the # of its sign-in link: works once.
  const Secret& sign_in_code() const { return sign_in_code_; }
  /// Waits for the stop request. Errors: unavailable, when the server ends before.
  Result<void> wait(const std::stop_token& stop);

 private:
  OwnServer(TemporaryFolder folder, UniqueFd held) : folder_(std::move(folder)), held_(std::move(held)) {}
  Result<void> spawn(const std::vector<std::string>& allowed_networks, const std::vector<std::string>& more);
  Result<void> read_address();
  Error ended(std::string what) const;
  /// Ends the server and removes its folder, in a process that ends at once.
  void abandon();
  void remove_folder() const;

  TemporaryFolder folder_;
  UniqueFd held_;  // the folder, locked for as long as this process or the server lives
  std::atomic<pid_t> pid_{-1};
  UniqueFd output_;
  std::string url_;
  Secret sign_in_code_;
  std::optional<AtAbruptEnd> at_abrupt_end_;
};

}  // namespace headwater::cli
