#include "lake/batch_writer.h"

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "lake/internal/batch_state.h"
#include "lake/internal/crc32c.h"
#include "lake/internal/manifest.h"
#include "lake/internal/removal.h"

namespace headwater::lake {

namespace fs = std::filesystem;

struct BatchWriter::State {
  State(Lake& owner_lake, BatchOptions given) : lake(owner_lake), options(std::move(given)) {}

  Result<void> open();
  Result<void> read_begin(const Manifest& manifest);
  Result<void> recover();
  Result<void> replay();
  Result<void> open_files();
  void start_columns();
  Result<void> log(const json::RecordGroup& records, const std::vector<Misfit>& misfits, std::size_t first);
  Result<void> flush_inputs();
  Result<void> close_part();
  Result<void> save_parts();
  Result<void> publish();
  Result<void> keep_rejected();
  BatchTotals totals() const;

  std::string part_name(std::uint32_t part) const;
  fs::path log_path(std::uint32_t part) const;

  Lake& lake;
  BatchOptions options;
  fs::path home, staging;
  Format format = Format::parquet;
  std::optional<FileLock> owner;
  bool committed_before = false, finished = false, discarded = false;
  BatchInfo published;
  BatchBegin begin;
  ClosedParts parts;
  CheckpointState at;  // what the next checkpoint will say
  std::optional<std::string> resumed;
  bool errors_changed = false;
  std::string inputs, lines;
  UniqueFd log_fd, errors_fd, inputs_fd;
  std::optional<CheckpointFile> slots;
  std::unique_ptr<ParquetWriter> columns;
  std::optional<RecordChecker> checker;
  Syncer syncer;  // Last: it stops before the files close.
};

namespace {

std::string part_number(std::uint32_t part) {
  auto digits = std::to_string(part);
  return digits.insert(0, digits.size() < 5 ? 5 - digits.size() : 0, '0');
}

bool stands(const fs::path& path) {
  std::error_code failed;
  return fs::exists(path, failed);
}

Result<json::Value> read_document(const fs::path& file) {
  const auto text = TRY(read_file(file));
  auto parsed = json::parse(text);
  if (!parsed)
    return Error{ErrorKind::storage, "A batch's staging folder is damaged: " + parsed.error().message};
  return *std::move(parsed);
}

constexpr std::size_t kCursorsKept = 100;
constexpr std::string_view kBeginFile = "begin.json";
constexpr std::string_view kPartsFile = "parts.json";
constexpr std::string_view kSlotsFile = "checkpoint";

}  // namespace

std::string BatchWriter::State::part_name(std::uint32_t part) const {
  const bool parquet = format == Format::parquet;
  return options.batch.value + "." + part_number(part) + (parquet ? ".parquet" : ".ndjson");
}

// The log of an NDJSON part is the part itself.
fs::path BatchWriter::State::log_path(std::uint32_t part) const {
  return staging / (format == Format::ndjson ? part_name(part) : "log." + part_number(part) + ".ndjson");
}

Result<void> BatchWriter::State::open() {
  if (!is_safe_id(options.batch.value))
    return Error{ErrorKind::invalid_argument, "A batch's id has letters, digits, '-' and '_' only."};
  auto manifest = TRY(lake.manifest(options.dataset));
  home = lake.folder(options.dataset);
  staging = home / kStagingFolder / options.batch.value;
  format = manifest->dataset.format;
  TRY(make_folders(staging));
  owner = TRY(FileLock::try_take(staging / kOwnerFile));
  if (!owner)
    return Error{ErrorKind::conflict,
                 "The batch '" + options.batch.value + "' is being written by another run."};
  manifest = TRY(lake.manifest(options.dataset));
  if (auto batch = TRY(manifest->find_batch(options.batch))) {
    published = *std::move(batch);
    committed_before = true;
    resumed = published.cursor;
    std::error_code ignored;
    fs::remove_all(staging, ignored);
    return {};
  }
  if (stands(staging / kDiscardedFile)) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(staging, ignored))
      if (entry.path().filename() != kOwnerFile && entry.path().filename() != kDiscardedFile)
        fs::remove_all(entry.path(), ignored);
    fs::remove(staging / kDiscardedFile, ignored);
  }
  TRY(read_begin(*manifest));
  return recover();
}

Result<void> BatchWriter::State::read_begin(const Manifest& manifest) {
  if (stands(staging / kBeginFile)) {
    const auto document = TRY(read_document(staging / kBeginFile));
    begin = TRY(BatchBegin::from_json(document));
    return {};
  }
  begin.schema_version = options.schema_version;
  if (!options.schema.is_null()) begin.layout = TRY(Layout::from_schema(options.schema));
  begin.known = manifest.layout;
  return write_file_durably(staging / kBeginFile, begin.to_json().dump());
}

Result<void> BatchWriter::State::recover() {
  parts.layout = begin.layout;
  if (stands(staging / kPartsFile)) {
    const auto document = TRY(read_document(staging / kPartsFile));
    parts = TRY(ClosedParts::from_json(document));
  }
  if (parts.has_cursor) resumed = parts.at.cursor;
  if (parts.complete) {
    TRY(publish());
    committed_before = true;
    return {};
  }
  at = parts.at;
  slots = TRY(CheckpointFile::open(staging / kSlotsFile));
  for (const auto& state : TRY(slots->read())) {
    if (state.part != parts.at.part) continue;
    const auto crc = TRY(crc_of_file(log_path(state.part), state.log_bytes));
    if (!crc || *crc != state.log_crc) continue;
    at = state;
    resumed = state.cursor;
    break;
  }
  TRY(open_files());
  if (format == Format::parquet) return replay();
  if (begin.layout || options.check_records) checker.emplace(begin.layout);
  return {};
}

Result<void> BatchWriter::State::open_files() {
  log_fd = TRY(open_log(log_path(at.part), at.log_bytes));
  errors_fd = TRY(open_log(staging / kErrorsFile, at.errors_bytes));
  inputs_fd = TRY(open_log(staging / kInputsFile, at.inputs_bytes));
  return {};
}

void BatchWriter::State::start_columns() {
  const auto file = staging / part_name(at.part);
  std::error_code ignored;
  fs::remove(file, ignored);
  columns = std::make_unique<ParquetWriter>(
      ParquetWriter::Options{.file = file, .layout = parts.layout, .known = begin.known});
}

// The columns of a part live in memory and in a torn file until the part is complete, so a crash takes
// them; the log has the records.
Result<void> BatchWriter::State::replay() {
  start_columns();
  if (at.log_bytes == 0) return {};
  auto reader = TRY(LogReader::open(log_path(at.part), at.log_bytes));
  json::RecordGroup group;
  std::vector<Misfit> misfits;
  while (TRY(reader.next(group))) {
    TRY(columns->append(group, misfits));
    if (!misfits.empty())
      return Error{ErrorKind::storage, "The staging log of the batch is damaged: " + misfits.front().message};
  }
  return {};
}

Result<void> BatchWriter::State::log(const json::RecordGroup& records, const std::vector<Misfit>& misfits,
                                     std::size_t first) {
  lines.clear();
  const auto* begin_of_texts = records[0].data();
  const bool multiline = std::memchr(begin_of_texts, '\n', records.bytes()) != nullptr ||
                         std::memchr(begin_of_texts, '\r', records.bytes()) != nullptr;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (first < misfits.size() && misfits[first].index == i) {
      ++first;
      continue;
    }
    if (multiline)
      json::append_minified(lines, records[i]);
    else
      lines.append(records[i]);
    lines += '\n';
    ++count;
  }
  TRY(write_all(log_fd.get(), lines, log_path(at.part).string()));
  at.log_crc = crc32c(lines, at.log_crc);
  at.log_bytes += lines.size();
  at.log_records += count;
  return {};
}

Result<void> BatchWriter::State::flush_inputs() {
  if (inputs.empty()) return {};
  TRY(write_all(inputs_fd.get(), inputs, (staging / kInputsFile).string()));
  at.inputs_bytes += inputs.size();
  inputs.clear();
  return {};
}

Result<void> BatchWriter::State::close_part() {
  TRY(syncer.wait());
  DataFile file{part_name(at.part), at.log_bytes, at.log_records, {options.batch}, {at.log_records}};
  if (format == Format::parquet) {
    const auto written = TRY(columns->finish());
    file.bytes = written.bytes;
    parts.layout = columns->layout();
    parts.records_with_other += written.records_with_other;
    for (const auto& name : written.other_members) {
      const bool known = std::find(parts.other_members.begin(), parts.other_members.end(), name) !=
                         parts.other_members.end();
      if (!known && parts.other_members.size() < 100) parts.other_members.push_back(name);
    }
    columns.reset();
  } else {
    TRY(sync_data(log_fd.get(), log_path(at.part).string()));
  }
  parts.files.push_back(std::move(file));
  parts.records += at.log_records;
  ++at.part;
  at.log_crc = 0;
  at.log_bytes = at.log_records = 0;
  return {};
}

Result<void> BatchWriter::State::save_parts() {
  TRY(sync_data(errors_fd.get(), (staging / kErrorsFile).string()));
  parts.at = at;
  TRY(sync_folder(staging));
  return write_file_durably(staging / kPartsFile, parts.to_json().dump());
}

Result<void> BatchWriter::State::keep_rejected() {
  errors_fd.reset();
  inputs_fd.reset();
  const auto kept = home / kQuarantineFolder / options.batch.value;
  std::error_code failed;
  for (const auto name : {kErrorsFile, kInputsFile}) {
    const auto file = staging / name;
    const auto bytes = fs::file_size(file, failed);
    if (failed || bytes == 0) continue;
    TRY(make_folders(kept));
    if (name == kErrorsFile) {
      const auto samples = TRY(quarantine_samples(file));
      TRY(write_file_durably(kept / kSamplesFile, samples));
    }
    fs::rename(file, kept / name, failed);
    if (failed) return Error{ErrorKind::storage, "Rejected records cannot be kept: " + failed.message()};
  }
  return {};
}

Result<void> BatchWriter::State::publish() {
  TRY(keep_rejected());
  published = {.id = options.batch,
               .created = lake.clock().now(),
               .schema_version = begin.schema_version,
               .records = parts.records,
               .records_rejected = parts.at.rejected,
               .bytes = 0,
               .files = parts.files.size(),
               .records_with_other = parts.records_with_other,
               .other_members = parts.other_members,
               .cursor = parts.at.cursor};
  for (const auto& file : parts.files) published.bytes += file.bytes;
  std::optional<Removal> replaced;
  if (!options.replaces.empty())
    replaced.emplace(TRY(Removal::prepare(lake, options.dataset, options.replaces)));
  const auto add = [this, &replaced](Manifest& manifest, PageChange& pages) -> Result<void> {
    std::error_code failed;
    for (const auto& file : parts.files) {
      // A crash may have come after some of the moves.
      if (!stands(staging / file.name) && stands(home / kDataFolder / file.name)) continue;
      fs::rename(staging / file.name, home / kDataFolder / file.name, failed);
      if (failed) return Error{ErrorKind::storage, "A data file cannot be moved: " + failed.message()};
    }
    TRY(sync_folder(home / kDataFolder));
    if (replaced) TRY(replaced->apply(manifest, pages, published.created));
    for (const auto& file : parts.files) manifest.files.push_back(file);
    manifest.batches.push_back(published);
    // A cursor serves the run that committed it, until its outcome is stored.
    auto& newest = manifest.batches.newest();
    if (newest.size() > kCursorsKept) newest[newest.size() - 1 - kCursorsKept].cursor.clear();
    if (parts.layout) manifest.layout = manifest.layout.extended_by(*parts.layout);
    return {};
  };
  TRY(lake.change(options.dataset, add));
  std::error_code ignored;
  fs::remove_all(staging, ignored);
  return {};
}

BatchTotals BatchWriter::State::totals() const {
  if (finished || committed_before)
    return {published.records, published.records_rejected,   published.bytes,
            published.files,   published.records_with_other, published.other_members};
  BatchTotals totals{parts.records + at.log_records, at.rejected,        at.log_bytes, parts.files.size(),
                     parts.records_with_other,       parts.other_members};
  for (const auto& file : parts.files) totals.bytes += file.bytes;
  if (!columns) return totals;
  const auto open_part = columns->totals();
  totals.records_with_other += open_part.records_with_other;
  for (const auto& name : open_part.other_members)
    if (std::find(totals.other_members.begin(), totals.other_members.end(), name) ==
        totals.other_members.end())
      totals.other_members.push_back(name);
  return totals;
}

BatchWriter::BatchWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
BatchWriter::~BatchWriter() = default;

Result<std::unique_ptr<BatchWriter>> Lake::open_batch(BatchOptions options) {
  auto state = std::make_unique<BatchWriter::State>(*this, std::move(options));
  TRY(state->open());
  return std::unique_ptr<BatchWriter>(new BatchWriter(std::move(state)));
}

Result<void> BatchWriter::append(const json::RecordGroup& records, std::vector<Misfit>& misfits) {
  auto& self = *state_;
  if (self.finished || self.discarded) return Error{ErrorKind::conflict, "The batch is closed."};
  if (self.committed_before || records.empty()) return {};
  const auto first = misfits.size();
  if (self.columns)
    TRY(self.columns->append(records, misfits));
  else if (self.checker)
    self.checker->check(records, misfits);
  return self.log(records, misfits, first);
}

bool BatchWriter::reads_nodes() const { return state_->columns != nullptr; }

Result<void> BatchWriter::quarantine(const QuarantinedRecord& record) {
  auto& self = *state_;
  if (self.finished || self.committed_before || self.discarded) return {};
  const auto line = quarantine_line(record);
  TRY(write_all(self.errors_fd.get(), line, (self.staging / kErrorsFile).string()));
  self.at.errors_bytes += line.size();
  ++self.at.rejected;
  self.errors_changed = true;
  return {};
}

Result<void> BatchWriter::note_input(std::string_view name, std::uint64_t bytes) {
  auto& self = *state_;
  if (self.finished || self.committed_before || self.discarded) return {};
  self.inputs += "{\"name\":";
  json::append_quoted(self.inputs, name);
  self.inputs += ",\"length\":" + std::to_string(bytes) + "}\n";
  return {};
}

Result<void> BatchWriter::checkpoint(std::string_view cursor) {
  auto& self = *state_;
  if (self.finished || self.discarded) return Error{ErrorKind::conflict, "The batch is closed."};
  if (self.committed_before) return {};
  TRY(self.flush_inputs());
  ++self.at.sequence;
  self.at.cursor = cursor;
  const auto& limits = self.lake.options();
  if (self.at.log_bytes >= limits.part_bytes_max || self.at.log_records >= limits.part_records_max) {
    const auto old_log = self.log_path(self.at.part);
    TRY(self.close_part());
    self.parts.has_cursor = true;
    TRY(self.save_parts());
    std::error_code ignored;
    if (self.format == Format::parquet) fs::remove(old_log, ignored);
    self.log_fd = TRY(open_log(self.log_path(self.at.part), 0));
    if (self.format == Format::parquet) self.start_columns();
    return {};
  }
  // Not before the checkpoint that this one overwrites the predecessor of is on the disk.
  TRY(self.syncer.wait());
  TRY(self.slots->write(self.at));
  std::vector<int> fds{self.log_fd.get()};
  if (std::exchange(self.errors_changed, false)) fds.push_back(self.errors_fd.get());
  fds.push_back(self.slots->fd());
  return self.syncer.request(std::move(fds));
}

const std::optional<std::string>& BatchWriter::resumed_cursor() const { return state_->resumed; }

BatchTotals BatchWriter::totals() const { return state_->totals(); }

bool BatchWriter::committed() const { return state_->committed_before || state_->finished; }

Result<BatchTotals> BatchWriter::commit() {
  auto& self = *state_;
  if (self.discarded) return Error{ErrorKind::conflict, "The batch was discarded."};
  if (!self.finished && !self.committed_before) {
    TRY(self.flush_inputs());
    if (self.at.log_records > 0) TRY(self.close_part());
    TRY(self.syncer.wait());
    self.columns.reset();
    if (!self.parts.layout && !self.parts.files.empty()) {
      const auto seen = TRY(layout_of_log(self.staging / self.parts.files.front().name));
      self.parts.layout = self.begin.known.extended_by(seen);
    }
    self.parts.has_cursor = self.at.sequence > 0;
    self.parts.complete = true;
    TRY(self.save_parts());
    TRY(self.publish());
    self.finished = true;
  }
  return self.totals();
}

void BatchWriter::discard() {
  auto& self = *state_;
  if (self.finished || self.committed_before || self.discarded) return;
  self.columns.reset();
  std::error_code ignored;
  // The marker first: whatever a crash leaves of the folder is garbage from here on. The rejected
  // records are moved before, so that they are kept in any case.
  const auto kept = self.keep_rejected();
  const auto marked = write_file_durably(self.staging / kDiscardedFile, "");
  if (!kept || !marked)
    log::warn("a discarded batch was not cleaned up whole",
              {{"batch", self.options.batch.value}, {"reason", (kept ? marked : kept).error().message}});
  fs::remove_all(self.staging, ignored);
  self.discarded = true;
}

}  // namespace headwater::lake
