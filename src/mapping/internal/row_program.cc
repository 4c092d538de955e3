#include "mapping/internal/row_program.h"

#include <algorithm>
#include <utility>

#include "mapping/internal/expression_compiler.h"
#include "mapping/internal/function_table.h"

namespace headwater::mapping {
namespace {

// "at position 5", counted from 1 as editors do.
std::string at_position(std::size_t position) { return " (position " + std::to_string(position + 1) + ")"; }

class RowCompiler {
 public:
  RowCompiler(const Row& row, std::size_t index, const TargetTypes* source, SourcePlaces& places,
              RowProgram& program, std::vector<RowProblem>& problems)
      : row_(row), index_(index), source_(source), places_(places), program_(program), problems_(problems) {}

  bool run() {
    const auto before = problems_.size();
    program_.destination = path(row_.destination, "destination");
    switch (row_.type) {
      case SourceType::attribute:
        attribute();
        break;
      case SourceType::constant:
        program_.kind = RowProgram::Kind::constant;
        program_.constant = json::Value(row_.source);
        break;
      case SourceType::expression:
        expression();
        break;
    }
    if (problems_.size() != before) return false;
    check_wildcards();
    return problems_.size() == before;
  }

 private:
  void problem(const char* member, std::string reason, std::string hint, std::size_t position = 0) {
    problems_.push_back(RowProblem{index_, member, std::move(reason), std::move(hint), position});
  }

  Path path(std::string_view text, const char* member) {
    PathError error;
    auto parsed = parse_path(text, error);
    if (!error.reason.empty())
      problem(member, "is no path: " + error.reason + at_position(error.position) + ".",
              "Write member names with dots between them, \"person.name\".", error.position);
    return parsed;
  }

  void attribute() {
    const auto source = path(row_.source, "source");
    if (source.empty()) return;
    if (is_call())
      return problem("source", "is an expression, not a path.", "Give the row sourceType EXPRESSION.");
    if (source_ != nullptr && !has_path(*source_, source))
      problem("source", "names \"" + path_text(source) + "\", which the input schema does not have.",
              "Correct the path, or use sourceType EXPRESSION for a calculation.");
    program_.place = places_.add(source);
    add_wildcards(source, program_.place);
  }

  // A path may hold nearly anything, "Amount (USD)" too; a function's call is none.
  bool is_call() const {
    const auto parenthesis = row_.source.find('(');
    Syntax syntax;
    SyntaxProblem fault;
    return parenthesis != std::string::npos &&
           function_named(row_.source.substr(0, parenthesis)) != nullptr &&
           parse_expression(row_.source, syntax, fault);
  }

  void expression() {
    std::vector<SyntaxProblem> found;
    program_.kind = RowProgram::Kind::expression;
    program_.expression = std::make_unique<ExpressionProgram>();
    if (!compile_expression(row_.source, source_, places_, *program_.expression, found)) {
      for (auto& fault : found)
        problem("source", fault.reason + at_position(fault.begin) + ".", std::move(fault.hint), fault.begin);
      return;
    }
    for (const auto& use : program_.expression->attributes) add_wildcards(use.path, use.place);
  }

  void add_wildcards(const Path& source, std::uint32_t place) {
    const auto count = wildcard_count(source);
    if (count > 0) program_.wildcards.push_back({source, place, 0, static_cast<std::uint32_t>(count)});
  }

  // Each [*] of the destination runs over one of the source. An expression without one in the destination
  // takes the whole array.
  void check_wildcards() {
    const auto wanted = wildcard_count(program_.destination);
    std::size_t given = 0;
    for (const auto& wildcard : program_.wildcards) given = std::max<std::size_t>(given, wildcard.count);
    if (wanted == given) return;
    if (wanted == 0 && program_.kind == RowProgram::Kind::expression) return program_.wildcards.clear();
    problem("destination",
            "has " + std::to_string(wanted) + " [*], the source " + std::to_string(given) + ".",
            "Each [*] of the source needs one in the destination.");
  }

  const Row& row_;
  std::size_t index_;
  const TargetTypes* source_;
  SourcePlaces& places_;
  RowProgram& program_;
  std::vector<RowProblem>& problems_;
};

}  // namespace

bool compile_row(const Row& row, std::size_t index, const TargetTypes* source, SourcePlaces& places,
                 RowProgram& program, std::vector<RowProblem>& problems) {
  return RowCompiler(row, index, source, places, program, problems).run();
}

}  // namespace headwater::mapping
