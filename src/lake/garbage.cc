#include <algorithm>
#include <set>

#include "base/log.h"
#include "base/time.h"
#include "lake/internal/manifest.h"
#include "lake/internal/manifest_entries.h"
#include "lake/internal/staging.h"
#include "lake/lake.h"

namespace headwater::lake {
namespace {

namespace fs = std::filesystem;

bool is_older(const fs::path& path, std::chrono::seconds age) {
  std::error_code failed;
  const auto written = fs::last_write_time(path, failed);
  return !failed && fs::file_time_type::clock::now() - written > age;
}

/// Removes staging folders that nobody holds and nobody will resume.
Result<std::set<std::string>> clean_staging(const fs::path& home, const Manifest& manifest,
                                            std::chrono::seconds kept) {
  std::set<std::string> left;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(home / kStagingFolder, failed)) {
    const auto name = entry.path().filename().string();
    if (!entry.is_directory(failed)) continue;
    const bool abandoned = is_older(entry.path(), kept);  // before the lock's file makes it younger
    const auto owner = TRY(FileLock::try_take(entry.path() / kOwnerFile));
    const bool dead = fs::exists(entry.path() / kDiscardedFile, failed) || abandoned ||
                      TRY(manifest.find_batch(BatchId(name)));
    if (owner && dead)
      fs::remove_all(entry.path(), failed);
    else
      left.insert(name);
  }
  return left;
}

/// Removes data files that no manifest names: a process was killed between moving them here and the
/// manifest. Those of a batch that can still be resumed stay for its commit.
Result<void> clean_data(const fs::path& home, const Manifest& manifest,
                        const std::set<std::string>& staging) {
  std::error_code failed;
  const auto each_file = [&](const auto& see) {
    for (const auto& entry : fs::directory_iterator(home / kDataFolder, failed)) {
      const auto name = entry.path().filename().string();
      if (staging.empty() || !staging.contains(name.substr(0, name.find('.')))) see(name);
    }
  };
  // A manifest's files are there. So there is one too many only when there are more of them, and only then
  // their names are kept and the manifest's pages read.
  std::uint64_t count = 0;
  each_file([&count](const std::string&) { ++count; });
  if (count <= manifest.files.size() + manifest.retired.size()) return {};
  std::set<std::string> found;
  each_file([&found](const std::string& name) { found.insert(name); });
  const auto is_known = [&found](const auto& file) {
    found.erase(file.name);
    return true;
  };
  TRY(manifest.files.each(is_known));
  TRY(manifest.retired.each(is_known));
  for (const auto& name : found) fs::remove(home / kDataFolder / name, failed);
  return {};
}

/// Removes pages that no manifest has referred to since the grace began: changed ones, and those of a process
/// that was killed before its manifest stood. Nobody writes any meanwhile: the dataset's lock is held.
Result<void> clean_pages(const fs::path& home, const Manifest& manifest, TimePoint now,
                         std::chrono::seconds grace) {
  std::error_code failed;
  const auto folder = home / kPagesFolder;
  const auto count = std::distance(fs::directory_iterator(folder, failed), fs::directory_iterator());
  const auto expected = manifest.files.pages() + manifest.batches.pages() + manifest.retired.pages();
  if (static_cast<std::uint64_t>(count) <= expected) return {};
  std::vector<std::string> used;
  const auto use = [&used](const std::string& name) { used.push_back(name); };
  TRY(manifest.files.each_page(use));
  TRY(manifest.batches.each_page(use));
  TRY(manifest.retired.each_page(use));
  std::sort(used.begin(), used.end());
  remove_unused_pages(folder, used, now, grace);
  return {};
}

/// Removes the folder of a dataset that was removed longer ago than any query may take.
void clean_removed(const fs::path& home, TimePoint now, std::chrono::seconds grace) {
  std::error_code failed;
  if (!fs::is_directory(home, failed) || fs::exists(home / kManifestFile, failed)) return;
  const auto text = read_file(home / kRemovedFile);
  const auto since = text ? json::Value(*text).as_int64_lenient() : std::nullopt;
  if (since && now - from_epoch_millis(*since) > grace) fs::remove_all(home, failed);
}

}  // namespace

Result<void> Lake::collect_garbage() {
  std::error_code unlisted;
  std::vector<fs::path> homes;
  for (const auto& entry : fs::directory_iterator(options_.root, unlisted)) homes.push_back(entry.path());
  for (const auto& home : homes) clean_removed(home, clock_.now(), options_.grace);
  // One dataset at fault keeps neither the others nor a server that starts.
  for (const auto& dataset : TRY(datasets()))
    if (const auto collected = collect_garbage_of(dataset.id); !collected)
      log::warn("garbage of a dataset not collected",
                {{"dataset", dataset.id.value}, {"error", collected.error().message}});
  return {};
}

Result<void> Lake::collect_garbage_of(const DatasetId& id) {
  const auto home = folder(id);
  // A rank of that or less is out of the grace.
  const auto old = rank_of(clock_.now() - options_.grace);
  bool any_retired = false;
  {
    const auto lock = TRY(FileLock::try_take(home / kLockFile));
    if (!lock) return {};  // Somebody commits; the next round will do.
    const auto manifest = TRY(this->manifest(id));
    const auto staging = TRY(clean_staging(home, *manifest, options_.staging_kept));
    TRY(clean_data(home, *manifest, staging));
    TRY(clean_pages(home, *manifest, clock_.now(), options_.grace));
    any_retired = manifest->retired.least() < old;
  }
  std::error_code failed;
  std::vector<fs::path> diagnostics;
  for (const auto& entry : fs::directory_iterator(home / kQuarantineFolder, failed))
    if (is_older(entry.path(), options_.quarantine_kept)) diagnostics.push_back(entry.path());
  for (const auto& folder : diagnostics) fs::remove_all(folder, failed);
  if (!any_retired) return {};
  const auto forget = [&home, old](Manifest& manifest, PageChange& pages) {
    return manifest.retired.edit_up_to(pages, old, [&home, old](std::vector<RetiredFile>& files) {
      std::error_code ignored;
      return std::erase_if(files, [&home, &ignored, old](const RetiredFile& file) {
               if (EntryForm<RetiredFile>::rank(file) >= old) return false;
               if (is_safe_file_name(file.name)) fs::remove(home / kDataFolder / file.name, ignored);
               return true;
             }) > 0;
    });
  };
  return change(id, forget);
}

}  // namespace headwater::lake
