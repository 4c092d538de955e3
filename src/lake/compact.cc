#include <set>
#include <span>

#include "base/crypto.h"
#include "lake/internal/duckdb_api.h"
#include "lake/internal/manifest.h"
#include "lake/internal/removal.h"
#include "lake/internal/staging.h"
#include "lake/lake.h"

namespace headwater::lake {
namespace {

namespace fs = std::filesystem;

/// Finds the first run of neighbouring small files worth merging.
class RunFinder {
 public:
  RunFinder(const Lake::Options& options, const std::set<std::string>& merged)
      : options_(options), merged_(merged) {}

  /// Pages without a small file are not read.
  Result<std::vector<DataFile>> find(const PagedList<DataFile>& files) {
    if (options_.compact_below_bytes > 0)
      TRY(files.each_up_to(
          options_.compact_below_bytes - 1, [this](const DataFile& file) { return add(file); },
          [this] { end(); }));
    end();
    return closed_ ? std::move(run_) : std::vector<DataFile>();
  }

 private:
  /// Whether the run may go on, or another begin.
  bool add(const DataFile& file) {
    if (bytes_ >= options_.compact_to_bytes) end();
    const bool small = file.bytes < options_.compact_below_bytes && !merged_.contains(file.name);
    if (!small) end();
    if (closed_ || !small) return !closed_;
    bytes_ += file.bytes;
    run_.push_back(file);
    return true;
  }

  /// What follows is no neighbour of what was added.
  void end() {
    closed_ = closed_ || run_.size() > 1;
    if (closed_) return;
    run_.clear();
    bytes_ = 0;
  }

  const Lake::Options& options_;
  const std::set<std::string>& merged_;  // just now: not again
  std::vector<DataFile> run_;
  std::uint64_t bytes_ = 0;
  bool closed_ = false;
};

Result<DataFile> merge(const fs::path& home, std::span<const DataFile> inputs) {
  DataFile merged;
  merged.name = "compacted-" + crypto::random_hex(12) + ".parquet";
  std::string list;
  bool shares_known = true;
  std::uint64_t bytes = 0;
  for (const auto& input : inputs) {
    list += (list.empty() ? "" : ", ") + sql_string((home / kDataFolder / input.name).string());
    merged.records += input.records;
    bytes += input.bytes;
    shares_known = shares_known && input.shares.size() == input.batches.size();
    for (std::size_t i = 0; i < input.batches.size(); ++i) {
      const auto share = shares_known ? input.shares[i] : 0;
      if (!merged.batches.empty() && merged.batches.back() == input.batches[i]) {
        merged.shares.back() += share;
        continue;
      }
      merged.batches.push_back(input.batches[i]);
      merged.shares.push_back(share);
    }
  }
  if (!shares_known) merged.shares.clear();
  merged.bytes = TRY(copy_to_parquet("SELECT * FROM read_parquet([" + list + "], union_by_name = true)",
                                     home / kStagingFolder / merged.name, bytes, merged.records));
  return merged;
}

}  // namespace

Result<CompactionReport> Lake::compact(const DatasetId& id) {
  const auto start = TRY(manifest(id));
  CompactionReport report{start->files.size(), start->files.size(), 0};
  const auto home = folder(id);
  const auto lock = TRY(FileLock::try_take(home / kCompactionLockFile));
  if (!lock || start->dataset.format != Format::parquet) return report;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(home / kStagingFolder, ignored))
    if (entry.is_regular_file(ignored)) fs::remove(entry.path(), ignored);  // a killed compaction's
  std::set<std::string> results;
  for (;;) {
    const auto current = TRY(manifest(id));
    const auto run = TRY(RunFinder(options_, results).find(current->files));
    if (run.empty()) break;
    const auto merged = TRY(merge(home, run));
    std::set<std::string_view> old;
    std::vector<std::string_view> keys;
    for (const auto& file : run) {
      old.insert(file.name);
      if (!file.batches.empty()) keys.push_back(file.batches.front().value);
    }
    const auto swap = [&](Manifest& next, PageChange& pages) -> Result<void> {
      fs::rename(home / kStagingFolder / merged.name, home / kDataFolder / merged.name, ignored);
      if (ignored)
        return Error{ErrorKind::storage, "The compacted file cannot be moved: " + ignored.message()};
      TRY(sync_folder(home / kDataFolder));
      std::size_t found = 0;
      const auto replace = [&](std::vector<DataFile>& files) {
        const auto before = found;
        std::vector<DataFile> left;
        for (auto& file : files) {
          if (!old.contains(file.name)) {
            left.push_back(std::move(file));
            continue;
          }
          if (found++ == 0) left.push_back(merged);
          next.retired.push_back({std::move(file.name), clock_.now()});
        }
        files = std::move(left);
        return found > before;
      };
      TRY(next.files.edit_of(pages, keys, replace));
      // Only this function and removals replace files, and they hold the compaction lock.
      if (found != run.size()) return Error{ErrorKind::conflict, "The dataset's files changed meanwhile."};
      return {};
    };
    TRY(change(id, swap));
    results.insert(merged.name);
    report.bytes_written += merged.bytes;
  }
  report.files_after = TRY(manifest(id))->files.size();
  return report;
}

}  // namespace headwater::lake
