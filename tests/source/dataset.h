#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace source {

/// Deterministic records 0 .. total-1, about 1.1 KB and 30 members each. The texts of the first `kBlock`
/// records are made once, joined by commas, so that a page is a slice of memory; record i beyond them is
/// record i % kBlock with its id, key and time rewritten. Immutable after construction.
class Dataset {
 public:
  static constexpr std::uint64_t kBlock = 50'000;
  static constexpr std::int64_t kFirstId = 1'000'000'000;      // record i has id kFirstId + i
  static constexpr std::int64_t kFirstUpdate = 1'704'067'200;  // 2024-01-01T00:00:00Z
  static constexpr std::int64_t kUpdateStep = 60;              // seconds between two records' updatedAt

  explicit Dataset(std::uint64_t total);

  std::uint64_t total() const { return total_; }
  std::string record(std::uint64_t index) const;
  /// Bytes of records [first, first + count) joined by commas, without one at the end.
  std::uint64_t bytes(std::uint64_t first, std::uint64_t count) const;

  /// One piece of such a range; `stable` pieces stay valid as long as the dataset.
  using Piece = std::function<bool(std::string_view bytes, bool stable)>;
  /// Gives the range piece by piece until `piece` returns false; false then.
  bool range(std::uint64_t first, std::uint64_t count, const Piece& piece) const;

  /// The first index whose updatedAt is not before `seconds` since the epoch.
  std::uint64_t index_at(std::int64_t seconds) const;

 private:
  std::uint64_t total_;
  std::uint64_t block_;                // records in block_text_
  std::string block_text_;             // record "," record "," ... with a final comma
  std::vector<std::uint64_t> starts_;  // block_ + 1 offsets into block_text_
};

/// "2024-03-05T09:07:03Z" (any fraction or offset is ignored) or epoch seconds.
std::optional<std::int64_t> read_time(std::string_view text);

}  // namespace source
