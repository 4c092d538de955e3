#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>

#include "api/internal/catalog.h"
#include "api/internal/handlers.h"
#include "api/internal/rows.h"
#include "base/time.h"
#include "base/url.h"
#include "lake/lake.h"

namespace headwater::api::data_access {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kBase = "/data/foundation/export";
constexpr std::size_t kChunkBytes = 256U << 10;
constexpr std::size_t kFilesMax = 100;
constexpr std::uint64_t kPreviewRows = 100;
constexpr std::string_view kSamples = "row_error_samples.json";
constexpr std::string_view kSamplesAlias = "row_errors_sample.json";
// A batch has one entry of data files: "<batch>-1".
constexpr std::string_view kFileSuffix = "-1";

Error not_found(std::string message) {
  return Error{ErrorKind::not_found, std::move(message), "", "FLOW-1439-404"};
}

struct Batch {
  Resource document;
  BatchId id;
  DatasetId dataset;
};

Result<Batch> find_batch(const Call& call, std::string_view id) {
  Batch batch{TRY(call.store().get(call.scope(), ResourceKind::batch, id)), BatchId(std::string(id)), {}};
  const Value* related = batch.document.body.find("relatedObjects");
  if (related != nullptr && related->is_array())
    for (const Value& object : *related->if_array())
      if (object.string_at("type") == "dataSet")
        batch.dataset = DatasetId(std::string(object.string_at("id")));
  return batch;
}

// Links are absolute, for clients that follow them as they are.
std::string origin(const Call& call) {
  const auto host = call.request.header("host");
  if (!host || host->empty()) return {};
  const auto scheme = call.request.header("x-forwarded-proto").value_or("http");
  return std::string(scheme == "https" ? "https" : "http") + "://" + std::string(*host);
}

Value link(const Call& call, const std::string& path) {
  return Object{{"self", Object{{"href", origin(call) + std::string(kBase) + path}}}};
}

std::size_t page_number(const Call& call, std::string_view name, std::size_t fallback, std::size_t most) {
  const auto text = call.request.query_param(name);
  const auto number = text ? Value(*text).as_int64_lenient() : std::nullopt;
  if (!number || *number < 0) return fallback;
  return std::min(static_cast<std::size_t>(*number), most);
}

http::Response answer_items(const Call& call, const Array& all) {
  const std::size_t limit = page_number(call, "limit", kFilesMax, kFilesMax);
  const std::size_t start = page_number(call, "start", 0, all.size());
  Array data;
  for (std::size_t index = start; index < all.size() && data.size() < limit; ++index)
    data.push_back(all[index]);
  Object page{{"limit", static_cast<std::int64_t>(limit)}, {"count", static_cast<std::int64_t>(data.size())}};
  std::string here = origin(call) + call.request.path;
  const auto path = call.request.query_param("path");
  if (path) here += "?path=" + percent_encode(*path);
  Object links{
      {"page", Object{{"href", here + (path ? "{&start,limit}" : "{?start,limit}")}, {"templated", true}}}};
  here += path ? '&' : '?';
  if (const auto next = start + data.size(); next < all.size() && !data.empty())
    links.set("next",
              Object{{"href", here + "start=" + std::to_string(next) + "&limit=" + std::to_string(limit)}});
  return http::Response::json(
      200, Object{{"data", std::move(data)}, {"_page", std::move(page)}, {"_links", std::move(links)}});
}

Array encode(const Call& call, const std::vector<lake::StoredFile>& files, const std::string& path_prefix) {
  Array out;
  for (const lake::StoredFile& file : files)
    out.emplace_back(Object{{"name", file.name},
                            {"length", std::to_string(file.bytes)},
                            {"_links", link(call, path_prefix + percent_encode(file.name))}});
  return out;
}

std::string_view content_type_of(std::string_view name) {
  if (name.ends_with(".json")) return "application/json";
  if (name.ends_with(".ndjson") || name.ends_with(".jsonl")) return "application/x-ndjson";
  return "application/octet-stream";
}

struct ByteRange {
  std::uint64_t begin;
  std::uint64_t end;  // one past the last byte
};

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

enum class RangeKind : std::uint8_t { whole, part, unsatisfiable };

// One range (RFC 9110 section 14); several ranges or another unit are ignored, as the RFC allows.
RangeKind read_range(std::string_view header, std::uint64_t size, ByteRange& range) {
  constexpr std::string_view kUnit = "bytes=";
  if (!header.starts_with(kUnit) || header.find(',') != std::string_view::npos) return RangeKind::whole;
  header.remove_prefix(kUnit.size());
  const auto dash = header.find('-');
  if (dash == std::string_view::npos) return RangeKind::whole;
  const auto first = number_of(header.substr(0, dash));
  const auto last = number_of(header.substr(dash + 1));
  if (!first && dash == 0 && last) {
    if (*last == 0 || size == 0) return RangeKind::unsatisfiable;
    range = {size - std::min(size, *last), size};
    return RangeKind::part;
  }
  const bool open_end = dash + 1 == header.size();
  if (!first || (!last && !open_end) || (last && *last < *first)) return RangeKind::whole;
  if (*first >= size) return RangeKind::unsatisfiable;
  range = {*first, last ? std::min(size, *last + 1) : size};
  return RangeKind::part;
}

http::Response download(const Call& call, lake::OpenFile opened, std::string_view name) {
  // Shared with the body source alone: std::function wants what it holds to be copyable.
  const auto file = std::make_shared<lake::OpenFile>(std::move(opened));
  ByteRange range{0, file->bytes()};
  // A stored file never changes; another of the same name has another size or belongs to another batch.
  const std::string etag =
      "\"" + std::string(call.id()) + "/" + std::string(name) + "-" + std::to_string(file->bytes()) + "\"";
  const bool asks_part =
      call.request.method == http::Method::get && call.request.header("if-range").value_or(etag) == etag;
  const RangeKind kind = asks_part
                             ? read_range(call.request.header("range").value_or(""), file->bytes(), range)
                             : RangeKind::whole;
  const std::string total = std::to_string(file->bytes());
  if (kind == RangeKind::unsatisfiable)
    return http::Response::empty(416).with_header("Content-Range", "bytes */" + total);
  http::Response response = http::Response::empty(kind == RangeKind::part ? 206 : 200);
  response.headers.emplace_back("Content-Type", content_type_of(name));
  response.headers.emplace_back("Accept-Ranges", "bytes");
  response.headers.emplace_back("ETag", etag);
  if (kind == RangeKind::part)
    response.headers.emplace_back("Content-Range", "bytes " + std::to_string(range.begin) + "-" +
                                                       std::to_string(range.end - 1) + "/" + total);
  response.stream_bytes = range.end - range.begin;
  response.stream = [file, at = range.begin, end = range.end]() mutable -> Result<std::string> {
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(kChunkBytes, end - at));
    if (length == 0) return std::string();
    auto bytes = TRY(file->read(at, length));
    at += bytes.size();
    return bytes;
  };
  return response;
}

// Rejected records are always kept; the flow's option decides whether they are shown (choice 27).
bool serves_rejected(const Batch& batch) {
  const Value* tag = batch.document.body.find_path("tags.acp_enableErrorDiagnostics");
  const Array* values = tag == nullptr ? nullptr : tag->if_array();
  return values == nullptr || values->empty() || values->front().as_bool_lenient().value_or(true);
}

Result<std::vector<lake::StoredFile>> meta_listing(const Call& call, const Batch& batch,
                                                   lake::MetaFolder folder) {
  if (folder != lake::MetaFolder::input_files && !serves_rejected(batch))
    return std::vector<lake::StoredFile>{};
  auto files = call.services.lake.meta_files(batch.dataset, batch.id, folder);
  if (!files && files.error().kind == ErrorKind::not_found) return std::vector<lake::StoredFile>{};
  return files;
}

Result<http::Response> meta_file(const Call& call, const Batch& batch, lake::MetaFolder folder,
                                 std::string_view name) {
  if (folder != lake::MetaFolder::input_files && !serves_rejected(batch))
    return not_found("The flow's errorDiagnosticsEnabled is off: rejected records are not served.");
  auto file = call.services.lake.open_meta_file(batch.dataset, batch.id, folder, name);
  if (!file && file.error().kind == ErrorKind::not_found)
    return not_found("The batch has no file " + std::string(name) + " of this kind.");
  return download(call, TRY(std::move(file)), name);
}

// The rejected records' samples are one file; it exists when there is one.
Result<http::Response> top_level(const Call& call, const Batch& batch) {
  const std::string path = "/batches/" + batch.id.value + "/meta?path=";
  Array out;
  for (const std::string_view name : {std::string_view("input_files"), std::string_view("row_errors")})
    out.emplace_back(
        Object{{"name", name}, {"length", "0"}, {"_links", link(call, path + std::string(name))}});
  const auto samples = TRY(meta_listing(call, batch, lake::MetaFolder::row_error_samples));
  for (Value& item : encode(call, samples, path)) out.push_back(std::move(item));
  return answer_items(call, out);
}

}  // namespace

Result<http::Response> batch_files(const Call& call) {
  const auto batch = TRY(find_batch(call, call.id()));
  auto files = call.services.lake.batch_files(batch.dataset, batch.id);
  Array out;
  if (files && !files->empty()) {
    std::uint64_t bytes = 0;
    for (const lake::StoredFile& file : *files) bytes += file.bytes;
    const std::string id = batch.id.value + std::string(kFileSuffix);
    const Value* records = batch.document.body.find_path("metrics.outputRecordCount");
    out.emplace_back(Object{{"dataSetFileId", id},
                            {"dataSetViewId", batch.dataset.value},
                            {"version", "1.0.0"},
                            {"created", std::to_string(batch.document.created_at_ms)},
                            {"updated", std::to_string(batch.document.updated_at_ms)},
                            {"records", records == nullptr ? Value("0") : Value(records->dump())},
                            {"size", std::to_string(bytes)},
                            {"isValid", true},
                            {"_links", link(call, "/files/" + id)}});
  } else if (!files && files.error().kind != ErrorKind::not_found) {
    return std::move(files).error();
  }
  return answer_items(call, out);
}

Result<http::Response> failed_files(const Call& call) {
  const auto batch = TRY(find_batch(call, call.id()));
  const auto path = call.request.query_param("path").value_or("");
  if (!path.empty()) return meta_file(call, batch, lake::MetaFolder::row_errors, path);
  const auto files = TRY(meta_listing(call, batch, lake::MetaFolder::row_errors));
  return answer_items(call, encode(call, files, "/batches/" + batch.id.value + "/failed?path="));
}

Result<http::Response> meta_files(const Call& call) {
  const auto batch = TRY(find_batch(call, call.id()));
  std::string_view path = call.request.query_param("path").value_or("");
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.empty()) return top_level(call, batch);
  if (path == kSamples || path == kSamplesAlias)
    return meta_file(call, batch, lake::MetaFolder::row_error_samples, kSamples);
  const auto slash = path.find('/');
  const std::string_view folder_name = path.substr(0, slash);
  if (folder_name != "input_files" && folder_name != "row_errors")
    return not_found("There is no " + std::string(path) +
                     ": use input_files, row_errors or row_error_samples.json.");
  const auto folder =
      folder_name == "input_files" ? lake::MetaFolder::input_files : lake::MetaFolder::row_errors;
  if (slash != std::string_view::npos) return meta_file(call, batch, folder, path.substr(slash + 1));
  const auto files = TRY(meta_listing(call, batch, folder));
  return answer_items(
      call,
      encode(call, files, "/batches/" + batch.id.value + "/meta?path=" + std::string(folder_name) + "/"));
}

Result<http::Response> file(const Call& call) {
  std::string_view id = call.id();
  if (!id.ends_with(kFileSuffix)) return not_found("There is no data file " + std::string(id) + ".");
  id.remove_suffix(kFileSuffix.size());
  const auto batch = TRY(find_batch(call, id));
  const auto path = call.request.query_param("path").value_or("");
  if (!path.empty()) {
    auto opened = call.services.lake.open_batch_file(batch.dataset, batch.id, path);
    if (!opened && opened.error().kind == ErrorKind::not_found)
      return not_found("The batch has no file " + std::string(path) + ".");
    return download(call, TRY(std::move(opened)), path);
  }
  const auto files = TRY(call.services.lake.batch_files(batch.dataset, batch.id));
  return answer_items(call, encode(call, files, "/files/" + std::string(call.id()) + "?path="));
}

// What a dataset's member `files` leads to: the entries of its committed batches, the newest first.
Result<http::Response> dataset_files(const Call& call) {
  const auto id = call.request.query_param("dataSetId").value_or("");
  if (id.empty())
    return bad_request("CONNECTOR-1302-400", "dataSetId",
                       "The query parameter dataSetId must name a dataset.");
  const auto dataset = TRY(call.store().get(call.scope(), ResourceKind::dataset, id));
  const auto manifest = TRY(call.services.lake.manifest(DatasetId(dataset.id)));
  const std::size_t limit = page_number(call, "limit", kFilesMax, kFilesMax);
  const std::size_t start = page_number(call, "start", 0, manifest->batches.size());
  const auto wanted = call.request.query_param("batch");
  Object out;
  const auto add = [&](const lake::BatchInfo& batch) {
    if (out.size() == limit) return false;
    if (batch.files == 0 || (wanted && *wanted != batch.id.value)) return true;
    out.set(batch.id.value + std::string(kFileSuffix), Object{{"dataSetId", dataset.id},
                                                              {"dataSetViewId", dataset.id},
                                                              {"batchId", batch.id.value},
                                                              {"imsOrg", dataset.tenant.org.value},
                                                              {"created", epoch_millis(batch.created)},
                                                              {"records", batch.records},
                                                              {"size", batch.bytes},
                                                              {"isValid", true},
                                                              {"version", "1.0.0"}});
    return !wanted;
  };
  if (!wanted || start > 0)
    TRY(manifest->batches.each_newest_first(start, add));
  else if (const auto batch = TRY(manifest->find_batch(BatchId(std::string(*wanted)))))
    add(*batch);
  return http::Response::json(200, out);
}

Result<http::Response> preview(const Call& call) {
  const auto dataset = TRY(call.store().get(call.scope(), ResourceKind::dataset, call.id()));
  const auto manifest = call.services.lake.manifest(DatasetId(dataset.id));
  if (!manifest || (*manifest)->files.empty()) return http::Response::json(200, Object{{"data", Array{}}});
  const auto rows = TRY(queries::first_rows(call, DatasetId(dataset.id), {}, kPreviewRows));
  return http::Response::text(200, "{\"data\":" + rows + "}", "application/json");
}

}  // namespace headwater::api::data_access
