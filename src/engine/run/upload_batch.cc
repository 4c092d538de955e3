#include "engine/run/upload_batch.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "engine/land/lake_landing.h"
#include "engine/map/mapper.h"
#include "engine/run/run_inputs.h"
#include "engine/run/upload_file.h"
#include "lake/uploads.h"

namespace headwater::run {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::size_t kGroupBytes = 512U << 10;
constexpr std::uint64_t kCheckpointBytes = 64U << 20;
constexpr std::size_t kProblemsMax = 100;
constexpr std::size_t kRangesMax = 100;
constexpr std::string_view kUnreadable = "INGEST-1401-400";
constexpr std::string_view kTooManyRejected = "INGEST-1212-400";

bool is_the_files_fault(const Error& error) {
  return error.kind == ErrorKind::invalid_argument || error.kind == ErrorKind::too_large ||
         error.kind == ErrorKind::not_found || error.kind == ErrorKind::unsupported;
}

/// Where an upload stands: what a checkpoint binds to the records before it.
struct Position {
  std::size_t file = 0;      // index among the upload's files
  std::uint64_t record = 0;  // records of it that are behind
  UploadOutcome outcome;
};

struct CountMember {
  std::string_view name;
  std::uint64_t UploadOutcome::* member;
};
// The names are stored on disk.
constexpr CountMember kCounts[] = {{"inputBytes", &UploadOutcome::input_bytes},
                                   {"inputFiles", &UploadOutcome::input_files},
                                   {"read", &UploadOutcome::records_read},
                                   {"written", &UploadOutcome::records_written},
                                   {"failed", &UploadOutcome::records_failed}};

std::uint64_t number_at(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value == nullptr ? 0 : static_cast<std::uint64_t>(value->as_int64().value_or(0));
}

std::string encode(const Position& position) {
  Object out{{"file", static_cast<std::uint64_t>(position.file)}, {"record", position.record}};
  for (const auto& [name, member] : kCounts) out.set(name, position.outcome.*member);
  Array problems;
  for (const UploadProblem& problem : position.outcome.problems) {
    Array rows;
    for (const auto& [first, last] : problem.rows) rows.emplace_back(Array{Value(first), Value(last)});
    problems.emplace_back(Object{{"code", problem.code},
                                 {"file", problem.file},
                                 {"message", problem.message},
                                 {"count", problem.count},
                                 {"rows", std::move(rows)}});
  }
  out.set("problems", std::move(problems));
  return Value(std::move(out)).dump();
}

Result<Position> decode(const std::string& cursor) {
  const auto document = TRY(json::parse(cursor));
  Position position;
  position.file = number_at(document, "file");
  position.record = number_at(document, "record");
  for (const auto& [name, member] : kCounts) position.outcome.*member = number_at(document, name);
  const Value* problems = document.find("problems");
  if (problems == nullptr || !problems->is_array()) return position;
  for (const Value& item : *problems->if_array()) {
    UploadProblem problem{std::string(item.string_at("code")),
                          std::string(item.string_at("file")),
                          std::string(item.string_at("message")),
                          number_at(item, "count"),
                          {}};
    if (const Value* rows = item.find("rows"); rows != nullptr && rows->is_array())
      for (const Value& row : *rows->if_array())
        if (const Array* ends = row.if_array(); ends != nullptr && ends->size() == 2)
          problem.rows.emplace_back((*ends)[0].as_int64().value_or(0), (*ends)[1].as_int64().value_or(0));
    position.outcome.problems.push_back(std::move(problem));
  }
  return position;
}

class UploadLanding {
 public:
  UploadLanding(const UploadRequest& request, land::LakeLanding& landing, map::Mapper mapper)
      : request_(request), landing_(landing), mapper_(std::move(mapper)) {}

  Result<void> resume() {
    const auto cursor = landing_.resumed_cursor();
    if (cursor) at_ = TRY(decode(*cursor));
    return {};
  }
  Result<void> read(const lake::Uploads& uploads, const std::stop_token& stop);
  Result<UploadOutcome> finish();
  Result<UploadOutcome> committed();
  const std::string& file() const { return file_; }
  UploadOutcome failed(std::string_view code, std::string file, std::string message);

 private:
  Result<void> take(std::string_view text, std::string_view problem);
  Result<void> flush();
  Result<void> reject(std::string_view text, std::uint64_t row, std::string_view code,
                      std::string_view reason);
  void note_problem(std::string_view code, std::uint64_t row, std::string_view reason);

  const UploadRequest& request_;
  land::LakeLanding& landing_;
  map::Mapper mapper_;
  map::Mapped mapped_;
  Position at_;
  std::string file_;         // the one in hand
  std::uint64_t skip_ = 0;   // records of it that an earlier process has dealt with
  std::uint64_t since_ = 0;  // bytes since the last checkpoint
  json::RecordGroup group_;
  std::vector<std::uint64_t> rows_;  // of the group's records
  std::vector<land::Landing::Misfit> misfits_;
};

Result<void> UploadLanding::read(const lake::Uploads& uploads, const std::stop_token& stop) {
  const auto files = TRY(uploads.files());
  for (; at_.file < files.size(); ++at_.file, at_.record = 0) {
    const auto& file = files[at_.file];
    file_ = file.name;
    skip_ = at_.record;
    at_.record = 0;
    if (skip_ == 0) {
      TRY(landing_.note_input(file.name, file.bytes));
      ++at_.outcome.input_files;
      at_.outcome.input_bytes += file.bytes;
    }
    const auto take_one = [this](std::string_view text, std::string_view problem) {
      return take(text, problem);
    };
    TRY(read_uploaded_file(uploads, file.name, request_.format, request_.schema, stop, take_one));
    TRY(flush());
  }
  return {};
}

Result<void> UploadLanding::take(std::string_view text, std::string_view problem) {
  ++at_.record;
  if (skip_ > 0) {
    --skip_;
    return {};
  }
  ++at_.outcome.records_read;
  if (!problem.empty()) return reject(text, at_.record, kUnreadable, problem);
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == text.npos || text[begin] != '{')
    return reject(text, at_.record, kUnreadable, "it is no JSON object");
  group_.append(text);
  rows_.push_back(at_.record);
  return group_.bytes() < kGroupBytes ? Result<void>() : flush();
}

Result<void> UploadLanding::flush() {
  if (group_.empty()) return {};
  const json::RecordGroup* accepted = &group_;
  if (!mapper_.is_identity()) {
    mapper_.map(group_, mapped_);
    accepted = &mapped_.accepted;
    for (const auto& bad : mapped_.rejected)
      TRY(reject(group_[bad.index], rows_[bad.index], bad.code, bad.message));
  }
  misfits_.clear();
  if (!accepted->empty()) TRY(landing_.append(*accepted, misfits_));
  for (const auto& bad : misfits_) {
    const auto source = mapper_.is_identity() ? bad.index : mapped_.source_of[bad.index];
    TRY(reject((*accepted)[bad.index], rows_[source], bad.code, bad.message));
  }
  at_.outcome.records_written += accepted->size() - misfits_.size();
  since_ += group_.bytes();
  group_.clear();
  rows_.clear();
  if (since_ < kCheckpointBytes) return {};
  since_ = 0;
  return landing_.checkpoint(encode(at_));
}

Result<void> UploadLanding::reject(std::string_view text, std::uint64_t row, std::string_view code,
                                   std::string_view reason) {
  ++at_.outcome.records_failed;
  note_problem(code, row, reason);
  land::RejectedRecord rejected;
  rejected.text = text;
  rejected.code = code;
  rejected.message = "Record " + std::to_string(row) + ": " + std::string(reason);
  rejected.record = row;
  rejected.file = file_;
  return landing_.reject(rejected);
}

void UploadLanding::note_problem(std::string_view code, std::uint64_t row, std::string_view reason) {
  auto& problems = at_.outcome.problems;
  auto at = std::find_if(problems.begin(), problems.end(), [&](const UploadProblem& problem) {
    return problem.code == code && problem.file == file_;
  });
  if (at == problems.end() && problems.size() >= kProblemsMax) return;
  if (at == problems.end()) {
    problems.push_back({std::string(code),
                        file_,
                        "Record " + std::to_string(row) + ": " + std::string(reason.substr(0, 500)),
                        0,
                        {}});
    at = problems.end() - 1;
  }
  ++at->count;
  if (!at->rows.empty() && at->rows.back().second + 1 == row)
    at->rows.back().second = row;
  else if (at->rows.size() < kRangesMax)
    at->rows.emplace_back(row, row);
}

UploadOutcome UploadLanding::failed(std::string_view code, std::string file, std::string message) {
  UploadOutcome outcome = at_.outcome;
  outcome.records_written = 0;
  outcome.problems.insert(outcome.problems.begin(),
                          {std::string(code), std::move(file), std::move(message), 0, {}});
  landing_.discard();
  return outcome;
}

Result<UploadOutcome> UploadLanding::finish() {
  const auto& counts = at_.outcome;
  const auto share = counts.records_read == 0 ? 0.0
                                              : 100.0 * static_cast<double>(counts.records_failed) /
                                                    static_cast<double>(counts.records_read);
  if (share > request_.partial_ingestion_percent) {
    char text[96];
    std::snprintf(text, sizeof text, " (%.4g %%) could not be ingested, more than the %.4g %% allowed", share,
                  request_.partial_ingestion_percent);
    return failed(kTooManyRejected, "",
                  std::to_string(counts.records_failed) + " of " + std::to_string(counts.records_read) +
                      " records" + text +
                      " (partialIngestionPercent). Nothing was committed; the rejected records are kept.");
  }
  TRY(landing_.checkpoint(encode(at_)));
  return committed();
}

Result<UploadOutcome> UploadLanding::committed() {
  const auto totals = TRY(landing_.commit());
  UploadOutcome outcome = at_.outcome;
  outcome.committed = true;
  outcome.records_written = totals.records_written;
  outcome.output_bytes = totals.output_bytes;
  outcome.output_files = totals.output_files;
  return outcome;
}

UploadOutcome not_begun(const Error& error) {
  UploadOutcome outcome;
  outcome.problems.push_back({std::string(kUnreadable), "", error.message, 0, {}});
  return outcome;
}

}  // namespace

Result<UploadOutcome> land_upload(lake::Lake& lake, const UploadRequest& request,
                                  const std::stop_token& stop) {
  auto mapper = make_mapper(std::nullopt, request.schema);
  if (!mapper) return not_begun(mapper.error());
  lake::BatchOptions options;
  options.dataset = request.dataset;
  options.batch = request.batch;
  options.schema = request.schema;
  options.schema_version = request.schema_version;
  options.replaces = request.replaces;
  options.check_records = mapper->is_identity();
  auto landing = land::LakeLanding::make(lake, std::move(options));
  if (!landing && is_the_files_fault(landing.error())) return not_begun(landing.error());
  const auto owned = TRY(std::move(landing));
  land::LakeLanding& target = *owned;
  UploadLanding upload(request, target, *std::move(mapper));
  TRY(upload.resume());
  if (target.committed()) return upload.committed();
  const lake::Uploads uploads(lake, request.dataset, request.batch);
  auto done = upload.read(uploads, stop);
  if (done) return upload.finish();
  if (!is_the_files_fault(done.error())) return std::move(done).error();
  return upload.failed(kUnreadable, upload.file(), done.error().message);
}

}  // namespace headwater::run
