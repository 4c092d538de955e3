#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "domain/resource.h"
#include "journal/journal.h"
#include "lake/lake.h"
#include "store/store.h"

namespace headwater::inlet {

/// Gives rejected events to their flow once more, when what rejected them has been mended. Thread-safe.
///
/// The events go through the journal, under a key of their own that names batch and attempt; the batch's
/// document notes the attempt before they are appended and its end after it. A server that dies in between
/// finds, when it is asked again, which pieces the journal or the store's positions know, and appends the
/// others.
class Replay {
 public:
  struct Parts {
    store::Store& store;
    lake::Lake& lake;
    journal::Journal& journal;
    const Clock& clock;
  };
  explicit Replay(const Parts& parts) : parts_(parts) {}

  /// Appends the rejected events of a batch to the journal; gives their number. With `again` also those that
  /// were replayed before. Errors: invalid_argument (no batch of an inlet, nothing was rejected); conflict
  /// (replayed already, the flow is not enabled, begun by another server); rate_limited (the journal is
  /// behind: ask again); storage.
  Result<std::uint64_t> replay(const domain::Resource& batch, bool again);

 private:
  struct Attempt {
    std::int64_t number = 1;
    bool resumed = false;  // an earlier try of it may have appended something
  };
  Result<Attempt> begin(const domain::Resource& batch, bool again);
  Result<void> end(const domain::Resource& batch, const Attempt& attempt, std::uint64_t events);
  Result<std::uint64_t> append_all(const domain::Resource& batch, const std::string& key, bool resumed);
  Result<void> append(const std::string& key, const std::vector<std::string>& events);
  Result<bool> is_appended(const std::string& key);

  Parts parts_;
  std::mutex mutex_;  // one at a time
};

/// The flow that a journal's key names: the key itself, or what stands before its first '/'.
std::string_view flow_of_key(std::string_view key);

}  // namespace headwater::inlet
