// Any schema compiles or is refused, and both forms of an instance are judged alike. The input is a schema on
// the first line and an instance behind it.
#include <string>

#include "fuzz/fuzz_check.h"
#include "json/record.h"
#include "json/value.h"
#include "schema/infer.h"
#include "schema/validator.h"

using namespace headwater;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static json::RecordParser parser;
  const auto text = as_text(data, size);
  const auto split = text.find('\n');
  const auto schema = json::parse(text.substr(0, split));
  if (!schema) return 0;
  const auto instance = split == std::string_view::npos ? Result<json::Value>(json::Value())
                                                        : json::parse(text.substr(split + 1));
  if (!instance) return 0;
  const auto validator = schema::Validator::compile(*schema);
  if (!validator) {
    FUZZ_CHECK(!validator.error().problems.empty());
    return 0;
  }
  const bool accepted = validator->accepts(*instance);
  FUZZ_CHECK(accepted == validator->validate(*instance).empty());
  json::RecordGroup group;
  group.append(instance->dump());
  const auto record = parser.parse(group[0]);
  if (!record) return 0;
  FUZZ_CHECK(accepted == validator->accepts(*record));
  FUZZ_CHECK(accepted == validator->violations(*record).empty());
  schema::Inference inference;
  inference.add(*record);
  const auto inferred = schema::Validator::compile(inference.schema());
  FUZZ_CHECK(inferred.has_value());
  return 0;
}
