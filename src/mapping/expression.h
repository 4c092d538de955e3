#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/record.h"
#include "json/value.h"
#include "mapping/mapping_set.h"

namespace headwater::mapping {

/// What is wrong with an expression, and where in its text, in bytes.
struct ExpressionProblem {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string reason;
  std::string hint;
};

/// All that is wrong; empty when it can be used. `source_schema`: what attributes are checked against, or
/// null.
std::vector<ExpressionProblem> check_expression(std::string_view text, const json::Value& source_schema = {});

/// One expression by itself: for trying one out, for completion, for the functions' own examples. Immutable;
/// threads share it through copies, each with its own scratch. Source: data-prep reference, Part C.
class Expression {
 public:
  /// Errors: invalid_argument; the first problem with its position, all of them as `problems`.
  static Result<Expression> compile(std::string_view text);

  /// Appends the value as JSON. Errors: invalid_argument with the reason for which it has none.
  Result<void> evaluate(const json::Record& record, Mapping::Scratch& scratch, std::string& out) const;

  /// The attributes it reads, as paths.
  std::vector<std::string> attributes() const;

 private:
  struct Program;
  explicit Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;  // Shared by copies; immutable.
};

}  // namespace headwater::mapping
