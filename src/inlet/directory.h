#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "inlet/inlet.h"
#include "inlet/traffic.h"
#include "store/credentials.h"
#include "store/store.h"

namespace headwater::inlet {

/// How long an inlet is believed to be what it was: changes made through another server show after it. Those
/// of this server show at once (`forget`).
inline constexpr std::chrono::seconds kInletKnown{2};

/// The inlets of the store, as senders meet them. Thread-safe.
class Directory {
 public:
  Directory(store::Store& store, store::Credentials& credentials, const Clock& clock, TrafficBoard& board)
      : store_(store), credentials_(credentials), clock_(clock), board_(board) {}

  /// What is known without asking the store: microseconds. Null when the store has to be asked, or when it
  /// has no such inlet: call `find`.
  std::shared_ptr<const Inlet> known(const std::string& id);
  /// Asks the store when need be. Errors: not_found; storage.
  Result<std::shared_ptr<const Inlet>> find(const std::string& id);
  /// Some document that inlets are made from has changed.
  void forget();

 private:
  struct Entry {
    std::shared_ptr<const Inlet> inlet;  // Shared with the requests that are at work. Null: there is none.
    TimePoint loaded;
    bool refreshing = false;
  };
  Result<std::shared_ptr<const Inlet>> load(const std::string& id);

  store::Store& store_;
  store::Credentials& credentials_;
  const Clock& clock_;
  TrafficBoard& board_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
  std::uint64_t generation_ = 0;  // grows with every `forget`
};

}  // namespace headwater::inlet
