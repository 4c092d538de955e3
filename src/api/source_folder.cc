#include "api/internal/handlers.h"

namespace headwater::api::source_folder {
namespace {

Result<SourceFolder*> folder_of(const Call& call) {
  if (call.services.source_folder) return &*call.services.source_folder;
  return Error{
      ErrorKind::not_found,
      "This server edits no folder of a source: \"headwater source dev FOLDER\" starts one that does.", "",
      "FLOW-1439-404"};
}

// Holds what the author tries the source with.
http::Response answer(const json::Value& state) {
  return http::Response::json(200, state).with_header("Cache-Control", "no-store");
}

}  // namespace

// GET /headwater/source-folder, our extension: the files of the source that `headwater source dev` was
// started on.
Result<http::Response> read(const Call& call) {
  const auto* folder = TRY(folder_of(call));
  return answer(TRY(folder->read()));
}

// PUT of the same: saves some of the files, each with the etag of what was edited.
Result<http::Response> write(const Call& call) {
  const auto* folder = TRY(folder_of(call));
  const auto body = TRY(object_body(call));
  return answer(TRY(folder->write(body)));
}

}  // namespace headwater::api::source_folder
