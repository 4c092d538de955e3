#include "lake/internal/manifest_entries.h"

#include "base/time.h"
#include "lake/internal/manifest.h"

namespace headwater::lake {
namespace {

std::uint64_t count_at(const json::Value& document, std::string_view name) {
  const auto* value = document.find(name);
  return value == nullptr ? 0 : static_cast<std::uint64_t>(value->as_int64().value_or(0));
}

TimePoint time_at(const json::Value& document, std::string_view name) {
  return from_epoch_millis(static_cast<std::int64_t>(count_at(document, name)));
}

std::vector<std::string> texts_at(const json::Value& document, std::string_view name) {
  std::vector<std::string> texts;
  const auto* list = document.find(name);
  if (list == nullptr || !list->is_array()) return texts;
  for (const auto& item : *list->if_array())
    if (item.is_string()) texts.push_back(*item.if_string());
  return texts;
}

/// Writes the members of one JSON object. Hundreds of entries are written with each commit: building a
/// document first took ten times as long.
class ObjectText {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
  std::string& member(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_.append("\"").append(name).append("\":");
    return out_;
  }
  void put(std::string_view name, std::string_view text) { json::append_quoted(member(name), text); }
  void put(std::string_view name, std::uint64_t number) { member(name) += std::to_string(number); }
  void put(std::string_view name, TimePoint time) { member(name) += std::to_string(epoch_millis(time)); }
  template <class Item, class Append>
  void put_list(std::string_view name, const std::vector<Item>& items, Append append) {
    member(name) += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += ',';
      append(out_, items[i]);
    }
    out_ += ']';
  }
  void end() { out_ += '}'; }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_text(std::string& out, const std::string& text) { json::append_quoted(out, text); }

}  // namespace

std::uint64_t rank_of(TimePoint time) {
  const auto millis = epoch_millis(time);
  return millis < 0 ? 0 : static_cast<std::uint64_t>(millis);
}

void EntryForm<BatchInfo>::append(std::string& out, const BatchInfo& batch) {
  ObjectText object(out);
  object.put("id", batch.id.value);
  object.put("created", batch.created);
  object.put("schemaVersion", batch.schema_version);
  object.put("records", batch.records);
  object.put("rejected", batch.records_rejected);
  object.put("bytes", batch.bytes);
  object.put("files", batch.files);
  object.put("withOther", batch.records_with_other);
  object.put_list("otherMembers", batch.other_members, append_text);
  object.put("cursor", batch.cursor);
  object.end();
}

Result<BatchInfo> EntryForm<BatchInfo>::from(const json::Value& document) {
  BatchInfo batch;
  batch.id = BatchId(std::string(document.string_at("id")));
  if (batch.id.empty()) return Error{ErrorKind::storage, "A manifest holds a batch without an id."};
  batch.created = time_at(document, "created");
  batch.schema_version = document.string_at("schemaVersion");
  batch.records = count_at(document, "records");
  batch.records_rejected = count_at(document, "rejected");
  batch.bytes = count_at(document, "bytes");
  batch.files = count_at(document, "files");
  batch.records_with_other = count_at(document, "withOther");
  batch.other_members = texts_at(document, "otherMembers");
  batch.cursor = document.string_at("cursor");
  return batch;
}

std::uint64_t EntryForm<BatchInfo>::rank(const BatchInfo& batch) { return rank_of(batch.created); }

std::size_t EntryForm<BatchInfo>::weight(const BatchInfo& batch) {
  std::size_t bytes = 180 + batch.id.value.size() + batch.schema_version.size() + batch.cursor.size();
  for (const auto& name : batch.other_members) bytes += name.size() + 3;
  return bytes;
}

void EntryForm<DataFile>::append(std::string& out, const DataFile& file) {
  ObjectText object(out);
  object.put("name", file.name);
  object.put("bytes", file.bytes);
  object.put("records", file.records);
  object.put_list("batches", file.batches,
                  [](std::string& text, const BatchId& id) { json::append_quoted(text, id.value); });
  object.put_list("shares", file.shares,
                  [](std::string& text, std::uint64_t share) { text += std::to_string(share); });
  object.end();
}

Result<DataFile> EntryForm<DataFile>::from(const json::Value& document) {
  DataFile file;
  file.name = document.string_at("name");
  if (!is_safe_file_name(file.name))
    return Error{ErrorKind::storage, "A manifest names a file outside its folder."};
  file.bytes = count_at(document, "bytes");
  file.records = count_at(document, "records");
  for (auto& batch : texts_at(document, "batches")) file.batches.emplace_back(std::move(batch));
  if (const auto* shares = document.find("shares"); shares != nullptr && shares->is_array())
    for (const auto& share : *shares->if_array())
      file.shares.push_back(static_cast<std::uint64_t>(share.as_int64().value_or(0)));
  if (file.shares.empty() && file.batches.size() == 1) file.shares.push_back(file.records);
  return file;
}

void EntryForm<DataFile>::keys(const DataFile& file, PageKeys& out) {
  for (const auto& batch : file.batches) out.push_back(page_key(batch.value));
}

std::size_t EntryForm<DataFile>::weight(const DataFile& file) {
  std::size_t bytes = 70 + file.name.size() + file.shares.size() * 6;
  for (const auto& batch : file.batches) bytes += batch.value.size() + 3;
  return bytes;
}

void EntryForm<RetiredFile>::append(std::string& out, const RetiredFile& file) {
  ObjectText object(out);
  object.put("name", file.name);
  object.put("since", file.since);
  object.end();
}

Result<RetiredFile> EntryForm<RetiredFile>::from(const json::Value& document) {
  return RetiredFile{std::string(document.string_at("name")), time_at(document, "since")};
}

std::uint64_t EntryForm<RetiredFile>::rank(const RetiredFile& file) { return rank_of(file.since); }

void append_ref(std::string& out, const PageRef& ref) {
  ObjectText object(out);
  object.put("page", ref.name);
  object.put("level", std::uint64_t{ref.level});
  object.put("entries", ref.entries);
  object.put("pages", ref.pages);
  object.put("least", ref.least);
  object.put("sum", ref.sum);
  object.put("bytes", ref.bytes);
  object.put("keyBytes", ref.key_bytes);
  object.put("keyCrc", std::uint64_t{ref.key_crc});
  object.put("crc", std::uint64_t{ref.crc});
  object.end();
}

bool is_ref(const json::Value& document) { return document.find("page") != nullptr; }

Result<PageRef> ref_from(const json::Value& document) {
  PageRef ref;
  ref.name = document.string_at("page");
  if (!is_safe_file_name(ref.name))
    return Error{ErrorKind::storage, "A manifest names a page outside its folder."};
  ref.level = static_cast<unsigned>(count_at(document, "level"));
  ref.entries = count_at(document, "entries");
  ref.pages = count_at(document, "pages");
  ref.least = count_at(document, "least");
  ref.sum = count_at(document, "sum");
  ref.bytes = count_at(document, "bytes");
  ref.key_bytes = count_at(document, "keyBytes");
  ref.key_crc = static_cast<std::uint32_t>(count_at(document, "keyCrc"));
  ref.crc = static_cast<std::uint32_t>(count_at(document, "crc"));
  return ref;
}

}  // namespace headwater::lake
