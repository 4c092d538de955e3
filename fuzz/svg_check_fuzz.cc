#include "authoring/svg_check.h"
#include "fuzz/fuzz_check.h"

// What is published of an icon is as harmless as the icon.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headwater;
  const auto text = as_text(data, size);
  if (authoring::check_svg(text).empty())
    FUZZ_CHECK(authoring::check_svg(authoring::bare_svg(text)).empty());
  else
    (void)authoring::bare_svg(text);
  return 0;
}
