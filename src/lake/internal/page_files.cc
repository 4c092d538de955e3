#include "lake/internal/page_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "base/crypto.h"
#include "base/file.h"
#include "lake/internal/crc32c.h"
#include "lake/internal/manifest.h"

namespace headwater::lake {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kKeysBegin = "{\"keys\":\"", kKeysEnd = "\"}\n";
constexpr std::size_t kKeyDigits = 8;

std::string keys_line(const PageKeys& keys) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string line(kKeysBegin);
  for (const auto key : keys)
    for (int shift = 28; shift >= 0; shift -= 4) line += kDigits[key >> shift & 15U];
  line += kKeysEnd;
  return line;
}

/// When a page was last part of a manifest. The file says it, so that it need not be written anywhere else.
Result<void> set_time(int folder, const char* name, TimePoint time) {
  const auto nanoseconds = time.time_since_epoch().count();
  const timespec when{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  const timespec times[2] = {when, when};
  if (::utimensat(folder, name, times, 0) != 0) return errno_error("set the time of", name);
  return {};
}

TimePoint time_of(const struct stat& status) {
  constexpr auto kLast = std::chrono::floor<std::chrono::seconds>(TimePoint::max().time_since_epoch());
  const std::chrono::seconds seconds(status.st_mtim.tv_sec);
  if (seconds >= kLast) return TimePoint::max();  // a file's time reaches further
  return TimePoint(seconds + std::chrono::nanoseconds(status.st_mtim.tv_nsec));
}

}  // namespace

std::shared_ptr<const void> PageCache::find(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(name);
  if (place == places_.end()) return nullptr;
  kept_.splice(kept_.begin(), kept_, place->second);
  return place->second->value;
}

void PageCache::keep(const std::string& name, std::shared_ptr<const void> value, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes > bytes_max_ || places_.contains(name)) return;
  kept_.push_front({name, std::move(value), bytes});
  places_.emplace(name, kept_.begin());
  bytes_ += bytes;
  while (bytes_ > bytes_max_) {
    bytes_ -= kept_.back().bytes;
    places_.erase(kept_.back().name);
    kept_.pop_back();
  }
}

std::uint32_t page_key(std::string_view text) { return crc32c(text); }

Error PageFiles::damaged(const PageRef& ref, std::string_view how) const { return damaged(ref.name, how); }

Error PageFiles::damaged(std::string_view name, std::string_view how) const {
  const auto dataset = folder_.parent_path().filename();
  return Error{ErrorKind::storage, "The manifest page '" + (dataset / kPagesFolder / name).string() + "' " +
                                       std::string(how) + "."};
}

Result<std::string> PageFiles::read(const PageRef& ref, std::uint64_t from, std::uint64_t bytes,
                                    std::uint32_t crc) const {
  const UniqueFd fd(::open((folder_ / ref.name).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd && errno == ENOENT) return damaged(ref, "is missing");
  if (!fd) return damaged(ref, "cannot be opened: " + errno_error("open", ref.name).message);
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return errno_error("examine", ref.name);
  if (static_cast<std::uint64_t>(status.st_size) != ref.bytes)
    return damaged(ref, "is torn: it has " + std::to_string(status.st_size) + " bytes instead of " +
                            std::to_string(ref.bytes));
  std::string text(bytes, '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    const auto got =
        ::pread(fd.get(), text.data() + done, text.size() - done, static_cast<off_t>(from + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return damaged(ref, "cannot be read: " + errno_error("read", ref.name).message);
    if (got == 0) return damaged(ref, "is torn");
    done += static_cast<std::size_t>(got);
  }
  if (crc32c(text) != crc) return damaged(ref, "is damaged: its checksum is another one");
  return text;
}

Result<std::string> PageFiles::text(const PageRef& ref) const {
  if (ref.key_bytes > ref.bytes) return damaged(ref, "is described wrongly");
  return read(ref, ref.key_bytes, ref.bytes - ref.key_bytes, ref.crc);
}

Result<std::shared_ptr<const PageKeys>> PageFiles::keys(const PageRef& ref) const {
  if (const auto known = caches_->index.find(ref.name))
    return std::static_pointer_cast<const PageKeys>(known);
  if (ref.key_bytes > ref.bytes) return damaged(ref, "is described wrongly");
  const auto line = TRY(read(ref, 0, ref.key_bytes, ref.key_crc));
  std::string_view digits = line;
  if (!digits.starts_with(kKeysBegin) || !digits.ends_with(kKeysEnd))
    return damaged(ref, "is damaged: it does not begin with keys");
  digits.remove_prefix(kKeysBegin.size());
  digits.remove_suffix(kKeysEnd.size());
  auto keys = std::make_shared<PageKeys>(digits.size() / kKeyDigits);
  for (std::size_t i = 0; i < keys->size(); ++i) {
    const char* begin = digits.data() + i * kKeyDigits;
    std::from_chars(begin, begin + kKeyDigits, (*keys)[i], 16);
  }
  caches_->index.keep(ref.name, keys, keys->size() * sizeof(std::uint32_t) + 200);
  return std::shared_ptr<const PageKeys>(std::move(keys));
}

Result<PageRef> PageChange::write(PageRef ref, PageKeys keys, std::string_view text) {
  const auto& folder = files_->folder();
  if (written_.empty()) TRY(make_folders(folder));
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const auto line = keys_line(keys);
  ref.name = "page-" + crypto::random_hex(12) + ".json";
  ref.bytes = line.size() + text.size();
  ref.key_bytes = line.size();
  ref.key_crc = crc32c(line);
  ref.crc = crc32c(text);
  const auto path = folder / ref.name;
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd) return errno_error("create", path.string());
  written_.push_back(ref.name);
  TRY(write_all(fd.get(), line, path.string()));
  TRY(write_all(fd.get(), text, path.string()));
  TRY(set_time(AT_FDCWD, path.c_str(), now_));
  TRY(sync_data(fd.get(), path.string()));
  return ref;
}

Result<void> PageChange::finish() {
  // Readers of earlier manifests have the grace from now on.
  for (const auto& name : dropped_) {
    auto timed = set_time(AT_FDCWD, (files_->folder() / name).c_str(), now_);
    if (timed) continue;
    // Memory may hold what the disk has lost. To callers not_found would say that the dataset is gone.
    if (timed.error().kind == ErrorKind::not_found) return files_->damaged(name, "is missing");
    return timed;
  }
  if (!written_.empty()) {
    TRY(sync_folder(files_->folder()));
    TRY(sync_folder(files_->folder().parent_path()));
  }
  finished_ = true;
  return {};
}

void PageChange::undo() {
  std::error_code ignored;
  for (const auto& name : written_) fs::remove(files_->folder() / name, ignored);
  written_.clear();
}

PageChange::~PageChange() {
  if (!finished_) undo();
}

void remove_unused_pages(const fs::path& folder, const std::vector<std::string>& used, TimePoint now,
                         std::chrono::seconds grace) {
  std::error_code failed;
  std::vector<fs::path> unused;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    struct stat status{};
    if (std::binary_search(used.begin(), used.end(), entry.path().filename().string())) continue;
    if (::stat(entry.path().c_str(), &status) != 0) continue;
    const auto since = time_of(status);
    // Of a clock that was ahead: waiting for that time may take years, so the grace begins now.
    if (since > now)
      static_cast<void>(set_time(AT_FDCWD, entry.path().c_str(), now));
    else if (now - since > grace)
      unused.push_back(entry.path());
  }
  for (const auto& page : unused) fs::remove(page, failed);
}

}  // namespace headwater::lake
