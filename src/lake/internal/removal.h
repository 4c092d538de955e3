#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lake/internal/staging.h"
#include "lake/lake.h"

namespace headwater::lake {

/// Batches on their way out of a dataset. Files that hold others as well are written anew without them; while
/// this lives no compaction moves anything, so what was prepared fits the manifest that it is applied to.
class Removal {
 public:
  /// Errors: as Lake::remove_batches.
  static Result<Removal> prepare(const Lake& lake, const DatasetId& dataset, std::vector<BatchId> batches);
  Removal(Removal&&) = default;
  ~Removal();

  bool empty() const { return gone_.empty() && !any_batch_; }
  Result<void> apply(Manifest& manifest, PageChange& pages, TimePoint now);

 private:
  Removal(std::filesystem::path home, FileLock lock) : home_(std::move(home)), lock_(std::move(lock)) {}

  std::filesystem::path home_;
  FileLock lock_;
  std::set<BatchId> batches_;
  bool any_batch_ = false;
  std::map<std::string, std::optional<DataFile>> gone_;  // by the name of a file: what takes its place
};

/// Runs a query over files of that many bytes and records together into a new Parquet file, in its order, and
/// syncs it. Gives its size. Errors: storage.
Result<std::uint64_t> copy_to_parquet(const std::string& select, const std::filesystem::path& file,
                                      std::uint64_t bytes, std::uint64_t records);

}  // namespace headwater::lake
