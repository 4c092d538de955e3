#include "mapping/internal/evaluation.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "mapping/internal/characters.h"
#include "mapping/internal/function_table.h"
#include "mapping/internal/java_regex.h"
#include "mapping/internal/operators.h"
#include "mapping/internal/text.h"
#include "mapping/internal/value_json.h"

namespace headwater::mapping {

using Kind = Syntax::Kind;
using Type = Value::Kind;

namespace {

// What one record's expressions may do: a second of work at the most.
constexpr std::uint64_t kStepsMax = 10'000'000;
constexpr std::string_view kTooManySteps = "the expression takes more than 10,000,000 steps for one record";
constexpr std::size_t kRememberedMax = 32;

// Work as `charge` counts it: about a nanosecond and a half each.
constexpr std::size_t kPatternWork = 64'000;
constexpr std::size_t kEasyMatchWork = 256;
constexpr std::size_t kHardMatchWork = 6'400'000;
constexpr std::uint32_t kEasyMatchSteps = 2'000;

// How much there is to read in a value.
std::size_t weight(const Value& value) {
  if (value.kind == Type::node) return value.node->end - value.node->begin;
  if (value.is_container()) return std::size_t{value.size} * sizeof(Value);
  return value.is_string() ? value.size : 0;
}

}  // namespace

// A pattern that was made at run time, by kind.
struct Evaluation::Remembered {
  std::string text;
  std::optional<Regex> regex;
  std::optional<DatePattern> date;
};

Evaluation::Evaluation(const Environment& environment) : environment_(environment) {}
Evaluation::~Evaluation() = default;

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

Value Evaluation::evaluate(std::uint32_t at) {
  const auto& operation = program_->operations[at];
  if (++steps_ > kStepsMax) return Value::failure(kTooManySteps);
  switch (operation.kind) {
    case Kind::null:
    case Kind::boolean:
    case Kind::integer:
    case Kind::big:
    case Kind::real:
    case Kind::single:
    case Kind::decimal:
    case Kind::string:
      return program_->constants[operation.index];
    case Kind::attribute:
      return attribute(program_->attributes[operation.index]);
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

// --- Reading ---

std::string_view Evaluation::text(const Value& value) {
  if (value.is_string() || value.kind == Type::decimal || value.kind == Type::big_integer)
    return value.characters();
  if (value.is_null()) return {};
  if (value.kind == Type::boolean) return value.boolean ? "true" : "false";
  rendered_.clear();
  if (value.kind == Type::integer) {
    std::array<char, 24> digits{};
    auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value.integer).ptr;
    rendered_.append(digits.data(), end);
  } else if (value.kind == Type::real) {
    const auto real = real_of(value);
    if (!real) return value.characters();
    append_real(rendered_, *real, (value.flags & Value::kSingle) != 0);
  } else if (value.kind == Type::date) {
    append_iso(rendered_, *value.date);
  } else {
    append_json(rendered_, *this, value);
  }
  const auto kept = make_text(rendered_);
  if (!kept.failed()) return kept.characters();
  exhausted_ = true;
  return {};
}

std::optional<std::int64_t> Evaluation::whole(const Value& value) {
  if (value.kind == Type::integer) return value.integer;
  if (value.is_string()) {
    const auto number = number_in(value.characters());
    return number ? whole(*number) : std::nullopt;
  }
  if (value.kind == Type::decimal) {
    const auto real = number(value);
    return real ? whole(Value::of(*real)) : std::nullopt;
  }
  if (value.kind != Type::real) return std::nullopt;
  const auto real = real_of(value);
  if (!real || *real < -9223372036854775808.0 || *real >= 9223372036854775808.0) return std::nullopt;
  const auto out = static_cast<std::int64_t>(*real);
  return static_cast<double>(out) == *real ? std::optional(out) : std::nullopt;
}

std::optional<double> Evaluation::number(const Value& value) {
  if (value.kind == Type::integer) return static_cast<double>(value.integer);
  if (value.kind == Type::real) return real_of(value);
  if (value.is_string()) {
    const auto found = number_in(value.characters());
    return found ? number(*found) : std::nullopt;
  }
  if (value.kind != Type::decimal && value.kind != Type::big_integer) return std::nullopt;
  double out = 0;
  const auto digits = value.characters();
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return read.ec == std::errc() ? std::optional(out) : std::nullopt;
}

std::optional<ZonedTime> Evaluation::date(const Value& value) {
  if (value.kind == Type::date) return *value.date;
  if (!value.is_string()) return std::nullopt;
  return parse_any_date(trim(value.characters()), *environment_.zones);
}

std::span<const Value> Evaluation::elements(const Value& array) {
  if (array.kind == Type::array) return {array.elements, array.size};
  if (!array.is_array()) return {};
  const auto& node = *array.node;
  ArrayBuilder out(arena_);
  for (auto at = static_cast<std::uint32_t>(&node - record_->nodes) + 1; at < node.next;
       at = record_->nodes[at].next)
    out.push_back(of_node(*record_, record_->nodes[at]));
  const auto value = out.finish();
  return value.failed() ? std::span<const Value>() : std::span(value.elements, value.size);
}

std::span<const Member> Evaluation::members(const Value& object) {
  if (object.kind == Type::object) return {object.members, object.size};
  if (!object.is_object()) return {};
  const auto& node = *object.node;
  ListBuilder<Member> out(arena_);
  for (auto at = static_cast<std::uint32_t>(&node - record_->nodes) + 1; at < node.next;) {
    const auto& value = record_->nodes[at + 1];
    out.push_back({of_node(*record_, record_->nodes[at]).characters(), of_node(*record_, value)});
    at = value.next;
  }
  const auto value = out.finish();
  return value.failed() ? std::span<const Member>() : std::span(value.members, value.size);
}

Value Evaluation::member(const Value& object, std::string_view name) {
  if (object.kind == Type::object) {
    const std::span<const Member> all(object.members, object.size);
    charge(all.size());
    const auto found =
        std::find_if(all.begin(), all.end(), [name](const Member& entry) { return entry.name == name; });
    return found == all.end() ? Value() : found->value;
  }
  if (!object.is_object()) return {};
  charge(object.node->next - static_cast<std::size_t>(object.node - record_->nodes));
  const auto* node = record_->find(*object.node, name);
  return node == nullptr ? Value() : of_node(*record_, *node);
}

Value Evaluation::element(const Value& array, std::size_t index) {
  if (array.kind == Type::array) return index < array.size ? array.elements[index] : Value();
  if (!array.is_array()) return {};
  const auto& node = *array.node;
  charge(std::min<std::size_t>(index, node.next));
  std::size_t position = 0;
  for (auto at = static_cast<std::uint32_t>(&node - record_->nodes) + 1; at < node.next;
       at = record_->nodes[at].next)
    if (position++ == index) return of_node(*record_, record_->nodes[at]);
  return {};
}

std::optional<Value> Evaluation::place(std::string_view path_text) {
  PathError error;
  const auto path = parse_path(path_text, error);
  const auto* at = &record_->root();
  bool found = error.reason.empty();
  for (const auto& step : path) {
    if (!found) break;
    const json::Node* next = nullptr;
    charge(at->next - static_cast<std::size_t>(at - record_->nodes));
    if (step.kind == Step::Kind::name && at->kind == json::Kind::object) next = record_->find(*at, step.name);
    if (step.kind == Step::Kind::index && at->kind == json::Kind::array) {
      std::uint32_t position = 0;
      for (auto i = static_cast<std::uint32_t>(at - record_->nodes) + 1; i < at->next;
           i = record_->nodes[i].next)
        if (position++ == step.index) next = record_->nodes + i;
    }
    found = next != nullptr;
    at = next;
  }
  // A name with dots that nobody escaped (DP-04).
  if (!found && record_->root().kind == json::Kind::object) {
    at = record_->find(record_->root(), path_text);
    found = at != nullptr;
  }
  return found ? std::optional(of_node(*record_, *at)) : std::nullopt;
}

const Regex* Evaluation::regex(std::string_view pattern, std::string_view& reason) {
  for (const auto& known : program_->regexes)
    if (known.text == pattern) return &known.regex;
  for (const auto& known : remembered_)
    if (known->regex && known->text == pattern) return &*known->regex;
  charge(kPatternWork);
  auto made = Regex::make(from_java_regex(pattern));
  if (!made) {
    reason = fail({made.error().message}).characters();
    return nullptr;
  }
  if (remembered_.size() == kRememberedMax) remembered_.erase(remembered_.begin());
  remembered_.push_back(std::make_unique<Remembered>(Remembered{std::string(pattern), *std::move(made), {}}));
  return &*remembered_.back()->regex;
}

Regex::Outcome Evaluation::match(const Regex& regex, Where where, std::string_view text, std::size_t from,
                                 std::span<Regex::Group> groups) {
  const auto attempt = [&](std::uint32_t steps) {
    switch (where) {
      case Where::anywhere:
        return regex.find(text, from, groups, steps);
      case Where::next:
        return regex.find_next(text, from, groups, steps);
      case Where::whole:
        return regex.find_whole(text, groups, steps);
    }
    return Regex::Outcome::too_hard;
  };
  // What a match took is not told. So most get few steps, and those that need more are dear.
  if (!charge(kEasyMatchWork)) return Regex::Outcome::too_hard;
  const auto outcome = attempt(kEasyMatchSteps);
  if (outcome != Regex::Outcome::too_hard || !charge(kHardMatchWork)) return outcome;
  return attempt(Regex::kStepsMax);
}

const DatePattern* Evaluation::date_pattern(std::string_view pattern, std::string_view& reason) {
  for (const auto& known : program_->date_patterns)
    if (known.text == pattern) return &known.pattern;
  for (const auto& known : remembered_)
    if (known->date && known->text == pattern) return &*known->date;
  charge(kPatternWork / 16);
  auto made = DatePattern::compile(pattern);
  if (!made) {
    reason = fail({made.error().message}).characters();
    return nullptr;
  }
  if (remembered_.size() == kRememberedMax) remembered_.erase(remembered_.begin());
  remembered_.push_back(std::make_unique<Remembered>(Remembered{std::string(pattern), {}, *std::move(made)}));
  return &*remembered_.back()->date;
}

// --- Making ---

Value Evaluation::make_text(std::string_view text) {
  TextBuilder out(arena_);
  out.append(text);
  return out.finish();
}

Value Evaluation::make_date(const ZonedTime& time) {
  auto* kept = arena_.take<ZonedTime>(1);
  if (kept == nullptr) return Value::failure(kTooLarge);
  *kept = time;
  return Value::of(kept);
}

Value Evaluation::fail(std::initializer_list<std::string_view> parts) {
  // What a reason quotes of a record stays short.
  constexpr std::size_t kPartMax = 80;
  TextBuilder out(arena_);
  for (const auto part : parts) {
    auto size = std::min(part.size(), kPartMax);
    while (size < part.size() && size > 0 && (static_cast<unsigned char>(part[size]) & 0xC0U) == 0x80U)
      --size;
    out.append(part.substr(0, size));
    if (size < part.size()) out.append("...");
  }
  const auto text = out.finish();
  return Value::failure(text.characters());
}

Value Evaluation::of_node(const json::Record& record, const json::Node& node) {
  switch (node.kind) {
    case json::Kind::null:
      return {};
    case json::Kind::boolean:
      return Value::of(record.raw(node).front() == 't');
    case json::Kind::string: {
      if (!node.escaped) return Value::of(record.inner(node));
      scratch_.clear();
      return make_text(record.characters(node, scratch_));
    }
    case json::Kind::number: {
      const auto digits = record.raw(node);
      std::int64_t value = 0;
      const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
      if (read.ptr == digits.data() + digits.size())
        return read.ec == std::errc() ? Value::of(value) : Value::of(Type::big_integer, digits);
      return Value::of(Type::real, digits, Value::kLexeme);
    }
    default: {
      Value out;
      out.kind = Type::node;
      out.node = &node;
      return out;
    }
  }
}

// A tree of its own: the parser's nodes live until the next parse only.
Value Evaluation::copied(const json::Record& record, std::uint32_t& at) {
  const auto& node = record.nodes[at++];
  if (node.kind == json::Kind::array) {
    ArrayBuilder out(arena_);
    while (at < node.next) out.push_back(copied(record, at));
    return out.finish();
  }
  if (node.kind == json::Kind::object) {
    ObjectBuilder out(arena_);
    while (at < node.next) {
      const auto& name = record.nodes[at++];
      const auto name_value = name.escaped ? of_node(record, name) : make_text(record.inner(name));
      out.set(name_value.characters(), copied(record, at));
    }
    return out.finish();
  }
  auto value = of_node(record, node);
  const bool borrowed =
      (value.is_string() && !node.escaped) || value.kind == Type::big_integer || value.kind == Type::real;
  if (!borrowed) return value;
  const auto kept = make_text(value.characters());
  if (kept.failed()) return kept;
  value.text = kept.text;
  return value;
}

Value Evaluation::parse_json(std::string_view text) {
  json_text_.assign(text);
  json_text_.resize(text.size() + json::RecordParser::kPadding);
  const auto parsed = json_parser_.parse(std::string_view(json_text_).substr(0, text.size()));
  if (!parsed) return fail({"the text is no JSON: ", parsed.error().message});
  std::uint32_t at = 0;
  return copied(*parsed, at);
}

}  // namespace headwater::mapping
