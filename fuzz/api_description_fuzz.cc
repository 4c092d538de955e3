#include "authoring/openapi_operation.h"
#include "authoring/source_draft.h"
#include "authoring/yaml_document.h"
#include "fuzz/fuzz_check.h"

// The first byte decides: JSON or YAML; the operation is named, or the only one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headwater;
  if (size == 0) return 0;
  const auto text = as_text(data, size).substr(1);
  const auto document = data[0] % 2 == 0 ? json::parse(text) : authoring::read_yaml(text);
  if (!document) return 0;
  const auto request = authoring::observe_operation(*document, data[0] % 4 < 2 ? "" : "list");
  if (!request) return 0;
  (void)authoring::replayed(*request);
  const auto draft = authoring::draft_source(*request);
  (void)authoring::rest_spec({"fuzz", "Fuzz", "Records.", "protocols"}, draft.rest).dump();
  return 0;
}
