#include <algorithm>
#include <set>

#include "base/time.h"
#include "lake/internal/manifest.h"
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
    const bool dead = fs::exists(entry.path() / kDiscardedFile, failed) ||
                      manifest.find_batch(BatchId(name)) != nullptr || abandoned;
    if (owner && dead)
      fs::remove_all(entry.path(), failed);
    else
      left.insert(name);
  }
  return left;
}

/// Removes data files that no manifest names: a process was killed between moving them here and the
/// manifest. Those of a batch that can still be resumed stay for its commit.
void clean_data(const fs::path& home, const Manifest& manifest, const std::set<std::string>& staging) {
  std::set<std::string> known;
  for (const auto& file : manifest.files) known.insert(file.name);
  for (const auto& file : manifest.retired) known.insert(file.name);
  std::error_code failed;
  std::vector<fs::path> orphans;
  for (const auto& entry : fs::directory_iterator(home / kDataFolder, failed)) {
    const auto name = entry.path().filename().string();
    if (!known.contains(name) && !staging.contains(name.substr(0, name.find('.'))))
      orphans.push_back(entry.path());
  }
  for (const auto& orphan : orphans) fs::remove(orphan, failed);
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
  const auto known = TRY(datasets());
  for (const auto& dataset : known) {
    const auto home = folder(dataset.id);
    bool any_retired = false;
    {
      const auto lock = TRY(FileLock::try_take(home / kLockFile));
      if (!lock) continue;  // Somebody commits; the next round will do.
      const auto manifest = TRY(this->manifest(dataset.id));
      const auto staging = TRY(clean_staging(home, *manifest, options_.staging_kept));
      clean_data(home, *manifest, staging);
      any_retired = std::any_of(manifest->retired.begin(), manifest->retired.end(), [this](const auto& file) {
        return clock_.now() - file.since > options_.grace;
      });
    }
    std::error_code failed;
    std::vector<fs::path> old;
    for (const auto& entry : fs::directory_iterator(home / kQuarantineFolder, failed))
      if (is_older(entry.path(), options_.quarantine_kept)) old.push_back(entry.path());
    for (const auto& folder : old) fs::remove_all(folder, failed);
    if (!any_retired) continue;
    const auto forget = [this, &home](Manifest& manifest) -> Result<void> {
      std::error_code ignored;
      std::erase_if(manifest.retired, [this, &home, &ignored](const Manifest::Retired& file) {
        if (clock_.now() - file.since <= options_.grace) return false;
        if (is_safe_file_name(file.name)) fs::remove(home / kDataFolder / file.name, ignored);
        return true;
      });
      return {};
    };
    TRY(change(dataset.id, forget));
  }
  return {};
}

}  // namespace headwater::lake
