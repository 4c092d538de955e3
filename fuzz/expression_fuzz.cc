// Evaluating: an expression and, behind a line break, a record. Nothing breaks, nothing hangs, and the same
// record gives the same value twice.
#include <string>

#include "base/zones.h"
#include "fuzz/fuzz_check.h"
#include "json/record.h"
#include "mapping/expression.h"
#include "mapping/user_agent.h"

using namespace headwater;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const mapping::Environment environment{
      [] { return std::int64_t{1'700'000'000'000}; }, [] { return std::uint64_t{42}; }, &Zones::system(),
      []() -> const mapping::UserAgents& { return mapping::UserAgents::packaged(); }};
  static mapping::Mapping::Scratch scratch(environment);
  const auto text = as_text(data, size);
  const auto end = text.find('\n');
  const auto expression = mapping::Expression::compile(text.substr(0, end));
  if (!expression) {
    FUZZ_CHECK(!expression.error().problems.empty());
    return 0;
  }
  json::RecordGroup group;
  group.append(end == std::string_view::npos ? std::string_view("{}") : text.substr(end + 1));
  json::RecordParser parser;
  const auto record = parser.parse(group[0]);
  if (!record) return 0;
  std::string first;
  std::string second;
  const auto done = expression->evaluate(*record, scratch, first);
  const auto again = expression->evaluate(*record, scratch, second);
  FUZZ_CHECK(done.has_value() == again.has_value());
  FUZZ_CHECK(first == second);
  if (!done) FUZZ_CHECK(!done.error().message.empty());
  if (done) FUZZ_CHECK(json::parse(first, {.depth_max = 100000, .bytes_max = 1U << 30}).has_value());
  return 0;
}
