// The fast record parser accepts and reads exactly what the strict document parser does.
#include <string>

#include "fuzz/fuzz_check.h"
#include "json/record.h"

using namespace headwater::json;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static RecordParser parser;
  std::string_view text = as_text(data, size);
  if (text.starts_with("\xEF\xBB\xBF")) return 0;  // documents may start with the mark, records not
  // What follows a record must not matter: it may be another one.
  for (const char* const follows : {"1", "\"", "}", " ", "\\"}) {
    std::string padded(text);
    for (std::size_t i = 0; i < RecordParser::kPadding; ++i) padded += follows;
    const auto record = parser.parse(std::string_view(padded).substr(0, size));
    const auto value = parse(text);
    FUZZ_CHECK(record.has_value() == value.has_value());
    if (!record) continue;
    FUZZ_CHECK(to_value(*record, record->root()).dump() == value->dump());
    for (std::uint32_t i = 0; i < record->node_count; ++i) {
      const Node& node = record->nodes[i];
      FUZZ_CHECK(node.begin < node.end && node.end <= size);
      FUZZ_CHECK(node.next > i && node.next <= record->node_count);
      if (node.kind == Kind::string)
        FUZZ_CHECK(node.escaped == (record->inner(node).find('\\') != std::string_view::npos));
    }
    std::string minified;
    append_minified(minified, text);
    const auto again = parse(minified);
    FUZZ_CHECK(again && again->dump() == value->dump());
  }
  return 0;
}
