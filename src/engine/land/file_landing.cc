#include "engine/land/file_landing.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "base/output_file.h"
#include "base/text.h"
#include "lake/parquet_writer.h"

namespace headwater::land {
namespace {

constexpr std::string_view kCorruptCode = "INGEST-1401-400";
constexpr std::size_t kBufferBytes = 256U << 10;

std::string rejected_file_of(std::string_view target) { return std::string(target) + ".rejected.ndjson"; }

/// Rejected records beside the target: a file that is made with the first of them.
class RejectedFile {
 public:
  explicit RejectedFile(std::string_view target) : path_(rejected_file_of(target)) {}

  Result<void> add(const RejectedRecord& record) {
    if (!file_) file_.emplace(TRY(OutputFile::open(path_, OutputForm::stream)));
    std::string line = "{\"_corrupt_record\":";
    json::append_quoted(line, record.text);
    line += ",\"_errors\":[{\"code\":";
    json::append_quoted(line, record.code);
    line += ",\"message\":";
    json::append_quoted(line, record.message);
    line += "}],\"_filename\":\"page-" + std::to_string(record.page) + "\"}\n";
    return write_all(file_->fd(), line, path_);
  }
  /// Without rejected records an earlier run's file goes: it would be taken for this run's.
  Result<void> keep() {
    if (file_) return file_->keep();
    OutputFile::remove(path_);
    return {};
  }
  /// A failed run's rejected records are what its user looks at next.
  void keep_if_any() {
    if (file_ && !file_->keep()) file_->discard();
  }
  std::string note() const { return "Nothing was written; the rejected records are kept in " + path_ + "."; }

 private:
  std::string path_;
  std::optional<OutputFile> file_;
};

class NdjsonLanding final : public Landing {
 public:
  /// To standard output.
  explicit NdjsonLanding(bool check) : check_(check), name_("standard output"), fd_(STDOUT_FILENO) {}
  NdjsonLanding(OutputFile file, const std::string& target, bool check)
      : check_(check), name_(target), fd_(file.fd()), file_(std::move(file)) {
    if (file_->appears_whole()) rejected_.emplace(target);
  }

  Result<void> append(const json::RecordGroup& records, std::vector<Misfit>& rejected) override {
    const auto* begin = records.empty() ? "" : records[0].data();
    const bool multiline = std::memchr(begin, '\n', records.bytes()) != nullptr ||
                           std::memchr(begin, '\r', records.bytes()) != nullptr;
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (check_) {
        const auto parsed = parser_.parse(records[i]);
        if (!parsed) {
          rejected.push_back({i, kCorruptCode, parsed.error().message});
          continue;
        }
      }
      if (multiline)
        json::append_minified(lines_, records[i]);
      else
        lines_.append(records[i]);
      lines_ += '\n';
      ++totals_.records_written;
      if (lines_.size() >= kBufferBytes) TRY(flush());
    }
    return {};
  }

  Result<void> reject(const RejectedRecord& record) override {
    ++totals_.records_rejected;
    return rejected_ ? rejected_->add(record) : Result<void>();
  }
  // A reader of the pipe sees each page as it ends.
  Result<void> checkpoint(std::string_view) override { return rejected_ ? Result<void>() : flush(); }
  bool keeps_cursor() const override { return false; }
  std::optional<std::string> resumed_cursor() const override { return std::nullopt; }

  Result<LandingTotals> commit() override {
    if (committed_) return totals_;
    TRY(flush());
    if (rejected_) {
      TRY(rejected_->keep());
      TRY(file_->keep());
      totals_.output_files = 1;
    }
    committed_ = true;
    return totals_;
  }

  void discard() override {
    lines_.clear();
    if (!rejected_ || committed_) return;
    file_->discard();
    rejected_->keep_if_any();
  }
  std::string failure_note() const override {
    if (rejected_) return rejected_->note();
    return "What was written to " + name_ +
           " stays there; the rejected records are kept only beside a file (--to FILE).";
  }

 private:
  Result<void> flush() {
    TRY(write_all(fd_, lines_, name_));
    totals_.output_bytes += lines_.size();
    lines_.clear();
    return {};
  }

  bool check_;
  bool committed_ = false;
  std::string name_;
  int fd_;
  std::optional<OutputFile> file_;
  std::optional<RejectedFile> rejected_;  // of a file that appears whole; a stream has none
  json::RecordParser parser_;
  std::string lines_;
  LandingTotals totals_;
};

class ParquetLanding final : public Landing {
 public:
  static Result<std::unique_ptr<Landing>> make(const std::string& target, const json::Value& schema) {
    std::optional<lake::Layout> layout;
    if (!schema.is_null()) layout = TRY(lake::Layout::from_schema(schema));
    auto file = TRY(OutputFile::open(target, OutputForm::file));
    return std::unique_ptr<Landing>(new ParquetLanding(std::move(file), target, std::move(layout)));
  }

  Result<void> append(const json::RecordGroup& records, std::vector<Misfit>& rejected) override {
    std::vector<lake::Misfit> misfits;
    TRY(writer_.append(records, misfits));
    for (auto& misfit : misfits) rejected.push_back({misfit.index, misfit.code, std::move(misfit.message)});
    return {};
  }
  bool reads_nodes() const override { return true; }
  Result<void> reject(const RejectedRecord& record) override {
    ++rejected_count_;
    return rejected_.add(record);
  }
  Result<void> checkpoint(std::string_view) override { return {}; }
  bool keeps_cursor() const override { return false; }
  std::optional<std::string> resumed_cursor() const override { return std::nullopt; }

  Result<LandingTotals> commit() override {
    if (committed_) return *committed_;
    auto written = TRY(writer_.finish());
    TRY(rejected_.keep());
    TRY(file_.keep());
    committed_ = LandingTotals{.records_written = written.records,
                               .records_rejected = rejected_count_,
                               .output_bytes = written.bytes,
                               .output_files = 1,
                               .records_with_other = written.records_with_other,
                               .other_members = std::move(written.other_members)};
    return *committed_;
  }

  void discard() override {
    if (committed_) return;
    writer_.abandon();
    file_.discard();
    rejected_.keep_if_any();
  }
  std::string failure_note() const override { return rejected_.note(); }

 private:
  ParquetLanding(OutputFile file, const std::string& target, std::optional<lake::Layout> layout)
      : file_(std::move(file)),
        rejected_(target),
        writer_({.file = file_.draft(), .layout = std::move(layout), .known = {}}) {}

  OutputFile file_;
  RejectedFile rejected_;
  std::uint64_t rejected_count_ = 0;
  std::optional<LandingTotals> committed_;
  lake::ParquetWriter writer_;  // Last: it stops writing before the file is removed.
};

enum class FileFormat : std::uint8_t { ndjson, parquet };

// A name without an extension says nothing, so it is NDJSON; so is all that goes through a pipe or a device,
// unless Parquet is asked for by name. Any other extension asks for what would not come.
Result<FileFormat> format_of(const std::string& to) {
  constexpr std::array<std::string_view, 4> kLines{"", ".ndjson", ".jsonl", ".json"};
  const std::string extension = lower(std::filesystem::path(to).extension().native());
  if (extension == ".parquet") return FileFormat::parquet;
  if (std::find(kLines.begin(), kLines.end(), extension) != kLines.end()) return FileFormat::ndjson;
  if (OutputFile::is_written_through(to)) return FileFormat::ndjson;
  return Error{ErrorKind::invalid_argument,
               "'" + to +
                   "' ends in no format that can be written: .parquet, or .ndjson, .jsonl or .json for one "
                   "JSON record a line."};
}

}  // namespace

Result<std::unique_ptr<Landing>> make_file_landing(const FileOptions& options) {
  if (options.to == "-")
    return std::unique_ptr<Landing>(std::make_unique<NdjsonLanding>(options.check_records));
  if (TRY(format_of(options.to)) == FileFormat::parquet)
    return ParquetLanding::make(options.to, options.schema);
  auto file = TRY(OutputFile::open(options.to, OutputForm::stream, OutputFile::kMode, options.stop));
  return std::unique_ptr<Landing>(
      std::make_unique<NdjsonLanding>(std::move(file), options.to, options.check_records));
}

}  // namespace headwater::land
