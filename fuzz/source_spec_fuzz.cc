#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "domain/source_spec.h"
#include "domain/spec_check.h"
#include "domain/text_template.h"
#include "json/value.h"

// The first byte decides: a text with placeholders and expressions, or a connection spec as JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headwater;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    const auto parsed = domain::TextTemplate::parse(text, domain::TextTemplate::Braces::may_be_names);
    if (!parsed) return 0;
    domain::Expression::Context context;
    context.now = from_epoch_seconds(0);
    context.parameter = [](std::string_view name) -> std::optional<json::Value> { return json::Value(name); };
    for (const auto& part : parsed->parts())
      if (part.expression) (void)part.expression->evaluate(context);
    (void)parsed->placeholders();
    return 0;
  }
  const auto document = json::parse(text);
  if (!document) return 0;
  (void)domain::check_connection_spec(*document);
  (void)domain::read_source_spec(*document, *document);
  return 0;
}
