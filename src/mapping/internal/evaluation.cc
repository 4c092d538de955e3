#include "mapping/internal/evaluation.h"

#include <algorithm>
#include <array>

#include "mapping/internal/function_table.h"
#include "mapping/internal/operators.h"

namespace headwater::mapping {

using Kind = Syntax::Kind;
using Type = Value::Kind;

namespace {

// What one record's expressions may do: a second of work at the most.
constexpr std::uint64_t kStepsMax = 10'000'000;
constexpr std::string_view kTooManySteps = "the expression takes more than 10,000,000 steps for one record";

// How much there is to read in a value.
std::size_t weight(const Value& value) {
  if (value.kind == Type::node) return value.node->end - value.node->begin;
  if (value.is_container()) return std::size_t{value.size} * sizeof(Value);
  return value.is_string() ? value.size : 0;
}

}  // namespace

void Evaluation::start(const json::Record& record, const FoundPlaces& places) {
  record_ = &record;
  places_ = &places;
  arena_.reset();
  steps_ = 0;
  now_ms_.reset();
}

Value Evaluation::run(const ExpressionProgram& program, std::span<const json::Node* const> elements) {
  program_ = &program;
  elements_ = elements;
  locals_.resize(program.locals);
  exhausted_ = false;
  const auto value = evaluate(0);
  if (steps_ > kStepsMax) return Value::failure(kTooManySteps);
  return exhausted_ ? Value::failure(kTooLarge) : value;
}

bool Evaluation::charge(std::size_t size) {
  steps_ += size / 64;
  return steps_ <= kStepsMax;
}

std::int64_t Evaluation::now_ms() {
  if (!now_ms_) now_ms_ = environment_.now_ms();
  return *now_ms_;
}

// --- Operations ---

// What has no operands is answered before the large function saves its registers.
Value Evaluation::evaluate(std::uint32_t at) {
  const auto& operation = program_->operations[at];
  if (++steps_ > kStepsMax) return Value::failure(kTooManySteps);
  if (operation.kind <= Kind::string) return program_->constants[operation.index];
  if (operation.kind == Kind::attribute) return attribute(program_->attributes[operation.index]);
  return operate(operation, at);
}

Value Evaluation::operate(const Operation& operation, std::uint32_t at) {
  switch (operation.kind) {
    case Kind::local:
      return locals_[operation.index];
    case Kind::lambda: {
      Value out;
      out.kind = Type::lambda;
      out.lambda = at;
      return out;
    }
    case Kind::member: {
      const auto from = evaluate(at + 1);
      if (from.failed()) return from;
      Step step;
      if (!from.is_array()) return member(from, program_->names[operation.index]);
      step.name = program_->names[operation.index];
      return walk(from, std::span(&step, 1));
    }
    case Kind::every: {
      const auto from = evaluate(at + 1);
      return from.failed() || from.is_array() ? from : Value();
    }
    case Kind::index: {
      const auto from = evaluate(at + 1);
      if (from.failed()) return from;
      const auto position = evaluate(next_of(at + 1));
      return position.failed() ? position : index(from, position);
    }
    case Kind::array:
      return array(operation, at);
    case Kind::map:
      return map(operation, at);
    case Kind::call:
      return call_function(operation, at);
    case Kind::method:
      return call_method(operation, at);
    case Kind::logical_and:
    case Kind::logical_or: {
      const auto left = evaluate(at + 1);
      if (left.failed()) return left;
      const bool decided = operation.kind == Kind::logical_or;
      if (truth(left) == decided) return Value::of(decided);
      const auto right = evaluate(next_of(at + 1));
      return right.failed() ? right : Value::of(truth(right));
    }
    case Kind::conditional: {
      const auto condition = evaluate(at + 1);
      if (condition.failed()) return condition;
      const auto yes = next_of(at + 1);
      return evaluate(truth(condition) ? yes : next_of(yes));
    }
    case Kind::if_false:
    case Kind::if_null: {
      const auto left = evaluate(at + 1);
      if (left.failed()) return left;
      const bool taken = operation.kind == Kind::if_false ? truth(left) : !left.is_null();
      return taken ? left : evaluate(next_of(at + 1));
    }
    default:
      break;
  }
  const auto left = evaluate(at + 1);
  if (left.failed()) return left;
  charge(weight(left));
  if (operation.operands == 1) return unary(*this, operation.kind, left);
  const auto right = evaluate(next_of(at + 1));
  if (right.failed()) return right;
  charge(weight(right));
  return binary(*this, operation.kind, left, right);
}

Value Evaluation::attribute(const AttributeUse& use) {
  if (use.every != kNone) {
    if (!elements_.empty()) {
      const auto* node = elements_[use.every];
      return node == nullptr ? Value() : of_node(*record_, *node);
    }
    const auto* array = places_->node(use.place);
    if (array == nullptr) return {};
    const auto first = std::find_if(use.path.begin(), use.path.end(),
                                    [](const Step& step) { return step.kind == Step::Kind::every; });
    return walk(of_node(*record_, *array), std::span(first, use.path.end()));
  }
  if (const auto* node = places_->node(use.place)) return of_node(*record_, *node);
  const auto* head = places_->head(use.place);
  if (head == nullptr) return {};
  return walk(of_node(*record_, *head), std::span(use.path).subspan(1));
}

// Steps into a value; a name on an array gives the array of the members (DP-09), [*] goes into each element.
Value Evaluation::walk(const Value& from, std::span<const Step> steps) {
  if (++steps_ > kStepsMax) return Value::failure(kTooManySteps);
  if (steps.empty() || from.is_null() || from.failed()) return from;
  const auto& step = steps.front();
  const auto rest = steps.subspan(1);
  if (step.kind == Step::Kind::index) return walk(element(from, step.index), rest);
  if (step.kind == Step::Kind::name && !from.is_array()) return walk(member(from, step.name), rest);
  if (!from.is_array()) return {};
  const bool every = step.kind == Step::Kind::every;
  const bool nested = every && std::any_of(rest.begin(), rest.end(),
                                           [](const Step& later) { return later.kind == Step::Kind::every; });
  const auto items = elements(from);
  ArrayBuilder out(arena_, items.size());
  for (const auto& item : items) {
    const auto found = walk(item, every ? rest : steps);
    if (found.failed()) return found;
    if (nested && found.is_array())
      for (const auto& inner : elements(found)) out.push_back(inner);
    else if (!nested)
      out.push_back(found);
  }
  return out.finish();
}

Value Evaluation::index(const Value& from, const Value& at) {
  if (from.is_array()) {
    const auto position = whole(at);
    if (!position) return fail({"an array's index must be a whole number, not \"", text(at), "\""});
    return *position < 0 ? Value() : element(from, static_cast<std::size_t>(*position));
  }
  return from.is_object() ? member(from, text(at)) : Value();
}

Value Evaluation::array(const Operation& operation, std::uint32_t at) {
  ArrayBuilder out(arena_, operation.operands);
  for (auto operand = at + 1; operand < operation.next; operand = next_of(operand)) {
    const auto value = evaluate(operand);
    if (value.failed()) return value;
    out.push_back(value);
  }
  return out.finish();
}

Value Evaluation::map(const Operation& operation, std::uint32_t at) {
  ObjectBuilder out(arena_, operation.operands / 2);
  for (auto operand = at + 1; operand < operation.next; operand = next_of(operand)) {
    const auto key = evaluate(operand);
    if (key.failed()) return key;
    if (key.is_null()) return Value::failure("a map's key is null");
    operand = next_of(operand);
    const auto value = evaluate(operand);
    if (value.failed()) return value;
    out.set(text(key), value);
  }
  return out.finish();
}

Value Evaluation::decode(const Operation& operation, std::uint32_t at) {
  const auto key = evaluate(at + 1);
  if (key.failed()) return key;
  const auto key_text = text(key);
  for (auto operand = next_of(at + 1); operand < operation.next; operand = next_of(operand)) {
    const auto after = next_of(operand);
    if (after >= operation.next) return evaluate(operand);  // the default
    const auto candidate = evaluate(operand);
    if (candidate.failed()) return candidate;
    if (candidate.is_null() == key.is_null() && text(candidate) == key_text) return evaluate(after);
    operand = after;
  }
  return {};
}

Value Evaluation::call_function(const Operation& operation, std::uint32_t at) {
  const auto& function = *operation.function;
  if (function.form == Function::Form::lazy_condition) {
    const auto condition = evaluate(at + 1);
    if (condition.failed()) return condition;
    const auto yes = next_of(at + 1);
    return evaluate(truth(condition) ? yes : next_of(yes));
  }
  if (function.form == Function::Form::lazy_decode) return decode(operation, at);
  std::array<Value, 8> few;
  auto* values = few.data();
  if (operation.operands > few.size()) values = arena_.take<Value>(operation.operands);
  if (values == nullptr) return Value::failure(kTooLarge);
  std::size_t count = 0;
  for (auto operand = at + 1; operand < operation.next; operand = next_of(operand)) {
    values[count] = evaluate(operand);
    if (values[count].failed()) return values[count];
    charge(weight(values[count]));
    ++count;
  }
  if (function.works_on < count && values[function.works_on].is_null()) return {};
  return function.call(*this, std::span(values, count));
}

Value Evaluation::call_method(const Operation& operation, std::uint32_t at) {
  const auto receiver = evaluate(at + 1);
  if (receiver.failed()) return receiver;
  const auto argument = evaluate(next_of(at + 1));
  if (argument.failed()) return argument;
  if (operation.function == nullptr) return receiver.is_null() ? Value() : index(receiver, argument);
  const std::array<Value, 2> both{receiver, argument};
  return operation.function->call(*this, both);
}

Value Evaluation::call(const Value& lambda, const Value& argument) {
  if (lambda.kind != Type::lambda) return Value::failure("a lambda is expected: x -> ...");
  const auto& operation = program_->operations[lambda.lambda];
  locals_[operation.index] = argument;
  return evaluate(lambda.lambda + 1);
}

void Evaluation::end_round(Arena::Mark mark, const Value& result) {
  const bool plain = result.kind <= Type::integer || result.kind == Type::lambda ||
                     (result.kind == Type::real && (result.flags & Value::kLexeme) == 0);
  if (plain || !arena_.is_behind(mark, result.text)) arena_.release(mark);
}

}  // namespace headwater::mapping
