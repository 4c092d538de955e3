#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "journal/internal/segment.h"
#include "journal/journal.h"

namespace headwater::journal {

/// One partition: its segments and the thread that commits. Thread-safe.
class Partition {
 public:
  static Result<std::unique_ptr<Partition>> open(const std::filesystem::path& folder, const Options& options);
  ~Partition();

  bool append(std::span<const Message> messages, std::int64_t received_ms, Journal::Done done);
  std::uint64_t first() const;
  std::uint64_t end() const;
  struct DurableEnd {
    std::uint64_t offset = 0;   // one past the last durable event
    std::uint64_t segment = 0;  // first offset of the segment that it ends in
    std::uint64_t bytes = 0;    // of that segment
  };
  DurableEnd durable_end() const;
  bool wait_for(std::uint64_t offset, std::chrono::milliseconds patience, std::stop_token stop) const;
  std::unique_ptr<Reader> read(std::uint64_t offset) const;
  Result<void> trim(std::uint64_t offset);
  Result<void> compact(std::uint64_t before, const Journal::Keep& keep);
  std::uint64_t stored_bytes() const;
  std::uint64_t waiting_bytes() const { return waiting_bytes_; }

 private:
  friend class PartitionReader;
  // Events that came together and are told about together.
  struct Waiting {
    std::size_t events = 0;
    std::int64_t received_ms = 0;
    std::size_t record_bytes = 0;
    Journal::Done done;
  };
  // What one commit makes durable. Two are filled in turn and keep their memory: what is allocated by one
  // thread and freed by another makes them wait for each other.
  struct Group {
    std::vector<Waiting> waiting;
    std::string texts;  // keys and values of all, one behind the other
    std::vector<std::pair<std::uint32_t, std::uint32_t>> sizes;
    void clear();
  };
  Partition(std::filesystem::path folder, const Options& options)
      : folder_(std::move(folder)), options_(options) {}
  using Segments = std::map<std::uint64_t, std::shared_ptr<Segment>>;  // by first offset; readers share them

  Result<void> recover();
  Result<Segments::iterator> drop_compacted(Segments::iterator at, std::uint64_t offset);
  std::vector<std::shared_ptr<Segment>> compactable(std::uint64_t before) const;
  Result<void> replace(std::span<const std::shared_ptr<Segment>> segments, const std::string& records);
  Result<std::uint64_t> scan(const Segment& segment, std::uint64_t& offset) const;
  void commit_all(std::stop_token stop);
  void commit(Group& group);
  Result<void> write(const Group& group);
  Result<void> write_records();
  void prepare();
  std::optional<Segment> take_spare();
  Result<void> retire(const std::shared_ptr<Segment>& segment);
  Result<void> next_segment();
  Result<void> mend();

  const std::filesystem::path folder_;
  const Options options_;

  mutable std::mutex mutex_;
  mutable std::condition_variable_any durable_;   // what somebody waits for is durable
  mutable std::multiset<std::uint64_t> awaited_;  // the offsets that are waited for
  std::condition_variable_any wanted_;            // something waits
  Group queue_;
  std::atomic<std::uint64_t> waiting_bytes_{0};
  Segments segments_;
  std::vector<Segment> spares_;  // consumed ones, to be written over
  DurableEnd end_;

  std::uint64_t compacted_to_ = 0;  // offset; of the thread that trims and compacts

  // Of the committing thread.
  std::shared_ptr<Segment> active_;
  std::uint64_t next_offset_ = 0;
  std::uint64_t at_ = 0;  // where the next record goes in active_
  std::string buffer_;
  Segment::Space space_ = Segment::Space::written;  // of the next new segment: by the last commit's size
  std::future<Result<Segment>> prepared_;           // the next segment, being made
  bool broken_ = false;  // a write or sync failed: what stands behind the durable end is not known
  std::jthread committer_;
};

}  // namespace headwater::journal
