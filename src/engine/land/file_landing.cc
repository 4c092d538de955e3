#include "engine/land/file_landing.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "base/crypto.h"
#include "base/file.h"
#include "lake/parquet_writer.h"

namespace headwater::land {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kCorruptCode = "INGEST-1401-400";
constexpr std::size_t kBufferBytes = 256U << 10;

/// A file that appears under its name when `keep` is called; otherwise nothing is left of it.
class HiddenFile {
 public:
  explicit HiddenFile(fs::path target)
      : target_(std::move(target)),
        path_(target_.parent_path() /
              ("." + target_.filename().string() + "." + crypto::random_hex(4) + ".part")) {}
  HiddenFile(const HiddenFile&) = delete;
  ~HiddenFile() { remove(); }

  const fs::path& path() const { return path_; }
  Result<void> keep() {
    if (::rename(path_.c_str(), target_.c_str()) != 0) return errno_error("rename to", target_.string());
    return sync_folder(target_.parent_path());
  }
  void remove() { ::unlink(path_.c_str()); }
  void remove_target() { ::unlink(target_.c_str()); }

 private:
  fs::path target_, path_;
};

/// Rejected records beside the target: a file that is made with the first of them.
class RejectedFile {
 public:
  explicit RejectedFile(const std::string& target) : file_(target + ".rejected.ndjson") {}

  Result<void> add(const RejectedRecord& record) {
    if (!fd_) {
      fd_ = UniqueFd(::open(file_.path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
      if (!fd_) return errno_error("make", file_.path().string());
    }
    std::string line = "{\"_corrupt_record\":";
    json::append_quoted(line, record.text);
    line += ",\"_errors\":[{\"code\":";
    json::append_quoted(line, record.code);
    line += ",\"message\":";
    json::append_quoted(line, record.message);
    line += "}],\"_filename\":\"page-" + std::to_string(record.page) + "\"}\n";
    return write_all(fd_.get(), line, file_.path().string());
  }
  /// Without rejected records an earlier run's file goes: it would be taken for this run's.
  Result<void> keep() {
    if (fd_) return file_.keep();
    file_.remove_target();
    return {};
  }
  /// A failed run's rejected records are what its user looks at next.
  void keep_if_any() {
    if (fd_ && !file_.keep()) file_.remove();
  }

 private:
  HiddenFile file_;
  UniqueFd fd_;
};

class NdjsonLanding final : public Landing {
 public:
  /// `target` is nullopt for standard output.
  static Result<std::unique_ptr<Landing>> make(std::optional<std::string> target, bool check) {
    std::unique_ptr<NdjsonLanding> landing(new NdjsonLanding(check));
    if (!target) {
      landing->fd_ = STDOUT_FILENO;
      landing->name_ = "standard output";
      return std::unique_ptr<Landing>(std::move(landing));
    }
    landing->name_ = *target;
    landing->file_.emplace(*target);
    landing->rejected_.emplace(*target);
    landing->owned_ =
        UniqueFd(::open(landing->file_->path().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (!landing->owned_) return errno_error("make", *target);
    landing->fd_ = landing->owned_.get();
    return std::unique_ptr<Landing>(std::move(landing));
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
  Result<void> checkpoint(std::string_view) override { return file_ ? Result<void>() : flush(); }
  bool keeps_cursor() const override { return false; }
  std::optional<std::string> resumed_cursor() const override { return std::nullopt; }

  Result<LandingTotals> commit() override {
    if (committed_) return totals_;
    TRY(flush());
    if (file_) {
      TRY(sync_data(fd_, name_));
      TRY(rejected_->keep());
      TRY(file_->keep());
      totals_.output_files = 1;
    }
    committed_ = true;
    return totals_;
  }

  void discard() override {
    lines_.clear();
    if (!file_ || committed_) return;
    file_->remove();
    rejected_->keep_if_any();
  }

 private:
  explicit NdjsonLanding(bool check) : check_(check) {}

  Result<void> flush() {
    TRY(write_all(fd_, lines_, name_));
    totals_.output_bytes += lines_.size();
    lines_.clear();
    return {};
  }

  bool check_;
  bool committed_ = false;
  std::string name_;
  std::optional<HiddenFile> file_;
  std::optional<RejectedFile> rejected_;
  UniqueFd owned_;
  int fd_ = -1;
  json::RecordParser parser_;
  std::string lines_;
  LandingTotals totals_;
};

class ParquetLanding final : public Landing {
 public:
  static Result<std::unique_ptr<Landing>> make(const std::string& target, const json::Value& schema) {
    std::optional<lake::Layout> layout;
    if (!schema.is_null()) layout = TRY(lake::Layout::from_schema(schema));
    return std::unique_ptr<Landing>(new ParquetLanding(target, std::move(layout)));
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
    file_.remove();
    rejected_.keep_if_any();
  }

 private:
  ParquetLanding(const std::string& target, std::optional<lake::Layout> layout)
      : file_(target),
        rejected_(target),
        writer_({.file = file_.path(), .layout = std::move(layout), .known = {}}) {}

  HiddenFile file_;
  RejectedFile rejected_;
  std::uint64_t rejected_count_ = 0;
  std::optional<LandingTotals> committed_;
  lake::ParquetWriter writer_;  // Last: it stops writing before the file is removed.
};

}  // namespace

Result<std::unique_ptr<Landing>> make_file_landing(const FileOptions& options) {
  if (options.to == "-") return NdjsonLanding::make(std::nullopt, options.check_records);
  std::error_code failed;
  const auto target = fs::absolute(options.to, failed);
  if (failed || target.filename().empty() || fs::is_directory(target, failed))
    return Error{ErrorKind::invalid_argument, "'" + options.to + "' is no file name to write to."};
  if (!fs::is_directory(target.parent_path(), failed))
    return Error{ErrorKind::invalid_argument, "The folder of '" + options.to + "' does not exist."};
  if (target.extension() == ".parquet") return ParquetLanding::make(target.string(), options.schema);
  return NdjsonLanding::make(target.string(), options.check_records);
}

}  // namespace headwater::land
