#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/file.h"
#include "base/ids.h"
#include "base/result.h"
#include "lake/layout.h"
#include "lake/paged_list.h"

namespace headwater::lake {

class BatchWriter;
struct BatchOptions;
struct PageCaches;

enum class Format : std::uint8_t { parquet, ndjson };

/// What a dataset is; kept beside its files.
struct DatasetInfo {
  DatasetId id;        // letters, digits, '-' and '_' only: it names a folder
  std::string name;    // a second name for queries; may be empty
  std::string tenant;  // who may query it ("org/sandbox"); empty for the embedded default
  Format format = Format::parquet;
};

/// A file of a dataset. After compaction one file holds several batches.
struct DataFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  std::vector<BatchId> batches;
  /// How many records each of `batches` has here; they stand in this order. Empty for a file that an older
  /// version compacted.
  std::vector<std::uint64_t> shares;
};

/// A committed batch: visible as a whole from the moment its manifest stands.
struct BatchInfo {
  BatchId id;
  TimePoint created;
  std::string schema_version;
  std::uint64_t records = 0;
  std::uint64_t records_rejected = 0;
  std::uint64_t bytes = 0;  // of its own files, as committed
  std::uint64_t files = 0;
  std::uint64_t records_with_other = 0;
  std::vector<std::string> other_members;
  std::string cursor;  // of the last checkpoint; dropped after some more batches
};

/// A data file that was replaced; kept for the grace period.
struct RetiredFile {
  std::string name;
  TimePoint since;
};

/// One state of a dataset; never changes. Readers keep the one they started with; pages of it that they have
/// not read yet can be read until the grace period is over.
struct Manifest {
  std::uint64_t sequence = 0;
  DatasetInfo dataset;
  Layout layout;
  PagedList<DataFile> files;     // ranked by size, looked up by their batches; the sum is of records
  PagedList<BatchInfo> batches;  // ranked by time; the sum is of records with other members
  PagedList<RetiredFile> retired;

  /// nullopt when it is not there. Errors: storage.
  Result<std::optional<BatchInfo>> find_batch(const BatchId& id) const;
  /// The data files that hold records of a batch. Errors: storage.
  Result<std::vector<DataFile>> files_of(const BatchId& id) const;
};

/// A file that can be downloaded; `path` is for `Lake::open_file`'s use and for one-shot local commands.
struct StoredFile {
  std::string name;
  std::uint64_t bytes = 0;
};

/// What stands beside a batch's data (flow-service reference, section 21).
enum class MetaFolder : std::uint8_t { input_files, row_errors, row_error_samples };

/// An open file. It stays readable after compaction or clean-up removed its name.
class OpenFile {
 public:
  OpenFile(UniqueFd fd, std::uint64_t bytes) : fd_(std::move(fd)), bytes_(bytes) {}
  std::uint64_t bytes() const { return bytes_; }
  /// Up to `length` bytes from `offset`; fewer only at the end. Errors: storage.
  Result<std::string> read(std::uint64_t offset, std::size_t length) const;

 private:
  UniqueFd fd_;
  std::uint64_t bytes_;
};

struct CompactionReport {
  std::size_t files_before = 0;
  std::size_t files_after = 0;
  std::uint64_t bytes_written = 0;
};

/// The datasets below one folder. Several processes may use the same folder: changes of a dataset are
/// made under its file lock, and every change is one rename of its manifest. Thread-safe.
class Lake {
 public:
  struct Options {
    std::filesystem::path root;  // DATA/lake; made when absent
    /// How long a replaced file outlives the manifest that named it; longer than any query may take.
    std::chrono::seconds grace = std::chrono::minutes(15);
    std::chrono::seconds quarantine_kept = std::chrono::days(30);
    /// How long an interrupted batch waits for its run. Long enough for a person to mend a source, and an end
    /// to what nobody will resume.
    std::chrono::seconds staging_kept = std::chrono::days(30);
    std::uint64_t part_bytes_max = 512ULL << 20;  // record bytes in one data file
    std::uint64_t part_records_max = 2'000'000;
    std::uint64_t compact_below_bytes = 64ULL << 20;  // smaller files are merged
    std::uint64_t compact_to_bytes = 256ULL << 20;
    std::uint64_t page_bytes = 128ULL
                               << 10;  // of older entries of a manifest, which stand in files of their own
    bool collects_garbage = true;

    /// For a process that only reads: what is removed, and when, is the server's to say.
    static Options of_a_reader(std::filesystem::path root);
  };

  /// Names this lake among all lakes: made with it, the same for every process that opens the folder.
  const std::string& id() const { return id_; }

  /// Opens the lake, and collects garbage unless it is a reader's. The clock outlives it. Errors: storage.
  static Result<std::unique_ptr<Lake>> open(Options options, const Clock& clock);
  ~Lake();

  /// Makes the dataset, or updates its name and tenant; a dataset keeps the format it was made with.
  /// Errors: invalid_argument for an id that cannot name a folder; conflict for another format; storage.
  Result<void> put_dataset(const DatasetInfo& dataset);
  /// Removes the dataset; its files follow when the grace period is over. Absent: fine. Errors: conflict
  /// while a batch is being written.
  Result<void> remove_dataset(const DatasetId& id);
  Result<std::vector<DatasetInfo>> datasets() const;

  /// The dataset's current state. Errors: not_found, storage.
  Result<std::shared_ptr<const Manifest>> manifest(const DatasetId& id) const;
  /// The dataset that committed this batch (or quarantined its records). Errors: not_found.
  Result<DatasetId> dataset_of(const BatchId& batch) const;

  /// Starts a batch, or goes on with an interrupted one of the same id. Errors: not_found (dataset);
  /// conflict when another writer holds the batch; storage.
  Result<std::unique_ptr<BatchWriter>> open_batch(BatchOptions options);
  /// Drops what an interrupted batch left behind; rejected records stay. Committed or absent: fine.
  Result<void> discard_batch(const DatasetId& dataset, const BatchId& batch);

  /// Takes committed batches out of the dataset, all at once; readers that have begun still see them. Those
  /// that are not there: fine. Errors: not_found (dataset), storage, unsupported (a file that an older
  /// version compacted holds others as well).
  Result<void> remove_batches(const DatasetId& dataset, const std::vector<BatchId>& batches);

  /// The data files that hold a batch's records. Errors: not_found.
  Result<std::vector<StoredFile>> batch_files(const DatasetId& dataset, const BatchId& batch) const;
  Result<OpenFile> open_batch_file(const DatasetId& dataset, const BatchId& batch,
                                   std::string_view name) const;
  /// What was kept about a batch's inputs and rejected records; empty when there is none.
  Result<std::vector<StoredFile>> meta_files(const DatasetId& dataset, const BatchId& batch,
                                             MetaFolder folder) const;
  Result<OpenFile> open_meta_file(const DatasetId& dataset, const BatchId& batch, MetaFolder folder,
                                  std::string_view name) const;

  /// Merges neighbouring small files of a Parquet dataset. Readers see the old files or the new one.
  /// Nothing to do, or another process is at it: an unchanged report. Errors: not_found, storage.
  Result<CompactionReport> compact(const DatasetId& id);
  /// Removes what no manifest and no batch in work needs: retired files past the grace period, leftovers
  /// of discarded batches and of killed processes, pages that no manifest refers to, old quarantine. A
  /// dataset where that fails is passed over with a warning. Errors: storage.
  Result<void> collect_garbage();

  const Options& options() const { return options_; }
  const Clock& clock() const { return clock_; }

 private:
  friend class BatchWriter;
  Lake(Options options, const Clock& clock);
  std::filesystem::path folder(const DatasetId& id) const;
  Result<void> collect_garbage_of(const DatasetId& id);
  /// Changes the manifest under the dataset's lock.
  Result<void> change(const DatasetId& id, const std::function<Result<void>(Manifest&, PageChange&)>& edit);

  struct Cached;
  Options options_;
  std::string id_;
  const Clock& clock_;
  std::shared_ptr<PageCaches> pages_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, std::unique_ptr<Cached>> cache_;  // by dataset id
};

}  // namespace headwater::lake
