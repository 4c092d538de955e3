#include "cli/batch_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/file.h"
#include "base/url.h"
#include "cli/interrupt.h"
#include "cli/report.h"

namespace headwater::cli {
namespace {

// {"data":[{"name","length"}]}, page by page. Links of the server are not followed: they may name a host by
// which it cannot be reached from here.
Result<std::vector<json::Value>> entries(ApiClient& client, const std::string& path,
                                         const QueryParams& query) {
  constexpr std::size_t kPageSize = 100;
  std::vector<json::Value> out;
  while (true) {
    QueryParams page = query;
    page.emplace_back("limit", std::to_string(kPageSize));
    page.emplace_back("start", std::to_string(out.size()));
    const auto answer = TRY(client.call("GET", path + "?" + format_query(page)));
    auto items = items_of(answer);
    std::move(items.begin(), items.end(), std::back_inserter(out));
    if (items.size() < kPageSize) return out;
  }
}

BatchFile file_of(const json::Value& entry, const std::string& folder, const std::string& path) {
  const std::string name = folder + std::string(entry.string_at("name"));
  const auto* length = entry.find("length");
  std::string bytes;
  if (length != nullptr) bytes = length->is_string() ? *length->if_string() : length->dump();
  return {name, std::move(bytes), path + "?path=" + percent_encode(name)};
}

// A server decides the name, so it decides where a file goes: below the folder, nowhere else.
Result<std::filesystem::path> place_of(const std::string& name, const std::filesystem::path& folder) {
  const std::filesystem::path relative(name);
  const bool leads_out =
      relative.empty() || relative.is_absolute() ||
      std::any_of(relative.begin(), relative.end(), [](const auto& part) { return part == ".."; });
  if (leads_out || name.find('\0') != std::string::npos)
    return Error{ErrorKind::upstream,
                 "The server names a file \"" + name + "\", which leads out of the folder."};
  return folder / relative;
}

}  // namespace

Result<std::vector<BatchFile>> data_files(ApiClient& client, const std::string& path) {
  std::vector<BatchFile> out;
  const auto sets = TRY(entries(client, path, {}));
  for (const auto& set : sets) {
    const std::string parts =
        "/data/foundation/export/files/" + percent_encode(set.string_at("dataSetFileId"));
    const auto files = TRY(entries(client, parts, {}));
    for (const auto& entry : files) out.push_back(file_of(entry, "", parts));
  }
  return out;
}

Result<std::vector<BatchFile>> diagnostic_files(ApiClient& client, const std::string& path) {
  constexpr std::array<std::string_view, 2> kFolders{"input_files", "row_errors"};
  std::vector<BatchFile> out;
  const auto top = TRY(entries(client, path, {}));
  for (const auto& entry : top) {
    const std::string name(entry.string_at("name"));
    if (std::find(kFolders.begin(), kFolders.end(), name) == kFolders.end()) {
      out.push_back(file_of(entry, "", path));
      continue;
    }
    const auto inside = TRY(entries(client, path, {{"path", name}}));
    for (const auto& file : inside) out.push_back(file_of(file, name + "/", path));
  }
  return out;
}

void print_files(const std::vector<BatchFile>& files, Form form) {
  json::Array items;
  for (const auto& file : files)
    items.push_back(json::Object{{"name", file.name}, {"length", file.bytes}, {"href", file.path}});
  constexpr std::array kColumns{Column{"name", "name"}, Column{"bytes", "length"}};
  print_answer(json::Object{{"items", std::move(items)}}, form, kColumns);
}

Result<int> download_files(ApiClient& client, const std::vector<BatchFile>& files,
                           const std::filesystem::path& folder) {
  const Interrupt interrupt;
  std::uint64_t bytes = 0;
  for (const auto& file : files) {
    const auto place = TRY(place_of(file.name, folder));
    TRY(make_folders(place.parent_path()));
    bytes += TRY(client.download(file.path, place, interrupt.token()));
    fmt::print("{}\n", place.native());
  }
  fmt::print(stderr, "{}, {}\n", counted(files.size(), "file"), format_bytes(static_cast<double>(bytes)));
  return kOk;
}

}  // namespace headwater::cli
