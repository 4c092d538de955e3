// JSON Patch: no patch breaks a document, and a refused one leaves it as it was.
#include "fuzz/fuzz_check.h"
#include "json/patch.h"

using namespace headwater::json;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto document = parse(R"({"a":[1,2,{"b":"x"}],"b":{"c":{"d":null}},"":0,"~":1,"/":2})");
  const auto patch = Patch::parse(as_text(data, size));
  if (!patch) {
    FUZZ_CHECK(!patch.error().message.empty());
    return 0;
  }
  const std::string before = document->dump();
  const auto patched = patch->apply(*document);
  FUZZ_CHECK(document->dump() == before);
  if (!patched) {
    FUZZ_CHECK(!patched.error().where.empty());
    return 0;
  }
  const auto again = parse(patched->dump(), {.depth_max = 100000, .bytes_max = 1U << 30});
  FUZZ_CHECK(again && *again == *patched);
  return 0;
}
