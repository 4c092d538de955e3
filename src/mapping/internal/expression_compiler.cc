#include "mapping/internal/expression_compiler.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/edit_distance.h"
#include "mapping/internal/big_number.h"
#include "mapping/internal/characters.h"
#include "mapping/internal/function_table.h"
#include "mapping/internal/java_regex.h"
#include "mapping/internal/numbers.h"

namespace headwater::mapping {
namespace {

using Kind = Syntax::Kind;

// "Did you mean upper?", or a way to find out.
std::string suggestion(std::string_view name) {
  std::string_view best;
  std::size_t best_distance = 3;
  const auto lower = [](std::string_view text) {
    std::string out(text);
    for (auto& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
  };
  const auto wanted = lower(name.substr(0, 64));
  const auto consider = [&](std::string_view candidate) {
    const auto distance = edit_distance(wanted, lower(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  };
  for (const auto& function : function_table()) {
    consider(function.info.name);
    for (const auto alias : function.info.aliases) consider(alias);
  }
  if (best.empty()) return "See the list of functions: headwater functions.";
  return "Did you mean " + std::string(best) + "?";
}

std::string plural(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " argument" : " arguments");
}

class Compiler {
 public:
  Compiler(const TargetTypes* source, SourcePlaces& places, ExpressionProgram& program,
           std::vector<SyntaxProblem>& problems)
      : source_(source), places_(places), program_(program), problems_(problems) {}

  void run(const Syntax& syntax) { emit(syntax); }

 private:
  void problem(const Syntax& at, std::string reason, std::string hint = {}) {
    problems_.push_back(SyntaxProblem{at.begin, at.end, std::move(reason), std::move(hint)});
  }

  void emit(const Syntax& syntax) {
    const auto at = program_.operations.size();
    program_.operations.emplace_back();
    program_.operations[at].kind = syntax.kind;
    program_.operations[at].operands = static_cast<std::uint32_t>(syntax.operands.size());
    switch (syntax.kind) {
      case Kind::null:
      case Kind::boolean:
      case Kind::integer:
      case Kind::big:
      case Kind::real:
      case Kind::single:
      case Kind::decimal:
      case Kind::string:
        program_.operations[at].index = constant(syntax);
        break;
      case Kind::attribute:
        program_.operations[at].index = attribute(syntax);
        break;
      case Kind::local:
        program_.operations[at].index = local(syntax);
        break;
      case Kind::member:
        program_.operations[at].index = name(syntax.text);
        emit_operands(syntax);
        break;
      case Kind::call:
        call(syntax, at);
        break;
      case Kind::method:
        method(syntax, at);
        break;
      case Kind::lambda:
        problem(syntax, "a lambda stands where a value is expected",
                "Lambdas are arguments of filterArray and transformArray.");
        break;
      default:
        emit_operands(syntax);
        check_regex(syntax);
        break;
    }
    program_.operations[at].next = static_cast<std::uint32_t>(program_.operations.size());
  }

  void emit_operands(const Syntax& syntax) {
    for (const auto& operand : syntax.operands) emit(operand);
  }

  std::string_view kept(std::string text) { return program_.texts.emplace_back(std::move(text)); }

  std::uint32_t add_constant(const Value& value) {
    program_.constants.push_back(value);
    return static_cast<std::uint32_t>(program_.constants.size() - 1);
  }

  std::uint32_t constant(const Syntax& syntax) {
    switch (syntax.kind) {
      case Kind::boolean:
        return add_constant(Value::of(syntax.text == "true"));
      case Kind::integer:
      case Kind::big: {
        const auto digits = kept(syntax.text);
        const auto value = number_in(digits);
        return add_constant(value.value_or(Value()));
      }
      case Kind::real:
      case Kind::single: {
        double value = 0;
        const auto& text = syntax.text;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
        if (read.ec != std::errc())
          problem(syntax, "the number is out of range", "Write it as a big decimal: 1e400B.");
        if (syntax.kind == Kind::single)
          return add_constant(Value::of(static_cast<double>(static_cast<float>(value)), Value::kSingle));
        return add_constant(Value::of(value));
      }
      case Kind::decimal: {
        auto digits = plain_decimal(syntax.text);
        if (!digits) problem(syntax, "the number has too many digits");
        return add_constant(Value::of(Value::Kind::decimal, kept(digits.value_or("0"))));
      }
      case Kind::string:
        return add_constant(Value::of(kept(syntax.text)));
      default:
        return add_constant(Value());
    }
  }

  std::uint32_t name(const std::string& text) {
    program_.names.push_back(text);
    return static_cast<std::uint32_t>(program_.names.size() - 1);
  }

  std::uint32_t attribute(const Syntax& syntax) {
    const auto known = std::find_if(program_.attributes.begin(), program_.attributes.end(),
                                    [&syntax](const AttributeUse& use) { return use.path == syntax.path; });
    if (known != program_.attributes.end())
      return static_cast<std::uint32_t>(known - program_.attributes.begin());
    if (source_ != nullptr && !has_path(*source_, syntax.path))
      problem(syntax, "the source has no \"" + path_text(syntax.path) + "\"",
              "Correct the name, or the input schema.");
    AttributeUse use;
    use.path = syntax.path;
    use.place = places_.add(syntax.path);
    if (wildcard_count(syntax.path) > 0) use.every = every_count_++;
    program_.attributes.push_back(std::move(use));
    return static_cast<std::uint32_t>(program_.attributes.size() - 1);
  }

  std::uint32_t local(const Syntax& syntax) {
    for (auto i = locals_.size(); i-- > 0;)
      if (locals_[i] == syntax.text) return static_cast<std::uint32_t>(i);
    return 0;
  }

  void lambda(const Syntax& syntax) {
    const auto at = program_.operations.size();
    program_.operations.emplace_back();
    program_.operations[at].kind = Kind::lambda;
    program_.operations[at].operands = 1;
    program_.operations[at].index = static_cast<std::uint32_t>(locals_.size());
    if (syntax.names.size() != 1) problem(syntax, "a lambda takes one parameter", "Write x -> ...");
    locals_.push_back(syntax.names.empty() ? "" : syntax.names.front());
    program_.locals = std::max(program_.locals, static_cast<std::uint32_t>(locals_.size()));
    emit(syntax.operands.front());
    locals_.pop_back();
    program_.operations[at].next = static_cast<std::uint32_t>(program_.operations.size());
  }

  void call(const Syntax& syntax, std::size_t at) {
    const auto* function = function_named(syntax.text);
    if (function == nullptr) {
      problem(syntax, "Unknown function: " + syntax.text, suggestion(syntax.text));
      return emit_operands(syntax);
    }
    program_.operations[at].function = function;
    const auto& info = function->info;
    check_count(syntax, info);
    for (std::size_t i = 0; i < syntax.operands.size(); ++i) argument(syntax, *function, i);
    if (function->form == Function::Form::attribute_name && syntax.operands.size() == 2 &&
        syntax.operands[1].kind == Kind::attribute) {
      // A bare field name: its value and, for the form that wants it, its name.
      emit_text(path_text(syntax.operands[1].path));
      ++program_.operations[at].operands;
    }
    check_literal(syntax, *function);
  }

  void emit_text(std::string text) {
    Operation operation;
    operation.kind = Kind::string;
    operation.index = add_constant(Value::of(kept(std::move(text))));
    operation.next = static_cast<std::uint32_t>(program_.operations.size() + 1);
    program_.operations.push_back(operation);
  }

  void argument(const Syntax& syntax, const Function& function, std::size_t index) {
    const auto& operand = syntax.operands[index];
    const auto& parameters = function.info.parameters;
    const bool wants_lambda = index < parameters.size() && parameters[index].type == ValueType::lambda;
    if (wants_lambda && operand.kind != Kind::lambda)
      problem(operand, function_label(function) + " needs a lambda here", "Write x -> ...");
    if (wants_lambda && operand.kind == Kind::lambda) return lambda(operand);
    const bool is_place =
        operand.kind == Kind::attribute || operand.kind == Kind::local || operand.kind == Kind::member;
    if (function.form == Function::Form::path && is_place) {
      Syntax null_value;
      Syntax present;
      present.kind = Kind::not_equal;
      present.begin = operand.begin;
      present.end = operand.end;
      present.operands = {operand, null_value};
      return emit(present);
    }
    emit(operand);
  }

  static std::string function_label(const Function& function) {
    return std::string(function.info.name) + "()";
  }

  void check_count(const Syntax& syntax, const FunctionInfo& info) {
    const auto given = syntax.operands.size();
    const auto min = info.arguments_min();
    const auto max = info.arguments_max();
    const auto label = syntax.text + "()";
    if (given < min || given > max) {
      std::string takes = max == std::string::npos ? "at least " + plural(min)
                          : min == max             ? (min == 0 ? "no arguments" : plural(min))
                                                   : std::to_string(min) + " to " + plural(max);
      problem(syntax, label + " takes " + takes + ", not " + std::to_string(given), info.syntax());
    } else if (info.pairs && (given - (info.parameters.size() - 2)) % 2 != 0) {
      problem(syntax, label + " takes keys and values in pairs, not " + plural(given), info.syntax());
    }
  }

  void check_literal(const Syntax& syntax, const Function& function) {
    if (function.literal == Function::Literal::none || syntax.operands.size() <= function.literal_argument)
      return;
    const auto& operand = syntax.operands[function.literal_argument];
    if (operand.kind != Kind::string) return;
    if (function.literal == Function::Literal::regex) return add_regex(operand);
    auto pattern = DatePattern::compile(operand.text);
    if (!pattern) return problem(operand, pattern.error().message);
    program_.date_patterns.push_back({operand.text, *std::move(pattern)});
  }

  void add_regex(const Syntax& operand) {
    auto regex = Regex::make(from_java_regex(operand.text));
    if (!regex) return problem(operand, regex.error().message);
    program_.regexes.push_back({operand.text, *std::move(regex)});
  }

  void check_regex(const Syntax& syntax) {
    if (syntax.kind != Kind::matches && syntax.kind != Kind::matches_not) return;
    if (syntax.operands[1].kind == Kind::string) add_regex(syntax.operands[1]);
  }

  // The methods that the vendor documents (DP-10).
  void method(const Syntax& syntax, std::size_t at) {
    const bool equals = syntax.text == "equals" || syntax.text == "equalsIgnoreCase";
    if (!equals && syntax.text != "get") {
      problem(syntax, "Unknown method: " + syntax.text, "Values have equals, equalsIgnoreCase and get.");
    } else if (syntax.operands.size() != 2) {
      problem(syntax, syntax.text + "() takes 1 argument, not " + std::to_string(syntax.operands.size() - 1));
    } else if (equals) {
      program_.operations[at].function = function_named(syntax.text);
    }
    emit_operands(syntax);
  }

  const TargetTypes* source_;
  SourcePlaces& places_;
  ExpressionProgram& program_;
  std::vector<SyntaxProblem>& problems_;
  std::vector<std::string> locals_;
  std::uint32_t every_count_ = 0;
};

}  // namespace

bool has_path(const TargetTypes& source, const Path& path) {
  std::uint32_t at = 0;
  for (const auto& step : path) {
    const bool array = source[at].kind == TargetType::Kind::array;
    if (step.kind == Step::Kind::name) {
      if (array) at = source.element(at);
      if (source[at].kind != TargetType::Kind::object && source[at].kind != TargetType::Kind::any)
        return false;
      at = source.member(at, step.name);
    } else {
      if (!array && source[at].kind != TargetType::Kind::any) return false;
      at = source.element(at);
    }
    if (at == kNone) {
      // A name with dots that nobody escaped (DP-04).
      Path flat(1);
      flat[0].name = path_text(path);
      return path.size() > 1 && source.member(0, flat[0].name) != kNone;
    }
  }
  return true;
}

bool compile_expression(std::string_view text, const TargetTypes* source, SourcePlaces& places,
                        ExpressionProgram& program, std::vector<SyntaxProblem>& problems) {
  Syntax syntax;
  SyntaxProblem problem;
  if (!parse_expression(text, syntax, problem)) {
    problems.push_back(std::move(problem));
    return false;
  }
  const auto before = problems.size();
  Compiler(source, places, program, problems).run(syntax);
  return problems.size() == before;
}

}  // namespace headwater::mapping
