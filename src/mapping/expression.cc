#include "mapping/expression.h"

#include <utility>

#include "mapping/internal/expression_compiler.h"
#include "mapping/internal/program.h"
#include "mapping/internal/value_json.h"

namespace headwater::mapping {

struct Expression::Program {
  SourcePlaces places;
  ExpressionProgram expression;
};

std::vector<ExpressionProblem> check_expression(std::string_view text, const json::Value& source_schema) {
  SourcePlaces places;
  ExpressionProgram program;
  std::vector<SyntaxProblem> found;
  const TargetTypes types(source_schema);
  compile_expression(text, source_schema.is_null() ? nullptr : &types, places, program, found);
  std::vector<ExpressionProblem> out;
  out.reserve(found.size());
  for (auto& fault : found)
    out.push_back({fault.begin, fault.end, std::move(fault.reason), std::move(fault.hint)});
  return out;
}

Result<Expression> Expression::compile(std::string_view text) {
  auto program = std::make_shared<Program>();
  std::vector<SyntaxProblem> found;
  if (compile_expression(text, nullptr, program->places, program->expression, found))
    return Expression(std::move(program));
  Error error{ErrorKind::invalid_argument, ""};
  for (const auto& fault : found) {
    error.problems.push_back(
        Problem{"", fault.reason + " (position " + std::to_string(fault.begin + 1) + ").", fault.hint});
  }
  error.message = "The expression cannot be used: " + error.problems.front().reason;
  return error;
}

Result<void> Expression::evaluate(const json::Record& record, Mapping::Scratch& scratch,
                                  std::string& out) const {
  auto& state = *scratch.state_;
  state.places.find(program_->places, record);
  state.run.start(record, state.places);
  const auto value = state.run.run(program_->expression);
  if (value.failed())
    return Error{ErrorKind::invalid_argument,
                 "The expression has no value: " + std::string(value.characters()) + "."};
  append_json(out, state.run, value);
  return {};
}

std::vector<std::string> Expression::attributes() const {
  std::vector<std::string> out;
  out.reserve(program_->expression.attributes.size());
  for (const auto& use : program_->expression.attributes) out.push_back(path_text(use.path));
  return out;
}

}  // namespace headwater::mapping
