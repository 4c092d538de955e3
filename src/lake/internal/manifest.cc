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

json::Value to_json(const Manifest::Retired& retired) {
  json::Object out;
  out.set("name", retired.name);
  out.set("since", epoch_millis(retired.since));
  return out;
}

template <class Item>
json::Array array_of(const std::vector<Item>& items) {
  json::Array out;
  for (const auto& item : items) out.push_back(to_json(item));
  return out;
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

json::Value to_json(const BatchInfo& batch) {
  json::Object out;
  out.set("id", batch.id.value);
  out.set("created", epoch_millis(batch.created));
  out.set("schemaVersion", batch.schema_version);
  out.set("records", batch.records);
  out.set("rejected", batch.records_rejected);
  out.set("bytes", batch.bytes);
  out.set("files", batch.files);
  out.set("withOther", batch.records_with_other);
  json::Array names;
  for (const auto& name : batch.other_members) names.emplace_back(name);
  out.set("otherMembers", std::move(names));
  out.set("cursor", batch.cursor);
  return out;
}

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
  json::Object out;
  out.set("name", file.name);
  out.set("bytes", file.bytes);
  out.set("records", file.records);
  json::Array batches;
  for (const auto& batch : file.batches) batches.emplace_back(batch.value);
  out.set("batches", std::move(batches));
  json::Array shares;
  for (const auto share : file.shares) shares.emplace_back(share);
  out.set("shares", std::move(shares));
  return out;
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
  json::Object out;
  out.set("sequence", manifest.sequence);
  out.set("dataset", std::move(dataset));
  out.set("layout", manifest.layout.to_json());
  out.set("files", array_of(manifest.files));
  out.set("batches", array_of(manifest.batches));
  out.set("retired", array_of(manifest.retired));
  return json::Value(std::move(out)).dump() + "\n";
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
