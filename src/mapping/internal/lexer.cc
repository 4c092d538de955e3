#include "mapping/internal/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "mapping/internal/big_number.h"
#include "mapping/internal/characters.h"

namespace headwater::mapping {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Words that are operators, with the sign they stand for.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kWords{{{"or", "||"},
                                                                                {"and", "&&"},
                                                                                {"not", "!"},
                                                                                {"eq", "=="},
                                                                                {"ne", "!="},
                                                                                {"lt", "<"},
                                                                                {"le", "<="},
                                                                                {"gt", ">"},
                                                                                {"ge", ">="},
                                                                                {"div", "/"},
                                                                                {"mod", "%"},
                                                                                {"empty", "empty"},
                                                                                {"size", "size"},
                                                                                {"null", "null"}}};

// Longer signs before their beginnings.
constexpr std::array<std::string_view, 43> kSigns{
    "->", "==", "=~", "=^", "=$", "!=", "!~", "!^", "!$", "<=", ">=", "&&", "||", "??", "?.",
    "?:", "..", "+",  "-",  "*",  "/",  "%",  "&",  "|",  "^",  "~",  "!",  "<",  ">",  "=",
    "?",  ":",  ".",  ",",  "(",  ")",  "[",  "]",  "{",  "}",  ";",  "#",  "@"};

}  // namespace

bool Lexer::fail(SyntaxProblem& problem, std::size_t begin, std::string reason, std::string hint) const {
  problem = SyntaxProblem{begin, std::min(at_ + 1, text_.size()), std::move(reason), std::move(hint)};
  problem.end = std::max(problem.end, problem.begin);
  return false;
}

bool Lexer::skip_blanks(SyntaxProblem& problem) {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f') {
      ++at_;
    } else if (rest().starts_with("//") || rest().starts_with("##")) {
      at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    } else if (rest().starts_with("/*")) {
      const auto end = text_.find("*/", at_ + 2);
      if (end == std::string_view::npos)
        return fail(problem, at_, "the comment is not closed", "Close it with */.");
      at_ = end + 2;
    } else {
      break;
    }
  }
  return true;
}

bool Lexer::next(Token& token, SyntaxProblem& problem, bool after_dot) {
  token = Token{};
  if (!skip_blanks(problem)) return false;
  token.begin = at_;
  if (at_ == text_.size()) {
    token.end = at_;
    return true;
  }
  bool good = true;
  const char c = text_[at_];
  if (rest().starts_with("${")) {
    good = wrapped(token, problem);
  } else if (is_digit(c) && after_dot) {
    token.kind = Token::Kind::integer;
    while (at_ < text_.size() && is_digit(text_[at_])) token.text += text_[at_++];
  } else if (is_digit(c)) {
    good = number(token, problem);
  } else if (c == '"' || c == '\'') {
    good = string(token, problem);
  } else if (c == '`') {
    return fail(problem, at_, "back-quoted texts are not supported", "Use concat(), or quotes: \"text\".");
  } else if (!identifier(token)) {
    good = sign(token, problem);
  } else if (!after_dot && !token.escaped) {
    for (const auto& [word, sign_text] : kWords)
      if (token.text == word) {
        token.kind = Token::Kind::sign;
        token.sign = sign_text;
      }
  }
  token.end = at_;
  return good;
}

bool Lexer::identifier(Token& token) {
  while (at_ < text_.size()) {
    if (!token.text.empty() && rest().starts_with("\\.")) {
      token.text += '.';
      token.escaped = true;
      at_ += 2;
      continue;
    }
    const auto character = decode_utf8(text_, at_);
    const bool first = token.text.empty();
    // "@id" is a common name in JSON-LD shaped sources.
    const bool good =
        character.code == '_' || character.code == '$' || (first && character.code == '@') ||
        (first ? is_letter(character.code) : is_letter(character.code) || is_unicode_digit(character.code));
    if (!good || character.size == 0) break;
    token.text.append(text_.substr(at_, character.size));
    at_ += character.size;
  }
  if (token.text == "@") {
    --at_;
    token.text.clear();
  }
  token.kind = Token::Kind::identifier;
  return !token.text.empty();
}

// ${…}: up to the first closing brace without a backslash (C.6).
bool Lexer::wrapped(Token& token, SyntaxProblem& problem) {
  const auto begin = at_;
  at_ += 2;
  const auto start = at_;
  while (at_ < text_.size() && text_[at_] != '}') at_ += text_[at_] == '\\' ? 2 : 1;
  if (at_ >= text_.size()) {
    at_ = text_.size();
    return fail(problem, begin, "\"${\" is not closed", "Close the name with }.");
  }
  PathError error;
  token.path = parse_path(text_.substr(start, at_ - start), error);
  ++at_;
  token.kind = Token::Kind::wrapped;
  if (!error.reason.empty())
    return fail(problem, start + error.position, "the name in ${} is no path: " + error.reason,
                "Write a backslash before a dot that belongs to a name.");
  return true;
}

bool Lexer::number(Token& token, SyntaxProblem& problem) {
  const auto begin = at_;
  token.kind = Token::Kind::integer;
  if (rest().starts_with("0x") || rest().starts_with("0X")) {
    at_ += 2;
    const auto start = at_;
    while (at_ < text_.size() && is_hex(text_[at_])) ++at_;
    if (at_ == start) return fail(problem, begin, "hexadecimal digits are expected behind 0x");
    token.text = decimal_of(text_.substr(start, at_ - start), 16);
  } else {
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    if (at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1])) {
      token.kind = Token::Kind::real;
      for (++at_; at_ < text_.size() && is_digit(text_[at_]);) ++at_;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      auto end = at_ + 1;
      if (end < text_.size() && (text_[end] == '+' || text_[end] == '-')) ++end;
      if (end == text_.size() || !is_digit(text_[end])) {
        return fail(problem, begin, "digits are expected in the exponent");
      }
      while (end < text_.size() && is_digit(text_[end])) ++end;
      at_ = end;
      token.kind = Token::Kind::real;
    }
    token.text = text_.substr(begin, at_ - begin);
    const bool octal =
        token.kind == Token::Kind::integer && token.text.size() > 1 && token.text.front() == '0';
    const char suffix = at_ < text_.size() ? text_[at_] : '\0';
    constexpr std::string_view kRealSuffixes = "fFdDbB";
    if (octal && kRealSuffixes.find(suffix) == std::string_view::npos) {
      if (token.text.find_first_of("89") != std::string::npos)
        return fail(problem, begin, "a number that starts with 0 is octal, and 8 and 9 are no octal digits",
                    "Leave the leading 0 out.");
      token.text = decimal_of(token.text, 8);
    }
  }
  if (at_ < text_.size()) {
    const bool whole = token.kind == Token::Kind::integer;
    const char suffix = text_[at_];
    if (whole && (suffix == 'l' || suffix == 'L'))
      ++at_;
    else if (whole && (suffix == 'h' || suffix == 'H'))
      ++at_, token.kind = Token::Kind::big;
    else if (suffix == 'f' || suffix == 'F')
      ++at_, token.kind = Token::Kind::single;
    else if (suffix == 'd' || suffix == 'D')
      ++at_, token.kind = Token::Kind::real;
    else if (suffix == 'b' || suffix == 'B')
      ++at_, token.kind = Token::Kind::decimal;
  }
  // "2name" is neither a number nor a name.
  const auto character = at_ < text_.size() ? decode_utf8(text_, at_) : Utf8Character{};
  if (character.size > 0 && (is_letter(character.code) || character.code == '_' || character.code == '$'))
    return fail(problem, begin, "a number cannot run into a name",
                "Wrap a name that starts with a digit: ${1st}.");
  return true;
}

bool Lexer::unicode_escape(std::uint32_t& unit) const {
  if (at_ + 6 > text_.size() || !rest().starts_with("\\u")) return false;
  const auto* begin = text_.data() + at_ + 2;
  return std::from_chars(begin, begin + 4, unit, 16).ptr == begin + 4;
}

// A backslash before anything but these stays, so that "\d" and "\\d" are the same regular expression (C.2).
bool Lexer::escape(Token& token, char quote, SyntaxProblem& problem) {
  constexpr std::string_view kLetters = "btnfr";
  constexpr std::string_view kControls = "\b\t\n\f\r";
  const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (next == 'u') {
    std::uint32_t unit = 0;
    if (!unicode_escape(unit)) return fail(problem, at_, "four hexadecimal digits are expected behind \\u");
    at_ += 6;
    std::uint32_t low = 0;
    if (unit >= 0xD800 && unit < 0xDC00 && unicode_escape(low) && low >= 0xDC00 && low < 0xE000) {
      at_ += 6;
      unit = 0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00);
    }
    if (unit >= 0xD800 && unit < 0xE000) unit = 0xFFFD;  // half a pair is no character
    append_utf8(token.text, unit);
    return true;
  }
  const auto letter = next == '\0' ? std::string_view::npos : kLetters.find(next);
  if (letter != std::string_view::npos) {
    token.text += kControls[letter];
    at_ += 2;
  } else if (next == '\\' || next == quote) {
    token.text += next;
    at_ += 2;
  } else {
    token.text += '\\';
    ++at_;
  }
  return true;
}

bool Lexer::string(Token& token, SyntaxProblem& problem) {
  const auto begin = at_;
  const char quote = text_[at_++];
  token.kind = Token::Kind::string;
  while (at_ < text_.size() && text_[at_] != quote) {
    if (text_[at_] == '\n' || text_[at_] == '\r')
      return fail(problem, begin, "a text cannot hold a line break", "Write \\n.");
    if (text_[at_] == '\\') {
      if (!escape(token, quote, problem)) return false;
    } else {
      token.text += text_[at_++];
    }
  }
  if (at_ >= text_.size()) {
    at_ = text_.size();
    return fail(problem, begin, "the text is not closed", std::string("Close it with ") + quote + ".");
  }
  ++at_;
  return true;
}

bool Lexer::sign(Token& token, SyntaxProblem& problem) {
  for (const auto known : kSigns) {
    if (!rest().starts_with(known)) continue;
    token.kind = Token::Kind::sign;
    token.sign = known;
    at_ += known.size();
    return true;
  }
  const auto character = decode_utf8(text_, at_);
  const auto shown = character.size == 0 ? std::string("this byte")
                                         : "\"" + std::string(text_.substr(at_, character.size)) + "\"";
  return fail(problem, at_, shown + " has no meaning here", "Wrap unusual names: ${order lines}.");
}

}  // namespace headwater::mapping
