#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace headwater::lake {

class PageFiles;
class PageChange;

/// Names an immutable file that holds a manifest's older entries, and says what need not be read to be known.
struct PageRef {
  std::string name;                    // below the dataset's folder of pages
  unsigned level = 0;                  // 0: a page of entries; above, of pages of the level below
  std::uint64_t entries = 0;           // in it and below it
  std::uint64_t pages = 1;             // it and those below it
  std::uint64_t least = 0;             // the least `EntryForm::rank` of its entries
  std::uint64_t sum = 0;               // of `EntryForm::amount` over its entries
  std::uint64_t bytes = 0;             // of the file
  std::uint64_t key_bytes = 0;         // of its first line, which tells what the entries are looked up by
  std::uint32_t key_crc = 0, crc = 0;  // of the first line and of the rest
};

/// Entries of a manifest in the order of their commits. The newest stand in the manifest itself, older ones
/// in immutable pages that versions of the manifest share and that are read when somebody asks for them. So a
/// version costs what its newest entries cost. Errors of reading are storage and name the page.
template <class Entry>
class PagedList {
 public:
  using Visit = std::function<bool(const Entry&)>;  // false: that was enough

  std::uint64_t size() const;
  bool empty() const { return size() == 0; }
  /// Of `EntryForm::amount` over all entries.
  std::uint64_t sum() const;
  /// The least `EntryForm::rank`; the greatest number when there is no entry.
  std::uint64_t least() const;
  /// How many page files it consists of.
  std::uint64_t pages() const;

  /// Visits all entries, the oldest first.
  Result<void> each(const Visit& visit) const;
  /// Visits all but the `skip` newest entries, the newest first. Pages that are skipped whole are not read.
  Result<void> each_newest_first(std::uint64_t skip, const Visit& visit) const;
  /// Visits at least the entries whose rank is `rank` at most, the oldest first; others of their pages as
  /// well. `passed` is told when a page is passed over: what comes next does not follow on what came before.
  Result<void> each_up_to(std::uint64_t rank, const Visit& visit,
                          const std::function<void()>& passed = nullptr) const;
  /// Visits at least the entries that are looked up by one of these keys, the oldest first.
  Result<void> each_of(std::span<const std::string_view> keys, const Visit& visit) const;
  Result<std::vector<Entry>> all() const;

  /// The entries that stand in the manifest itself.
  const std::vector<Entry>& newest() const { return newest_; }
  std::vector<Entry>& newest() { return newest_; }
  const std::vector<PageRef>& refs() const { return refs_; }
  void push_back(Entry entry) { newest_.push_back(std::move(entry)); }

  /// What a manifest's text says; `files` reads the pages.
  static PagedList of(std::vector<PageRef> refs, std::vector<Entry> newest,
                      std::shared_ptr<const PageFiles> files);
  /// Names of all its pages are handed to `name`. Reads those of level 1 and above.
  Result<void> each_page(const std::function<void(const std::string&)>& name) const;

  /// Changes entries where they stand; true when it has changed any. Called with the entries of a page, the
  /// oldest page first, and at last with the newest entries.
  using Edit = std::function<bool(std::vector<Entry>&)>;
  /// Changed pages are written anew, empty ones vanish. As `each_of` and `each_up_to` to what is looked at.
  Result<void> edit_of(PageChange& change, std::span<const std::string_view> keys, const Edit& edit);
  Result<void> edit_up_to(PageChange& change, std::uint64_t rank, const Edit& edit);
  /// Moves entries to pages when too much stands in the manifest itself.
  Result<void> settle(PageChange& change);

 private:
  struct Page {
    std::vector<PageRef> refs;
    std::vector<Entry> entries;
  };
  struct Walk;
  using Probe = std::function<Result<bool>(const PageRef&)>;

  Result<std::shared_ptr<const Page>> page(const PageRef& ref) const;
  Probe probe_of(std::span<const std::string_view> keys) const;
  Result<bool> walk(std::span<const PageRef> refs, std::span<const Entry> entries, Walk& walk) const;
  Result<void> edit(PageChange& change, const Probe& probe, const Edit& edit);
  Result<std::optional<PageRef>> edited(PageChange& change, const PageRef& ref, const Probe& probe,
                                        const Edit& edit) const;
  static Result<PageRef> written(PageChange& change, unsigned level, const Page& page);
  Result<void> fold(PageChange& change);

  std::vector<PageRef> refs_;  // the oldest first; levels never rise
  std::vector<Entry> newest_;
  std::shared_ptr<const PageFiles> files_;
};

}  // namespace headwater::lake
