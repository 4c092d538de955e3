#include "authoring/command_words.h"

#include <charconv>
#include <utility>

namespace headwater::authoring {
namespace {

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

Error wrong(std::string message) { return Error{ErrorKind::invalid_argument, std::move(message)}; }

class WordReader {
 public:
  WordReader(std::string_view text, const ShellVariables& variables) : text_(text), variables_(variables) {}

  Result<std::vector<std::string>> read() {
    std::vector<std::string> words;
    while (true) {
      skip_blanks();
      if (at_ == text_.size() || ends_command()) return words;
      words.push_back(TRY(word()));
    }
  }

 private:
  bool has(std::string_view next) const { return text_.substr(at_, next.size()) == next; }

  void skip_blanks() {
    while (at_ < text_.size()) {
      if (is_blank(text_[at_]))
        ++at_;
      else if (has("\\\n"))
        at_ += 2;
      else if (has("\\\r\n"))
        at_ += 3;
      else if (has("`\n") || has("`\r\n"))  // PowerShell's
        at_ = text_.find('\n', at_) + 1;
      else
        return;
    }
  }

  // An "&" within a URL is what the person meant, even without quotes.
  bool ends_command() const {
    const char c = text_[at_];
    return c == '|' || c == ';' || c == '>' || c == '<' || c == '#' || has("&&") || has("2>") ||
           (c == '&' && (at_ + 1 == text_.size() || is_blank(text_[at_ + 1])));
  }

  Result<std::string> word() {
    std::string out;
    while (at_ < text_.size() && !is_blank(text_[at_])) {
      const char c = text_[at_];
      if (c == '|' || c == ';' || c == '<' || c == '>') break;  // as a shell does, without blanks as well
      if (c == '\'') {
        TRY(single_quotes(out));
      } else if (c == '"') {
        TRY(double_quotes(out));
      } else if (has("$'")) {
        TRY(escaped_quotes(out));
      } else if (c == '$' || c == '`') {
        TRY(dollar(out));
      } else if (c == '\\') {
        ++at_;
        if (at_ == text_.size()) break;
        if (text_[at_] != '\n') out += text_[at_];
        ++at_;
      } else {
        out += c;
        ++at_;
      }
    }
    return out;
  }

  Result<void> single_quotes(std::string& out) {
    const auto end = text_.find('\'', at_ + 1);
    if (end == std::string_view::npos) return wrong("The command has an open ' quote.");
    out += text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return {};
  }

  Result<void> double_quotes(std::string& out) {
    for (++at_; at_ < text_.size();) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return {};
      }
      if (c == '$' || c == '`') {
        TRY(dollar(out));
        continue;
      }
      if (c == '\\' && at_ + 1 < text_.size()) {
        const char next = text_[at_ + 1];
        if (next != '"' && next != '\\' && next != '$' && next != '`' && next != '\n') out += c;
        if (next != '\n') out += next;
        at_ += 2;
        continue;
      }
      out += c;
      ++at_;
    }
    return wrong("The command has an open \" quote.");
  }

  // $'...', as browsers copy requests.
  Result<void> escaped_quotes(std::string& out) {
    for (at_ += 2; at_ < text_.size();) {
      const char c = text_[at_++];
      if (c == '\'') return {};
      if (c != '\\' || at_ == text_.size()) {
        out += c;
        continue;
      }
      constexpr std::string_view kLetters = "abefnrtv";
      constexpr std::string_view kControls = "\a\b\x1b\f\n\r\t\v";
      const char escape = text_[at_++];
      if (const auto letter = kLetters.find(escape); letter != std::string_view::npos)
        out += kControls[letter];
      else if (escape == 'x')
        out += static_cast<char>(code(2, 16));
      else if (escape == 'u')
        append_utf16(out);
      else if (escape == 'U')
        append_utf8(out, code(8, 16));
      else if (escape >= '0' && escape <= '7')
        --at_, out += static_cast<char>(code(3, 8));
      else
        out += escape;
    }
    return wrong("The command has an open $' quote.");
  }

  unsigned code(std::size_t digits_max, int base) {
    unsigned code = 0;
    const std::string_view digits = text_.substr(at_, digits_max);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, base);
    at_ += static_cast<std::size_t>(read.ptr - digits.data());
    return code;
  }

  // Browsers write a character beyond the first plane as the two halves that their language has for it.
  void append_utf16(std::string& out) {
    const unsigned high = code(4, 16);
    if (high < 0xd800 || high > 0xdbff || !has("\\u")) {
      append_utf8(out, high);
      return;
    }
    at_ += 2;
    const unsigned low = code(4, 16);
    if (low >= 0xdc00 && low <= 0xdfff) {
      append_utf8(out, 0x10000 + ((high - 0xd800) << 10U) + (low - 0xdc00));
    } else {
      append_utf8(out, high);
      append_utf8(out, low);
    }
  }

  static void append_utf8(std::string& out, unsigned code) {
    constexpr unsigned kLast = 0x10ffff;
    constexpr std::string_view kReplacement = "\xef\xbf\xbd";
    if (code > kLast || (code >= 0xd800 && code <= 0xdfff)) {
      out += kReplacement;
    } else if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xc0 | (code >> 6));
      out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
      if (code < 0x10000) {
        out += static_cast<char>(0xe0 | (code >> 12));
      } else {
        out += static_cast<char>(0xf0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
      }
      out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (code & 0x3f));
    }
  }

  Result<void> dollar(std::string& out) {
    if (text_[at_] == '`' || has("$("))
      return wrong("The command holds a command substitution; write what it gives in its place.");
    std::size_t begin = at_ + 1;
    const bool braces = begin < text_.size() && text_[begin] == '{';
    if (braces) ++begin;
    std::size_t end = begin;
    if (end < text_.size() && is_name_start(text_[end]))
      while (end < text_.size() && is_name(text_[end])) ++end;
    if (end == begin || (braces && (end == text_.size() || text_[end] != '}'))) {
      out += text_[at_++];  // "$filter": OData's own; a lone "$"
      return {};
    }
    const std::string name(text_.substr(begin, end - begin));
    const auto value = variables_(name);
    if (!value)
      return wrong("The command uses the variable $" + name +
                   ", which is not set here: export it, or put the $ into single quotes if it is meant so.");
    out += *value;
    at_ = braces ? end + 1 : end;
    return {};
  }

  std::string_view text_;
  const ShellVariables& variables_;
  std::size_t at_ = 0;
};

// What only a command for Windows has: a caret at a line's end, or before the quote that begins a word.
bool is_for_windows(std::string_view text) {
  if (text.find("^\n") != std::string_view::npos || text.find("^\r\n") != std::string_view::npos) return true;
  for (auto at = text.find("^\""); at != std::string_view::npos; at = text.find("^\"", at + 1))
    if (at > 0 && is_blank(text[at - 1])) return true;
  return false;
}

// What cmd.exe hands to a program: a caret takes its meaning from what follows; behind a line's end the next
// line goes on. In quotes cmd.exe would keep carets before signs, but browsers have written them there too.
std::string without_carets(std::string_view text) {
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '&' || c == '|' || c == '<' || c == '>')) break;  // the next command
    if (c != '^' || i + 1 == text.size() || (quoted && is_name(text[i + 1]))) {
      out += c;
      continue;
    }
    ++i;
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    if (text[i] != '\n') {
      out += text[i];
      continue;
    }
    // An empty line behind it is the line's end that was meant.
    const auto next = text.substr(i + 1);
    if (next.starts_with('\n') || next.starts_with("\r\n")) {
      out += '\n';
      i += next.starts_with('\n') ? 1 : 2;
    }
  }
  return out;
}

// As Windows programs split their command line: backslashes count only before a quote.
Result<std::vector<std::string>> split_for_windows(std::string_view command) {
  const std::string text = without_carets(command);
  std::vector<std::string> words;
  for (std::size_t i = 0; i < text.size();) {
    if (is_blank(text[i])) {
      ++i;
      continue;
    }
    std::string word;
    bool quoted = false;
    while (i < text.size() && (quoted || !is_blank(text[i]))) {
      std::size_t slashes = 0;
      while (i < text.size() && text[i] == '\\') ++slashes, ++i;
      if (i == text.size() || text[i] != '"') {
        word.append(slashes, '\\');
        if (i < text.size() && (quoted || !is_blank(text[i]))) word += text[i++];
        continue;
      }
      word.append(slashes / 2, '\\');
      const bool doubled = quoted && i + 1 < text.size() && text[i + 1] == '"';
      if (slashes % 2 == 1 || doubled)
        word += '"';
      else
        quoted = !quoted;
      i += slashes % 2 == 0 && doubled ? 2 : 1;
    }
    if (quoted) return wrong("The command has an open \" quote.");
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace

Result<std::vector<std::string>> split_command(std::string_view text, const ShellVariables& variables) {
  return is_for_windows(text) ? split_for_windows(text) : WordReader(text, variables).read();
}

}  // namespace headwater::authoring
