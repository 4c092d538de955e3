#include <algorithm>
#include <array>
#include <utility>

#include "mapping/internal/characters.h"
#include "mapping/internal/lexer.h"
#include "mapping/internal/operator_signs.h"
#include "mapping/internal/syntax.h"

namespace headwater::mapping {
namespace {

using Kind = Syntax::Kind;

constexpr std::size_t kCharactersMax = 4096;
constexpr int kNestingMax = 200;

constexpr std::array<std::string_view, 12> kStatements{
    "new", "break", "var", "for", "while", "continue", "else", "if", "return", "do", "function", "_errors"};

class Parser {
 public:
  Parser(std::string_view text, SyntaxProblem& problem) : text_(text), lexer_(text), problem_(problem) {}

  bool run(Syntax& out) {
    if (utf16_length(text_) > kCharactersMax)
      return fail(0, text_.size(), "the expression is longer than 4096 characters", "Shorten it.");
    if (!step()) return false;
    if (is_end())
      return fail(0, 0, "the expression is empty", "Give an attribute, a constant or a calculation.");
    if (!expression(out)) return false;
    if (is_end()) return true;
    return unexpected();
  }

 private:
  // --- Tokens ---

  bool step(bool after_dot = false) { return lexer_.next(token_, problem_, after_dot); }
  bool is_end() const { return token_.kind == Token::Kind::end; }
  bool is(std::string_view sign) const { return token_.kind == Token::Kind::sign && token_.sign == sign; }
  bool is_word(std::string_view word) const {
    return token_.kind == Token::Kind::identifier && !token_.escaped && token_.text == word;
  }

  bool fail(std::size_t begin, std::size_t end, std::string reason, std::string hint = {}) {
    problem_ = SyntaxProblem{begin, end, std::move(reason), std::move(hint)};
    return false;
  }
  std::string shown() const {
    if (is_end()) return "the end of the expression";
    return "\"" + std::string(text_.substr(token_.begin, token_.end - token_.begin)) + "\"";
  }
  bool unexpected(std::string_view expected = {}) {
    if (is("=")) return fail(token_.begin, token_.end, "assignments are not supported", "Compare with ==.");
    if (is(";"))
      return fail(token_.begin, token_.end, "statements are not supported", "Write one expression.");
    std::string reason = "unexpected " + shown();
    if (!expected.empty()) reason.append(", expected ").append(expected);
    return fail(token_.begin, token_.end, std::move(reason), "");
  }
  bool expect(std::string_view sign) {
    if (!is(sign)) return unexpected("\"" + std::string(sign) + "\"");
    return step();
  }

  Syntax make(Kind kind, std::size_t begin) const {
    Syntax out;
    out.kind = kind;
    out.begin = begin;
    out.end = token_.end;
    return out;
  }
  // Puts what is in `out` below a new node.
  void wrap(Syntax& out, Kind kind, std::string text = {}) {
    Syntax outer;
    outer.kind = kind;
    outer.begin = out.begin;
    outer.text = std::move(text);
    outer.operands.push_back(std::move(out));
    out = std::move(outer);
  }

  struct Nesting {
    explicit Nesting(int& levels) : depth(++levels) {}
    ~Nesting() { --depth; }
    int& depth;
  };
  bool too_deep() {
    return fail(token_.begin, token_.end, "the expression is nested deeper than 200 levels",
                "Split it over several rows.");
  }

  // --- Grammar (C.3) ---

  bool expression(Syntax& out) {
    const Nesting nesting(depth_);
    if (depth_ > kNestingMax) return too_deep();
    if (is_lambda()) return lambda(out);
    return conditional(out);
  }

  // ident "->", or "(" [ident {"," ident}] ")" "->". Looks ahead and goes back.
  bool is_lambda() {
    if (token_.kind != Token::Kind::identifier && !is("(")) return false;
    const auto saved = token_;
    const auto saved_problem = problem_;
    bool found = false;
    if (token_.kind == Token::Kind::identifier) {
      found = step() && is("->");
    } else if (step()) {
      bool good = true;
      while (good && token_.kind == Token::Kind::identifier) {
        good = step();
        if (good && is(",")) good = step();
      }
      found = good && is(")") && step() && is("->");
    }
    token_ = saved;
    problem_ = saved_problem;
    lexer_.rewind(saved.end);
    return found;
  }

  bool lambda(Syntax& out) {
    auto node = make(Kind::lambda, token_.begin);
    if (is("(")) {
      if (!step()) return false;
      while (token_.kind == Token::Kind::identifier) {
        node.names.push_back(token_.text);
        if (!step()) return false;
        if (!is(",")) break;
        if (!step()) return false;
      }
      if (!expect(")")) return false;
    } else {
      node.names.push_back(token_.text);
      if (!step()) return false;
    }
    if (!expect("->")) return false;
    scopes_.push_back(node.names);
    node.operands.emplace_back();
    const bool good = expression(node.operands.back());
    scopes_.pop_back();
    node.end = previous_end();
    out = std::move(node);
    return good;
  }

  std::size_t previous_end() const {
    auto end = token_.begin;
    while (end > 0 && (text_[end - 1] == ' ' || text_[end - 1] == '\n' || text_[end - 1] == '\t')) --end;
    return end;
  }

  bool conditional(Syntax& out) {
    if (!binary(out, 0)) return false;
    if (is("?")) {
      wrap(out, Kind::conditional);
      out.operands.resize(3);
      if (!step() || !expression(out.operands[1]) || !expect(":") || !expression(out.operands[2]))
        return false;
      out.end = previous_end();
    } else if (is("?:") || is("??")) {
      wrap(out, is("??") ? Kind::if_null : Kind::if_false);
      out.operands.emplace_back();
      if (!step() || !expression(out.operands[1])) return false;
      out.end = previous_end();
    }
    return true;
  }

  const OperatorSign* find(const std::vector<OperatorSign>& operators) const {
    const auto found = std::find_if(operators.begin(), operators.end(),
                                    [this](const OperatorSign& op) { return is(op.sign); });
    return found == operators.end() ? nullptr : &*found;
  }

  bool binary(Syntax& out, std::size_t level) {
    if (level == operator_levels().size()) return unary(out);
    if (!binary(out, level + 1)) return false;
    const auto& here = operator_levels()[level];
    int count = 0;
    while (const auto* op = find(here.operators)) {
      if (++count > 1 && !here.chains)
        return fail(token_.begin, token_.end, "comparisons do not chain",
                    "Join two with &&, or use parentheses.");
      if (!step()) return false;
      wrap(out, op->kind);
      out.operands.emplace_back();
      if (!binary(out.operands[1], level + 1)) return false;
      out.end = out.operands[1].end;
    }
    return true;
  }

  bool unary(Syntax& out) {
    const auto* op = find(prefix_operators());
    if (op == nullptr) return postfix(out);
    const Nesting nesting(depth_);
    if (depth_ > kNestingMax) return too_deep();
    out = make(op->kind, token_.begin);
    if (!step()) return false;
    out.operands.emplace_back();
    if (!unary(out.operands[0])) return false;
    out.end = out.operands[0].end;
    return true;
  }

  bool postfix(Syntax& out) {
    if (!primary(out)) return false;
    while (true) {
      if (is(".") || is("?.")) {
        if (!dot(out)) return false;
      } else if (is("[")) {
        if (!bracket(out)) return false;
      } else {
        return true;
      }
    }
  }

  // Steps behind an attribute are its path; behind anything else they are taken at run time.
  bool dot(Syntax& out) {
    if (!step(true)) return false;
    const auto end = token_.end;
    if (token_.kind == Token::Kind::wrapped) {
      for (auto& part : token_.path) extend(out, std::move(part));
    } else if (token_.kind == Token::Kind::identifier || token_.kind == Token::Kind::string) {
      const auto name = token_.text;
      const bool can_call = token_.kind == Token::Kind::identifier;
      if (!step()) return false;
      if (can_call && is("(")) return method(out, name);
      extend(out, Step{Step::Kind::name, name, 0});
      out.end = end;
      return true;
    } else if (token_.kind == Token::Kind::integer) {
      Step index;
      if (!index_of(token_.text, index)) return false;
      extend(out, std::move(index));
    } else {
      return unexpected("a member's name");
    }
    out.end = end;
    return step();
  }

  bool index_of(const std::string& digits, Step& out) {
    out.kind = Step::Kind::index;
    for (const char digit : digits) {
      out.index = out.index * 10 + static_cast<std::uint32_t>(digit - '0');
      if (out.index > 100'000'000) return fail(token_.begin, token_.end, "the index is too large", "");
    }
    return true;
  }

  void extend(Syntax& out, Step step) {
    if (out.kind == Kind::attribute) {
      out.path.push_back(std::move(step));
    } else if (step.kind == Step::Kind::name) {
      wrap(out, Kind::member, std::move(step.name));
    } else if (step.kind == Step::Kind::every) {
      wrap(out, Kind::every);
    } else {
      Syntax index;
      index.kind = Kind::integer;
      index.text = std::to_string(step.index);
      wrap(out, Kind::index);
      out.operands.push_back(std::move(index));
    }
  }

  bool bracket(Syntax& out) {
    if (!step()) return false;
    if (is("*")) {
      if (!step()) return false;
      if (!is("]")) return unexpected("\"]\"");
      extend(out, Step{Step::Kind::every, "", 0});
      out.end = token_.end;
      return step();
    }
    Syntax index;
    if (!expression(index)) return false;
    if (!is("]")) return unexpected("\"]\"");
    const auto end = token_.end;
    if (index.kind == Kind::integer && index.text.size() < 9) {
      Step plain;
      if (!index_of(index.text, plain)) return false;
      extend(out, std::move(plain));
    } else if (index.kind == Kind::string && out.kind == Kind::attribute) {
      extend(out, Step{Step::Kind::name, std::move(index.text), 0});
    } else {
      wrap(out, Kind::index);
      out.operands.push_back(std::move(index));
    }
    out.end = end;
    return step();
  }

  bool method(Syntax& out, std::string name) {
    wrap(out, Kind::method, std::move(name));
    return arguments(out);
  }

  // "(" has been seen.
  bool arguments(Syntax& out) {
    if (!step()) return false;
    while (!is(")")) {
      out.operands.emplace_back();
      if (!expression(out.operands.back())) return false;
      if (is(",")) {
        if (!step()) return false;
        if (is(")")) return unexpected("an argument");
      } else if (!is(")")) {
        return unexpected("\",\" or \")\"");
      }
    }
    out.end = token_.end;
    return step();
  }

  bool primary(Syntax& out) {
    out = make(Kind::null, token_.begin);
    switch (token_.kind) {
      case Token::Kind::integer:
        return literal(out, Kind::integer);
      case Token::Kind::big:
        return literal(out, Kind::big);
      case Token::Kind::real:
        return literal(out, Kind::real);
      case Token::Kind::single:
        return literal(out, Kind::single);
      case Token::Kind::decimal:
        return literal(out, Kind::decimal);
      case Token::Kind::string:
        return literal(out, Kind::string);
      case Token::Kind::wrapped:
        out.kind = Kind::attribute;
        out.path = std::exchange(token_.path, {});
        return step();
      case Token::Kind::identifier:
        return word(out);
      case Token::Kind::sign:
        if (is("null")) return step();
        if (is("(")) return parenthesis(out);
        if (is("[")) return array(out);
        if (is("{")) return map(out);
        break;
      case Token::Kind::end:
        break;
    }
    return unexpected("a value");
  }

  bool literal(Syntax& out, Kind kind) {
    out.kind = kind;
    out.text = token_.text;
    return step();
  }

  bool word(Syntax& out) {
    if (!token_.escaped) {
      if (is_word("true") || is_word("false")) return literal(out, Kind::boolean);
      for (const auto statement : kStatements)
        if (is_word(statement))
          return fail(token_.begin, token_.end, "\"" + token_.text + "\" is a reserved word",
                      "Wrap it to read a field of this name: ${" + token_.text + "}.");
    }
    const auto name = token_.text;
    const bool escaped = token_.escaped;
    if (!step()) return false;
    if (is("(") && !escaped) {
      out.kind = Kind::call;
      out.text = name;
      return arguments(out);
    }
    const bool local = !escaped && std::any_of(scopes_.begin(), scopes_.end(), [&name](const auto& names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    });
    out.kind = local ? Kind::local : Kind::attribute;
    if (local)
      out.text = name;
    else
      out.path.push_back(Step{Step::Kind::name, name, 0});
    return true;
  }

  bool parenthesis(Syntax& out) {
    if (!step() || !expression(out)) return false;
    if (!is(")")) return unexpected("\")\"");
    // (a).b reads b of a, as a.b does; nothing is lost by forgetting the parentheses.
    return step();
  }

  bool array(Syntax& out) {
    out.kind = Kind::array;
    if (!step()) return false;
    while (!is("]")) {
      out.operands.emplace_back();
      if (!expression(out.operands.back())) return false;
      if (is(",")) {
        if (!step()) return false;
        if (is("]")) return unexpected("an element");
      } else if (!is("]")) {
        return unexpected("\",\" or \"]\"");
      }
    }
    out.end = token_.end;
    return step();
  }

  bool map(Syntax& out) {
    out.kind = Kind::map;
    if (!step()) return false;
    if (is(":")) {
      if (!step()) return false;
      if (!is("}")) return unexpected("\"}\"");
    }
    while (!is("}")) {
      out.operands.emplace_back();
      if (!expression(out.operands.back())) return false;
      if (is(",") || is("}"))
        return fail(out.begin, token_.end, "sets are not supported", "Write an array: [a, b].");
      if (!expect(":")) return false;
      out.operands.emplace_back();
      if (!expression(out.operands.back())) return false;
      if (is(",")) {
        if (!step()) return false;
        if (is("}")) return unexpected("a key");
      } else if (!is("}")) {
        return unexpected("\",\" or \"}\"");
      }
    }
    out.end = token_.end;
    return step();
  }

  std::string_view text_;
  Lexer lexer_;
  SyntaxProblem& problem_;
  Token token_;
  int depth_ = 0;
  std::vector<std::vector<std::string>> scopes_;
};

}  // namespace

bool parse_expression(std::string_view text, Syntax& out, SyntaxProblem& problem) {
  return Parser(text, problem).run(out);
}

}  // namespace headwater::mapping
