#include "authoring/har_file.h"
#include "authoring/source_draft.h"
#include "fuzz/fuzz_check.h"

// A browser's record of its traffic becomes a source.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headwater;
  const auto document = json::parse(as_text(data, size));
  if (!document) return 0;
  const auto request = authoring::observe_har(*document);
  if (!request) return 0;
  (void)authoring::replayed(*request);
  const auto draft = authoring::draft_source(*request);
  (void)authoring::rest_spec({"fuzz", "Fuzz", "Records.", "protocols"}, draft.rest).dump();
  return 0;
}
