#include <algorithm>
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

/// The first run of neighbouring small files worth merging: [begin, end) of the manifest's files.
std::pair<std::size_t, std::size_t> next_run(const std::vector<DataFile>& files, std::size_t from,
                                             const Lake::Options& options) {
  for (std::size_t begin = from; begin < files.size(); ++begin) {
    std::uint64_t bytes = 0;
    std::size_t end = begin;
    while (end < files.size() && files[end].bytes < options.compact_below_bytes &&
           bytes < options.compact_to_bytes)
      bytes += files[end++].bytes;
    if (end - begin > 1) return {begin, end};
  }
  return {files.size(), files.size()};
}

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
  for (std::size_t from = 0;;) {
    const auto current = TRY(manifest(id));
    const auto [begin, end] = next_run(current->files, from, options_);
    if (begin == end) break;
    const auto merged = TRY(merge(home, std::span(current->files).subspan(begin, end - begin)));
    const auto& first = current->files[begin].name;
    const auto count = end - begin;
    const auto swap = [&](Manifest& next) -> Result<void> {
      // Only this function replaces files and it holds the compaction lock, so they still stand together.
      const auto place = std::find_if(next.files.begin(), next.files.end(),
                                      [&first](const DataFile& file) { return file.name == first; });
      if (place == next.files.end())
        return Error{ErrorKind::conflict, "The dataset's files changed meanwhile."};
      fs::rename(home / kStagingFolder / merged.name, home / kDataFolder / merged.name, ignored);
      if (ignored)
        return Error{ErrorKind::storage, "The compacted file cannot be moved: " + ignored.message()};
      TRY(sync_folder(home / kDataFolder));
      const auto stop = place + static_cast<std::ptrdiff_t>(count);
      for (auto file = place; file != stop; ++file) next.retired.push_back({file->name, clock_.now()});
      *place = merged;
      next.files.erase(place + 1, stop);
      return {};
    };
    TRY(change(id, swap));
    report.bytes_written += merged.bytes;
    from = begin + 1;
  }
  report.files_after = TRY(manifest(id))->files.size();
  return report;
}

}  // namespace headwater::lake
