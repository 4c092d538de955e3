#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/api_client.h"
#include "cli/output.h"

namespace headwater::cli {

/// A file of a batch, as the data access service offers it.
struct BatchFile {
  std::string name;  // relative, with "/"
  std::string bytes;
  std::string path;  // what downloads it
};

/// The parts of a batch's data; `path` is the batch's .../files.
Result<std::vector<BatchFile>> data_files(ApiClient& client, const std::string& path);
/// What else a batch has: rejected records, samples of them, input files; `path` is the batch's .../meta.
Result<std::vector<BatchFile>> diagnostic_files(ApiClient& client, const std::string& path);

void print_files(const std::vector<BatchFile>& files, Form form);

/// Downloads all of them below `folder`, each whole or not at all; names that lead out of it are refused.
/// Gives the exit code.
Result<int> download_files(ApiClient& client, const std::vector<BatchFile>& files,
                           const std::filesystem::path& folder);

}  // namespace headwater::cli
