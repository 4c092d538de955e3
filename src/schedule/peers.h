#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "store/store.h"

namespace headwater::schedule {

/// The server processes that share one store, and which of them are dead.
///
/// Each holds a locked file in a folder that all of them see, and counts up a number in the store. A server
/// of this machine is dead as soon as its file can be locked: no wait after a crash. One of another machine
/// is dead when its number stood still for `lease`, measured by our own steady clock, so that clocks need not
/// agree. One that left, or that nobody knows, is dead. Being wrong is safe: the batch that a run writes has
/// a lock of its own. Confined to one thread at a time.
class Peers {
 public:
  struct Options {
    std::string self;              // our id; one per start of a process
    std::filesystem::path folder;  // for the locked files; empty: none
    std::chrono::milliseconds lease{30'000};
  };
  Peers(store::Store& store, Options options) : store_(store), options_(std::move(options)) {}
  ~Peers() { leave(); }
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  /// Makes us known. Errors: storage, unavailable.
  Result<void> join();
  /// Tells that we live.
  Result<void> beat();
  /// Moves the claims of dead servers to us; what was moved.
  Result<std::vector<store::FlowTimer>> take_over();
  /// Our claims are anybody's from here on.
  void leave();

 private:
  struct Seen {
    std::int64_t beat = 0;
    std::chrono::steady_clock::time_point since;
  };
  bool is_dead(const std::string& owner, const std::vector<store::ServerBeat>& servers);
  std::filesystem::path file_of(const std::string& id) const;

  store::Store& store_;
  Options options_;
  std::optional<FileLock> lock_;
  std::int64_t beat_ = 0;
  bool joined_ = false;
  std::map<std::string, Seen> seen_;
};

}  // namespace headwater::schedule
