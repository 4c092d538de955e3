#include <algorithm>
#include <system_error>
#include <utility>

#include "journal/internal/partition.h"
#include "journal/internal/record.h"

namespace headwater::journal {
namespace {

// A pass reads all of them, and makes as few files of them as their events need.
constexpr std::size_t kSegmentsMin = 8;

Error damaged(const Segment& segment, std::uint64_t offset) {
  return Error{ErrorKind::storage, "The journal is damaged: " + segment.path().string() +
                                       " does not hold event " + std::to_string(offset) + "."};
}

/// The records of segments that follow each other, without the events that nobody wants.
class Compaction {
 public:
  explicit Compaction(const Journal::Keep& keep) : keep_(keep) {}

  /// Takes a whole sealed segment, whose events end before `end`.
  Result<void> take(const Segment& segment, std::uint64_t end) {
    std::string bytes;
    TRY(segment.read(0, segment.bytes(), bytes));
    std::string_view rest(bytes);
    for (auto offset = segment.first_offset(); offset < end;) {
      const auto record = read_record(rest, offset);
      if (!record) return damaged(segment, offset);
      if (record->event && keep_(*record->event)) {
        close_gap();
        const Event& event = *record->event;
        append_record(out_, {event.key, event.value}, event.offset, event.received_ms);
      } else {
        dropped_ = true;
        if (gap_from_ == gap_to_) gap_from_ = offset;
        gap_to_ = record->next;
      }
      rest.remove_prefix(record->bytes);
      offset = record->next;
    }
    return {};
  }

  /// As a segment holds them, the end's zeros included; it begins anew.
  std::string records() {
    close_gap();
    dropped_ = false;
    return std::exchange(out_, {}) + std::string(kHeaderBytes, '\0');
  }
  std::size_t bytes() const { return out_.size(); }
  bool dropped() const { return dropped_; }

 private:
  void close_gap() {
    if (gap_from_ != gap_to_) append_gap(out_, gap_from_, gap_to_);
    gap_from_ = gap_to_;
  }

  const Journal::Keep& keep_;
  std::string out_;
  bool dropped_ = false;
  std::uint64_t gap_from_ = 0;
  std::uint64_t gap_to_ = 0;
};

}  // namespace

// Whole segments before `before` that no pass has seen, and the last one that a pass has left small.
std::vector<std::shared_ptr<Segment>> Partition::compactable(std::uint64_t before) const {
  std::vector<std::shared_ptr<Segment>> out;
  const std::scoped_lock lock(mutex_);
  std::size_t fresh = 0;
  for (auto at = segments_.begin(); at != segments_.end(); ++at) {
    const auto next = std::next(at);
    if (next == segments_.end() || next->first > before) break;
    if (at->first < compacted_to_ && next->first < compacted_to_) continue;
    const bool seen = at->first < compacted_to_;
    if (seen && at->second->bytes() > options_.segment_bytes / 2) continue;
    if (!seen) ++fresh;
    out.push_back(at->second);
  }
  if (fresh < kSegmentsMin) out.clear();
  return out;
}

Result<void> Partition::compact(std::uint64_t before, const Journal::Keep& keep) {
  const auto segments = compactable(before);
  if (segments.empty()) return {};
  const auto end_of = [&](const std::shared_ptr<Segment>& segment) {
    const std::scoped_lock lock(mutex_);
    return segments_.upper_bound(segment->first_offset())->first;
  };
  Compaction compaction(keep);
  std::size_t begun = 0;
  const auto flush = [&](std::size_t end) -> Result<void> {
    const auto of = std::span(segments).subspan(begun, end - begun);
    begun = end;
    const auto end_offset = end_of(of.back());
    const bool worth_it = of.size() > 1 || compaction.dropped();
    const std::string records = compaction.records();
    if (worth_it) TRY(replace(of, records));
    compacted_to_ = end_offset;
    return {};
  };
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (i > begun && compaction.bytes() > options_.segment_bytes / 2) TRY(flush(i));
    TRY(compaction.take(*segments[i], end_of(segments[i])));
  }
  return flush(segments.size());
}

// The file that takes the first one's place is durable before the others go: a crash in between leaves files
// whose events stand in it as well.
Result<void> Partition::replace(std::span<const std::shared_ptr<Segment>> segments,
                                const std::string& records) {
  const auto& file = segments.front()->path();
  TRY(write_file_durably(file, records, 0600));
  auto compacted = std::make_shared<Segment>(TRY(Segment::open(file)));
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& segment : segments) segments_.erase(segment->first_offset());
    segments_.emplace(compacted->first_offset(), std::move(compacted));
  }
  for (const auto& segment : segments.subspan(1)) {
    std::error_code failed;
    std::filesystem::remove(segment->path(), failed);
    if (failed)
      return Error{ErrorKind::storage, segment->path().string() + " cannot be removed: " + failed.message()};
  }
  return {};
}

// All its events stand in the segments before it: a compaction was cut short.
Result<Partition::Segments::iterator> Partition::drop_compacted(Segments::iterator at, std::uint64_t offset) {
  auto end = at->first;
  TRY(scan(*at->second, end));
  if (end > offset || std::next(at) == segments_.end()) return damaged(*at->second, offset);
  std::error_code failed;
  std::filesystem::remove(at->second->path(), failed);
  if (failed)
    return Error{ErrorKind::storage, at->second->path().string() + " cannot be removed: " + failed.message()};
  return segments_.erase(at);
}

}  // namespace headwater::journal
