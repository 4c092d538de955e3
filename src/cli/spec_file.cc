#include "cli/spec_file.h"

#include "authoring/source_folder.h"
#include "base/file.h"

namespace headwater::cli {

Result<SpecFile> read_spec_file(const std::string& place) {
  SpecFile out;
  out.path = place;
  std::error_code ignored;
  if (std::filesystem::is_directory(out.path, ignored))
    out.path = TRY(authoring::find_source(out.path)).file("connectionSpec.json");
  out.spec = TRY(read_json_file(out.path));
  return out;
}

Result<json::Value> read_json_file(const std::filesystem::path& path) {
  auto document = json::parse(TRY(read_file(path)));
  if (!document)
    return Error{ErrorKind::invalid_argument, path.string() + " is no JSON: " + document.error().message};
  return document;
}

}  // namespace headwater::cli
