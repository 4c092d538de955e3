#include <cstdint>
#include <memory>
#include <utility>

#include "json/internal/grammar.h"
#include "json/internal/path_query.h"
#include "json/internal/path_text.h"

namespace headwater::json::internal {
namespace {

constexpr int kDepthMax = 100;  // of brackets within brackets

/// The types of RFC 9535 2.4.1.
enum class Type : std::uint8_t { value, logical, nodes };

struct Signature {
  std::string_view name;
  Function function;
  Type result;
  std::vector<Type> parameters;
};

const Signature* signature_of(std::string_view name) {
  static const Signature signatures[] = {
      {"length", Function::length, Type::value, {Type::value}},
      {"count", Function::count, Type::value, {Type::nodes}},
      {"match", Function::match, Type::logical, {Type::value, Type::value}},
      {"search", Function::search, Type::logical, {Type::value, Type::value}},
      {"value", Function::value, Type::value, {Type::nodes}}};
  for (const Signature& signature : signatures)
    if (signature.name == name) return &signature;
  return nullptr;
}

Type result_of(Function function) {
  return function == Function::match || function == Function::search ? Type::logical : Type::value;
}

bool gives_value(const Operand& operand) {
  if (const auto* query = std::get_if<PathQuery>(&operand)) return query->is_singular();
  if (const auto* call = std::get_if<std::shared_ptr<const FunctionCall>>(&operand))
    return result_of((*call)->function) == Type::value;
  return true;
}

Logical group(Logical::Kind kind, std::vector<Logical> parts) {
  if (parts.size() == 1 && kind != Logical::Kind::negation) return std::move(parts.front());
  Logical logical;
  logical.kind = kind;
  logical.parts = std::move(parts);
  return logical;
}

class Compiler {
 public:
  explicit Compiler(std::string_view text) : text_(text) {}

  Result<PathQuery> run() {
    if (!text_.take('$')) return text_.wrong("a query starts with $");
    PathQuery query = TRY(segments(true));
    if (!text_.at_end()) return text_.wrong("a segment (.name, ..name or [selector]) was expected");
    return query;
  }

 private:
  /// Counts how deep the compiler is in itself.
  class Level {
   public:
    explicit Level(int& depth) : depth_(depth) { ++depth_; }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    int& depth_;
  };

  /// What follows "$" or "@".
  Result<PathQuery> segments(bool from_root) {
    PathQuery query;
    query.from_root = from_root;
    while (true) {
      const std::size_t before = text_.at();
      text_.skip_blank();
      if (text_.here() == '[') {
        query.segments.push_back(TRY(bracketed()));
      } else if (text_.here() == '.') {
        query.segments.push_back(TRY(dotted()));
      } else {
        text_.go_to(before);  // white space belongs to a query only before a segment
        return query;
      }
    }
  }

  /// .name, .*, ..name, ..* or ..[selectors]
  Result<Segment> dotted() {
    const bool descendant = text_.take("..");
    if (!descendant) text_.take('.');
    Segment segment;
    if (descendant && text_.here() == '[') {
      segment = TRY(bracketed());
    } else if (text_.take('*')) {
      segment.selectors.emplace_back(WildcardSelector{});
    } else if (auto name = text_.name()) {
      segment.selectors.emplace_back(NameSelector{*std::move(name)});
    } else {
      return text_.wrong(descendant ? "a name, * or [ was expected after .."
                                    : "a name or * was expected after .");
    }
    segment.descendant = descendant;
    return segment;
  }

  Result<Segment> bracketed() {
    const Level level(depth_);
    if (depth_ > kDepthMax) return text_.wrong("the query is nested too deeply");
    text_.take('[');
    Segment segment;
    do {
      segment.blank |= text_.skip_blank();
      segment.selectors.push_back(TRY(selector()));
      segment.blank |= text_.skip_blank();
    } while (text_.take(','));
    if (!text_.take(']')) return text_.wrong("a comma or ] was expected");
    return segment;
  }

  Result<Selector> selector() {
    const char c = text_.here();
    if (c == '\'' || c == '"') return Selector(NameSelector{TRY(text_.string())});
    if (text_.take('*')) return Selector(WildcardSelector{});
    if (text_.take('?')) {
      text_.skip_blank();
      return Selector(FilterSelector{std::make_shared<const Logical>(TRY(any_of(std::nullopt)))});
    }
    if (c == ':' || c == '-' || (c >= '0' && c <= '9')) return index_or_slice();
    return text_.wrong("a selector was expected: a name in quotes, *, an index, a slice or ?filter");
  }

  Result<Selector> index_or_slice() {
    SliceSelector slice;
    if (text_.here() != ':') {
      slice.start = TRY(text_.integer());
      const std::size_t before = text_.at();
      text_.skip_blank();
      if (text_.here() != ':') {
        text_.go_to(before);
        return Selector(IndexSelector{*slice.start});
      }
    }
    text_.take(':');
    text_.skip_blank();
    slice.end = TRY(slice_integer());
    if (text_.take(':')) {
      text_.skip_blank();
      slice.step = TRY(slice_integer()).value_or(1);
    }
    return Selector(slice);
  }

  /// An integer and the white space behind it, if one stands here.
  Result<std::optional<std::int64_t>> slice_integer() {
    const char c = text_.here();
    if (c != '-' && (c < '0' || c > '9')) return std::optional<std::int64_t>();
    const std::int64_t integer = TRY(text_.integer());
    text_.skip_blank();
    return std::optional<std::int64_t>(integer);
  }

  // Logical expressions. `first` is an operand that was read already, the leftmost one.

  Result<Logical> any_of(std::optional<Operand> first) {
    std::vector<Logical> parts;
    do {
      if (!parts.empty()) text_.skip_blank();
      parts.push_back(TRY(all_of(std::exchange(first, std::nullopt))));
    } while (text_.take("||"));
    return group(Logical::Kind::any_of, std::move(parts));
  }

  Result<Logical> all_of(std::optional<Operand> first) {
    std::vector<Logical> parts;
    do {
      if (!parts.empty()) text_.skip_blank();
      parts.push_back(TRY(basic(std::exchange(first, std::nullopt))));
      text_.skip_blank();
    } while (text_.take("&&"));
    return group(Logical::Kind::all_of, std::move(parts));
  }

  Result<Logical> basic(std::optional<Operand> first) {
    const std::size_t begin = text_.at();
    if (!first && text_.here() == '!' && text_.after(1) != '=') {
      text_.take('!');
      text_.skip_blank();
      std::vector<Logical> inner;
      if (text_.here() == '(') {
        inner.push_back(TRY(in_parentheses()));
      } else {
        const Operand tested = TRY(operand());
        inner.push_back(TRY(test(tested, begin)));
      }
      return group(Logical::Kind::negation, std::move(inner));
    }
    if (!first && text_.here() == '(') return in_parentheses();
    if (!first) first = TRY(operand());
    const std::size_t before = text_.at();
    text_.skip_blank();
    const auto operation = comparison();
    if (!operation) {
      text_.go_to(before);
      return test(*first, begin);
    }
    text_.skip_blank();
    const std::size_t right = text_.at();
    Logical logical;
    logical.kind = Logical::Kind::comparison;
    logical.comparison = *operation;
    logical.operands.push_back(*std::move(first));
    logical.operands.push_back(TRY(operand()));
    for (const bool is_right : {false, true}) {
      if (gives_value(logical.operands[is_right ? 1 : 0])) continue;
      return text_.wrong(
          "only a literal, a query for a single value or a function that gives a value can be compared",
          is_right ? right : begin);
    }
    return logical;
  }

  Result<Logical> in_parentheses() {
    const Level level(depth_);
    if (depth_ > kDepthMax) return text_.wrong("the query is nested too deeply");
    text_.take('(');
    text_.skip_blank();
    Logical logical = TRY(any_of(std::nullopt));
    text_.skip_blank();
    if (!text_.take(')')) return text_.wrong("&&, || or ) was expected");
    return logical;
  }

  /// An operand alone is a test of existence, or a function's own answer.
  Result<Logical> test(const Operand& tested, std::size_t begin) {
    Logical logical;
    logical.operands.push_back(tested);
    if (std::holds_alternative<PathQuery>(tested)) {
      logical.kind = Logical::Kind::exists;
      return logical;
    }
    logical.kind = Logical::Kind::function;
    const auto* call = std::get_if<std::shared_ptr<const FunctionCall>>(&tested);
    if (call == nullptr) return text_.wrong("a literal alone is no condition: compare it", begin);
    if (result_of((*call)->function) != Type::logical)
      return text_.wrong("this function gives a value: compare it", begin);
    return logical;
  }

  std::optional<Comparison> comparison() {
    if (text_.take("==")) return Comparison::equal;
    if (text_.take("!=")) return Comparison::not_equal;
    if (text_.take("<=")) return Comparison::less_or_equal;
    if (text_.take(">=")) return Comparison::greater_or_equal;
    if (text_.take('<')) return Comparison::less;
    if (text_.take('>')) return Comparison::greater;
    return std::nullopt;
  }

  Result<Operand> operand() {
    const char c = text_.here();
    if (c == '@' || c == '$') {
      text_.take(c);
      return Operand(TRY(segments(c == '$')));
    }
    if (c == '\'' || c == '"') return Operand(Value(TRY(text_.string())));
    if (c == '-' || (c >= '0' && c <= '9')) return Operand(Value(Number{TRY(text_.number())}));
    const std::size_t begin = text_.at();
    const std::string_view word = text_.function_name();
    if (!word.empty() && text_.here() == '(') return call(word, begin);
    if (word == "true") return Operand(Value(true));
    if (word == "false") return Operand(Value(false));
    if (word == "null") return Operand(Value());
    return text_.wrong("a query (@ or $), a literal or a function was expected", begin);
  }

  Result<Operand> call(std::string_view name, std::size_t begin) {
    const Level level(depth_);
    if (depth_ > kDepthMax) return text_.wrong("the query is nested too deeply");
    const Signature* signature = signature_of(name);
    if (signature == nullptr)
      return text_.wrong(
          "there is no function " + std::string(name) + " (length, count, match, search, value)", begin);
    text_.take('(');
    FunctionCall call{signature->function, {}, {}, false};
    text_.skip_blank();
    if (text_.here() != ')') {
      do {
        text_.skip_blank();
        const std::size_t place = text_.at();
        const std::size_t index = call.arguments.size();
        if (index >= signature->parameters.size())
          return text_.wrong("the function takes fewer arguments", place);
        call.arguments.push_back(TRY(argument(signature->parameters[index], place)));
        text_.skip_blank();
      } while (text_.take(','));
    }
    if (!text_.take(')')) return text_.wrong("a comma or ) was expected");
    if (call.arguments.size() < signature->parameters.size())
      return text_.wrong("the function takes more arguments", begin);
    TRY(prepare_pattern(call, begin));
    return Operand(std::make_shared<const FunctionCall>(std::move(call)));
  }

  /// None of the functions takes a logical expression, but one must be read to be refused.
  Result<Operand> argument(Type type, std::size_t place) {
    const bool logical_start = text_.here() == '!' || text_.here() == '(';
    std::optional<Operand> read;
    if (!logical_start) {
      read = TRY(operand());
      const std::size_t before = text_.at();
      text_.skip_blank();
      const char next = text_.here();
      text_.go_to(before);
      if (next == ',' || next == ')') {
        if (type == Type::value && gives_value(*read)) return *std::move(read);
        if (type == Type::nodes && std::holds_alternative<PathQuery>(*read)) return *std::move(read);
        return text_.wrong(type == Type::nodes
                               ? "this argument must be a query"
                               : "this argument must be a literal, a query for a single value or a "
                                 "function that gives a value",
                           place);
      }
    }
    TRY(any_of(std::move(read)));
    return text_.wrong("the function takes no logical expression", place);
  }

  /// A literal that is no I-Regexp matches nothing, as the RFC says; one that the engine does not take is
  /// told.
  Result<void> prepare_pattern(FunctionCall& call, std::size_t place) const {
    if (call.function != Function::match && call.function != Function::search) return {};
    const auto* literal = std::get_if<Value>(&call.arguments[1]);
    if (literal == nullptr) return {};
    call.pattern_is_literal = true;
    const std::string* text = literal->if_string();
    if (text == nullptr) return {};
    auto pattern = compile_iregexp(*text, call.function == Function::match);
    if (!pattern) return text_.wrong(pattern.error().message, place);
    call.pattern = *std::move(pattern);
    return {};
  }

  PathText text_;
  int depth_ = 0;
};

}  // namespace

bool PathQuery::is_singular() const {
  for (const Segment& segment : segments) {
    if (segment.descendant || segment.blank || segment.selectors.size() != 1) return false;
    const Selector& selector = segment.selectors.front();
    if (!std::holds_alternative<NameSelector>(selector) && !std::holds_alternative<IndexSelector>(selector))
      return false;
  }
  return true;
}

Result<PathQuery> compile_path(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_length(text.substr(at));
    if (length == 0) return PathText(text).wrong("the bytes are not valid UTF-8", at);
    at += length;
  }
  return Compiler(text).run();
}

}  // namespace headwater::json::internal
