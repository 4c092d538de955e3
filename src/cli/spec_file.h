#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "json/value.h"

namespace headwater::cli {

/// A connection spec named on the command line: its file, or the folder of the source that it belongs to.
struct SpecFile {
  std::filesystem::path path;
  json::Value spec;
};
/// Errors: not_found; invalid_argument (JSON with line and column; a folder of several sources).
Result<SpecFile> read_spec_file(const std::string& place);

/// A document named on the command line. Errors: not_found; invalid_argument, also when it is nested too
/// deep.
Result<json::Value> read_json_file(const std::filesystem::path& path);

}  // namespace headwater::cli
