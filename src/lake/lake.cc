#include "lake/lake.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/time.h"
#include "lake/batch_writer.h"
#include "lake/internal/manifest.h"
#include "lake/internal/page_files.h"
#include "lake/internal/removal.h"
#include "lake/internal/staging.h"

namespace headwater::lake {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kHistoryKept = 20;

/// What tells one version of a manifest file from the next without reading it.
struct FileStamp {
  ino_t inode = 0;
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  off_t bytes = 0;
  bool operator==(const FileStamp&) const = default;
};

std::optional<FileStamp> stamp_of(const fs::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return std::nullopt;
  return FileStamp{status.st_ino, status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size};
}

Error no_dataset(const DatasetId& id) {
  return Error{ErrorKind::not_found, "There is no dataset '" + id.value + "' in the lake."};
}

Error no_file(std::string_view name) {
  return Error{ErrorKind::not_found, "The batch has no file '" + std::string(name) + "'."};
}

Result<OpenFile> open_stored(const fs::path& file, std::string_view name) {
  UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno == ENOENT ? no_file(name) : errno_error("open", file.string());
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return errno_error("examine", file.string());
  return OpenFile(std::move(fd), static_cast<std::uint64_t>(status.st_size));
}

std::string_view file_of(MetaFolder folder) {
  switch (folder) {
    case MetaFolder::input_files:
      return kInputsFile;
    case MetaFolder::row_errors:
      return kErrorsFile;
    case MetaFolder::row_error_samples:
      return kSamplesFile;
  }
  return {};
}

// Neither name can be a dataset's.
constexpr std::string_view kIdFile = ".lake-id";
constexpr std::string_view kRootLockFile = ".lake-lock";

Result<std::string> id_of(const fs::path& root) {
  if (auto id = read_file(root / kIdFile, 100); id || id.error().kind != ErrorKind::not_found) return id;
  const auto lock = TRY(FileLock::take(root / kRootLockFile));
  if (auto id = read_file(root / kIdFile, 100)) return id;  // somebody was faster
  auto id = crypto::random_hex(12);
  TRY(write_file_durably(root / kIdFile, id));
  return id;
}

/// Keeps the manifest that is about to be replaced, and the last few before it, for a look back.
void keep_history(const fs::path& folder, std::uint64_t sequence) {
  std::error_code ignored;
  const auto name = [&folder](std::uint64_t number) {
    return folder / kHistoryFolder / ("manifest-" + std::to_string(number) + ".json");
  };
  fs::create_hard_link(folder / kManifestFile, name(sequence), ignored);
  if (sequence > kHistoryKept) fs::remove(name(sequence - kHistoryKept), ignored);
}

}  // namespace

struct Lake::Cached {
  FileStamp stamp;
  std::shared_ptr<const Manifest> manifest;  // Shared with the readers that hold this state of the dataset.
};

Result<std::string> OpenFile::read(std::uint64_t offset, std::size_t length) const {
  std::string bytes(offset >= bytes_ ? 0 : std::min<std::uint64_t>(length, bytes_ - offset), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto got =
        ::pread(fd_.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read", "a stored file");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

Lake::Lake(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), pages_(std::make_shared<PageCaches>()) {}
Lake::~Lake() = default;

Result<std::unique_ptr<Lake>> Lake::open(Options options, const Clock& clock) {
  std::error_code failed;
  const auto root = fs::absolute(options.root, failed);
  if (failed) return Error{ErrorKind::storage, "The lake's folder has no absolute path."};
  options.root = root;
  TRY(make_folders(options.root));
  auto id = TRY(id_of(options.root));
  std::unique_ptr<Lake> lake(new Lake(std::move(options), clock));
  lake->id_ = std::move(id);
  if (lake->options_.collects_garbage) TRY(lake->collect_garbage());
  return lake;
}

Lake::Options Lake::Options::of_a_reader(fs::path root) {
  Options options;
  options.root = std::move(root);
  options.collects_garbage = false;
  return options;
}

fs::path Lake::folder(const DatasetId& id) const { return options_.root / id.value; }

Result<void> Lake::put_dataset(const DatasetInfo& dataset) {
  if (!is_safe_id(dataset.id.value))
    return Error{ErrorKind::invalid_argument,
                 "A dataset's id has letters, digits, '-' and '_' only, and at most 128 of them.", "/id"};
  const auto home = folder(dataset.id);
  std::error_code failed;
  // What waits of a removed one for the end of its grace is not this one's.
  if (fs::exists(home / kRemovedFile, failed)) fs::remove_all(home, failed);
  for (const auto name : {kDataFolder, kPagesFolder, kStagingFolder, kQuarantineFolder, kHistoryFolder})
    TRY(make_folders(home / name));
  const auto lock = TRY(FileLock::take(home / kLockFile));
  Manifest manifest;
  if (const auto known = this->manifest(dataset.id)) {
    manifest = **known;
    if (manifest.dataset.format != dataset.format)
      return Error{ErrorKind::conflict, "The dataset '" + dataset.id.value + "' has another format already."};
    if (manifest.dataset.name == dataset.name && manifest.dataset.tenant == dataset.tenant) return {};
  } else if (known.error().kind != ErrorKind::not_found) {
    return known.error();
  }
  manifest.dataset = dataset;
  ++manifest.sequence;
  TRY(write_file_durably(home / kManifestFile, manifest_text(manifest)));
  return sync_folder(options_.root);
}

Result<void> Lake::remove_dataset(const DatasetId& id) {
  const auto home = folder(id);
  std::error_code failed;
  if (!is_safe_id(id.value) || !fs::exists(home, failed)) return {};
  const auto lock = TRY(FileLock::take(home / kLockFile));
  for (const auto& staging : fs::directory_iterator(home / kStagingFolder, failed)) {
    if (!staging.is_directory(failed)) continue;
    const auto owner = TRY(FileLock::try_take(staging.path() / kOwnerFile));
    if (!owner)
      return Error{ErrorKind::conflict, "A batch of the dataset '" + id.value + "' is being written."};
  }
  // Without a manifest it is no dataset any more. Queries that have begun read on until the grace is over.
  TRY(write_file_durably(home / kRemovedFile, std::to_string(epoch_millis(clock_.now()))));
  fs::remove(home / kManifestFile, failed);
  if (failed) return Error{ErrorKind::storage, "The dataset cannot be removed: " + failed.message()};
  TRY(sync_folder(home));
  const std::lock_guard cached(mutex_);
  cache_.erase(id.value);
  return {};
}

Result<void> Lake::remove_batches(const DatasetId& dataset, const std::vector<BatchId>& batches) {
  auto removal = TRY(Removal::prepare(*this, dataset, batches));
  if (removal.empty()) return {};
  return change(dataset, [this, &removal](Manifest& manifest, PageChange& pages) {
    return removal.apply(manifest, pages, clock_.now());
  });
}

Result<std::vector<DatasetInfo>> Lake::datasets() const {
  std::vector<DatasetInfo> list;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(options_.root, failed)) {
    const DatasetId id(entry.path().filename().string());
    if (!is_safe_id(id.value)) continue;
    const auto manifest = this->manifest(id);
    if (manifest)
      list.push_back((*manifest)->dataset);
    else if (manifest.error().kind != ErrorKind::not_found)
      return manifest.error();
  }
  if (failed) return Error{ErrorKind::storage, "The lake's folder cannot be listed: " + failed.message()};
  std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return list;
}

Result<std::shared_ptr<const Manifest>> Lake::manifest(const DatasetId& id) const {
  if (!is_safe_id(id.value)) return no_dataset(id);
  const auto home = folder(id);
  const auto file = home / kManifestFile;
  const auto stamp = stamp_of(file);
  if (!stamp) return no_dataset(id);
  {
    const std::lock_guard lock(mutex_);
    const auto cached = cache_.find(id.value);
    if (cached != cache_.end() && cached->second->stamp == *stamp) return cached->second->manifest;
  }
  auto text = read_file(file);
  if (!text) return text.error().kind == ErrorKind::not_found ? no_dataset(id) : text.error();
  const auto pages = std::make_shared<const PageFiles>(home / kPagesFolder, pages_);
  auto read = TRY(manifest_from(*text, pages));
  auto manifest = std::make_shared<const Manifest>(std::move(read));
  const std::lock_guard lock(mutex_);
  // The file may have been replaced since; an older stamp only means another read next time.
  cache_[id.value] = std::make_unique<Cached>(Cached{*stamp, manifest});
  return manifest;
}

Result<void> Lake::change(const DatasetId& id,
                          const std::function<Result<void>(Manifest&, PageChange&)>& edit) {
  const auto home = folder(id);
  const auto lock = TRY(FileLock::take(home / kLockFile));
  const auto current = TRY(manifest(id));
  Manifest next = *current;
  PageChange pages(std::make_shared<const PageFiles>(home / kPagesFolder, pages_), clock_.now(),
                   {.page_bytes = options_.page_bytes});
  TRY(edit(next, pages));
  TRY(next.files.settle(pages));
  TRY(next.batches.settle(pages));
  TRY(next.retired.settle(pages));
  ++next.sequence;
  TRY(pages.finish());
  keep_history(home, current->sequence);
  const auto before = stamp_of(home / kManifestFile);
  if (auto replaced = write_file_durably(home / kManifestFile, manifest_text(next)); !replaced) {
    // It may have come into its place all the same, and needs its pages then.
    if (before && before == stamp_of(home / kManifestFile)) pages.undo();
    return replaced;
  }
  // Nobody else writes it while the lock is held: what was written need not be read.
  if (const auto stamp = stamp_of(home / kManifestFile)) {
    const std::lock_guard cached(mutex_);
    cache_[id.value] =
        std::make_unique<Cached>(Cached{*stamp, std::make_shared<const Manifest>(std::move(next))});
  }
  return {};
}

Result<DatasetId> Lake::dataset_of(const BatchId& batch) const {
  const auto known = TRY(datasets());
  for (const auto& dataset : known) {
    const auto manifest = TRY(this->manifest(dataset.id));
    std::error_code failed;
    const bool quarantined =
        is_safe_id(batch.value) && fs::exists(folder(dataset.id) / kQuarantineFolder / batch.value, failed);
    if (quarantined || TRY(manifest->find_batch(batch))) return dataset.id;
  }
  return Error{ErrorKind::not_found, "There is no batch '" + batch.value + "' in the lake."};
}

Result<std::vector<StoredFile>> Lake::batch_files(const DatasetId& dataset, const BatchId& batch) const {
  const auto manifest = TRY(this->manifest(dataset));
  if (!TRY(manifest->find_batch(batch)))
    return Error{ErrorKind::not_found, "The dataset has no batch '" + batch.value + "'."};
  std::vector<StoredFile> files;
  for (const auto& file : TRY(manifest->files_of(batch))) files.push_back({file.name, file.bytes});
  return files;
}

Result<OpenFile> Lake::open_batch_file(const DatasetId& dataset, const BatchId& batch,
                                       std::string_view name) const {
  const auto files = TRY(batch_files(dataset, batch));
  const bool listed =
      std::any_of(files.begin(), files.end(), [name](const auto& file) { return file.name == name; });
  if (!listed) return no_file(name);
  return open_stored(folder(dataset) / kDataFolder / name, name);
}

Result<std::vector<StoredFile>> Lake::meta_files(const DatasetId& dataset, const BatchId& batch,
                                                 MetaFolder meta) const {
  TRY(manifest(dataset));
  if (!is_safe_id(batch.value))
    return Error{ErrorKind::not_found, "There is no batch '" + batch.value + "'."};
  std::error_code failed;
  const auto file = folder(dataset) / kQuarantineFolder / batch.value / file_of(meta);
  const auto bytes = fs::file_size(file, failed);
  if (failed) return std::vector<StoredFile>{};
  return std::vector<StoredFile>{{std::string(file_of(meta)), bytes}};
}

Result<OpenFile> Lake::open_meta_file(const DatasetId& dataset, const BatchId& batch, MetaFolder meta,
                                      std::string_view name) const {
  TRY(manifest(dataset));
  if (!is_safe_id(batch.value) || name != file_of(meta)) return no_file(name);
  return open_stored(folder(dataset) / kQuarantineFolder / batch.value / name, name);
}

Result<void> Lake::discard_batch(const DatasetId& dataset, const BatchId& batch) {
  const auto manifest = TRY(this->manifest(dataset));
  std::error_code failed;
  const auto staging = folder(dataset) / kStagingFolder / batch.value;
  if (!is_safe_id(batch.value) || !fs::exists(staging, failed) || TRY(manifest->find_batch(batch))) return {};
  BatchOptions options;
  options.dataset = dataset;
  options.batch = batch;
  const auto writer = TRY(open_batch(std::move(options)));
  writer->discard();
  return {};
}

}  // namespace headwater::lake
