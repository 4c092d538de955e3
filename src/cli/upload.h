#pragma once

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/api_client.h"
#include "json/value.h"

namespace headwater::cli {

/// What `batches upload` and `batches put` take from the command line.
struct UploadArguments {
  std::string dataset;
  std::vector<std::string> files;
  std::string format;     // empty: by the files' names
  std::string delimiter;  // of CSV; empty: a comma
  std::optional<unsigned> partial_percent;
  bool multi_line = false;
};

/// Uploads the files as one batch and waits until it is in the lake or has failed; given up on the way, the
/// batch is aborted. Gives the batch's document, {"id","status",...}.
/// Errors: invalid_argument (files), cancelled, and those of ApiClient.
Result<json::Value> upload_batch(ApiClient& client, const UploadArguments& arguments, std::stop_token stop);

/// Puts files into a batch that was begun. A file is named by the last part of its path.
Result<void> put_files(ApiClient& client, const std::string& batch, const std::vector<std::string>& files,
                       std::stop_token stop);

/// Prints how an uploaded batch ended to standard error; gives the exit code.
int report_batch(const json::Value& batch);

}  // namespace headwater::cli
