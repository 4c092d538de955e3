#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "domain/batch.h"
#include "json/value.h"
#include "lake/lake.h"

namespace headwater::run {

struct UploadRequest {
  DatasetId dataset;
  BatchId batch;
  domain::InputFormat format;
  json::Value schema;  // of the dataset; null: any object will do
  std::string schema_version;
  std::vector<BatchId> replaces;
  double partial_ingestion_percent = 0;  // of the records may be rejected
};

/// What was wrong, and where. `rows` are numbers and ranges of the records of one file, from 1; bounded.
struct UploadProblem {
  std::string code;
  std::string file;  // empty: the batch as a whole
  std::string message;
  std::uint64_t count = 0;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> rows;
};

struct UploadOutcome {
  bool committed = false;
  std::uint64_t input_bytes = 0, input_files = 0, output_bytes = 0, output_files = 0;
  std::uint64_t records_read = 0, records_written = 0, records_failed = 0;
  std::vector<UploadProblem> problems;
};

/// Takes the files of a complete upload into one atomic batch of its dataset, checked against the schema.
/// An interrupted one goes on from its last checkpoint; one that was committed gives the same outcome again.
/// What is wrong with the files is in the outcome, and nothing is committed then. Errors: cancelled (the
/// batch stays for the resume), conflict (another process is at it), storage.
Result<UploadOutcome> land_upload(lake::Lake& lake, const UploadRequest& request,
                                  const std::stop_token& stop);

}  // namespace headwater::run
