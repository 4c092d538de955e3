#include "lake/internal/manifest.h"

#include <algorithm>

#include "lake/internal/manifest_entries.h"

namespace headwater::lake {
namespace {

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

template <class Entry>
Result<PagedList<Entry>> list_at(const json::Value& document, std::string_view name,
                                 const std::shared_ptr<const PageFiles>& pages) {
  std::vector<PageRef> refs;
  std::vector<Entry> newest;
  if (const auto* list = document.find(name); list != nullptr && list->is_array())
    TRY(read_list(*list->if_array(), refs, newest));
  return PagedList<Entry>::of(std::move(refs), std::move(newest), pages);
}

}  // namespace

json::Value to_json(const DataFile& file) {
  std::string text;
  EntryForm<DataFile>::append(text, file);
  return *json::parse(text);
}

Result<DataFile> file_from(const json::Value& document) { return EntryForm<DataFile>::from(document); }

std::string manifest_text(const Manifest& manifest) {
  json::Object dataset;
  dataset.set("id", manifest.dataset.id.value);
  dataset.set("name", manifest.dataset.name);
  dataset.set("tenant", manifest.dataset.tenant);
  dataset.set("format", manifest.dataset.format == Format::parquet ? "parquet" : "ndjson");
  std::string text = "{\"sequence\":" + std::to_string(manifest.sequence);
  text += ",\"dataset\":" + json::Value(std::move(dataset)).dump();
  text += ",\"layout\":" + manifest.layout.to_json().dump();
  text += ",\"files\":";
  append_list(text, manifest.files.refs(), manifest.files.newest());
  text += ",\"batches\":";
  append_list(text, manifest.batches.refs(), manifest.batches.newest());
  text += ",\"retired\":";
  append_list(text, manifest.retired.refs(), manifest.retired.newest());
  return text + "}\n";
}

Result<Manifest> manifest_from(std::string_view text, const std::shared_ptr<const PageFiles>& pages) {
  auto parsed = json::parse(text, {.depth_max = 200, .bytes_max = 1U << 30});
  if (!parsed) return Error{ErrorKind::storage, "A dataset's manifest is damaged: " + parsed.error().message};
  Manifest manifest;
  const auto* sequence = parsed->find("sequence");
  if (sequence != nullptr) manifest.sequence = static_cast<std::uint64_t>(sequence->as_int64().value_or(0));
  if (const auto* dataset = parsed->find("dataset")) {
    manifest.dataset.id = DatasetId(std::string(dataset->string_at("id")));
    manifest.dataset.name = dataset->string_at("name");
    manifest.dataset.tenant = dataset->string_at("tenant");
    manifest.dataset.format = dataset->string_at("format") == "ndjson" ? Format::ndjson : Format::parquet;
  }
  if (!is_safe_id(manifest.dataset.id.value))
    return Error{ErrorKind::storage, "A manifest names no dataset."};
  if (const auto* layout = parsed->find("layout")) manifest.layout = TRY(Layout::from_json(*layout));
  manifest.files = TRY(list_at<DataFile>(*parsed, "files", pages));
  manifest.batches = TRY(list_at<BatchInfo>(*parsed, "batches", pages));
  manifest.retired = TRY(list_at<RetiredFile>(*parsed, "retired", pages));
  return manifest;
}

Result<std::optional<BatchInfo>> Manifest::find_batch(const BatchId& id) const {
  const auto& newest = batches.newest();
  for (auto batch = newest.rbegin(); batch != newest.rend(); ++batch)
    if (batch->id == id) return std::optional<BatchInfo>(*batch);
  std::optional<BatchInfo> found;
  const std::string_view key = id.value;
  TRY(batches.each_of(std::span(&key, 1), [&id, &found](const BatchInfo& batch) {
    if (batch.id == id) found = batch;
    return !found.has_value();
  }));
  return found;
}

Result<std::vector<DataFile>> Manifest::files_of(const BatchId& id) const {
  std::vector<DataFile> found;
  const std::string_view key = id.value;
  TRY(files.each_of(std::span(&key, 1), [&id, &found](const DataFile& file) {
    if (std::find(file.batches.begin(), file.batches.end(), id) != file.batches.end()) found.push_back(file);
    return true;
  }));
  return found;
}

bool is_safe_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::all_of(id.begin(), id.end(), is_id_character);
}

bool is_safe_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 200 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_id_character(c) || c == '.'; });
}

}  // namespace headwater::lake
