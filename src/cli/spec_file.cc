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
  auto spec = json::parse(TRY(read_file(out.path)));
  if (!spec)
    return Error{ErrorKind::invalid_argument, out.path.string() + " is no JSON: " + spec.error().message};
  out.spec = *std::move(spec);
  return out;
}

}  // namespace headwater::cli
