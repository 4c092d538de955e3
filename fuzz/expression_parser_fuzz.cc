// Mapping expressions: no text breaks the parser, its complaint names a place in the text, and what it reads
// is what its printed form says.
#include <string>

#include "fuzz/fuzz_check.h"
#include "mapping/expression.h"
#include "mapping/internal/syntax.h"

using namespace headwater::mapping;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(data, size);
  for (const auto& problem : check_expression(text)) {
    FUZZ_CHECK(!problem.reason.empty());
    FUZZ_CHECK(problem.begin <= problem.end && problem.end <= text.size());
  }
  Syntax syntax;
  SyntaxProblem problem;
  if (!parse_expression(text, syntax, problem)) return 0;
  const auto printed = print_expression(syntax);
  Syntax again;
  // Printing adds parentheses and escapes: a long or deep text may not fit the limits any more.
  if (parse_expression(printed, again, problem)) FUZZ_CHECK(print_expression(again) == printed);
  return 0;
}
