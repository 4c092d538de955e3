#include "json/internal/path_text.h"

#include <charconv>

#include "json/internal/grammar.h"

namespace headwater::json::internal {
namespace {

constexpr std::int64_t kIntegerMax = (std::int64_t{1} << 53) - 1;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool starts_name(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

bool PathText::take(char c) {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

bool PathText::take(std::string_view word) {
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

bool PathText::skip_blank() {
  const std::size_t begin = at_;
  while (!at_end() && is_space(text_[at_])) ++at_;
  return at_ > begin;
}

std::optional<std::string> PathText::name() {
  if (!starts_name(here())) return std::nullopt;
  const std::size_t begin = at_;
  while (!at_end() && (starts_name(text_[at_]) || is_digit(text_[at_]))) ++at_;
  return std::string(from(begin));
}

std::string_view PathText::function_name() {
  const std::size_t begin = at_;
  if (!is_lower(here())) return {};
  while (is_lower(here()) || is_digit(here()) || here() == '_') ++at_;
  return from(begin);
}

Result<std::int64_t> PathText::integer() {
  const std::size_t begin = at_;
  const bool negative = take('-');
  const std::size_t digits = at_;
  while (is_digit(here())) ++at_;
  const std::string_view text = from(digits);
  if (text.empty()) return wrong("a digit was expected");
  if (text.front() == '0' && (text.size() > 1 || negative))
    return wrong("an integer has no leading zero and -0 is none", begin);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value > kIntegerMax)
    return wrong("the integer is outside -9007199254740991 to 9007199254740991", begin);
  return negative ? -value : value;
}

Result<std::string> PathText::number() {
  const std::size_t end = number_end(text_, at_);
  if (end == std::string_view::npos || (end < text_.size() && is_digit(text_[end])))
    return wrong("this is no valid number");
  const std::size_t begin = at_;
  at_ = end;
  return std::string(from(begin));
}

Result<std::string> PathText::string() {
  const std::size_t begin = at_;
  const char quote = here();
  ++at_;
  std::string out;
  while (!at_end()) {
    const char c = text_[at_];
    if (c == quote) {
      ++at_;
      return out;
    }
    if (static_cast<unsigned char>(c) < 0x20) return wrong("a control character in a string must be escaped");
    if (c == '\\') {
      TRY(escape(quote, out));
    } else {
      out += c;
      ++at_;
    }
  }
  return wrong("the string is not closed", begin);
}

Result<void> PathText::escape(char quote, std::string& out) {
  const std::size_t begin = at_++;
  const char c = here();
  ++at_;
  switch (c) {
    case 'b':
      out += '\b';
      return {};
    case 'f':
      out += '\f';
      return {};
    case 'n':
      out += '\n';
      return {};
    case 'r':
      out += '\r';
      return {};
    case 't':
      out += '\t';
      return {};
    case '/':
    case '\\':
      out += c;
      return {};
    case 'u':
      break;
    default:
      if (c == quote) {
        out += c;
        return {};
      }
      return wrong("this escape is not valid", begin);
  }
  auto unit = hex4();
  if (unit && *unit >= 0xD800 && *unit <= 0xDBFF) {
    const auto low = take("\\u") ? hex4() : std::nullopt;
    if (!low || *low < 0xDC00 || *low > 0xDFFF) return wrong("half a surrogate pair is no character", begin);
    unit = 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
  } else if (unit && *unit >= 0xDC00 && *unit <= 0xDFFF) {
    return wrong("half a surrogate pair is no character", begin);
  }
  if (!unit) return wrong("four hexadecimal digits were expected after \\u", begin);
  append_utf8(out, *unit);
  return {};
}

std::optional<std::uint32_t> PathText::hex4() {
  const std::string_view digits = text_.substr(at_, 4);
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (digits.size() < 4 || error != std::errc() || end != digits.data() + 4) return std::nullopt;
  at_ += 4;
  return value;
}

Error PathText::wrong(std::string_view reason, std::size_t at) const {
  return Error{ErrorKind::invalid_argument,
               "Not a valid JSONPath: " + std::string(reason) + " at position " + std::to_string(at) + ".",
               std::to_string(at)};
}

}  // namespace headwater::json::internal
