#include "lake/uploads.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "base/crypto.h"
#include "json/value.h"
#include "lake/internal/manifest.h"
#include "lake/internal/staging.h"

namespace headwater::lake {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndexFile = "index.json";
constexpr std::string_view kPartPrefix = "part-";

struct Part {
  std::uint64_t begin = 0, end = 0;
  std::string file;
};

struct Entry {
  std::string name;
  bool open = false;
  std::vector<Part> parts;  // by their first byte
};

std::uint64_t number_at(const json::Value& document, std::string_view name) {
  const auto* value = document.find(name);
  return value == nullptr ? 0 : static_cast<std::uint64_t>(value->as_int64().value_or(0));
}

bool flag_at(const json::Value& document, std::string_view name) {
  const auto* value = document.find(name);
  return value != nullptr && value->if_boolean() != nullptr && *value->if_boolean();
}

template <class Take>
void each_at(const json::Value& document, std::string_view name, Take take) {
  const auto* list = document.find(name);
  if (list == nullptr || !list->is_array()) return;
  for (const auto& item : *list->if_array()) take(item);
}

json::Value to_json(const Entry& entry) {
  json::Array parts;
  for (const auto& part : entry.parts)
    parts.emplace_back(json::Object{{"begin", part.begin}, {"end", part.end}, {"file", part.file}});
  return json::Object{{"name", entry.name}, {"open", entry.open}, {"parts", std::move(parts)}};
}

Entry entry_from(const json::Value& document) {
  Entry entry{std::string(document.string_at("name")), flag_at(document, "open"), {}};
  each_at(document, "parts", [&entry](const json::Value& part) {
    entry.parts.push_back(
        {number_at(part, "begin"), number_at(part, "end"), std::string(part.string_at("file"))});
  });
  return entry;
}

/// Bytes from the first one on without a gap.
std::uint64_t contiguous(const Entry& entry) {
  std::uint64_t end = 0;
  for (const auto& part : entry.parts) {
    if (part.begin != end) break;
    end = part.end;
  }
  return end;
}

UploadedFile shown(const Entry& entry) { return {entry.name, contiguous(entry), entry.open}; }

Error no_upload() {
  return Error{ErrorKind::not_found, "The batch takes no files: it was completed, aborted or deleted."};
}

Error no_file(std::string_view name) {
  return Error{ErrorKind::not_found, "The batch has no file '" + std::string(name) + "'."};
}

}  // namespace

struct Uploads::Index {
  bool sealed = false;
  std::vector<Entry> files;

  Entry* find(std::string_view name) {
    const auto at =
        std::find_if(files.begin(), files.end(), [name](const Entry& entry) { return entry.name == name; });
    return at == files.end() ? nullptr : &*at;
  }
  const Entry* find(std::string_view name) const { return const_cast<Index*>(this)->find(name); }
  /// The entry of that name, without its parts; a new one when there is none.
  Result<Entry*> emptied(std::string_view name) {
    if (Entry* known = find(name)) {
      known->parts.clear();
      return known;
    }
    if (files.size() >= kUploadFilesMax)
      return Error{ErrorKind::too_large,
                   "A batch has at most " + std::to_string(kUploadFilesMax) + " files: use another one."};
    files.push_back({std::string(name), false, {}});
    return &files.back();
  }
  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& entry : files)
      for (const auto& part : entry.parts) sum += part.end - part.begin;
    return sum;
  }
  std::set<std::string> part_files() const {
    std::set<std::string> out;
    for (const auto& entry : files)
      for (const auto& part : entry.parts) out.insert(part.file);
    return out;
  }
};

UploadPart::~UploadPart() {
  if (!kept_) ::unlink(file_.c_str());
}

Result<void> UploadPart::write(std::string_view bytes) {
  TRY(write_all(fd_.get(), bytes, "an uploaded file"));
  bytes_ += bytes.size();
  return {};
}

Result<void> UploadPart::finish() { return sync_data(fd_.get(), "an uploaded file"); }

Result<std::string> UploadReader::read(std::size_t bytes_max) {
  std::string bytes(bytes_max, '\0');
  for (;;) {
    if (!fd_) {
      if (next_ == parts_.size()) return std::string();
      fd_ = UniqueFd(::open(parts_[next_].c_str(), O_RDONLY | O_CLOEXEC));
      if (!fd_) return errno_error("open", "an uploaded file");
      ++next_;
    }
    const auto got = ::read(fd_.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error("read", "an uploaded file");
    if (got > 0) {
      bytes.resize(static_cast<std::size_t>(got));
      return bytes;
    }
    fd_.reset();
  }
}

Result<void> check_upload_name(std::string_view name) {
  const auto refused = [](std::string why) {
    return Error{ErrorKind::invalid_argument, "The file's name " + std::move(why) + ".", "filePath"};
  };
  if (name.empty() || name.size() > kUploadNameMax)
    return refused("must have 1 to " + std::to_string(kUploadNameMax) + " bytes");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(name.begin(), name.end(), is_control) || name.find('\\') != name.npos)
    return refused("must have no control characters and no backslash");
  const auto back = json::parse(json::quoted(name));
  if (!back || *back->if_string() != name) return refused("must be UTF-8");
  for (std::string_view rest = name;;) {
    const auto slash = rest.find('/');
    const auto segment = rest.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..")
      return refused("must be a relative path without empty segments, '.' and '..'");
    if (slash == rest.npos) return {};
    rest.remove_prefix(slash + 1);
  }
}

Uploads::Uploads(const Lake& lake, const DatasetId& dataset, const BatchId& batch)
    : lake_(lake),
      dataset_(dataset),
      folder_(lake.options().root / dataset.value / kUploadsFolder / batch.value) {
  if (!is_safe_id(dataset.value) || !is_safe_id(batch.value)) folder_.clear();
}

Result<void> Uploads::begin() {
  TRY(lake_.manifest(dataset_));
  if (folder_.empty())
    return Error{ErrorKind::invalid_argument, "A batch's id has letters, digits, '-' and '_' only."};
  TRY(make_folders(folder_));
  const auto lock = TRY(FileLock::take(folder_ / kLockFile));
  std::error_code failed;
  if (fs::exists(folder_ / kIndexFile, failed)) return {};
  TRY(write_file_durably(folder_ / kIndexFile, "{}"));
  return sync_folder(folder_.parent_path());
}

Result<Uploads::Index> Uploads::read_index() const {
  if (folder_.empty()) return no_upload();
  auto text = read_file(folder_ / kIndexFile);
  if (!text && text.error().kind == ErrorKind::not_found) return no_upload();
  TRY(lake_.manifest(dataset_));  // a removed dataset's files wait for their end
  const auto bytes = TRY(std::move(text));
  const auto document = TRY(json::parse(bytes));
  Index index;
  index.sealed = flag_at(document, "sealed");
  each_at(document, "files", [&index](const json::Value& file) { index.files.push_back(entry_from(file)); });
  return index;
}

Result<void> Uploads::change(const std::function<Result<void>(Index&)>& edit) {
  std::error_code failed;
  if (folder_.empty() || !fs::exists(folder_ / kIndexFile, failed)) return no_upload();
  const auto lock = TRY(FileLock::take(folder_ / kLockFile));
  auto index = TRY(read_index());
  const auto before = index.part_files();
  TRY(edit(index));
  if (index.bytes() > kUploadBytesMax)
    return Error{ErrorKind::too_large, "A batch's files have at most 100 GB together: use another batch."};
  json::Array files;
  for (const auto& entry : index.files) files.push_back(to_json(entry));
  const json::Value document = json::Object{{"sealed", index.sealed}, {"files", std::move(files)}};
  TRY(write_file_durably(folder_ / kIndexFile, document.dump()));
  const auto after = index.part_files();
  for (const auto& name : before)
    if (!after.contains(name)) fs::remove(folder_ / name, failed);
  return {};
}

Result<std::unique_ptr<UploadPart>> Uploads::start_part() const {
  const auto index = TRY(read_index());
  if (index.sealed) return Error{ErrorKind::conflict, "The batch is complete: it takes no more files."};
  const auto file = folder_ / (std::string(kPartPrefix) + crypto::random_hex(12));
  UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd && errno == ENOENT) return no_upload();
  if (!fd) return errno_error("create", "an uploaded file");
  return std::make_unique<UploadPart>(file, std::move(fd));
}

namespace {

Result<void> check_unsealed(bool sealed) {
  if (sealed) return Error{ErrorKind::conflict, "The batch is complete: it takes no more files."};
  return {};
}

Result<void> add_range(Entry& entry, Part part) {
  const auto clash = std::find_if(entry.parts.begin(), entry.parts.end(), [&part](const Part& known) {
    return known.begin < part.end && part.begin < known.end;
  });
  if (clash != entry.parts.end() && (clash->begin != part.begin || clash->end != part.end))
    return Error{ErrorKind::invalid_argument,
                 "The range overlaps bytes " + std::to_string(clash->begin) + "-" +
                     std::to_string(clash->end - 1) +
                     ", which are here: send exactly these again, or others.",
                 "Content-Range"};
  if (clash != entry.parts.end()) {
    *clash = std::move(part);
    return {};
  }
  if (entry.parts.size() >= kUploadPartsMax)
    return Error{ErrorKind::too_large,
                 "A file has at most " + std::to_string(kUploadPartsMax) + " parts: send larger ones."};
  const auto place = std::find_if(entry.parts.begin(), entry.parts.end(),
                                  [&part](const Part& known) { return known.begin > part.begin; });
  entry.parts.insert(place, std::move(part));
  return {};
}

}  // namespace

Result<bool> Uploads::put(std::string_view name, UploadPart& part) {
  TRY(check_upload_name(name));
  TRY(part.finish());
  bool is_new = false;
  const auto edit = [&](Index& index) -> Result<void> {
    TRY(check_unsealed(index.sealed));
    is_new = index.find(name) == nullptr;
    Entry* entry = TRY(index.emptied(name));
    entry->open = false;
    entry->parts.push_back({0, part.bytes(), part.file_.filename().string()});
    return {};
  };
  TRY(change(edit));
  part.kept_ = true;
  return is_new;
}

Result<void> Uploads::initialize(std::string_view name) {
  TRY(check_upload_name(name));
  return change([&](Index& index) -> Result<void> {
    TRY(check_unsealed(index.sealed));
    Entry* entry = TRY(index.emptied(name));
    entry->open = true;
    return {};
  });
}

Result<UploadedFile> Uploads::put_range(std::string_view name, std::uint64_t offset, UploadPart& part) {
  TRY(part.finish());
  UploadedFile file;
  const auto edit = [&](Index& index) -> Result<void> {
    TRY(check_unsealed(index.sealed));
    Entry* entry = index.find(name);
    if (entry == nullptr || !entry->open)
      return Error{ErrorKind::not_found, "The file '" + std::string(name) +
                                             "' is not open for parts: start it with action=INITIALIZE."};
    TRY(add_range(*entry, {offset, offset + part.bytes(), part.file_.filename().string()}));
    file = shown(*entry);
    return {};
  };
  TRY(change(edit));
  part.kept_ = true;
  return file;
}

Result<UploadedFile> Uploads::complete(std::string_view name) {
  UploadedFile file;
  const auto edit = [&](Index& index) -> Result<void> {
    Entry* entry = index.find(name);
    if (entry == nullptr) return no_file(name);
    const auto bytes = contiguous(*entry);
    if (!entry->parts.empty() && entry->parts.back().end != bytes)
      return Error{ErrorKind::invalid_argument,
                   "The file '" + std::string(name) + "' has a gap: byte " + std::to_string(bytes) +
                       " is missing. Send the missing part, then complete it again.",
                   "Content-Range"};
    if (index.sealed && entry->open) TRY(check_unsealed(true));
    entry->open = false;
    file = shown(*entry);
    return {};
  };
  TRY(change(edit));
  return file;
}

Result<UploadedFile> Uploads::find(std::string_view name) const {
  const auto index = TRY(read_index());
  const Entry* entry = index.find(name);
  if (entry == nullptr) return no_file(name);
  return shown(*entry);
}

Result<std::vector<UploadedFile>> Uploads::files() const {
  const auto index = TRY(read_index());
  std::vector<UploadedFile> out;
  out.reserve(index.files.size());
  for (const auto& entry : index.files) out.push_back(shown(entry));
  return out;
}

Result<void> Uploads::seal() {
  return change([](Index& index) -> Result<void> {
    for (const auto& entry : index.files)
      if (entry.open)
        return Error{ErrorKind::invalid_argument,
                     "The file '" + entry.name + "' is not finished: end it with action=COMPLETE first."};
    index.sealed = true;
    return {};
  });
}

Result<void> Uploads::unseal() {
  return change([](Index& index) -> Result<void> {
    index.sealed = false;
    return {};
  });
}

void Uploads::remove() {
  if (folder_.empty()) return;
  std::error_code ignored;
  // The index first: without it there is no upload, whatever a crash leaves.
  fs::remove(folder_ / kIndexFile, ignored);
  fs::remove_all(folder_, ignored);
}

std::vector<fs::path> Uploads::paths_of(const Index& index, std::string_view name) const {
  std::vector<fs::path> parts;
  if (const Entry* entry = index.find(name))
    for (const auto& part : entry->parts) parts.push_back(folder_ / part.file);
  return parts;
}

Result<UploadReader> Uploads::open(std::string_view name) const {
  const auto index = TRY(read_index());
  if (index.find(name) == nullptr) return no_file(name);
  return UploadReader(paths_of(index, name));
}

Result<void> Uploads::read_parquet(std::string_view name, const std::stop_token& stop,
                                   const RowText& row) const {
  auto reader = TRY(open(name));
  const auto index = TRY(read_index());
  const auto parts = paths_of(index, name);
  if (parts.empty()) return Error{ErrorKind::invalid_argument, "It is empty, which no Parquet file is."};
  if (parts.size() == 1) return read_parquet_rows(parts.front(), stop, row);
  const auto whole = folder_ / ("whole-" + crypto::random_hex(12));
  UniqueFd fd(::open(whole.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd) return errno_error("create", "an uploaded file");
  UploadPart copy(whole, std::move(fd));  // removes the file at the end
  for (;;) {
    const auto bytes = TRY(reader.read(1U << 20));
    if (bytes.empty()) break;
    TRY(copy.write(bytes));
  }
  return read_parquet_rows(whole, stop, row);
}

}  // namespace headwater::lake
