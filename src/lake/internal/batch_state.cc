#include "lake/internal/batch_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "lake/internal/infer.h"
#include "lake/internal/manifest.h"

namespace headwater::lake {
namespace {

constexpr std::size_t kReadBytes = 512U << 10;
constexpr std::uint64_t kInferBytes = 4U << 20;
constexpr std::size_t kSampleBytes = 256U << 10;
constexpr int kSamplesMax = 100;

std::uint64_t count_at(const json::Value& document, std::string_view name) {
  const auto* value = document.find(name);
  return value == nullptr ? 0 : static_cast<std::uint64_t>(value->as_int64().value_or(0));
}

bool flag_at(const json::Value& document, std::string_view name) {
  const auto* value = document.find(name);
  return value != nullptr && value->if_boolean() != nullptr && *value->if_boolean();
}

Result<std::optional<Layout>> layout_at(const json::Value& document, std::string_view name) {
  const auto* value = document.find(name);
  if (value == nullptr || value->is_null()) return std::optional<Layout>();
  return std::optional<Layout>(TRY(Layout::from_json(*value)));
}

}  // namespace

json::Value ClosedParts::to_json() const {
  json::Array list;
  for (const auto& file : files) list.push_back(lake::to_json(file));
  json::Array names;
  for (const auto& name : other_members) names.emplace_back(name);
  json::Object out;
  out.set("files", std::move(list));
  out.set("sequence", at.sequence);
  out.set("part", static_cast<std::uint64_t>(at.part));
  out.set("errorsBytes", at.errors_bytes);
  out.set("rejected", at.rejected);
  out.set("inputsBytes", at.inputs_bytes);
  out.set("cursor", has_cursor ? json::Value(at.cursor) : json::Value());
  out.set("records", records);
  out.set("withOther", records_with_other);
  out.set("otherMembers", std::move(names));
  if (layout) out.set("layout", layout->to_json());
  out.set("complete", complete);
  return out;
}

Result<ClosedParts> ClosedParts::from_json(const json::Value& document) {
  ClosedParts parts;
  if (const auto* list = document.find("files"); list != nullptr && list->is_array())
    for (const auto& file : *list->if_array()) parts.files.push_back(TRY(file_from(file)));
  parts.at.sequence = count_at(document, "sequence");
  parts.at.part = static_cast<std::uint32_t>(count_at(document, "part"));
  parts.at.errors_bytes = count_at(document, "errorsBytes");
  parts.at.rejected = count_at(document, "rejected");
  parts.at.inputs_bytes = count_at(document, "inputsBytes");
  const auto* cursor = document.find("cursor");
  parts.has_cursor = cursor != nullptr && cursor->is_string();
  if (parts.has_cursor) parts.at.cursor = *cursor->if_string();
  parts.records = count_at(document, "records");
  parts.records_with_other = count_at(document, "withOther");
  if (const auto* names = document.find("otherMembers"); names != nullptr && names->is_array())
    for (const auto& name : *names->if_array())
      if (name.is_string()) parts.other_members.push_back(*name.if_string());
  parts.layout = TRY(layout_at(document, "layout"));
  parts.complete = flag_at(document, "complete");
  return parts;
}

json::Value BatchBegin::to_json() const {
  json::Object out;
  out.set("schemaVersion", schema_version);
  if (layout) out.set("layout", layout->to_json());
  out.set("known", known.to_json());
  return out;
}

Result<BatchBegin> BatchBegin::from_json(const json::Value& document) {
  BatchBegin begin;
  begin.schema_version = document.string_at("schemaVersion");
  begin.layout = TRY(layout_at(document, "layout"));
  begin.known = TRY(layout_at(document, "known")).value_or(Layout{});
  return begin;
}

RecordChecker::RecordChecker(const std::optional<Layout>& layout) {
  if (!layout) return;
  filler_.emplace(true);
  chunk_ = std::make_unique<ColumnChunk>(*layout);
}

void RecordChecker::check(const json::RecordGroup& records, std::vector<Misfit>& misfits) {
  constexpr std::string_view kCorruptCode = "INGEST-1401-400";
  for (std::size_t i = 0; i < records.size(); ++i) {
    const auto parsed = parser_.parse(records[i]);
    if (!parsed) {
      misfits.push_back({i, kCorruptCode, parsed.error().message});
      continue;
    }
    if (!filler_) continue;
    if (chunk_->full()) chunk_->clear();
    auto outcome = filler_->fill(*chunk_, *parsed);
    if (!outcome.fits) misfits.push_back({i, kCorruptCode, std::move(outcome.problem)});
  }
  if (chunk_) chunk_->clear();  // Its rows point into this group.
}

Result<LogReader> LogReader::open(const std::filesystem::path& file, std::uint64_t bytes) {
  UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("open", file.string());
  return LogReader(std::move(fd), bytes);
}

Result<bool> LogReader::next(json::RecordGroup& group) {
  group.clear();
  while (group.empty() && (left_ > 0 || !rest_.empty())) {
    const auto kept = rest_.size();
    const auto wanted = std::min<std::uint64_t>(left_, std::max(kReadBytes, kept));
    rest_.resize(kept + wanted);
    std::size_t done = kept;
    while (done < rest_.size()) {
      const auto got = ::read(fd_.get(), rest_.data() + done, rest_.size() - done);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno_error("read", "the staging log");
      if (got == 0) return Error{ErrorKind::storage, "The staging log is shorter than its checkpoint says."};
      done += static_cast<std::size_t>(got);
    }
    left_ -= wanted;
    std::size_t begin = 0;
    for (auto end = rest_.find('\n', kept); end != rest_.npos; end = rest_.find('\n', begin)) {
      group.append(std::string_view(rest_).substr(begin, end - begin));
      begin = end + 1;
    }
    rest_.erase(0, begin);
    if (left_ == 0 && !rest_.empty()) {
      group.append(rest_);
      rest_.clear();
    }
  }
  return !group.empty();
}

Result<Layout> layout_of_log(const std::filesystem::path& file) {
  std::error_code failed;
  const auto bytes = std::filesystem::file_size(file, failed);
  LayoutGuess guess;
  if (failed || bytes == 0) return guess.layout();
  auto reader = TRY(LogReader::open(file, bytes));
  json::RecordParser parser;
  json::RecordGroup group;
  for (std::uint64_t seen = 0; seen < kInferBytes; seen += group.bytes()) {
    if (!TRY(reader.next(group))) break;
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto record = parser.parse(group[i]);
      if (record && record->root().kind == json::Kind::object) guess.add(*record);
    }
  }
  return guess.layout();
}

std::string quarantine_line(const QuarantinedRecord& record) {
  std::string line = "{\"_corrupt_record\":";
  json::append_quoted(line, record.text);
  line += ",\"_errors\":[{\"code\":";
  json::append_quoted(line, record.code);
  line += ",\"message\":";
  json::append_quoted(line, record.message);
  line += "}],\"_filename\":";
  json::append_quoted(line, record.file);
  return line + "}\n";
}

Result<std::string> quarantine_samples(const std::filesystem::path& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return errno_error("open", file.string());
  std::string head(kSampleBytes, '\0');
  const auto got = ::read(fd.get(), head.data(), head.size());
  if (got < 0) return errno_error("read", file.string());
  head.resize(static_cast<std::size_t>(got));
  std::string samples = "[";
  std::size_t begin = 0;
  for (int i = 0; i < kSamplesMax; ++i) {
    const auto end = head.find('\n', begin);
    if (end == head.npos) break;
    if (i > 0) samples += ",\n";
    samples.append(head, begin, end - begin);
    begin = end + 1;
  }
  return samples + "]\n";
}

}  // namespace headwater::lake
