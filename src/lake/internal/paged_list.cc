#include "lake/paged_list.h"

#include <algorithm>
#include <limits>

#include "lake/internal/manifest_entries.h"
#include "lake/internal/page_files.h"

namespace headwater::lake {
namespace {

constexpr unsigned kLevelsMax = 16;
// What entries take in memory, against their text.
constexpr std::size_t kMemoryFactor = 3;

}  // namespace

/// One pass over entries.
template <class Entry>
struct PagedList<Entry>::Walk {
  const Visit& visit;
  Probe probe = nullptr;  // null: every page
  bool newest_first = false;
  std::uint64_t skip = 0;  // of the newest
};

template <class Entry>
PagedList<Entry> PagedList<Entry>::of(std::vector<PageRef> refs, std::vector<Entry> newest,
                                      std::shared_ptr<const PageFiles> files) {
  PagedList list;
  list.refs_ = std::move(refs);
  list.newest_ = std::move(newest);
  list.files_ = std::move(files);
  return list;
}

template <class Entry>
std::uint64_t PagedList<Entry>::size() const {
  std::uint64_t size = newest_.size();
  for (const auto& ref : refs_) size += ref.entries;
  return size;
}

template <class Entry>
std::uint64_t PagedList<Entry>::sum() const {
  std::uint64_t sum = 0;
  for (const auto& ref : refs_) sum += ref.sum;
  for (const auto& entry : newest_) sum += EntryForm<Entry>::amount(entry);
  return sum;
}

template <class Entry>
std::uint64_t PagedList<Entry>::least() const {
  auto least = std::numeric_limits<std::uint64_t>::max();
  for (const auto& ref : refs_) least = std::min(least, ref.least);
  for (const auto& entry : newest_) least = std::min(least, EntryForm<Entry>::rank(entry));
  return least;
}

template <class Entry>
std::uint64_t PagedList<Entry>::pages() const {
  std::uint64_t pages = 0;
  for (const auto& ref : refs_) pages += ref.pages;
  return pages;
}

template <class Entry>
Result<std::shared_ptr<const typename PagedList<Entry>::Page>> PagedList<Entry>::page(
    const PageRef& ref) const {
  auto& cache = files_->cache(ref.level);
  if (const auto known = cache.find(ref.name)) return std::static_pointer_cast<const Page>(known);
  const auto text = TRY(files_->text(ref));
  const auto parsed = json::parse(text, {.depth_max = 200, .bytes_max = 1U << 30});
  if (!parsed || !parsed->is_array()) return files_->damaged(ref, "is damaged: it holds no list");
  auto page = std::make_shared<Page>();
  if (auto read = read_list(*parsed->if_array(), page->refs, page->entries); !read)
    return files_->damaged(ref, "is damaged: " + read.error().message);
  // What refers to a page stands above it: nothing that is read can go round in circles.
  for (const auto& below : page->refs)
    if (below.level >= ref.level) return files_->damaged(ref, "is damaged: it refers to no lower level");
  cache.keep(ref.name, page, text.size() * kMemoryFactor);
  return std::shared_ptr<const Page>(std::move(page));
}

template <class Entry>
Result<bool> PagedList<Entry>::walk(std::span<const PageRef> refs, std::span<const Entry> entries,
                                    Walk& walk) const {
  const auto give = [&entries, &walk] {
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (walk.skip > 0) {
        --walk.skip;
        continue;
      }
      if (!walk.visit(entries[walk.newest_first ? entries.size() - 1 - i : i])) return false;
    }
    return true;
  };
  if (walk.newest_first && !give()) return false;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    const auto& ref = refs[walk.newest_first ? refs.size() - 1 - i : i];
    if (walk.skip >= ref.entries && walk.skip > 0) {
      walk.skip -= ref.entries;
      continue;
    }
    if (walk.probe && !TRY(walk.probe(ref))) continue;
    const auto below = TRY(page(ref));
    if (!TRY(this->walk(below->refs, below->entries, walk))) return false;
  }
  return walk.newest_first || give();
}

template <class Entry>
Result<void> PagedList<Entry>::each(const Visit& visit) const {
  Walk walk{.visit = visit};
  TRY(this->walk(refs_, newest_, walk));
  return {};
}

template <class Entry>
Result<void> PagedList<Entry>::each_newest_first(std::uint64_t skip, const Visit& visit) const {
  Walk walk{.visit = visit, .newest_first = true, .skip = skip};
  TRY(this->walk(refs_, newest_, walk));
  return {};
}

template <class Entry>
Result<void> PagedList<Entry>::each_up_to(std::uint64_t rank, const Visit& visit,
                                          const std::function<void()>& passed) const {
  Walk walk{.visit = visit, .probe = [rank, &passed](const PageRef& ref) -> Result<bool> {
              if (ref.least > rank && passed) passed();
              return ref.least <= rank;
            }};
  TRY(this->walk(refs_, newest_, walk));
  return {};
}

template <class Entry>
typename PagedList<Entry>::Probe PagedList<Entry>::probe_of(std::span<const std::string_view> keys) const {
  PageKeys wanted;
  wanted.reserve(keys.size());
  for (const auto key : keys) wanted.push_back(page_key(key));
  std::sort(wanted.begin(), wanted.end());
  return [this, wanted = std::move(wanted)](const PageRef& ref) -> Result<bool> {
    if (ref.level > 0) return true;  // It has no keys.
    const auto held = TRY(files_->keys(ref));
    const auto& few = wanted.size() < held->size() ? wanted : *held;
    const auto& many = wanted.size() < held->size() ? *held : wanted;
    return std::any_of(few.begin(), few.end(), [&many](std::uint32_t key) {
      return std::binary_search(many.begin(), many.end(), key);
    });
  };
}

template <class Entry>
Result<void> PagedList<Entry>::each_of(std::span<const std::string_view> keys, const Visit& visit) const {
  Walk walk{.visit = visit, .probe = probe_of(keys)};
  TRY(this->walk(refs_, newest_, walk));
  return {};
}

template <class Entry>
Result<std::vector<Entry>> PagedList<Entry>::all() const {
  std::vector<Entry> entries;
  entries.reserve(size());
  TRY(each([&entries](const Entry& entry) {
    entries.push_back(entry);
    return true;
  }));
  return entries;
}

template <class Entry>
Result<void> PagedList<Entry>::each_page(const std::function<void(const std::string&)>& name) const {
  const std::function<Result<void>(const std::vector<PageRef>&)> look =
      [&](const std::vector<PageRef>& refs) -> Result<void> {
    for (const auto& ref : refs) {
      name(ref.name);
      if (ref.level == 0) continue;
      const auto below = TRY(page(ref));
      TRY(look(below->refs));
    }
    return {};
  };
  return look(refs_);
}

template <class Entry>
Result<PageRef> PagedList<Entry>::written(PageChange& change, unsigned level, const Page& page) {
  PageRef ref;
  ref.level = level;
  ref.least = std::numeric_limits<std::int64_t>::max();  // JSON numbers end there
  PageKeys keys;
  for (const auto& below : page.refs) {
    ref.entries += below.entries;
    ref.pages += below.pages;
    ref.least = std::min(ref.least, below.least);
    ref.sum += below.sum;
  }
  for (const auto& entry : page.entries) {
    ++ref.entries;
    ref.least = std::min(ref.least, EntryForm<Entry>::rank(entry));
    ref.sum += EntryForm<Entry>::amount(entry);
    EntryForm<Entry>::keys(entry, keys);
  }
  std::string text;
  append_list(text, page.refs, page.entries);
  text += '\n';
  return change.write(std::move(ref), std::move(keys), text);
}

template <class Entry>
Result<std::optional<PageRef>> PagedList<Entry>::edited(PageChange& change, const PageRef& ref,
                                                        const Probe& probe, const Edit& edit) const {
  if (!TRY(probe(ref))) return std::optional<PageRef>(ref);
  const auto old = TRY(page(ref));
  Page next;
  bool changed = false;
  for (const auto& below : old->refs) {
    auto outcome = TRY(edited(change, below, probe, edit));
    changed = changed || !outcome || outcome->name != below.name;
    if (outcome) next.refs.push_back(*std::move(outcome));
  }
  if (ref.level == 0) {
    next.entries = old->entries;
    changed = edit(next.entries);
  }
  if (!changed) return std::optional<PageRef>(ref);
  change.drop(ref.name);
  if (next.refs.empty() && next.entries.empty()) return std::optional<PageRef>();
  return std::optional<PageRef>(TRY(written(change, ref.level, next)));
}

template <class Entry>
Result<void> PagedList<Entry>::edit(PageChange& change, const Probe& probe, const Edit& edit) {
  std::vector<PageRef> left;
  for (const auto& ref : refs_) {
    auto outcome = TRY(edited(change, ref, probe, edit));
    if (outcome) left.push_back(*std::move(outcome));
  }
  refs_ = std::move(left);
  edit(newest_);
  return {};
}

template <class Entry>
Result<void> PagedList<Entry>::edit_of(PageChange& change, std::span<const std::string_view> keys,
                                       const Edit& edit) {
  return this->edit(change, probe_of(keys), edit);
}

template <class Entry>
Result<void> PagedList<Entry>::edit_up_to(PageChange& change, std::uint64_t rank, const Edit& edit) {
  return this->edit(change, [rank](const PageRef& ref) -> Result<bool> { return ref.least <= rank; }, edit);
}

template <class Entry>
Result<void> PagedList<Entry>::settle(PageChange& change) {
  using Form = EntryForm<Entry>;
  if (!files_) files_ = change.files();
  const auto movable = newest_.size() > Form::kKept ? newest_.size() - Form::kKept : 0;
  Page page;
  std::size_t bytes = 0, moved = 0;
  // Pages are filled; what would not fill one stays.
  for (std::size_t i = 0; i < movable; ++i) {
    bytes += Form::weight(newest_[i]);
    if (bytes < change.shape().page_bytes) continue;
    for (; moved <= i; ++moved) {
      Form::rest(newest_[moved]);
      page.entries.push_back(std::move(newest_[moved]));
    }
    refs_.push_back(TRY(written(change, 0, page)));
    page.entries.clear();
    bytes = 0;
  }
  newest_.erase(newest_.begin(), newest_.begin() + static_cast<std::ptrdiff_t>(moved));
  return fold(change);
}

template <class Entry>
Result<void> PagedList<Entry>::fold(PageChange& change) {
  const auto most = static_cast<std::ptrdiff_t>(change.shape().refs_max);
  for (unsigned level = 0; level < kLevelsMax; ++level) {
    const auto at_level = [level](const PageRef& ref) { return ref.level == level; };
    while (std::count_if(refs_.begin(), refs_.end(), at_level) > most) {
      const auto begin = std::find_if(refs_.begin(), refs_.end(), at_level);
      const auto end = begin + most / 2;
      const Page page{std::vector<PageRef>(begin, end), {}};
      *begin = TRY(written(change, level + 1, page));
      refs_.erase(begin + 1, end);
    }
  }
  return {};
}

template class PagedList<BatchInfo>;
template class PagedList<DataFile>;
template class PagedList<RetiredFile>;

}  // namespace headwater::lake
