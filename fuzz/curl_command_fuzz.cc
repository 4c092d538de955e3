#include <optional>
#include <string>

#include "authoring/curl_command.h"
#include "authoring/source_draft.h"
#include "fuzz/fuzz_check.h"

// A curl command becomes a source, and the request that is sent once to see an answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headwater;
  const auto text = as_text(data, size);
  const auto variables = [](const std::string& name) -> std::optional<std::string> {
    return name == "UNSET" ? std::nullopt : std::optional<std::string>("value of " + name);
  };
  auto sent = authoring::read_curl(text, variables);
  if (!sent) return 0;
  const auto request = authoring::observe(*std::move(sent));
  if (!request) return 0;
  (void)authoring::replayed(*request);
  const auto draft = authoring::draft_source(*request);
  (void)authoring::rest_spec({"fuzz", "Fuzz", "Records.", "protocols"}, draft.rest).dump();
  return 0;
}
