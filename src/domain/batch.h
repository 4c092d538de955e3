#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/flow.h"
#include "domain/run.h"
#include "json/value.h"

namespace headwater::domain {

/// How the files of an uploaded batch are read.
struct InputFormat {
  enum class Kind : std::uint8_t { json, parquet, csv };
  Kind kind = Kind::json;
  bool multi_line = false;  // JSON: an array, or values over several lines; otherwise one record a line
  char delimiter = ',';
  char quote = '"';
  char escape = '\\';
  bool header = true;
  bool latin1 = false;      // ISO-8859-1; otherwise UTF-8
  std::string null_marker;  // CSV: fields of this text are null
};

/// Reads an `inputFormat` ("json", "parquet" or "csv" without regard to letter case, and their options).
/// Errors: invalid_argument, `where` below /inputFormat.
Result<InputFormat> read_input_format(const json::Value& format);

/// What POST /batches of the batch ingestion asks for. Source: batch-ingestion description, IngestBatch.
struct IngestRequest {
  DatasetId dataset;
  InputFormat format;
  std::string external_id;                         // empty: the batch's own id
  std::vector<BatchId> predecessors;               // batches that this one replaces
  std::vector<std::string> external_predecessors;  // the same by their external ids
  std::optional<double> partial_ingestion_percent;
  std::optional<bool> error_diagnostics;  // absent: as the dataset says
};
/// Errors: invalid_argument, `where` naming the member.
Result<IngestRequest> read_ingest_request(const json::Value& body);

enum class BatchAction : std::uint8_t { complete, abort, fail, revert };
/// Without regard to letter case; nullopt for anything else.
std::optional<BatchAction> batch_action_from(std::string_view text);

/// The status that an uploaded batch has after an action: complete: loading -> loaded; abort, fail: loading
/// -> aborted, failed; revert: success -> inactive. An action that was done before changes nothing and is no
/// error. Errors: conflict, saying in which status the batch is.
Result<std::string_view> status_after(BatchAction action, std::string_view status);

/// A batch that a run writes.
struct RunBatch {
  FlowId flow;
  RunId run;
  DatasetId dataset;
  FlowOptions options;
  TimePoint started;
};
/// Its document in the catalog's form, status loading, without the common fields. Source: Flow Service
/// reference, section 21.
json::Value new_run_batch(const RunBatch& batch);

/// How a run's batch ended, or stands.
struct BatchOutcome {
  RunStatus status = RunStatus::in_progress;
  TimePoint started;
  TimePoint completed;
  std::uint64_t records_in = 0;
  std::uint64_t records_out = 0;
  std::uint64_t records_failed = 0;
  std::uint64_t input_bytes = 0;
  std::uint64_t output_bytes = 0;
  std::uint64_t input_files = 0;
  std::uint64_t output_files = 0;
  std::vector<RunError> errors;
};
/// Writes status, metrics and errors into a batch document.
void put_batch_outcome(json::Value& batch, const BatchOutcome& outcome);

/// Whether the batch was created to be filled by uploads; others belong to a run.
bool is_upload(const json::Value& batch);
/// The first dataset among its relatedObjects; empty when there is none.
DatasetId dataset_of(const json::Value& batch);

}  // namespace headwater::domain
