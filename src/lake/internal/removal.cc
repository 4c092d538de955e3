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

bool holds(const std::vector<BatchId>& list, const BatchId& batch) {
  return std::find(list.begin(), list.end(), batch) != list.end();
}

/// The file without those batches: the rows of each stand together, in the order of `batches`.
Result<DataFile> without(const fs::path& home, const DataFile& file, const std::vector<BatchId>& batches) {
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
    if (!holds(batches, file.batches[i])) {
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
  removal.batches_ = std::move(batches);
  for (const auto& batch : removal.batches_)
    removal.any_batch_ = removal.any_batch_ || manifest->find_batch(batch) != nullptr;
  for (const auto& file : manifest->files) {
    const auto gone =
        std::count_if(file.batches.begin(), file.batches.end(),
                      [&removal](const BatchId& batch) { return holds(removal.batches_, batch); });
    if (gone == 0) continue;
    if (static_cast<std::size_t>(gone) == file.batches.size()) {
      removal.dropped_.push_back(file.name);
      continue;
    }
    auto left = TRY(without(removal.home_, file, removal.batches_));
    removal.rewritten_.emplace_back(file.name, std::move(left));
  }
  return removal;
}

Removal::~Removal() {
  std::error_code ignored;
  for (const auto& [name, file] : rewritten_) fs::remove(home_ / kStagingFolder / file.name, ignored);
}

Result<void> Removal::apply(Manifest& manifest, TimePoint now) {
  std::error_code failed;
  for (const auto& [name, file] : rewritten_) {
    fs::rename(home_ / kStagingFolder / file.name, home_ / kDataFolder / file.name, failed);
    if (failed) return Error{ErrorKind::storage, "A data file cannot be moved: " + failed.message()};
  }
  if (!rewritten_.empty()) TRY(sync_folder(home_ / kDataFolder));
  for (const auto& [name, file] : rewritten_) {
    const auto place = std::find_if(manifest.files.begin(), manifest.files.end(),
                                    [&old = name](const DataFile& known) { return known.name == old; });
    if (place == manifest.files.end())
      return Error{ErrorKind::conflict, "The dataset's files changed meanwhile."};
    manifest.retired.push_back({place->name, now});
    *place = file;
  }
  for (const auto& name : dropped_) manifest.retired.push_back({name, now});
  std::erase_if(manifest.files, [this](const DataFile& file) {
    return std::find(dropped_.begin(), dropped_.end(), file.name) != dropped_.end();
  });
  std::erase_if(manifest.batches, [this](const BatchInfo& batch) { return holds(batches_, batch.id); });
  return {};
}

}  // namespace headwater::lake
