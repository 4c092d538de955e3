#include "json/value.h"
#include "mapping/internal/syntax.h"

namespace headwater::mapping {
namespace {

using Kind = Syntax::Kind;

// Back to what the lexer reads: everything that is not plain is escaped.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte == '\n' || byte == '\r') {
      out += byte == '\n' ? "\\n" : "\\r";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string wrapped(std::string_view name) {
  std::string out = "${";
  for (const char c : name) {
    if (c == '.' || c == '\\' || c == '}' || c == '[' || c == ']') out += '\\';
    out += c;
  }
  return out + "}";
}

std::string path(const Path& steps) {
  std::string out;
  for (const auto& step : steps) {
    if (step.kind == Step::Kind::every)
      out += "[*]";
    else if (step.kind == Step::Kind::index)
      out += "[" + std::to_string(step.index) + "]";
    else
      out += (out.empty() ? "" : ".") + wrapped(step.name);
  }
  return out;
}

class Printer {
 public:
  std::string print(const Syntax& syntax) {
    switch (syntax.kind) {
      case Kind::null:
        return "null";
      case Kind::boolean:
      case Kind::integer:
        return syntax.text;
      case Kind::big:
        return syntax.text + "H";
      case Kind::real:
        return syntax.text + "D";
      case Kind::single:
        return syntax.text + "F";
      case Kind::decimal:
        return syntax.text + "B";
      case Kind::string:
        return quoted(syntax.text);
      case Kind::attribute:
        return path(syntax.path);
      case Kind::local:
        return syntax.text;
      case Kind::member:
        return "(" + print(syntax.operands[0]) + ")." + quoted(syntax.text);
      case Kind::every:
        return "(" + print(syntax.operands[0]) + ")[*]";
      case Kind::index:
        return "(" + print(syntax.operands[0]) + ")[" + print(syntax.operands[1]) + "]";
      case Kind::call:
        return syntax.text + "(" + list(syntax, 0) + ")";
      case Kind::method:
        return "(" + print(syntax.operands[0]) + ")." + syntax.text + "(" + list(syntax, 1) + ")";
      case Kind::array:
        return "[" + list(syntax, 0) + "]";
      case Kind::map:
        return map(syntax);
      case Kind::lambda:
        return lambda(syntax);
      case Kind::conditional:
        return "(" + print(syntax.operands[0]) + " ? " + print(syntax.operands[1]) + " : " +
               print(syntax.operands[2]) + ")";
      default:
        break;
    }
    const std::string sign(symbol_of(syntax.kind));
    if (syntax.operands.size() == 1) return "(" + sign + " " + print(syntax.operands[0]) + ")";
    return "(" + print(syntax.operands[0]) + " " + sign + " " + print(syntax.operands[1]) + ")";
  }

 private:
  std::string list(const Syntax& syntax, std::size_t from) {
    std::string out;
    for (auto i = from; i < syntax.operands.size(); ++i)
      out += (i == from ? "" : ", ") + print(syntax.operands[i]);
    return out;
  }

  std::string map(const Syntax& syntax) {
    if (syntax.operands.empty()) return "{:}";
    std::string out = "{";
    for (std::size_t i = 0; i + 1 < syntax.operands.size(); i += 2)
      out += (i == 0 ? "" : ", ") + print(syntax.operands[i]) + ": " + print(syntax.operands[i + 1]);
    return out + "}";
  }

  std::string lambda(const Syntax& syntax) {
    std::string out = "(";
    for (std::size_t i = 0; i < syntax.names.size(); ++i) out += (i == 0 ? "" : ", ") + syntax.names[i];
    return out + ") -> " + print(syntax.operands[0]);
  }
};

}  // namespace

std::string print_expression(const Syntax& syntax) { return Printer().print(syntax); }

}  // namespace headwater::mapping
