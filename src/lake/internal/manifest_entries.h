#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "lake/internal/page_files.h"
#include "lake/lake.h"

namespace headwater::lake {

// What an entry of each of a manifest's lists is in JSON, and what is known of it without reading its page:
//   append   its text, added to a manifest's or a page's
//   from     the entry of a text; errors: storage
//   rank     a number by which whole pages are passed over
//   amount   a number of which sums are known
//   keys     what it is looked up by
//   weight   about how many bytes its text has
//   rest     drops what no entry in a page needs
//   kKept    that many of the newest stay in the manifest, whatever they weigh
template <class Entry>
struct EntryForm;

template <>
struct EntryForm<BatchInfo> {
  static constexpr std::size_t kKept = 128;  // more than have cursors
  static void append(std::string& out, const BatchInfo& batch);
  static Result<BatchInfo> from(const json::Value& document);
  static std::uint64_t rank(const BatchInfo& batch);  // when it was committed
  static std::uint64_t amount(const BatchInfo& batch) { return batch.records_with_other; }
  static void keys(const BatchInfo& batch, PageKeys& out) { out.push_back(page_key(batch.id.value)); }
  static std::size_t weight(const BatchInfo& batch);
  static void rest(BatchInfo& batch) { batch.cursor.clear(); }
};

template <>
struct EntryForm<DataFile> {
  static constexpr std::size_t kKept = 0;
  static void append(std::string& out, const DataFile& file);
  static Result<DataFile> from(const json::Value& document);
  static std::uint64_t rank(const DataFile& file) { return file.bytes; }
  static std::uint64_t amount(const DataFile& file) { return file.records; }
  static void keys(const DataFile& file, PageKeys& out);  // the batches in it
  static std::size_t weight(const DataFile& file);
  static void rest(DataFile&) {}
};

template <>
struct EntryForm<RetiredFile> {
  static constexpr std::size_t kKept = 0;
  static void append(std::string& out, const RetiredFile& file);
  static Result<RetiredFile> from(const json::Value& document);
  static std::uint64_t rank(const RetiredFile& file);  // since when
  static std::uint64_t amount(const RetiredFile&) { return 0; }
  static void keys(const RetiredFile&, PageKeys&) {}
  static std::size_t weight(const RetiredFile& file) { return file.name.size() + 40; }
  static void rest(RetiredFile&) {}
};

/// The number that a point in time has as a rank.
std::uint64_t rank_of(TimePoint time);

void append_ref(std::string& out, const PageRef& ref);
/// Whether an element of a list refers to a page instead of being an entry.
bool is_ref(const json::Value& document);
/// Errors: storage.
Result<PageRef> ref_from(const json::Value& document);

/// Appends a list as a JSON array: what refers to pages first.
template <class Entry>
void append_list(std::string& out, const std::vector<PageRef>& refs, const std::vector<Entry>& entries) {
  out += '[';
  bool first = true;
  const auto next = [&out, &first] {
    if (!first) out += ',';
    first = false;
  };
  for (const auto& ref : refs) {
    next();
    append_ref(out, ref);
  }
  for (const auto& entry : entries) {
    next();
    EntryForm<Entry>::append(out, entry);
  }
  out += ']';
}

/// Reads what `append_list` has written. Errors: storage.
template <class Entry>
Result<void> read_list(const json::Array& list, std::vector<PageRef>& refs, std::vector<Entry>& entries) {
  for (const auto& item : list) {
    if (is_ref(item))
      refs.push_back(TRY(ref_from(item)));
    else
      entries.push_back(TRY(EntryForm<Entry>::from(item)));
  }
  return {};
}

}  // namespace headwater::lake
