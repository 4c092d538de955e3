// JSONPath expressions: no text breaks the compiler, and what a query selects is where its path says.
#include <set>

#include "fuzz/fuzz_check.h"
#include "json/json_path.h"

using namespace headwater::json;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto document = parse(
      R"({"a":[1,2.5,{"b":"x","c":[null,true]},"abc",[[]]],"b":{"a":{"b":[0]}},"'":"q","k":"a.c","e":{},"s":"Äx"})");
  if (size > 200) return 0;  // long queries only multiply their results
  const auto path = JsonPath::compile(as_text(data, size));
  if (!path) {
    FUZZ_CHECK(std::stoul(path.error().where) <= size);
    return 0;
  }
  if (std::string_view(path->text()).find("..") != std::string_view::npos && size > 60) return 0;
  const auto nodes = path->nodes(*document);
  const auto values = path->values(*document);
  FUZZ_CHECK(nodes.size() == values.size());
  if (path->is_singular()) FUZZ_CHECK(nodes.size() <= 1);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    FUZZ_CHECK(nodes[i].value == values[i]);
    if (!seen.insert(nodes[i].path).second) continue;
    const auto again = JsonPath::compile(nodes[i].path);
    FUZZ_CHECK(again && again->is_singular());
    const auto found = again->values(*document);
    FUZZ_CHECK(found.size() == 1 && found.front() == values[i]);
  }
  return 0;
}
