// JSONPath expressions: no text breaks the compiler, what a query selects is where its path says, and the
// arrays among it are cut from the stream alike.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "fuzz/fuzz_check.h"
#include "json/json_path.h"
#include "json/path_cutter.h"

using namespace headwater::json;

namespace {

constexpr std::string_view kDocument =
    R"({"a":[1,2.5,{"b":"x","c":[null,true]},"abc",[[]]],"b":{"a":{"b":[0]}},"'":"q","k":"a.c","e":{},"s":"Äx"})";

void check_cut(const JsonPath& path, const std::vector<const Value*>& values, std::size_t piece) {
  std::vector<std::string> want, got;
  for (const Value* array : std::set<const Value*>(values.begin(), values.end()))
    if (array->is_array())
      for (const Value& element : *array->if_array()) want.push_back(element.dump());
  PathCutter cutter(path, 1U << 20, [&got](std::string_view element) -> headwater::Result<void> {
    got.push_back(parse(element)->dump());
    return {};
  });
  for (std::size_t at = 0; at < kDocument.size(); at += piece) {
    const std::string own(kDocument.substr(at, piece));
    FUZZ_CHECK(cutter.feed(own));
  }
  FUZZ_CHECK(cutter.finish());
  std::sort(want.begin(), want.end());
  std::sort(got.begin(), got.end());
  FUZZ_CHECK(want == got);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto document = parse(kDocument);
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
  check_cut(*path, values, 1 + size % 13);
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
