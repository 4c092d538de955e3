#include <algorithm>
#include <charconv>
#include <optional>

#include "api/internal/handlers.h"
#include "api/internal/upload.h"
#include "base/text.h"
#include "domain/batch.h"
#include "engine/run/upload_file.h"
#include "lake/uploads.h"

namespace headwater::api::ingest {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

constexpr std::size_t kPreviewRowsDefault = 100;
constexpr std::size_t kPreviewRowsMax = 1000;
constexpr std::uint64_t kPreviewBytesMax = 8U << 20;

Error no_file(std::string message) {
  return Error{ErrorKind::not_found, std::move(message), "", "FLOW-1439-404"};
}

struct Target {
  Resource batch;
  lake::Uploads uploads;
  std::string name;
};

// The batch of the caller that takes files for the dataset in the path.
Result<Target> find_target(const Call& call) {
  auto batch = TRY(call.store().get(call.scope(), ResourceKind::batch, call.id()));
  const auto dataset = domain::dataset_of(batch.body);
  if (dataset.value != call.request.path_param("dataset"))
    return no_file("The batch is not of the dataset " + std::string(call.request.path_param("dataset")) +
                   ".");
  if (!domain::is_upload(batch.body))
    return Error{ErrorKind::conflict, "The batch belongs to a run of a flow and takes no files."};
  if (const auto status = batch.body.string_at("status"); status != "loading")
    return Error{ErrorKind::conflict, "The batch is " + std::string(status) + " and takes no more files."};
  lake::Uploads uploads(call.services.lake, dataset, BatchId(batch.id));
  return Target{std::move(batch), std::move(uploads), std::string(call.request.path_param("path"))};
}

// A form would be stored with its boundaries and all.
Result<void> check_media(const Call& call) {
  const std::string type = lower(call.request.header("content-type").value_or(""));
  if (type.starts_with("multipart/") || type.starts_with("application/x-www-form-urlencoded"))
    return Error{ErrorKind::unsupported,
                 "Send the file's bytes as the body, with Content-Type: application/octet-stream.",
                 "Content-Type", "INGEST-1415-415"};
  const std::string encoding = lower(call.request.header("content-encoding").value_or("identity"));
  if (encoding != "identity")
    return Error{ErrorKind::unsupported,
                 "Send the file as it is: Content-Encoding " + encoding + " is not taken.",
                 "Content-Encoding", "INGEST-1415-415"};
  return {};
}

Value encode(const lake::UploadedFile& file) {
  return Object{{"name", file.name}, {"sizeInBytes", file.bytes}};
}

std::string range_of(std::uint64_t bytes) { return "bytes=0-" + std::to_string(bytes - 1); }

class WholeFile final : public BodyTaker {
 public:
  WholeFile(Target target, std::unique_ptr<lake::UploadPart> part)
      : target_(std::move(target)), part_(std::move(part)) {}
  Result<void> write(std::string_view bytes) override { return part_->write(bytes); }
  Result<http::Response> finish() override {
    const auto bytes = part_->bytes();
    const bool is_new = TRY(target_.uploads.put(target_.name, *part_));
    return http::Response::json(is_new ? 201 : 200, Object{{"name", target_.name}, {"sizeInBytes", bytes}});
  }

 private:
  Target target_;
  std::unique_ptr<lake::UploadPart> part_;
};

struct Range {
  std::uint64_t begin = 0, end = 0;  // one past the last byte
};

Error wrong_range(std::string message) {
  return bad_request("CONNECTOR-1302-400", "Content-Range", std::move(message));
}

// "bytes 0-99/1000", also with '=' and without a total.
Result<Range> read_content_range(std::string_view text) {
  const auto bad = [] { return wrong_range("Content-Range must be written as bytes FIRST-LAST/TOTAL."); };
  if (!text.starts_with("bytes")) return bad();
  text.remove_prefix(5);
  while (text.starts_with(' ') || text.starts_with('=')) text.remove_prefix(1);
  const auto slash = text.find('/');
  const auto dash = text.find('-');
  const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failed != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  if (dash == text.npos || dash > slash) return bad();
  const auto first = number(text.substr(0, dash));
  const auto last = number(text.substr(dash + 1, slash == text.npos ? slash : slash - dash - 1));
  if (!first || !last || *last < *first || *last >= lake::kUploadBytesMax) return bad();
  if (slash != text.npos && text.substr(slash + 1) != "*") {
    const auto total = number(text.substr(slash + 1));
    if (!total || *last >= *total) return bad();
  }
  return Range{*first, *last + 1};
}

class FilePart final : public BodyTaker {
 public:
  FilePart(Target target, std::unique_ptr<lake::UploadPart> part, Range range)
      : target_(std::move(target)), part_(std::move(part)), range_(range) {}
  Result<void> write(std::string_view bytes) override {
    if (part_->bytes() + bytes.size() > range_.end - range_.begin) return mismatch();
    return part_->write(bytes);
  }
  Result<http::Response> finish() override {
    if (part_->bytes() != range_.end - range_.begin) return mismatch();
    const auto file = TRY(target_.uploads.put_range(target_.name, range_.begin, *part_));
    auto response = http::Response::json(200, encode(file));
    if (file.bytes > 0) response.headers.emplace_back("Range", range_of(file.bytes));
    return response;
  }

 private:
  Error mismatch() const {
    return wrong_range("The body must have the " + std::to_string(range_.end - range_.begin) +
                       " bytes that Content-Range names.");
  }
  Target target_;
  std::unique_ptr<lake::UploadPart> part_;
  Range range_;
};

}  // namespace

Result<std::unique_ptr<BodyTaker>> put_file(const Call& call) {
  auto target = TRY(find_target(call));
  TRY(check_media(call));
  TRY(lake::check_upload_name(target.name));
  auto part = TRY(target.uploads.start_part());
  return std::unique_ptr<BodyTaker>(std::make_unique<WholeFile>(std::move(target), std::move(part)));
}

Result<std::unique_ptr<BodyTaker>> put_part(const Call& call) {
  auto target = TRY(find_target(call));
  TRY(check_media(call));
  const auto range = TRY(read_content_range(call.request.header("content-range").value_or("")));
  const auto known = TRY(target.uploads.find(target.name));
  if (!known.open)
    return Error{ErrorKind::conflict, "The file is complete: start it anew with action=INITIALIZE."};
  auto part = TRY(target.uploads.start_part());
  return std::unique_ptr<BodyTaker>(std::make_unique<FilePart>(std::move(target), std::move(part), range));
}

Result<http::Response> act_on_file(const Call& call) {
  auto target = TRY(find_target(call));
  const std::string action = lower(call.request.query_param("action").value_or(""));
  if (action == "initialize") {
    TRY(target.uploads.initialize(target.name));
    return http::Response::json(200, encode({target.name, 0, true}));
  }
  if (action != "complete")
    return bad_request("CONNECTOR-1302-400", "action",
                       "The query parameter action must be INITIALIZE or COMPLETE.");
  return http::Response::json(200, encode(TRY(target.uploads.complete(target.name))));
}

Result<http::Response> file_status(const Call& call) {
  const auto target = TRY(find_target(call));
  const auto file = TRY(target.uploads.find(target.name));
  auto response = http::Response::empty(200);
  if (file.bytes > 0) response.headers.emplace_back("Range", range_of(file.bytes));
  return response;
}

Result<std::vector<Object>> first_records(const lake::Uploads& uploads, const domain::InputFormat& format,
                                          std::size_t count) {
  std::vector<Object> records;
  std::uint64_t bytes = 0;
  const auto take = [&](std::string_view text, std::string_view problem) -> Result<void> {
    bytes += text.size();
    if (records.size() == count || bytes > kPreviewBytesMax) return Error{ErrorKind::cancelled, "Enough."};
    const auto record = json::parse(text);
    if (problem.empty() && record && record->is_object()) records.push_back(*record->if_object());
    return {};
  };
  for (const auto& file : TRY(uploads.files())) {
    const auto done = run::read_uploaded_file(uploads, file.name, format, Value(), {}, take);
    if (done) continue;
    if (done.error().kind == ErrorKind::cancelled) break;
    if (done.error().kind == ErrorKind::storage) return done.error();
    return bad_request("INGEST-1401-400", "", "File " + file.name + ": " + done.error().message);
  }
  return records;
}

// The first records of what was uploaded so far: columns are the members in the order in which they appear.
Result<http::Response> preview(const Call& call) {
  const auto target = TRY(find_target(call));
  Object options;
  if (const Value* own = target.batch.body.find("inputFormat")) options = *own->if_object();
  for (const auto& [name, text] : call.request.query)
    if (name != "nrow") options.set(name, text);
  const auto format = TRY(domain::read_input_format(Value(options)));
  const auto wanted = Value(call.request.query_param("nrow").value_or("0")).as_int64_lenient().value_or(0);
  const auto most =
      wanted <= 0 ? kPreviewRowsDefault : std::min(static_cast<std::size_t>(wanted), kPreviewRowsMax);
  std::vector<std::string> columns;
  Array rows;
  for (const Object& record : TRY(first_records(target.uploads, format, most))) {
    Object row;
    for (const auto& [name, value] : record) {
      const auto at = std::find(columns.begin(), columns.end(), name);
      const auto cid = at - columns.begin();
      if (at == columns.end()) columns.push_back(name);
      row.set(std::to_string(cid), value.is_string() ? value : Value(value.dump()));
    }
    rows.emplace_back(std::move(row));
  }
  Array shown;
  for (std::size_t i = 0; i < columns.size(); ++i)
    shown.emplace_back(Object{{"cid", std::to_string(i)}, {"name", columns[i]}});
  return http::Response::json(
      200, Object{{"formatParams", std::move(options)},
                  {"preview", Object{{"columns", std::move(shown)}, {"rows", std::move(rows)}}}});
}

}  // namespace headwater::api::ingest
