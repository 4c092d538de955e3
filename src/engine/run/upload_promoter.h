#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "domain/resource.h"
#include "engine/run/upload_batch.h"
#include "lake/lake.h"
#include "store/store.h"

namespace headwater::run {

/// Takes completed uploads into the lake, one after another, on a thread of its own. The batch documents in
/// the store are its memory (status loaded or processing): what a killed process left is taken up again.
/// Thread-safe.
class UploadPromoter {
 public:
  UploadPromoter(store::Store& store, lake::Lake& lake, Clock& clock)
      : store_(store), lake_(lake), clock_(clock) {}
  ~UploadPromoter() { stop(); }

  void start();
  /// Parks the batch in work at its last checkpoint. Idempotent.
  void stop();
  /// A batch was completed, and that is stored.
  void wake();
  /// Waits until everything completed before the call has been looked at.
  void wait_idle();

 private:
  void work(const std::stop_token& stop);
  /// True when something is left that has to be tried again later.
  bool promote_all(const std::stop_token& stop);
  Result<void> promote(const domain::Resource& batch, const std::stop_token& stop);
  Result<UploadRequest> request_of(const domain::Resource& batch);
  Result<std::optional<lake::BatchInfo>> committed(const domain::Resource& batch) const;
  Result<void> give_up(const domain::Resource& batch);
  Result<void> store_outcome(const domain::Resource& batch, const UploadOutcome& outcome);

  store::Store& store_;
  lake::Lake& lake_;
  Clock& clock_;
  std::map<std::string, int> attempts_;  // by batch id; the thread's own

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t wakes_ = 1, seen_ = 0;
  std::jthread thread_;
};

/// Ends what is older than its dataset's retention: such batches become inactive and leave the lake. Problems
/// are logged.
void expire_batches(store::Store& store, lake::Lake& lake, const Clock& clock, const std::stop_token& stop);

/// Uploads that nobody completed within 30 days of their creation become abandoned; their files go. Problems
/// are logged.
void abandon_uploads(store::Store& store, lake::Lake& lake, const Clock& clock, const std::stop_token& stop);

/// The batches' documents get that status, where they exist and are committed.
Result<void> set_inactive(store::Store& store, const std::vector<BatchId>& batches, const Clock& clock);

}  // namespace headwater::run
