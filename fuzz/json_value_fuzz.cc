// Documents: what parses is written back to text that parses to the same.
#include "fuzz/fuzz_check.h"
#include "json/value.h"

using namespace headwater::json;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = parse(as_text(data, size));
  if (!value) {
    FUZZ_CHECK(!value.error().message.empty());
    return 0;
  }
  const std::string text = value->dump();
  const auto again = parse(text);
  FUZZ_CHECK(again);
  FUZZ_CHECK(*again == *value);
  FUZZ_CHECK(again->dump() == text);
  const auto indented = parse(value->dump(2));
  FUZZ_CHECK(indented && indented->dump() == text);
  FUZZ_CHECK(parse(quoted(as_text(data, size))));
  value->as_int64();
  value->as_double();
  return 0;
}
