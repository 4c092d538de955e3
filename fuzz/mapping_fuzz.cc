// Any mapping set is refused or gives a valid record of every record. First line: the set; second: the
// record.
#include <string>

#include "fuzz/fuzz_check.h"
#include "json/record.h"
#include "mapping/mapping_set_json.h"

using namespace headwater;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static json::RecordParser parser;
  const auto text = as_text(data, size);
  const auto split = text.find('\n');
  if (split == std::string_view::npos) return 0;
  const auto document = json::parse(text.substr(0, split));
  if (!document) return 0;
  const auto set = mapping::read_mapping_set(*document);
  if (!set) return 0;
  const auto compiled = mapping::Mapping::compile(*set);
  FUZZ_CHECK(compiled.has_value() == mapping::check(*set).empty());
  if (!compiled) return 0;
  json::RecordGroup in, out;
  in.append(text.substr(split + 1));
  const auto record = parser.parse(in[0]);
  if (!record) return 0;
  mapping::Mapping::Scratch scratch;
  std::vector<mapping::Mapping::Failure> failures;
  compiled->apply(*record, scratch, out, failures);
  out.close_text();
  const auto mapped = json::parse(out[0]);
  FUZZ_CHECK(mapped.has_value() && mapped->is_object());
  return 0;
}
