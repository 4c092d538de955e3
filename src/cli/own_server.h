#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace headwater::cli {

/// A server of this program's own: `headwater serve` as a child process on a temporary folder and a free
/// port. It ends, and its folder goes, with this object; it also ends with this process.
class OwnServer {
 public:
  /// Waits until it listens. Errors: unavailable, with the last that it said.
  static Result<std::unique_ptr<OwnServer>> start(const std::vector<std::string>& allowed_networks);
  ~OwnServer();
  OwnServer(const OwnServer&) = delete;
  OwnServer& operator=(const OwnServer&) = delete;

  const std::string& url() const { return url_; }
  std::string data_dir() const { return (folder_.path() / "data").string(); }

 private:
  explicit OwnServer(TemporaryFolder folder) : folder_(std::move(folder)) {}
  Result<void> spawn(const std::vector<std::string>& allowed_networks);
  Result<void> read_address();

  TemporaryFolder folder_;
  pid_t pid_ = -1;
  UniqueFd output_;
  std::string url_;
};

}  // namespace headwater::cli
