#include <string>

#include "json/internal/grammar.h"
#include "json/internal/path_query.h"

namespace headwater::json::internal {
namespace {

/// Checks a text against the grammar of RFC 9485 and writes it for PCRE: a dot leaves line ends out, and
/// anchors hold for the text and not for its lines.
class Translator {
 public:
  explicit Translator(std::string_view text) : text_(text) {}

  std::optional<std::string> run() {
    if (!alternatives(0) || at_ != text_.size()) return std::nullopt;
    return std::move(out_);
  }
  /// Given up for its depth: whether it is one is not known.
  bool is_too_deep() const { return too_deep_; }

 private:
  static constexpr int kDepthMax = 100;

  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool at_end() const { return at_ >= text_.size(); }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool alternatives(int depth) {
    if (depth > kDepthMax) {
      too_deep_ = true;
      return false;
    }
    while (true) {
      while (!at_end() && here() != '|' && here() != ')')
        if (!atom(depth) || !quantifier()) return false;
      if (!take('|')) return true;
      out_ += '|';
    }
  }

  bool atom(int depth) {
    const char c = here();
    switch (c) {
      case '(':
        ++at_;
        out_ += "(?:";
        if (!alternatives(depth + 1) || !take(')')) return false;
        out_ += ')';
        return true;
      case '[':
        return char_class();
      case '\\':
        return escape();
      case '.':
        ++at_;
        out_ += "[^\\n\\r]";
        return true;
      case '^':
        ++at_;
        out_ += "\\A";
        return true;
      case '$':
        ++at_;
        out_ += "\\z";
        return true;
      case '*':
      case '+':
      case '?':
      case '{':
      case '}':
      case ']':
        return false;
      default:
        return character();
    }
  }

  /// One character that stands for itself.
  bool character() {
    const std::size_t length = utf8_length(text_.substr(at_));
    if (length == 0) return false;
    if (text_[at_] == '#' || text_[at_] == ' ' || text_[at_] == '\0') {
      static constexpr char kHex[] = "0123456789abcdef";
      out_ += "\\x{";
      out_ += kHex[static_cast<unsigned char>(text_[at_]) >> 4];
      out_ += kHex[static_cast<unsigned char>(text_[at_]) & 0xF];
      out_ += '}';
    } else {
      out_.append(text_, at_, length);
    }
    at_ += length;
    return true;
  }

  bool quantifier() {
    if (take('*')) {
      out_ += '*';
    } else if (take('+')) {
      out_ += '+';
    } else if (take('?')) {
      out_ += '?';
    } else if (here() == '{' && !at_end()) {
      const std::size_t begin = at_++;
      if (!digits()) return false;
      if (take(',')) digits();
      if (!take('}')) return false;
      out_.append(text_, begin, at_ - begin);
    }
    return true;
  }

  bool digits() {
    const std::size_t begin = at_;
    while (here() >= '0' && here() <= '9') ++at_;
    return at_ > begin;
  }

  /// \n and its like, or a category.
  bool escape() {
    const std::size_t begin = at_++;
    const char c = here();
    if (c == 'p' || c == 'P') {
      ++at_;
      return category(begin);
    }
    if (at_end() || std::string_view("()*+-.?[\\]^nrt{|}$").find(c) == std::string_view::npos) return false;
    ++at_;
    out_.append(text_, begin, at_ - begin);
    return true;
  }

  bool category(std::size_t begin) {
    static constexpr std::string_view kCategories[] = {"Llmotu", "Mcen",  "Ndlo", "Pcdefios",
                                                       "Zlps",   "Sckmo", "Ccfno"};
    if (!take('{')) return false;
    for (const std::string_view known : kCategories) {
      if (here() != known.front()) continue;
      ++at_;
      if (known.find(here(), 1) != std::string_view::npos && !at_end()) ++at_;
      if (!take('}')) return false;
      out_.append(text_, begin, at_ - begin);
      return true;
    }
    return false;
  }

  bool char_class() {
    ++at_;
    out_ += '[';
    if (take('^')) out_ += '^';
    if (here() == ']') return false;
    if (take('-')) out_ += "\\-";
    while (!at_end() && here() != ']') {
      if (here() == '-') {  // only the last may stand alone
        ++at_;
        if (here() != ']') return false;
        out_ += "\\-";
        break;
      }
      const bool is_category = text_.substr(at_, 2) == "\\p" || text_.substr(at_, 2) == "\\P";
      if (!class_character()) return false;
      if (is_category || here() != '-' || at_ + 1 >= text_.size() || text_[at_ + 1] == ']') continue;
      ++at_;
      out_ += '-';
      if (here() == '-' || text_.substr(at_, 2) == "\\p" || text_.substr(at_, 2) == "\\P") return false;
      if (!class_character()) return false;
    }
    if (!take(']')) return false;
    out_ += ']';
    return true;
  }

  bool class_character() {
    if (here() == '\\') return escape();
    if (here() == '[') return false;
    if (here() == '^') {
      ++at_;
      out_ += "\\^";
      return true;
    }
    return character();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool too_deep_ = false;
  std::string out_;
};

}  // namespace

Result<std::optional<Regex>> compile_iregexp(std::string_view text, bool whole) {
  Translator translator(text);
  auto pattern = translator.run();
  if (translator.is_too_deep())
    return Error{ErrorKind::too_large, "the regular expression is nested too deeply"};
  if (!pattern) return std::optional<Regex>();
  auto regex = Regex::make(whole ? "\\A(?:" + *pattern + ")\\z" : *pattern);
  if (regex) return std::optional<Regex>(*std::move(regex));
  if (regex.error().kind == ErrorKind::too_large)
    return Error{ErrorKind::too_large,
                 "the regular expression is too large: a count goes to 65535, and all of "
                 "it to what the engine can hold"};
  return std::optional<Regex>();
}

}  // namespace headwater::json::internal
