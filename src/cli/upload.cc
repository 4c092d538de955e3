#include "cli/upload.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <set>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/url.h"
#include "cli/output.h"
#include "cli/report.h"

namespace headwater::cli {
namespace {

namespace fs = std::filesystem;

// Larger files travel in pieces of this size: one is in memory at a time.
constexpr std::uint64_t kPieceBytes = 32U << 20;
constexpr std::string_view kImports = "/data/foundation/import/batches";

/// A file that is read from its start to its end.
struct Source {
  std::string file;  // as the user wrote it
  std::string name;  // in the batch
  UniqueFd fd;
  std::uint64_t bytes = 0;
};

Result<Source> open_source(const std::string& file) {
  Source source{file, fs::path(file).filename().string(),
                UniqueFd(::open(file.c_str(), O_RDONLY | O_CLOEXEC))};
  if (!source.fd) return errno_error("open", file);
  struct stat about{};
  if (::fstat(source.fd.get(), &about) != 0) return errno_error("look at", file);
  if (!S_ISREG(about.st_mode)) return Error{ErrorKind::invalid_argument, file + " is no file."};
  source.bytes = static_cast<std::uint64_t>(about.st_size);
  return source;
}

// All are opened before anything is sent: a wrong name costs nothing.
Result<std::vector<Source>> open_sources(const std::vector<std::string>& files) {
  std::vector<Source> sources;
  std::set<std::string> names;
  for (const auto& file : files) {
    auto source = TRY(open_source(file));
    if (!names.insert(source.name).second)
      return Error{ErrorKind::invalid_argument,
                   "Two files are called " + source.name + "; in a batch every file has a name of its own."};
    sources.push_back(std::move(source));
  }
  return sources;
}

Result<std::string> next_piece(const Source& source, std::uint64_t bytes) {
  std::string piece(bytes, '\0');
  std::size_t filled = 0;
  while (filled < piece.size()) {
    const auto got = ::read(source.fd.get(), piece.data() + filled, piece.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read", source.file);
    if (got == 0) return Error{ErrorKind::storage, source.file + " became shorter while it was read."};
    filled += static_cast<std::size_t>(got);
  }
  return piece;
}

Result<void> put_source(ApiClient& client, const std::string& folder, const Source& source,
                        std::stop_token stop) {
  const std::string target = folder + percent_encode(source.name);
  const http::Headers type{{"Content-Type", "application/octet-stream"}};
  if (source.bytes <= kPieceBytes) {
    auto whole = TRY(next_piece(source, source.bytes));
    TRY(client.call("PUT", target, std::move(whole), type, stop));
    return {};
  }
  TRY(client.call("POST", target + "?action=INITIALIZE", {}, {}, stop));
  for (std::uint64_t at = 0; at < source.bytes;) {
    const auto size = std::min(kPieceBytes, source.bytes - at);
    auto headers = type;
    headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", at, at + size - 1, source.bytes));
    auto piece = TRY(next_piece(source, size));
    TRY(client.call("PATCH", target, std::move(piece), headers, stop));
    at += size;
  }
  TRY(client.call("POST", target + "?action=COMPLETE", {}, {}, stop));
  return {};
}

Result<void> put_sources(ApiClient& client, const std::string& batch, const std::string& dataset,
                         const std::vector<Source>& sources, std::stop_token stop) {
  const std::string folder =
      fmt::format("{}/{}/datasets/{}/files/", kImports, percent_encode(batch), percent_encode(dataset));
  for (const auto& source : sources) {
    TRY(put_source(client, folder, source, stop));
    fmt::print(stderr, "{}  {}\n", source.name, format_bytes(static_cast<double>(source.bytes)));
  }
  return {};
}

Result<std::string> format_of(const UploadArguments& arguments) {
  if (!arguments.format.empty()) return arguments.format;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kFormats{
      {{".json", "json"}, {".ndjson", "json"}, {".jsonl", "json"}, {".parquet", "parquet"}, {".csv", "csv"}}};
  std::string format;
  for (const auto& file : arguments.files) {
    const std::string extension = fs::path(file).extension().string();
    const auto known = std::find_if(kFormats.begin(), kFormats.end(),
                                    [&extension](const auto& entry) { return entry.first == extension; });
    if (known == kFormats.end())
      return Error{ErrorKind::invalid_argument,
                   "The name of " + file + " does not say its format: add --format json, parquet or csv."};
    if (!format.empty() && format != known->second)
      return Error{ErrorKind::invalid_argument, "The files of a batch have one format; these are " + format +
                                                    " and " + std::string(known->second) + "."};
    format = known->second;
  }
  return format;
}

Result<json::Value> batch_request(const UploadArguments& arguments) {
  const auto format = TRY(format_of(arguments));
  json::Object input{{"format", format}};
  if (arguments.multi_line) input.set("isMultiLineJson", true);
  if (!arguments.delimiter.empty()) input.set("delimiter", arguments.delimiter);
  json::Object body{{"datasetId", arguments.dataset}, {"inputFormat", std::move(input)}};
  if (arguments.partial_percent)
    body.set("partialIngestionPercent", static_cast<std::int64_t>(*arguments.partial_percent));
  return json::Value(std::move(body));
}

std::string action_path(const std::string& batch, std::string_view action) {
  return fmt::format("{}/{}?action={}", kImports, percent_encode(batch), action);
}

Result<json::Value> read_batch(ApiClient& client, const std::string& batch) {
  const auto answer = TRY(client.call("GET", "/data/foundation/catalog/batches/" + percent_encode(batch)));
  auto items = items_of(answer);
  if (items.empty()) return Error{ErrorKind::upstream, "The server's answer holds no batch."};
  return std::move(items.front());
}

Result<json::Value> await_end(ApiClient& client, const std::string& id, std::stop_token stop) {
  SystemClock clock;
  while (true) {
    auto batch = TRY(read_batch(client, id));
    const auto status = batch.string_at("status");
    if (status != "loading" && status != "loaded" && status != "processing") return batch;
    if (!clock.wait_for(std::chrono::milliseconds(200), stop))
      return Error{ErrorKind::cancelled,
                   "Interrupted; the batch goes on without: headwater batches get " + id + "."};
  }
}

}  // namespace

Result<json::Value> upload_batch(ApiClient& client, const UploadArguments& arguments, std::stop_token stop) {
  const auto request = TRY(batch_request(arguments));
  const auto sources = TRY(open_sources(arguments.files));
  const auto created = TRY(client.call("POST", kImports, request.dump()));
  const std::string id(created.string_at("id"));
  const auto put = put_sources(client, id, arguments.dataset, sources, stop);
  if (!put) {
    // What cannot be reached to abort it is given up by the server itself, later.
    if (client.call("POST", action_path(id, "ABORT"))) fmt::print(stderr, "batch {} aborted\n", id);
    return put.error();
  }
  TRY(client.call("POST", action_path(id, "COMPLETE")));
  return await_end(client, id, stop);
}

Result<void> put_files(ApiClient& client, const std::string& batch, const std::vector<std::string>& files,
                       std::stop_token stop) {
  const auto sources = TRY(open_sources(files));
  const auto document = TRY(read_batch(client, batch));
  std::string dataset;
  if (const auto* related = document.find("relatedObjects"); related != nullptr && related->is_array())
    for (const auto& object : *related->if_array())
      if (object.string_at("type") == "dataSet") dataset = object.string_at("id");
  return put_sources(client, batch, dataset, sources, stop);
}

int report_batch(const json::Value& batch) {
  const auto number = [&batch](std::string_view path) {
    const auto* value = batch.find_path(path);
    return value == nullptr ? std::string("0") : value->dump();
  };
  const std::string id(batch.string_at("id"));
  const std::string failed = number("metrics.failedRecordCount");
  fmt::print(stderr, "batch {}: {}, {} written, {} failed\n", id, batch.string_at("status"),
             number("metrics.outputRecordCount"), failed);
  if (const auto* errors = batch.find("errors"); errors != nullptr && errors->is_array())
    for (const auto& error : *errors->if_array())
      fmt::print(stderr, "{}: {}\n", error.string_at("code"), error.string_at("description"));
  if (failed != "0")
    fmt::print(stderr, "The records that failed: headwater batches diagnostics {} --to FOLDER\n", id);
  return batch.string_at("status") == "success" ? kOk : kFailed;
}

}  // namespace headwater::cli
