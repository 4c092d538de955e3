#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headwater::journal {

/// What is appended: the key tells whose event it is (an inlet), the value is the event as it came.
struct Message {
  std::string_view key;
  std::string_view value;
};

/// An event of the journal. Its texts live as long as the batch that it was read in.
struct Event {
  std::uint64_t offset = 0;      // number of the event in its partition, from 0
  std::int64_t received_ms = 0;  // Unix time, as told by `append`
  std::string_view key;
  std::string_view value;
};

/// Events read together, and their bytes.
class Batch {
 public:
  const std::vector<Event>& events() const { return events_; }
  bool empty() const { return events_.empty(); }
  void clear() { events_.clear(); }

 private:
  friend class Reader;
  std::vector<Event> events_;
  std::string bytes_;
};

struct Options {
  std::filesystem::path folder;
  std::uint32_t partitions = 1;
  std::uint64_t segment_bytes = 16U << 20;      // of a file; an event is at most half as large
  std::uint64_t waiting_bytes_max = 64U << 20;  // events that wait for a commit; past it `append` refuses
  std::chrono::microseconds gather{0};  // how long a commit waits for more events; of use on slow disks
};

class Reader;

/// What has been acknowledged and not yet consumed: append-only segments of checksummed records, made durable
/// by one sync for all that wait. Thread-safe. The model is that of Kafka (partition, offset, key), which is
/// to be the next engine behind it.
///
/// A process that is killed loses nothing that was acknowledged; of what was not, any part may be found. A
/// torn tail is cut when the journal is opened. Two processes must not open one folder: it is locked.
class Journal {
 public:
  /// Opens or makes it. Errors: storage (the folder, a segment that is damaged before its end); conflict
  /// (another process has it).
  static Result<std::unique_ptr<Journal>> open(const Options& options);
  virtual ~Journal() = default;

  /// Names this journal among all: made with its folder. Offsets mean something only together with it.
  virtual const std::string& id() const = 0;

  /// Told once the events are durable: the offset of the first, the others follow it. Errors: storage,
  /// nothing of them is kept; the next append tries anew. Called on the journal's thread: short, and must not
  /// append.
  using Done = std::function<void(Result<std::uint64_t> first)>;

  /// Takes a copy of the events and returns at once. False when too much waits already: `done` is not called,
  /// the caller answers "busy". Errors that the caller can avoid (no events, an event larger than half a
  /// segment, an unknown partition) go to `done`.
  virtual bool append(std::uint32_t partition, std::span<const Message> messages, std::int64_t received_ms,
                      Done done) = 0;

  /// The oldest offset that is kept, and one past the last durable one.
  virtual std::uint64_t first(std::uint32_t partition) const = 0;
  virtual std::uint64_t end(std::uint32_t partition) const = 0;
  /// Waits until something is durable at `offset` or behind; false when `stop` was requested or the time is
  /// over.
  virtual bool wait_for(std::uint32_t partition, std::uint64_t offset, std::chrono::milliseconds patience,
                        std::stop_token stop) const = 0;
  /// Reads from `offset` on, or from `first` when that is later. The journal must outlive it.
  virtual std::unique_ptr<Reader> read(std::uint32_t partition, std::uint64_t offset) const = 0;
  /// Events before `offset` have been consumed: files that hold nothing else are removed.
  virtual Result<void> trim(std::uint32_t partition, std::uint64_t offset) = 0;
  /// Whether an event is still wanted.
  using Keep = std::function<bool(const Event& event)>;
  /// Of the events before `before` only those are wanted that `keep` is true of: files of enough others are
  /// written anew without them. Readers pass over what is gone; offsets stay. Trimming and compacting are
  /// for one thread. Errors: storage.
  virtual Result<void> compact(std::uint32_t partition, std::uint64_t before, const Keep& keep) = 0;

  /// Bytes on disk, and bytes that wait for a commit.
  virtual std::uint64_t stored_bytes() const = 0;
  virtual std::uint64_t waiting_bytes() const = 0;
};

/// Reads one partition in order. Confined to one thread.
class Reader {
 public:
  virtual ~Reader() = default;
  /// Replaces the batch by the next durable events: at least one, when there is one, and no more than about
  /// `bytes_max`. Empty: all has been read. Errors: storage.
  virtual Result<void> next(std::uint64_t bytes_max, Batch& batch) = 0;

 protected:
  static std::vector<Event>& events_of(Batch& batch) { return batch.events_; }
  static std::string& bytes_of(Batch& batch) { return batch.bytes_; }
};

}  // namespace headwater::journal
