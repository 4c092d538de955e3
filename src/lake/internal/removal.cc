#include "lake/internal/removal.h"

#include <fcntl.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/file.h"
#include "lake/internal/duckdb_api.h"
#include "lake/internal/manifest.h"

namespace headwater::lake {
namespace {

namespace fs = std::filesystem;

std::vector<std::string_view> keys_of(const std::set<BatchId>& batches) {
  std::vector<std::string_view> keys;
  keys.reserve(batches.size());
  for (const auto& batch : batches) keys.push_back(batch.value);
  return keys;
}

/// The file without those batches: the rows of each stand together, in the order of `batches`.
Result<DataFile> without(const fs::path& home, const DataFile& file, const std::set<BatchId>& batches) {
  if (file.shares.size() != file.batches.size())
    return Error{
        ErrorKind::unsupported,
        "A data file that an older version compacted holds this batch together with others, and does "
        "not say which record is whose."};
  DataFile left;
  left.name = "compacted-" + crypto::random_hex(12) + ".parquet";
  std::string kept;
  std::uint64_t row = 0;
  for (std::size_t i = 0; i < file.batches.size(); ++i) {
    const auto end = row + file.shares[i];
    if (!batches.contains(file.batches[i])) {
      kept += (kept.empty() ? "" : " OR ") + ("(file_row_number >= " + std::to_string(row)) +
              " AND file_row_number < " + std::to_string(end) + ")";
      left.batches.push_back(file.batches[i]);
      left.shares.push_back(file.shares[i]);
      left.records += file.shares[i];
    }
    row = end;
  }
  left.bytes = TRY(copy_to_parquet("SELECT * EXCLUDE (file_row_number) FROM read_parquet(" +
                                       sql_string((home / kDataFolder / file.name).string()) +
                                       ", file_row_number = true) WHERE " + kept,
                                   home / kStagingFolder / left.name, file.bytes, file.records));
  return left;
}

}  // namespace

Result<std::uint64_t> copy_to_parquet(const std::string& select, const fs::path& file, std::uint64_t bytes,
                                      std::uint64_t records) {
  // In order DuckDB takes no size in bytes: a group of rows has about 16 MB when they shrink to an eighth.
  const auto row_bytes = std::max<std::uint64_t>(1, records == 0 ? 1 : 8 * bytes / records);
  const auto group_rows = std::clamp<std::uint64_t>((16U << 20) / row_bytes / 2048 * 2048, 2048, 122'880);
  const auto session =
      TRY(DuckDbSession::open({.threads = 1, .memory_bytes_max = 512ULL << 20, .keep_order = true}));
  auto copied =
      session.run("COPY (" + select + ") TO " + sql_string(file.string()) +
                  " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE " + std::to_string(group_rows) + ")");
  std::error_code failed;
  if (!copied) {
    fs::remove(file, failed);
    return Error{ErrorKind::storage, "A data file cannot be written anew: " + copied.error().message};
  }
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("open", file.string());
  TRY(sync_data(fd.get(), file.string()));
  return fs::file_size(file, failed);
}

Result<Removal> Removal::prepare(const Lake& lake, const DatasetId& dataset, std::vector<BatchId> batches) {
  TRY(lake.manifest(dataset));
  auto home = lake.options().root / dataset.value;
  auto lock = TRY(FileLock::take(home / kCompactionLockFile));
  const auto manifest = TRY(lake.manifest(dataset));
  Removal removal(std::move(home), std::move(lock));
  removal.batches_.insert(batches.begin(), batches.end());
  const auto& gone = removal.batches_;
  TRY(manifest->batches.each_of(keys_of(gone), [&removal](const BatchInfo& batch) {
    removal.any_batch_ = removal.batches_.contains(batch.id);
    return !removal.any_batch_;
  }));
  std::vector<DataFile> mixed;  // with batches that stay
  TRY(manifest->files.each_of(keys_of(gone), [&removal, &gone, &mixed](const DataFile& file) {
    const auto is_gone = [&gone](const BatchId& batch) { return gone.contains(batch); };
    const auto count = std::count_if(file.batches.begin(), file.batches.end(), is_gone);
    if (static_cast<std::size_t>(count) == file.batches.size() && count > 0)
      removal.gone_.emplace(file.name, std::nullopt);
    else if (count > 0)
      mixed.push_back(file);
    return true;
  }));
  for (const auto& file : mixed) removal.gone_.emplace(file.name, TRY(without(removal.home_, file, gone)));
  return removal;
}

Removal::~Removal() {
  std::error_code ignored;
  for (const auto& [name, file] : gone_)
    if (file) fs::remove(home_ / kStagingFolder / file->name, ignored);
}

Result<void> Removal::apply(Manifest& manifest, PageChange& pages, TimePoint now) {
  std::error_code failed;
  bool any_moved = false;
  for (const auto& [name, file] : gone_) {
    if (!file) continue;
    fs::rename(home_ / kStagingFolder / file->name, home_ / kDataFolder / file->name, failed);
    if (failed) return Error{ErrorKind::storage, "A data file cannot be moved: " + failed.message()};
    any_moved = true;
  }
  if (any_moved) TRY(sync_folder(home_ / kDataFolder));
  const auto keys = keys_of(batches_);
  std::size_t found = 0;
  const auto replace = [this, &manifest, &found, now](std::vector<DataFile>& files) {
    const auto before = found;
    std::vector<DataFile> left;
    for (auto& file : files) {
      const auto change = gone_.find(file.name);
      if (change == gone_.end()) {
        left.push_back(std::move(file));
        continue;
      }
      ++found;
      manifest.retired.push_back({file.name, now});
      if (change->second) left.push_back(*change->second);
    }
    files = std::move(left);
    return found > before;
  };
  TRY(manifest.files.edit_of(pages, keys, replace));
  if (found != gone_.size()) return Error{ErrorKind::conflict, "The dataset's files changed meanwhile."};
  const auto erase = [this](std::vector<BatchInfo>& batches) {
    return std::erase_if(batches, [this](const BatchInfo& batch) { return batches_.contains(batch.id); }) > 0;
  };
  return manifest.batches.edit_of(pages, keys, erase);
}

}  // namespace headwater::lake
