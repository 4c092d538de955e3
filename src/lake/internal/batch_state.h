#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "lake/batch_writer.h"
#include "lake/internal/column_chunk.h"
#include "lake/internal/staging.h"
#include "lake/parquet_writer.h"

namespace headwater::lake {

/// What a batch has left behind for good when a part of it is complete: parts.json in its staging folder.
struct ClosedParts {
  std::vector<DataFile> files;
  CheckpointState at;  // at the end of the last part; part is the next one's number
  bool has_cursor = false;
  std::uint64_t records = 0;
  std::uint64_t records_with_other = 0;
  std::vector<std::string> other_members;
  std::optional<Layout> layout;  // the columns, once settled
  bool complete = false;         // commit was called: nothing is left but to publish

  json::Value to_json() const;
  static Result<ClosedParts> from_json(const json::Value& document);
};

/// What a batch starts with, fixed for its life: begin.json in its staging folder.
struct BatchBegin {
  std::string schema_version;
  std::optional<Layout> layout;  // of the target schema
  Layout known;                  // the dataset's columns

  json::Value to_json() const;
  static Result<BatchBegin> from_json(const json::Value& document);
};

/// Checks NDJSON records as far as the batch asks for it.
class RecordChecker {
 public:
  explicit RecordChecker(const std::optional<Layout>& layout);
  /// Names the records that do not fit.
  void check(const json::RecordGroup& records, std::vector<Misfit>& misfits);

 private:
  json::RecordParser parser_;
  std::optional<RowFiller> filler_;
  std::unique_ptr<ColumnChunk> chunk_;
};

/// The lines of a staging log in groups of bounded size.
class LogReader {
 public:
  static Result<LogReader> open(const std::filesystem::path& file, std::uint64_t bytes);
  /// Fills `group` with the next lines; false at the end. Errors: storage.
  Result<bool> next(json::RecordGroup& group);

 private:
  explicit LogReader(UniqueFd fd, std::uint64_t bytes) : fd_(std::move(fd)), left_(bytes) {}
  UniqueFd fd_;
  std::uint64_t left_;
  std::string rest_;
};

/// The columns that the first records of a file suggest.
Result<Layout> layout_of_log(const std::filesystem::path& file);

/// One line of the quarantine file (flow-service reference, section 21).
std::string quarantine_line(const QuarantinedRecord& record);
/// The first lines of a quarantine file as one JSON array.
Result<std::string> quarantine_samples(const std::filesystem::path& file);

}  // namespace headwater::lake
