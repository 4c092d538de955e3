#include "lake/internal/manifest.h"

#include <algorithm>

#include "base/time.h"

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

/// Writes the members of one JSON object. A manifest is written with each commit and may tell of a hundred
/// thousand batches: building a document first took ten times as long.
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

void append_batch(std::string& out, const BatchInfo& batch) {
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

void append_file(std::string& out, const DataFile& file) {
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

void append_retired(std::string& out, const Manifest::Retired& retired) {
  ObjectText object(out);
  object.put("name", retired.name);
  object.put("since", retired.since);
  object.end();
}

const json::Array& array_at(const json::Value& document, std::string_view name) {
  static const json::Array none;
  const auto* list = document.find(name);
  return list == nullptr || !list->is_array() ? none : *list->if_array();
}

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

Result<BatchInfo> batch_from(const json::Value& document) {
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

json::Value to_json(const DataFile& file) {
  std::string text;
  append_file(text, file);
  return *json::parse(text);
}

Result<DataFile> file_from(const json::Value& document) {
  DataFile file;
  file.name = document.string_at("name");
  if (!is_safe_file_name(file.name))
    return Error{ErrorKind::storage, "A manifest names a file outside its folder."};
  file.bytes = count_at(document, "bytes");
  file.records = count_at(document, "records");
  for (auto& batch : texts_at(document, "batches")) file.batches.emplace_back(std::move(batch));
  for (const auto& share : array_at(document, "shares"))
    file.shares.push_back(static_cast<std::uint64_t>(share.as_int64().value_or(0)));
  if (file.shares.empty() && file.batches.size() == 1) file.shares.push_back(file.records);
  return file;
}

std::string manifest_text(const Manifest& manifest) {
  json::Object dataset;
  dataset.set("id", manifest.dataset.id.value);
  dataset.set("name", manifest.dataset.name);
  dataset.set("tenant", manifest.dataset.tenant);
  dataset.set("format", manifest.dataset.format == Format::parquet ? "parquet" : "ndjson");
  std::string text;
  text.reserve(4096 + manifest.batches.size() * 320 + manifest.files.size() * 128);
  ObjectText out(text);
  out.put("sequence", manifest.sequence);
  out.member("dataset") += json::Value(std::move(dataset)).dump();
  out.member("layout") += manifest.layout.to_json().dump();
  out.put_list("files", manifest.files, append_file);
  out.put_list("batches", manifest.batches, append_batch);
  out.put_list("retired", manifest.retired, append_retired);
  out.end();
  text += '\n';
  return text;
}

Result<Manifest> manifest_from(std::string_view text) {
  auto parsed = json::parse(text, {.depth_max = 200, .bytes_max = 1U << 30});
  if (!parsed) return Error{ErrorKind::storage, "A dataset's manifest is damaged: " + parsed.error().message};
  Manifest manifest;
  manifest.sequence = count_at(*parsed, "sequence");
  if (const auto* dataset = parsed->find("dataset")) {
    manifest.dataset.id = DatasetId(std::string(dataset->string_at("id")));
    manifest.dataset.name = dataset->string_at("name");
    manifest.dataset.tenant = dataset->string_at("tenant");
    manifest.dataset.format = dataset->string_at("format") == "ndjson" ? Format::ndjson : Format::parquet;
  }
  if (!is_safe_id(manifest.dataset.id.value))
    return Error{ErrorKind::storage, "A manifest names no dataset."};
  if (const auto* layout = parsed->find("layout")) manifest.layout = TRY(Layout::from_json(*layout));
  for (const auto& file : array_at(*parsed, "files")) manifest.files.push_back(TRY(file_from(file)));
  for (const auto& batch : array_at(*parsed, "batches")) manifest.batches.push_back(TRY(batch_from(batch)));
  for (const auto& item : array_at(*parsed, "retired"))
    manifest.retired.push_back({std::string(item.string_at("name")), time_at(item, "since")});
  return manifest;
}

const BatchInfo* Manifest::find_batch(const BatchId& id) const {
  const auto found =
      std::find_if(batches.begin(), batches.end(), [&id](const BatchInfo& batch) { return batch.id == id; });
  return found == batches.end() ? nullptr : &*found;
}

bool is_safe_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), is_id_character);
}

bool is_safe_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 200 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_id_character(c) || c == '.'; });
}

}  // namespace headwater::lake
