#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "engine/land/lake_landing.h"
#include "engine/map/mapper.h"
#include "engine/run/run_inputs.h"
#include "inlet/ledger.h"
#include "journal/journal.h"
#include "lake/lake.h"
#include "store/credentials.h"
#include "store/store.h"

namespace headwater::inlet {

/// One micro-batch of a flow: events of a journal are mapped, checked and appended to a batch of the dataset,
/// which `commit` makes visible together with the offset behind the last of them. The batch's id follows from
/// journal, key and first offset: after a crash the same events find the batch that they are in already.
/// Confined to the consumer's thread.
class FlowLanding {
 public:
  struct Parts {
    store::Store& store;
    store::Credentials& credentials;
    lake::Lake& lake;
    const Clock& clock;
  };
  /// Begins the batch of the events of `key` (see flow_of_key) from `offset` on, or goes on with it. Errors:
  /// not_found and invalid_argument of the flow's documents (not_found with `where` "/flow": the flow itself
  /// is gone); storage.
  static Result<std::unique_ptr<FlowLanding>> open(const Parts& parts, const std::string& key,
                                                   const std::string& journal, std::uint64_t offset);

  /// The offset of the first event that it lacks: events before it are in it.
  std::uint64_t next() const { return next_; }
  std::uint64_t first() const { return first_; }
  /// True when an earlier process committed this batch: only `commit` remains.
  bool committed() const { return landing_->committed(); }
  TimePoint opened() const { return opened_; }
  std::uint64_t events() const { return tally_.events; }
  std::uint64_t bytes() const { return tally_.bytes; }
  /// When its oldest event was received; Unix milliseconds, 0 without one.
  std::int64_t oldest_ms() const { return oldest_ms_; }
  const domain::Resource& flow() const { return inputs_.flow; }

  /// An event that did not make it, for who watches.
  struct Quarantined {
    std::string_view text;
    std::string_view code;
    std::string_view reason;
  };
  using Witness = std::function<void(const Quarantined&)>;

  /// Takes the flow's next event. Errors: storage.
  Result<void> add(const journal::Event& event, const Witness& witness);
  /// Leaves nothing behind: for a batch without events.
  void discard() { landing_->discard(); }
  /// Makes it visible. Errors: storage.
  Result<CommittedBatch> commit(const Witness& witness);

 private:
  FlowLanding(const Parts& parts, run::RunInputs inputs, map::Mapper mapper, std::uint64_t first)
      : clock_(parts.clock),
        inputs_(std::move(inputs)),
        first_(first),
        next_(first),
        mapper_(std::move(mapper)) {}
  Result<void> flush(const Witness& witness);
  Result<void> reject(std::size_t index, std::string_view code, const std::string& reason,
                      const Witness& witness);
  Result<void> resume(const std::string& cursor);
  std::string cursor() const;

  const Clock& clock_;
  run::RunInputs inputs_;
  std::string key_;
  BatchId batch_;
  std::uint64_t first_;
  std::uint64_t next_;
  TimePoint opened_{};
  map::Mapper mapper_;
  std::unique_ptr<land::LakeLanding> landing_;

  json::RecordGroup events_;            // taken, not yet mapped
  std::vector<std::uint64_t> offsets_;  // theirs
  map::Mapped mapped_;
  std::vector<land::Landing::Misfit> misfits_;
  Tally tally_;
  std::int64_t oldest_ms_ = 0;
  std::int64_t newest_ms_ = 0;
  std::int64_t received_sum_ms_ = 0;  // of times since oldest_ms_
};

}  // namespace headwater::inlet
