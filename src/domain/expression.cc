#include "domain/expression.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/text.h"
#include "base/time.h"

namespace headwater::domain {

namespace {

constexpr int kDepthMax = 64;

enum class Function : std::uint8_t {
  choose,
  empty,
  coalesce,
  concat,
  equals,
  negate,
  all_of,
  any_of,
  greater,
  less,
  string,
  integer,
  format_date_time,
  utc_now,
};

struct Signature {
  std::string_view name;  // lower case
  Function function;
  std::size_t arguments_min;
  std::size_t arguments_max;
};

constexpr std::size_t kMany = 64;
constexpr std::array kSignatures = {
    Signature{"if", Function::choose, 3, 3},
    Signature{"empty", Function::empty, 1, 1},
    Signature{"coalesce", Function::coalesce, 1, kMany},
    Signature{"concat", Function::concat, 1, kMany},
    Signature{"equals", Function::equals, 2, 2},
    Signature{"not", Function::negate, 1, 1},
    Signature{"and", Function::all_of, 2, kMany},
    Signature{"or", Function::any_of, 2, kMany},
    Signature{"greater", Function::greater, 2, 2},
    Signature{"less", Function::less, 2, 2},
    Signature{"string", Function::string, 1, 1},
    Signature{"int", Function::integer, 1, 1},
    Signature{"formatdatetime", Function::format_date_time, 1, 2},
    Signature{"utcnow", Function::utc_now, 0, 1},
};

Error expression_error(std::string message, std::size_t position) {
  return Error{ErrorKind::invalid_argument,
               "Expression: " + std::move(message) + " at character " + std::to_string(position) + "."};
}

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_char(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

}  // namespace

struct Expression::Node {
  enum class Kind : std::uint8_t { literal, call, parameter };
  Kind kind = Kind::literal;
  std::size_t position = 0;
  json::Value literal;
  Function function = Function::choose;
  std::vector<std::shared_ptr<const Node>> arguments;
  std::string name;  // of the parameter
  bool safe = false;
};

namespace {

using NodePtr = std::shared_ptr<const Expression::Node>;

class Parser {
 public:
  Parser(std::string_view text, std::size_t offset) : text_(text), offset_(offset) {}

  Result<NodePtr> whole() {
    auto node = TRY(expression(0));
    skip_space();
    if (at_ >= text_.size() || text_[at_] != '}') return fail("'}' is missing behind the expression");
    ++at_;
    return node;
  }
  std::size_t consumed() const { return at_; }

 private:
  Error fail(std::string message) const {
    return expression_error(std::move(message), offset_ + std::min(at_, text_.size()) + 1);
  }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  bool take(std::string_view token) {
    skip_space();
    if (text_.substr(std::min(at_, text_.size()), token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  std::string_view take_name() {
    const std::size_t begin = at_;
    if (at_ < text_.size() && is_name_start(text_[at_]))
      while (at_ < text_.size() && is_name_char(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Result<NodePtr> expression(int depth) {
    if (depth > kDepthMax) return fail("nested too deeply");
    skip_space();
    if (at_ >= text_.size()) return fail("the expression ends too early");
    const char c = text_[at_];
    if (c == '\'') return string_literal();
    if (c == '-' || (c >= '0' && c <= '9')) return number_literal();
    return named(depth);
  }

  Result<NodePtr> string_literal() {
    auto node = std::make_shared<Expression::Node>();
    node->position = offset_ + at_ + 1;
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '\'') {
        value += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
        value += '\'';
        ++at_;
      } else {
        ++at_;
        node->literal = std::move(value);
        return NodePtr(std::move(node));
      }
    }
    return fail("the string is not closed with a single quote");
  }

  Result<NodePtr> number_literal() {
    auto node = std::make_shared<Expression::Node>();
    node->position = offset_ + at_ + 1;
    const std::size_t begin = at_;
    const auto digits = [this] {
      const std::size_t from = at_;
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
      return at_ > from;
    };
    if (text_[at_] == '-') ++at_;
    if (!digits()) return fail("a digit is missing");
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      if (!digits()) return fail("a digit is missing");
    }
    auto parsed = json::parse(text_.substr(begin, at_ - begin));
    if (!parsed) return fail("not a number");
    node->literal = *std::move(parsed);
    return NodePtr(std::move(node));
  }

  Result<NodePtr> named(int depth) {
    const std::size_t position = offset_ + at_ + 1;
    const std::string name = lower(take_name());
    if (name.empty()) return fail("a function, a quoted text or a number is expected");
    if (!take("(")) return word(name, position);
    if (name == "pipeline") {
      if (!take(")")) return fail("pipeline() takes no arguments");
      return parameter(position);
    }
    const auto* signature = std::find_if(kSignatures.begin(), kSignatures.end(),
                                         [&name](const Signature& each) { return each.name == name; });
    if (signature == kSignatures.end())
      return expression_error("unknown function \"" + name + "\"", position);
    auto node = std::make_shared<Expression::Node>();
    node->kind = Expression::Node::Kind::call;
    node->position = position;
    node->function = signature->function;
    if (!take(")")) {
      do {
        node->arguments.push_back(TRY(expression(depth + 1)));
        if (node->arguments.size() > kMany) return fail("too many arguments");
      } while (take(","));
      if (!take(")")) return fail("')' or ',' is missing");
    }
    if (node->arguments.size() < signature->arguments_min ||
        node->arguments.size() > signature->arguments_max)
      return expression_error("wrong number of arguments for " + std::string(signature->name) + "()",
                              position);
    return NodePtr(std::move(node));
  }

  Result<NodePtr> word(const std::string& name, std::size_t position) {
    auto node = std::make_shared<Expression::Node>();
    node->position = position;
    if (name == "true" || name == "false")
      node->literal = json::Value(name == "true");
    else if (name != "null")
      return expression_error("unknown word \"" + name + "\" (texts stand in single quotes)", position);
    return NodePtr(std::move(node));
  }

  // Behind "pipeline()": .parameters.<name>, each dot possibly written "?.".
  Result<NodePtr> parameter(std::size_t position) {
    auto node = std::make_shared<Expression::Node>();
    node->kind = Expression::Node::Kind::parameter;
    node->position = position;
    node->safe = take("?");
    if (!take(".") || lower(take_name()) != "parameters") return fail("only pipeline().parameters is known");
    const bool safe_name = take("?");
    node->safe = node->safe || safe_name;
    if (take("[")) {
      const auto quoted_name = TRY(expression(kDepthMax));
      if (!quoted_name->literal.is_string() || !take("]")) return fail("a quoted name and ']' are expected");
      node->name = *quoted_name->literal.if_string();
    } else {
      if (!take(".")) return fail("a parameter name is expected");
      skip_space();
      node->name = std::string(take_name());
    }
    if (node->name.empty()) return fail("a parameter name is expected");
    return NodePtr(std::move(node));
  }

  std::string_view text_;
  std::size_t offset_;
  std::size_t at_ = 0;
};

bool is_empty_value(const json::Value& value) {
  if (value.is_null()) return true;
  if (const auto* text = value.if_string()) return text->empty();
  if (const auto* array = value.if_array()) return array->empty();
  if (const auto* object = value.if_object()) return object->empty();
  return false;
}

// A value, and which parts of its text were filled in.
struct Evaluated {
  Evaluated() = default;
  explicit Evaluated(json::Value given, std::vector<Expression::Text::Span> spans = {})
      : value(std::move(given)), filled(std::move(spans)) {}

  json::Value value;
  std::vector<Expression::Text::Span> filled;
};

class Evaluator {
 public:
  explicit Evaluator(const Expression::Context& context) : context_(context) {}

  Result<Evaluated> evaluated(const Expression::Node& node) const {
    switch (node.kind) {
      case Expression::Node::Kind::literal:
        return literal(node);
      case Expression::Node::Kind::parameter: {
        auto found = context_.parameter ? context_.parameter(node.name) : std::nullopt;
        if (found) return Evaluated(*std::move(found));
        if (node.safe) return Evaluated();
        return expression_error("the parameter \"" + node.name + "\" has no value (\"?.\" reads it as null)",
                                node.position);
      }
      case Expression::Node::Kind::call:
        return call(node);
    }
    return Evaluated();
  }

 private:
  Result<Evaluated> literal(const Expression::Node& node) const {
    const auto* text = node.literal.if_string();
    if (!text || !context_.fill) return Evaluated(node.literal);
    auto filled = TRY(context_.fill(*text));
    return Evaluated(json::Value(std::move(filled.text)), std::move(filled.values));
  }

  Result<Evaluated> evaluated_argument(const Expression::Node& node, std::size_t index) const {
    return evaluated(*node.arguments[index]);
  }
  Result<json::Value> argument(const Expression::Node& node, std::size_t index) const {
    auto given = TRY(evaluated_argument(node, index));
    return std::move(given.value);
  }

  Result<bool> truth(const Expression::Node& node, std::size_t index) const {
    const auto given = TRY(argument(node, index));
    if (const auto as_bool = given.as_bool_lenient()) return *as_bool;
    return expression_error("a condition must be true or false", node.arguments[index]->position);
  }

  Result<Evaluated> call(const Expression::Node& node) const {
    switch (node.function) {
      case Function::choose: {
        const bool condition = TRY(truth(node, 0));
        return evaluated_argument(node, condition ? 1 : 2);
      }
      case Function::empty: {
        const auto given = TRY(argument(node, 0));
        return Evaluated(json::Value(is_empty_value(given)));
      }
      case Function::coalesce:
        for (std::size_t i = 0; i < node.arguments.size(); ++i) {
          auto given = TRY(evaluated_argument(node, i));
          if (!given.value.is_null()) return given;
        }
        return Evaluated();
      case Function::concat:
        return concat(node);
      case Function::equals: {
        const auto left = TRY(argument(node, 0));
        const auto right = TRY(argument(node, 1));
        return Evaluated(json::Value(left == right));
      }
      case Function::negate: {
        const bool given = TRY(truth(node, 0));
        return Evaluated(json::Value(!given));
      }
      case Function::all_of:
      case Function::any_of: {
        const bool deciding = node.function == Function::any_of;
        for (std::size_t i = 0; i < node.arguments.size(); ++i) {
          const bool given = TRY(truth(node, i));
          if (given == deciding) return Evaluated(json::Value(deciding));
        }
        return Evaluated(json::Value(!deciding));
      }
      case Function::greater:
      case Function::less: {
        const auto left = TRY(argument(node, 0));
        const auto right = TRY(argument(node, 1));
        const int order = TRY(compare(left, right, node.position));
        return Evaluated(json::Value(node.function == Function::greater ? order > 0 : order < 0));
      }
      case Function::string:
        return concat(node);
      case Function::integer: {
        const auto given = TRY(argument(node, 0));
        if (const auto number = given.as_int64_lenient()) return Evaluated(json::Value(*number));
        return expression_error("int() needs a whole number", node.position);
      }
      case Function::format_date_time: {
        const auto given = TRY(evaluated_argument(node, 0));
        const auto* text = given.value.if_string();
        if (!text) return expression_error("formatDateTime() needs a time as text", node.position);
        const auto time = parse_rfc3339(*text);
        // What was filled in may be a secret.
        if (!time)
          return expression_error(
              (given.filled.empty() ? "\"" + *text + "\"" : "the value") + " is no RFC 3339 time",
              node.position);
        return formatted(node, 1, *time);
      }
      case Function::utc_now:
        return formatted(node, 0, context_.now);
    }
    return Evaluated();
  }

  Result<Evaluated> concat(const Expression::Node& node) const {
    std::string joined;
    std::vector<Expression::Text::Span> filled;
    for (std::size_t i = 0; i < node.arguments.size(); ++i) {
      const auto given = TRY(evaluated_argument(node, i));
      for (const auto& span : given.filled)
        filled.push_back({joined.size() + span.begin, joined.size() + span.end});
      joined += text_of(given.value);
    }
    return Evaluated(json::Value(std::move(joined)), std::move(filled));
  }

  Result<Evaluated> formatted(const Expression::Node& node, std::size_t format_index, TimePoint time) const {
    std::string format = "o";
    if (format_index < node.arguments.size()) {
      const auto given = TRY(argument(node, format_index));
      format = text_of(given);
    }
    auto text = TRY(format_dotnet(time, format));
    return Evaluated(json::Value(std::move(text)));
  }

  static Result<int> compare(const json::Value& left, const json::Value& right, std::size_t position) {
    if (left.is_number() && right.is_number())
      return json::compare_numbers(left.if_number()->text, right.if_number()->text);
    if (left.is_string() && right.is_string()) return left.if_string()->compare(*right.if_string());
    return expression_error("greater() and less() compare two numbers or two texts", position);
  }

  const Expression::Context& context_;
};

void collect_parameters(const Expression::Node& node, std::vector<Expression::ParameterUse>& uses) {
  if (node.kind == Expression::Node::Kind::parameter) uses.push_back({node.name, node.safe, node.position});
  for (const auto& argument : node.arguments) collect_parameters(*argument, uses);
}

void collect_literals(const Expression::Node& node, std::vector<Expression::Literal>& literals) {
  if (node.kind == Expression::Node::Kind::literal && node.literal.is_string())
    literals.push_back({*node.literal.if_string(), node.position});
  for (const auto& argument : node.arguments) collect_literals(*argument, literals);
}

}  // namespace

Result<Expression::Parsed> Expression::parse(std::string_view text, std::size_t offset) {
  Parser parser(text, offset);
  auto root = TRY(parser.whole());
  return Parsed{Expression(std::move(root)), parser.consumed()};
}

Result<json::Value> Expression::evaluate(const Context& context) const {
  auto result = TRY(Evaluator(context).evaluated(*root_));
  return std::move(result.value);
}

Result<Expression::Text> Expression::evaluate_text(const Context& context) const {
  auto result = TRY(Evaluator(context).evaluated(*root_));
  return Text{text_of(result.value), std::move(result.filled)};
}

std::vector<Expression::ParameterUse> Expression::parameters() const {
  std::vector<ParameterUse> uses;
  collect_parameters(*root_, uses);
  return uses;
}

std::vector<Expression::Literal> Expression::literals() const {
  std::vector<Literal> all;
  collect_literals(*root_, all);
  return all;
}

std::string text_of(const json::Value& value) {
  if (const auto* text = value.if_string()) return *text;
  if (value.is_null()) return {};
  return value.dump();
}

}  // namespace headwater::domain
