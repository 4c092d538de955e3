#include "schema/internal/ecma_regex.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>

namespace headwater::schema {
namespace {

// Inside brackets; the complements are spelled out because a class cannot hold a negated class.
constexpr std::string_view kDigit = "0-9";
constexpr std::string_view kNotDigit = R"(\x{0}-\x{2f}\x{3a}-\x{10ffff})";
constexpr std::string_view kWord = "A-Za-z0-9_";
constexpr std::string_view kNotWord = R"(\x{0}-\x{2f}\x{3a}-\x{40}\x{5b}-\x{5e}\x{60}\x{7b}-\x{10ffff})";
constexpr std::string_view kSpace =
    R"(\x{9}-\x{d}\x{20}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff})";
constexpr std::string_view kNotSpace =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
    R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff})";
constexpr std::string_view kWordBoundary =
    "(?:(?<=[A-Za-z0-9_])(?![A-Za-z0-9_])|(?<![A-Za-z0-9_])(?=[A-Za-z0-9_]))";
constexpr std::string_view kNoWordBoundary =
    "(?:(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<![A-Za-z0-9_])(?![A-Za-z0-9_]))";

// PCRE2 knows general categories by their short names only.
constexpr std::array<std::pair<std::string_view, std::string_view>, 43> kCategories = {{
    {"Letter", "L"},
    {"Cased_Letter", "L&"},
    {"LC", "L&"},
    {"Uppercase_Letter", "Lu"},
    {"Lowercase_Letter", "Ll"},
    {"Titlecase_Letter", "Lt"},
    {"Modifier_Letter", "Lm"},
    {"Other_Letter", "Lo"},
    {"Mark", "M"},
    {"Combining_Mark", "M"},
    {"Nonspacing_Mark", "Mn"},
    {"Spacing_Mark", "Mc"},
    {"Enclosing_Mark", "Me"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Letter_Number", "Nl"},
    {"Other_Number", "No"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Connector_Punctuation", "Pc"},
    {"Dash_Punctuation", "Pd"},
    {"Open_Punctuation", "Ps"},
    {"Close_Punctuation", "Pe"},
    {"Initial_Punctuation", "Pi"},
    {"Final_Punctuation", "Pf"},
    {"Other_Punctuation", "Po"},
    {"Symbol", "S"},
    {"Math_Symbol", "Sm"},
    {"Currency_Symbol", "Sc"},
    {"Modifier_Symbol", "Sk"},
    {"Other_Symbol", "So"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Line_Separator", "Zl"},
    {"Paragraph_Separator", "Zp"},
    {"Other", "C"},
    {"Control", "Cc"},
    {"cntrl", "Cc"},
    {"Format", "Cf"},
    {"Surrogate", "Cs"},
    {"Private_Use", "Co"},
    {"Unassigned", "Cn"},
}};

std::string code_point(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "\\x{%x}", value);
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

class Translator {
 public:
  explicit Translator(std::string_view in) : in_(in) {}

  Result<std::string> run() {
    while (at_ < in_.size() && reason_.empty()) step();
    if (!reason_.empty())
      return Error{ErrorKind::invalid_argument, "The pattern is no ECMA-262 regular expression: " + reason_ +
                                                    " at position " + std::to_string(at_) + "."};
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  bool ahead(std::string_view text) const { return in_.substr(at_).starts_with(text); }
  void fail(std::string reason) {
    if (reason_.empty()) reason_ = std::move(reason);
  }
  void emit(std::string_view text, bool atom) {
    out_.append(text);
    atom_ = atom;
  }

  void step() {
    const char c = in_[at_];
    switch (c) {
      case '\\':
        return escape();
      case '[':
        return bracket();
      case '(':
        return group();
      case '*':
      case '+':
      case '?':
        return quantifier(1);
      case '{':
        return brace();
      case '.':
        ++at_;
        return emit(R"([^\n\r\x{2028}\x{2029}])", true);
      case '$':
        ++at_;
        return emit("\\z", false);
      case '^':
        ++at_;
        return emit("^", false);
      case '|':
        ++at_;
        return emit("|", false);
      case ')':
        ++at_;
        return emit(")", true);
      case ']':
      case '}':
        ++at_;
        return emit(c == ']' ? "\\]" : "\\}", true);
      default:
        ++at_;
        return emit(std::string_view(&c, 1), true);
    }
  }

  void quantifier(std::size_t length) {
    if (!atom_) return fail("nothing to repeat");
    emit(in_.substr(at_, length), false);
    at_ += length;
    if (peek() == '?') {
      out_ += '?';
      ++at_;
    }
  }

  // "{2,3}" repeats; any other brace stands for itself.
  void brace() {
    std::size_t i = at_ + 1;
    const auto digits = [this, &i] {
      const auto start = i;
      while (i < in_.size() && is_digit(in_[i])) ++i;
      return i > start;
    };
    bool counts = digits();
    if (counts && i < in_.size() && in_[i] == ',') {
      ++i;
      digits();
    }
    counts = counts && i < in_.size() && in_[i] == '}';
    if (counts) return quantifier(i + 1 - at_);
    ++at_;
    emit("\\{", true);
  }

  void group() {
    if (peek(1) != '?') {
      ++at_;
      // "(*" would be a PCRE verb; here the star has nothing to repeat.
      return emit("(", false);
    }
    for (const std::string_view known : {"(?:", "(?=", "(?!", "(?<=", "(?<!"}) {
      if (!ahead(known)) continue;
      at_ += known.size();
      return emit(known, false);
    }
    if (ahead("(?<")) {
      const auto end = in_.find('>', at_);
      if (end == std::string_view::npos) return fail("unfinished group name");
      emit(in_.substr(at_, end + 1 - at_), false);
      at_ = end + 1;
      return;
    }
    fail("unknown group \"(?\"");
  }

  std::optional<std::uint32_t> hex(std::size_t from, std::size_t count) const {
    if (count == 0 || count > 8 || from + count > in_.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = from; i < from + count; ++i) {
      const char c = in_[i];
      std::uint32_t digit = 0;
      if (is_digit(c))
        digit = static_cast<std::uint32_t>(c - '0');
      else if (c >= 'a' && c <= 'f')
        digit = static_cast<std::uint32_t>(c - 'a' + 10);
      else if (c >= 'A' && c <= 'F')
        digit = static_cast<std::uint32_t>(c - 'A' + 10);
      else
        return std::nullopt;
      value = value << 4U | digit;
    }
    return value;
  }

  // Behind "\u"; moves past it.
  std::optional<std::uint32_t> unicode_escape() {
    if (peek() == '{') {
      const auto end = in_.find('}', at_);
      if (end == std::string_view::npos) return std::nullopt;
      const auto value = hex(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      return value && *value <= 0x10FFFF ? value : std::nullopt;
    }
    const auto high = hex(at_, 4);
    if (!high) return std::nullopt;
    at_ += 4;
    if (*high >= 0xD800 && *high < 0xDC00 && ahead("\\u")) {
      const auto low = hex(at_ + 2, 4);
      if (low && *low >= 0xDC00 && *low < 0xE000) {
        at_ += 6;
        return 0x10000 + ((*high - 0xD800) << 10U) + (*low - 0xDC00);
      }
    }
    return high;
  }

  // Behind "\p" or "\P".
  void property(char which, bool in_class) {
    const auto end = in_.find('}', at_);
    if (peek() != '{' || end == std::string_view::npos) return fail("unfinished property escape");
    auto name = in_.substr(at_ + 1, end - at_ - 1);
    std::string_view prefix;
    const auto equals = name.find('=');
    if (equals != std::string_view::npos) {
      const auto key = name.substr(0, equals);
      name = name.substr(equals + 1);
      if (key == "Script" || key == "sc")
        prefix = "sc:";
      else if (key == "Script_Extensions" || key == "scx")
        prefix = "scx:";
      else if (key != "General_Category" && key != "gc")
        return fail("unknown property \"" + std::string(key) + "\"");
    }
    const auto* const known = std::find_if(kCategories.begin(), kCategories.end(),
                                           [name](const auto& entry) { return entry.first == name; });
    if (prefix.empty() && known != kCategories.end()) name = known->second;
    at_ = end + 1;
    std::string text = "\\";
    text.append(1, which).append("{").append(prefix).append(name).append("}");
    emit(text, !in_class || atom_);
  }

  // The members of \d and its like, for use inside brackets; empty for other letters.
  static std::string_view set_of(char letter) {
    switch (letter) {
      case 'd':
        return kDigit;
      case 'D':
        return kNotDigit;
      case 'w':
        return kWord;
      case 'W':
        return kNotWord;
      case 's':
        return kSpace;
      case 'S':
        return kNotSpace;
      default:
        return {};
    }
  }

  // A character escape, the same inside and outside brackets. `at_` stands behind the letter.
  void character_escape(char c) {
    switch (c) {
      case 't':
      case 'n':
      case 'r':
      case 'f': {
        const char text[] = {'\\', c};
        return emit(std::string_view(text, 2), true);
      }
      case 'v':
        return emit("\\x{b}", true);
      case '0':
        if (is_digit(peek())) return fail("octal escape");
        return emit("\\x{0}", true);
      case 'c': {
        const char letter = peek();
        if (!is_letter(letter)) return fail("\\c without a letter");
        ++at_;
        return emit(code_point(static_cast<std::uint32_t>(letter) % 32), true);
      }
      case 'x': {
        const auto value = hex(at_, 2);
        if (!value) return fail("\\x without two hexadecimal digits");
        at_ += 2;
        return emit(code_point(*value), true);
      }
      case 'u': {
        const auto value = unicode_escape();
        if (!value) return fail("unfinished \\u");
        if (*value >= 0xD800 && *value < 0xE000) return fail("half a surrogate pair");
        return emit(code_point(*value), true);
      }
      default:
        break;
    }
    if (is_letter(c) || is_digit(c)) return fail(std::string("unknown escape \\") + c);
    if (static_cast<unsigned char>(c) >= 0x80) return emit(std::string_view(&c, 1), true);
    const char text[] = {'\\', c};
    emit(std::string_view(text, 2), true);
  }

  void escape() {
    ++at_;
    if (at_ >= in_.size()) return fail("a backslash at the end");
    const char c = in_[at_++];
    if (const auto set = set_of(c); !set.empty()) return emit("[" + std::string(set) + "]", true);
    if (c == 'b') return emit(kWordBoundary, false);
    if (c == 'B') return emit(kNoWordBoundary, false);
    if (c == 'p' || c == 'P') return property(c, false);
    if (c == 'k') {
      const auto end = in_.find('>', at_);
      if (peek() != '<' || end == std::string_view::npos) return fail("unfinished \\k");
      emit("\\k" + std::string(in_.substr(at_, end + 1 - at_)), true);
      at_ = end + 1;
      return;
    }
    if (c >= '1' && c <= '9') {
      std::string number(1, c);
      while (is_digit(peek())) number += in_[at_++];
      return emit("\\g{" + number + "}", true);
    }
    character_escape(c);
  }

  void bracket() {
    ++at_;
    const bool negated = peek() == '^';
    if (negated) ++at_;
    if (peek() == ']') {
      ++at_;
      return emit(negated ? "[\\x{0}-\\x{10ffff}]" : "(?!)", true);
    }
    out_ += negated ? "[^" : "[";
    while (true) {
      if (at_ >= in_.size()) return fail("unfinished character class");
      const char c = in_[at_++];
      if (c == ']') break;
      if (c == '[') {
        out_ += "\\[";
      } else if (c != '\\') {
        out_ += c;
      } else if (at_ >= in_.size()) {
        return fail("a backslash at the end");
      } else {
        const char letter = in_[at_++];
        if (const auto set = set_of(letter); !set.empty())
          out_ += set;
        else if (letter == 'b')
          out_ += "\\x{8}";
        else if (letter == 'p' || letter == 'P')
          property(letter, true);
        else
          character_escape(letter);
      }
      if (!reason_.empty()) return;
    }
    emit("]", true);
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
  std::string reason_;
  bool atom_ = false;  // What was emitted last can be repeated.
};

}  // namespace

Result<std::string> translate_ecma_regex(std::string_view pattern) { return Translator(pattern).run(); }

}  // namespace headwater::schema
