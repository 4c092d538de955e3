#include "json/internal/grammar.h"

#include <algorithm>

namespace headwater::json::internal {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The four hexadecimal digits at `at`, or nullopt.
std::optional<std::uint32_t> hex4(std::string_view text, std::size_t at) {
  if (text.size() < at + 4) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = text[i];
    std::uint32_t digit = 0;
    if (is_digit(c))
      digit = static_cast<std::uint32_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<std::uint32_t>(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F')
      digit = static_cast<std::uint32_t>(c - 'A') + 10;
    else
      return std::nullopt;
    value = value * 16 + digit;
  }
  return value;
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

/// The length of the escape at `at` (a backslash), or 0 when it is none.
std::size_t escape_length(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return 0;
  switch (text[at + 1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
      return 2;
    case 'u':
      break;
    default:
      return 0;
  }
  const auto unit = hex4(text, at + 2);
  if (!unit || is_low_surrogate(*unit)) return 0;
  if (!is_high_surrogate(*unit)) return 6;
  if (text.substr(at + 6, 2) != "\\u") return 0;
  const auto low = hex4(text, at + 8);
  return low && is_low_surrogate(*low) ? 12 : 0;
}

bool is_half_pair(std::string_view text, std::size_t at) {
  if (text.substr(at, 2) != "\\u" || escape_length(text, at) != 0) return false;
  const auto unit = hex4(text, at + 2);
  return unit && (is_high_surrogate(*unit) || is_low_surrogate(*unit));
}

class StrictParser {
 public:
  StrictParser(std::string_view text, std::uint32_t depth_max, std::vector<Node>& nodes,
               std::vector<OpenContainer>& open)
      : text_(text), depth_max_(depth_max), nodes_(nodes), open_(open) {
    nodes_.clear();
    open_.clear();
  }

  std::optional<GrammarError> run() {
    if (text_.size() >= kOffsetMax) return GrammarError{0, "a text of 4 GB or more", true};
    skip_space();
    if (at_end()) return GrammarError{at_, "the text is empty", false};
    bool good = value();
    while (good && !open_.empty()) good = step();
    if (!good) return error_;
    skip_space();
    if (!at_end()) return GrammarError{at_, "something follows the end of the document", false};
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kOffsetMax = 0xFFFFFFFFU;

  bool at_end() const { return at_ >= text_.size(); }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool fail(const char* reason) {
    error_ = {at_, reason, false};
    return false;
  }
  std::uint32_t count() const { return static_cast<std::uint32_t>(nodes_.size()); }
  void add(std::size_t begin, std::size_t end, Kind kind, bool escaped = false) {
    nodes_.push_back(
        {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), count() + 1, kind, escaped});
  }

  /// One element or member of the innermost open container, or its end.
  bool step() {
    OpenContainer& top = open_.back();
    const bool object = nodes_[top.node].kind == Kind::object;
    skip_space();
    if (at_end()) return fail(object ? "the text ends inside an object" : "the text ends inside an array");
    if (text_[at_] == (object ? '}' : ']')) {
      ++at_;
      nodes_[top.node].end = static_cast<std::uint32_t>(at_);
      nodes_[top.node].next = count();
      open_.pop_back();
      return true;
    }
    if (!top.fresh) {
      if (text_[at_] != ',') return fail(object ? "a comma or } was expected" : "a comma or ] was expected");
      ++at_;
      skip_space();
    }
    top.fresh = false;
    if (object && !name()) return false;
    return value();
  }

  bool name() {
    if (at_end() || text_[at_] != '"') return fail("a member name in double quotes was expected");
    if (!string()) return false;
    skip_space();
    if (at_end() || text_[at_] != ':') return fail("a colon was expected after a member name");
    ++at_;
    skip_space();
    return true;
  }

  bool value() {
    if (at_end()) return fail("a value was expected, but the text ends");
    switch (text_[at_]) {
      case '{':
        return container(Kind::object);
      case '[':
        return container(Kind::array);
      case '"':
        return string();
      case 't':
        return literal("true", Kind::boolean);
      case 'f':
        return literal("false", Kind::boolean);
      case 'n':
        return literal("null", Kind::null);
      default:
        return number();
    }
  }

  bool container(Kind kind) {
    if (open_.size() >= depth_max_) {
      error_ = {at_, "values are nested too deeply", true};
      return false;
    }
    open_.push_back({count(), true});
    add(at_, at_, kind);
    ++at_;
    return true;
  }

  bool literal(std::string_view word, Kind kind) {
    if (text_.substr(at_, word.size()) != word) return fail("a value was expected");
    add(at_, at_ + word.size(), kind);
    at_ += word.size();
    return true;
  }

  bool number() {
    const char c = text_[at_];
    if (c != '-' && !is_digit(c)) return fail("a value was expected");
    const std::size_t end = number_end(text_, at_);
    if (end == kNone) return fail("this is no JSON number");
    add(at_, end, Kind::number);
    at_ = end;
    return true;
  }

  bool string() {
    const std::size_t begin = at_++;
    bool escaped = false;
    while (!at_end()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') {
        ++at_;
        add(begin, at_, Kind::string, escaped);
        return true;
      }
      if (byte < 0x20) return fail("a control character inside a string must be escaped");
      std::size_t length = 1;
      if (byte == '\\') {
        escaped = true;
        length = escape_length(text_, at_);
        if (length == 0) {
          return fail(is_half_pair(text_, at_)
                          ? "this escape is half a surrogate pair and stands for no character"
                          : "this escape is not valid");
        }
      } else if (byte >= 0x80) {
        length = utf8_length(text_.substr(at_));
        if (length == 0) return fail("the bytes are not valid UTF-8");
      }
      at_ += length;
    }
    return fail("the text ends inside a string");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t depth_max_;
  std::vector<Node>& nodes_;
  std::vector<OpenContainer>& open_;
  GrammarError error_;
};

}  // namespace

std::optional<GrammarError> parse_strictly(std::string_view text, std::uint32_t depth_max,
                                           std::vector<Node>& nodes, std::vector<OpenContainer>& open) {
  return StrictParser(text, depth_max, nodes, open).run();
}

std::size_t number_end(std::string_view text, std::size_t from) {
  std::size_t at = from;
  const auto here = [&] { return at < text.size() ? text[at] : '\0'; };
  const auto digits = [&] {
    const std::size_t start = at;
    while (is_digit(here())) ++at;
    return at > start;
  };
  if (here() == '-') ++at;
  if (here() == '0')
    ++at;
  else if (!digits())
    return kNone;
  if (here() == '.') {
    ++at;
    if (!digits()) return kNone;
  }
  if (here() == 'e' || here() == 'E') {
    ++at;
    if (here() == '+' || here() == '-') ++at;
    if (!digits()) return kNone;
  }
  return at;
}

std::size_t wrong_escape(std::string_view inside) {
  for (std::size_t at = inside.find('\\'); at != kNone; at = inside.find('\\', at)) {
    const std::size_t length = escape_length(inside, at);
    if (length == 0) return at;
    at += length;
  }
  return kNone;
}

bool mend_half_pairs(std::string& json_text) {
  bool mended = false;
  for (std::size_t at = json_text.find('\\'); at != kNone; at = json_text.find('\\', at)) {
    if (is_half_pair(json_text, at)) {
      json_text.replace(at + 2, 4, "fffd");
      mended = true;
    }
    at += std::max<std::size_t>(escape_length(json_text, at), 2);
  }
  return mended;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) code_point = 0xFFFD;
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

void append_unescaped(std::string& out, std::string_view inside) {
  std::size_t done = 0;
  for (std::size_t at = inside.find('\\'); at != kNone; at = inside.find('\\', done)) {
    out.append(inside, done, at - done);
    const char kind = at + 1 < inside.size() ? inside[at + 1] : '\\';
    done = at + 2;
    switch (kind) {
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'u': {
        std::uint32_t unit = hex4(inside, at + 2).value_or(0xFFFD);
        done = at + 6;
        if (is_high_surrogate(unit)) {
          const std::uint32_t low = hex4(inside, at + 8).value_or(0xDC00);
          unit = 0x10000 + ((unit - 0xD800) << 10) + ((low - 0xDC00) & 0x3FF);
          done = at + 12;
        }
        append_utf8(out, unit);
        break;
      }
      default:
        out.push_back(kind);
    }
    if (done >= inside.size()) return;
  }
  out.append(inside, done);
}

std::size_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&text](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;
  if (lead < 0xE0) return follows(1) ? 2 : 0;
  if (lead < 0xF0) {
    // No overlong forms (E0 80..9F) and no surrogates (ED A0..BF).
    if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F)) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (lead > 0xF4) return 0;
  if ((lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) > 0x8F)) return 0;
  return follows(1) && follows(2) && follows(3) ? 4 : 0;
}

}  // namespace headwater::json::internal
