#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/paged_list.h"

namespace headwater::lake {

/// What was read last, up to a number of bytes. Thread-safe.
class PageCache {
 public:
  explicit PageCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  /// Null when it is not there.
  std::shared_ptr<const void> find(const std::string& name);
  void keep(const std::string& name, std::shared_ptr<const void> value, std::size_t bytes);

 private:
  struct Kept {
    std::string name;
    std::shared_ptr<const void> value;
    std::size_t bytes;
  };
  std::mutex mutex_;
  std::size_t bytes_max_, bytes_ = 0;
  std::list<Kept> kept_;  // the last used first
  std::unordered_map<std::string, std::list<Kept>::iterator> places_;
};

/// Keys of a page's entries, each cut to 32 bits: sorted.
using PageKeys = std::vector<std::uint32_t>;
std::uint32_t page_key(std::string_view text);

/// What a lake has read of its pages. One scan of all entries must not take from commits what tells them that
/// a batch is new.
struct PageCaches {
  PageCache entries{32U << 20};
  PageCache index{64U << 20};  // keys, and pages of pages
};

/// Reads the pages of one dataset. Every byte is checked against what refers to the page. Thread-safe.
class PageFiles {
 public:
  PageFiles(std::filesystem::path folder, std::shared_ptr<PageCaches> caches)
      : folder_(std::move(folder)), caches_(std::move(caches)) {}

  const std::filesystem::path& folder() const { return folder_; }
  /// Where pages of that level are kept in memory.
  PageCache& cache(unsigned level) const { return level == 0 ? caches_->entries : caches_->index; }
  /// The JSON array. Errors: storage; the message names the page.
  Result<std::string> text(const PageRef& ref) const;
  Result<std::shared_ptr<const PageKeys>> keys(const PageRef& ref) const;
  Error damaged(const PageRef& ref, std::string_view how) const;
  Error damaged(std::string_view name, std::string_view how) const;

 private:
  Result<std::string> read(const PageRef& ref, std::uint64_t from, std::uint64_t bytes,
                           std::uint32_t crc) const;

  std::filesystem::path folder_;
  std::shared_ptr<PageCaches> caches_;
};

/// How entries become pages.
struct PageShape {
  std::uint64_t page_bytes = 128U << 10;  // of text that a page of entries has at least
  /// A list refers to that many pages of a level at most; then the older half of them become one of the next.
  std::size_t refs_max = 64;
};

/// The pages of one change of a manifest: all are on the disk before a manifest refers to them. Pages that
/// were written for a change that fails are removed again.
class PageChange {
 public:
  PageChange(std::shared_ptr<const PageFiles> files, TimePoint now, PageShape shape)
      : files_(std::move(files)), now_(now), shape_(shape) {}
  PageChange(const PageChange&) = delete;
  PageChange& operator=(const PageChange&) = delete;
  ~PageChange();

  const std::shared_ptr<const PageFiles>& files() const { return files_; }
  const PageShape& shape() const { return shape_; }
  /// Writes and syncs a page; gives `ref` with what the file adds to it.
  Result<PageRef> write(PageRef ref, PageKeys keys, std::string_view text);
  /// The next manifest does not refer to the page any more.
  void drop(const std::string& name) { dropped_.push_back(name); }
  /// To be called before a manifest is put in place that refers to what was written.
  Result<void> finish();
  /// After all the manifest was not put in place.
  void undo();

 private:
  std::shared_ptr<const PageFiles> files_;
  TimePoint now_;
  PageShape shape_;
  bool finished_ = false;
  std::vector<std::string> written_, dropped_;
};

/// Removes the pages that are not in `used` (names, sorted) and that were last part of a manifest longer than
/// `grace` before `now`. A page whose time is yet to come gets the grace from now on.
void remove_unused_pages(const std::filesystem::path& folder, const std::vector<std::string>& used,
                         TimePoint now, std::chrono::seconds grace);

}  // namespace headwater::lake
