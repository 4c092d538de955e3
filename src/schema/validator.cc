#include "schema/validator.h"

#include "schema/internal/compiler.h"
#include "schema/internal/evaluator.h"

namespace headwater::schema {

Result<Validator> Validator::compile(const json::Value& schema, const CompileOptions& options) {
  return Validator(TRY(compile_program(schema, options)));
}

const std::vector<Problem>& Validator::warnings() const { return program_->warnings; }

std::vector<Problem> Validator::validate(const json::Value& document, std::size_t problems_max) const {
  std::vector<Problem> problems;
  for (auto& violation : violations(document, problems_max))
    problems.push_back(
        Problem{std::move(violation.pointer), std::move(violation.reason), std::move(violation.hint)});
  return problems;
}

bool Validator::accepts(const json::Value& document) const {
  const ValueDocument face;
  return Evaluator<ValueDocument>(*program_, face).accepts(&document);
}

bool Validator::accepts(const json::Record& record) const { return accepts(record, record.root()); }

bool Validator::accepts(const json::Record& record, const json::Node& node) const {
  const RecordDocument face{record};
  return Evaluator<RecordDocument>(*program_, face).accepts(&node);
}

std::vector<Violation> Validator::violations(const json::Record& record, std::size_t violations_max) const {
  std::vector<Violation> found;
  const RecordDocument face{record};
  Evaluator<RecordDocument>(*program_, face, &found, violations_max).gather(&record.root());
  return found;
}

std::vector<Violation> Validator::violations(const json::Value& document, std::size_t violations_max) const {
  std::vector<Violation> found;
  const ValueDocument face;
  Evaluator<ValueDocument>(*program_, face, &found, violations_max).gather(&document);
  return found;
}

}  // namespace headwater::schema
