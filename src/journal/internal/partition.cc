#include "journal/internal/partition.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "journal/internal/record.h"

namespace headwater::journal {
namespace {

constexpr std::uint64_t kScanBytes = 4U << 20;
constexpr std::size_t kSparesMax = 4;
// What takes the disk longer than the first write into a block does.
constexpr std::size_t kLargeCommitBytes = 128U << 10;
constexpr std::size_t kKeptTextBytes = 1U << 20;

}  // namespace

/// Walks the records of one partition. It holds the segment it stands in, so that trimming takes nothing from
/// it.
class PartitionReader final : public Reader {
 public:
  PartitionReader(const Partition& partition, std::uint64_t offset)
      : partition_(partition), offset_(offset) {}

  Result<void> next(std::uint64_t bytes_max, Batch& batch) override {
    batch.clear();
    const auto end = partition_.durable_end();
    if (!segment_) offset_ = std::max(offset_, partition_.first());
    if (offset_ >= end.offset) return {};
    TRY(enter_segment());
    auto& bytes = bytes_of(batch);
    for (auto wanted = std::max<std::uint64_t>(bytes_max, kHeaderBytes);
         batch.empty() && offset_ < end.offset;) {
      // Behind the durable end stands nothing that may be read.
      const bool is_last = segment_->first_offset() == end.segment;
      TRY(segment_->read(at_, is_last ? std::min(wanted, end.bytes - at_) : wanted, bytes));
      const auto before = at_;
      take(bytes, end.offset, batch);
      if (at_ != before) continue;
      // The first record is longer than what was read, or the segment ends here.
      const auto claimed = claimed_bytes(bytes);
      if (claimed > wanted)
        wanted = claimed;
      else if (claimed != 0)
        return damaged();
      else
        TRY(leave_segment());
    }
    return {};
  }

 private:
  Error damaged() const {
    return Error{ErrorKind::storage, "The journal is damaged: " + segment_->path().string() + " at byte " +
                                         std::to_string(at_) + " does not hold event " +
                                         std::to_string(offset_) + "."};
  }

  // Records from the front of `bytes`; events keep pointing into it.
  void take(std::string_view bytes, std::uint64_t end, Batch& batch) {
    while (offset_ < end) {
      const auto record = read_record(bytes, offset_);
      if (!record) return;
      if (record->event && offset_ >= wanted_) events_of(batch).push_back(*record->event);
      bytes.remove_prefix(record->bytes);
      at_ += record->bytes;
      offset_ = record->next;
    }
  }

  Result<void> enter_segment() {
    if (segment_) return {};
    const std::scoped_lock lock(partition_.mutex_);
    auto after = partition_.segments_.upper_bound(offset_);
    if (after == partition_.segments_.begin())
      return Error{ErrorKind::storage,
                   "The journal holds no event " + std::to_string(offset_) + " any more."};
    segment_ = std::prev(after)->second;
    at_ = 0;
    wanted_ = offset_;
    offset_ = segment_->first_offset();
    return {};
  }

  Result<void> leave_segment() {
    const std::scoped_lock lock(partition_.mutex_);
    const auto after = partition_.segments_.upper_bound(offset_);
    // What lay between may have been consumed and removed; what follows, compacted into an earlier segment.
    const auto next = after == partition_.segments_.begin() ? after : std::prev(after);
    if (next->second == segment_) return damaged();
    wanted_ = std::max(offset_, next->first);
    offset_ = next->first;
    segment_ = next->second;
    at_ = 0;
    return {};
  }

  const Partition& partition_;
  std::uint64_t offset_;  // of the next record
  std::uint64_t wanted_ =
      0;  // the walk begins at a segment's first record: events before this one are passed over
  std::shared_ptr<Segment> segment_;
  std::uint64_t at_ = 0;
};

Result<std::unique_ptr<Partition>> Partition::open(const std::filesystem::path& folder,
                                                   const Options& options) {
  TRY(make_folders(folder, 0700));
  std::unique_ptr<Partition> partition(new Partition(folder, options));
  TRY(partition->recover());
  partition->committer_ =
      std::jthread([raw = partition.get()](std::stop_token stop) { raw->commit_all(std::move(stop)); });
  return partition;
}

Partition::~Partition() {
  committer_.request_stop();
  if (committer_.joinable()) committer_.join();
}

// --- Opening ---

// How far a segment's records reach, in bytes; `offset` becomes one past the last.
Result<std::uint64_t> Partition::scan(const Segment& segment, std::uint64_t& offset) const {
  std::string bytes;
  std::uint64_t at = 0;
  for (auto wanted = kScanBytes;;) {
    TRY(segment.read(at, wanted, bytes));
    std::string_view rest(bytes);
    while (const auto record = read_record(rest, offset)) {
      rest.remove_prefix(record->bytes);
      at += record->bytes;
      offset = record->next;
    }
    const auto claimed = claimed_bytes(rest);
    const bool more =
        claimed > rest.size() && at + claimed <= segment.bytes() && rest.size() + at < segment.bytes();
    const bool cut_short =
        rest.size() < kHeaderBytes && at + rest.size() < segment.bytes() && bytes.size() == wanted;
    if (!more && !cut_short) return at;
    wanted = std::max<std::uint64_t>(kScanBytes, claimed);
  }
}

Result<void> Partition::recover() {
  TRY(Segment::remove_unplaced(folder_));
  for (const auto first : TRY(Segment::list(folder_)))
    segments_.emplace(first, std::make_shared<Segment>(TRY(Segment::open(Segment::path_of(folder_, first)))));
  if (segments_.empty()) {
    auto segment = std::make_shared<Segment>(
        TRY(Segment::make(folder_, options_.segment_bytes, Segment::Space::written)));
    TRY(segment->begin_at(0));
    segments_.emplace(0, std::move(segment));
  }
  auto offset = segments_.begin()->first;
  for (auto at = segments_.begin(); at != segments_.end(); ++at) {
    const auto& segment = at->second;
    if (segment->first_offset() < offset) {
      at = std::prev(TRY(drop_compacted(at, offset)));
      continue;
    }
    if (segment->first_offset() != offset)
      return Error{ErrorKind::storage, "The journal is damaged: events " + std::to_string(offset) + " to " +
                                           std::to_string(segment->first_offset() - 1) +
                                           " are missing before " + segment->path().string() + "."};
    at_ = TRY(scan(*segment, offset));
  }
  active_ = segments_.rbegin()->second;
  // A torn record, or older ones behind it: none of them may ever look like a record again.
  TRY(active_->cut(at_));
  next_offset_ = offset;
  end_ = {offset, active_->first_offset(), at_};
  return {};
}

// --- Appending ---

bool Partition::append(std::span<const Message> messages, std::int64_t received_ms, Journal::Done done) {
  Waiting waiting;
  for (const auto& message : messages) {
    const auto size = record_bytes(message);
    if (size > options_.segment_bytes / 2) {
      done(Error{ErrorKind::too_large, "An event of " + std::to_string(message.value.size()) +
                                           " bytes is larger than the journal takes."});
      return true;
    }
    waiting.record_bytes += size;
  }
  if (messages.empty()) {
    done(Error{ErrorKind::invalid_argument, "There are no events to keep."});
    return true;
  }
  if (waiting_bytes_.fetch_add(waiting.record_bytes) + waiting.record_bytes > options_.waiting_bytes_max) {
    waiting_bytes_ -= waiting.record_bytes;
    return false;
  }
  waiting.events = messages.size();
  waiting.received_ms = received_ms;
  waiting.done = std::move(done);
  bool first = false;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& message : messages) {
      queue_.texts.append(message.key).append(message.value);
      queue_.sizes.emplace_back(static_cast<std::uint32_t>(message.key.size()),
                                static_cast<std::uint32_t>(message.value.size()));
    }
    first = queue_.waiting.empty();
    queue_.waiting.push_back(std::move(waiting));
  }
  if (first) wanted_.notify_one();
  return true;
}

// What waits is committed before the thread ends: an append that was taken is answered.
void Partition::commit_all(std::stop_token stop) {
  Group group;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, stop, [this] { return !queue_.waiting.empty(); });
      if (queue_.waiting.empty()) return;
      if (options_.gather.count() > 0 && !stop.stop_requested()) {
        // Everybody who comes meanwhile shares the sync.
        const auto until = std::chrono::steady_clock::now() + options_.gather;
        wanted_.wait_until(lock, stop, until, [] { return false; });
      }
      std::swap(group, queue_);
    }
    commit(group);
    group.clear();
  }
}

void Partition::Group::clear() {
  waiting.clear();
  if (texts.capacity() > kKeptTextBytes) texts = std::string();
  texts.clear();
  sizes.clear();
}

void Partition::commit(Group& group) {
  auto first = end_.offset;  // only this thread moves it
  auto written = write(group);
  if (!written) {
    log::error("journal write failed", {{"folder", folder_.string()}, {"error", written.error().message}});
    broken_ = true;
  } else {
    const std::scoped_lock lock(mutex_);
    end_ = {next_offset_, active_->first_offset(), at_};
    // Whoever waits for more than that sleeps on: a commit is over in a fraction of a millisecond.
    if (!awaited_.empty() && end_.offset > *awaited_.begin()) durable_.notify_all();
  }
  for (auto& waiting : group.waiting) {
    waiting_bytes_ -= waiting.record_bytes;
    const auto done = std::move(waiting.done);  // goes at once, and with it what it holds
    done(written ? Result<std::uint64_t>(first) : Result<std::uint64_t>(written.error()));
    first += waiting.events;
  }
}

Result<void> Partition::write(const Group& group) {
  if (broken_) TRY(mend());
  buffer_.clear();
  std::string_view texts(group.texts);
  auto sizes = group.sizes.begin();
  for (const auto& waiting : group.waiting) {
    for (const auto end = sizes + static_cast<std::ptrdiff_t>(waiting.events); sizes != end; ++sizes) {
      const auto& [key_bytes, value_bytes] = *sizes;
      const Message message{texts.substr(0, key_bytes), texts.substr(key_bytes, value_bytes)};
      texts.remove_prefix(std::size_t{key_bytes} + value_bytes);
      // A segment's last record leaves room for the header of zeros that ends it.
      if (at_ + buffer_.size() + record_bytes(message) + kHeaderBytes > active_->bytes()) {
        buffer_.append(kHeaderBytes, '\0');  // a segment that is written over has older records there
        TRY(write_records());
        TRY(next_segment());
      }
      append_record(buffer_, message, next_offset_++, waiting.received_ms);
    }
  }
  return write_records();
}

Result<void> Partition::write_records() {
  if (!buffer_.empty()) {
    TRY(active_->write(at_, buffer_));
    TRY(active_->sync());
    at_ += buffer_.size();
    space_ = buffer_.size() < kLargeCommitBytes ? Segment::Space::written : Segment::Space::reserved;
    buffer_.clear();
    prepare();
  }
  return {};
}

// The next segment is made while the one before it is filled, unless there is one to write over.
void Partition::prepare() {
  if (prepared_.valid() || at_ < active_->bytes() / 4) return;
  {
    const std::scoped_lock lock(mutex_);
    if (!spares_.empty()) return;
  }
  prepared_ = std::async(std::launch::async, [this, space = space_] {
    return Segment::make(folder_, options_.segment_bytes, space);
  });
}

Result<void> Partition::next_segment() {
  auto spare = take_spare();
  if (!spare)
    spare = TRY(prepared_.valid() ? prepared_.get() : Segment::make(folder_, options_.segment_bytes, space_));
  auto segment = std::make_shared<Segment>(*std::move(spare));
  TRY(segment->begin_at(next_offset_));
  const std::scoped_lock lock(mutex_);
  segments_.emplace(next_offset_, segment);
  active_ = std::move(segment);
  at_ = 0;
  return {};
}

std::optional<Segment> Partition::take_spare() {
  const std::scoped_lock lock(mutex_);
  if (spares_.empty() || prepared_.valid()) return std::nullopt;
  std::optional<Segment> spare(std::move(spares_.back()));
  spares_.pop_back();
  return spare;
}

// A consumed segment becomes a spare one when nobody reads in it any more, or goes. Its records can never be
// taken for others: their offsets are in the past.
Result<void> Partition::retire(const std::shared_ptr<Segment>& segment) {
  const std::scoped_lock lock(mutex_);
  if (segment.use_count() == 1 && segment->bytes() == options_.segment_bytes && spares_.size() < kSparesMax) {
    TRY(segment->set_aside());
    spares_.push_back(std::move(*segment));
    return {};
  }
  std::error_code failed;
  std::filesystem::remove(segment->path(), failed);
  if (failed)
    return Error{ErrorKind::storage, segment->path().string() + " cannot be removed: " + failed.message()};
  return {};
}

// Back to the durable end: what a failed commit wrote behind it was never acknowledged.
Result<void> Partition::mend() {
  const std::scoped_lock lock(mutex_);
  while (segments_.size() > 1 && segments_.rbegin()->first > end_.offset) {
    std::error_code failed;
    std::filesystem::remove(segments_.rbegin()->second->path(), failed);
    if (failed) return Error{ErrorKind::storage, "A segment cannot be removed: " + failed.message()};
    segments_.erase(std::prev(segments_.end()));
  }
  // The last segment may begin just at the end: its predecessor was full.
  auto last = segments_.rbegin()->second;
  const auto at = last->first_offset() == end_.offset && segments_.size() > 1 ? 0 : end_.bytes;
  TRY(last->cut(at));
  active_ = std::move(last);
  at_ = at;
  next_offset_ = end_.offset;
  broken_ = false;
  return {};
}

// --- Reading ---

std::uint64_t Partition::first() const {
  const std::scoped_lock lock(mutex_);
  return segments_.begin()->first;
}

std::uint64_t Partition::end() const { return durable_end().offset; }

Partition::DurableEnd Partition::durable_end() const {
  const std::scoped_lock lock(mutex_);
  return end_;
}

bool Partition::wait_for(std::uint64_t offset, std::chrono::milliseconds patience,
                         std::stop_token stop) const {
  std::unique_lock lock(mutex_);
  const auto place = awaited_.insert(offset);
  const bool here = durable_.wait_for(lock, std::move(stop), patience, [&] { return end_.offset > offset; });
  awaited_.erase(place);
  return here;
}

std::unique_ptr<Reader> Partition::read(std::uint64_t offset) const {
  return std::make_unique<PartitionReader>(*this, offset);
}

Result<void> Partition::trim(std::uint64_t offset) {
  while (true) {
    std::shared_ptr<Segment> oldest;
    {
      const std::scoped_lock lock(mutex_);
      const auto second = segments_.size() > 1 ? std::next(segments_.begin()) : segments_.end();
      if (second == segments_.end() || second->first > std::min(offset, end_.offset)) return {};
      oldest = segments_.begin()->second;
      segments_.erase(segments_.begin());
    }
    TRY(retire(oldest));
  }
}

std::uint64_t Partition::stored_bytes() const {
  const std::scoped_lock lock(mutex_);
  std::uint64_t bytes = 0;
  for (const auto& [first, segment] : segments_) bytes += segment->bytes();
  return bytes;
}

}  // namespace headwater::journal
