#include <algorithm>
#include <array>
#include <charconv>

#include "mapping/internal/evaluation.h"
#include "mapping/internal/java_regex.h"
#include "mapping/internal/numbers.h"
#include "mapping/internal/text.h"
#include "mapping/internal/value_json.h"

// What an evaluation offers to functions: reading values of all kinds, and making new ones.
namespace headwater::mapping {

using Type = Value::Kind;

namespace {

constexpr std::size_t kRememberedMax = 32;

// Work as `charge` counts it: about a nanosecond and a half each.
constexpr std::size_t kPatternWork = 64'000;
constexpr std::size_t kEasyMatchWork = 256;
constexpr std::size_t kHardMatchWork = 6'400'000;
constexpr std::uint32_t kEasyMatchSteps = 2'000;

}  // namespace

// A pattern that was made at run time, by kind.
struct Evaluation::Remembered {
  std::string text;
  std::optional<Regex> regex;
  std::optional<DatePattern> date;
};

Evaluation::Evaluation(const Environment& environment) : environment_(environment) {}
Evaluation::~Evaluation() = default;

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
