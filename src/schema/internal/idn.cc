#include "schema/internal/idn.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/regex.h"

namespace headwater::schema {
namespace {

using CodePoints = std::vector<char32_t>;

CodePoints decode_utf8(std::string_view text) {
  CodePoints out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t value = length == 1 ? lead : static_cast<char32_t>(lead & (0xFFU >> (length + 1)));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      value = value << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    out.push_back(value);
    i += length;
  }
  return out;
}

void append_utf8(std::string& out, char32_t value) {
  if (value < 0x80) {
    out += static_cast<char>(value);
  } else if (value < 0x800) {
    out += static_cast<char>(0xC0U | value >> 6U);
    out += static_cast<char>(0x80U | (value & 0x3FU));
  } else if (value < 0x10000) {
    out += static_cast<char>(0xE0U | value >> 12U);
    out += static_cast<char>(0x80U | (value >> 6U & 0x3FU));
    out += static_cast<char>(0x80U | (value & 0x3FU));
  } else {
    out += static_cast<char>(0xF0U | value >> 18U);
    out += static_cast<char>(0x80U | (value >> 12U & 0x3FU));
    out += static_cast<char>(0x80U | (value >> 6U & 0x3FU));
    out += static_cast<char>(0x80U | (value & 0x3FU));
  }
}

bool is_letter_or_digit(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 3492, section 6.1.
std::uint32_t adapt(std::uint32_t delta, std::uint32_t count, bool first) {
  delta = first ? delta / 700 : delta / 2;
  delta += delta / count;
  std::uint32_t k = 0;
  while (delta > 455) {
    delta /= 35;
    k += 36;
  }
  return k + 36 * delta / (delta + 38);
}

std::uint32_t threshold(std::uint32_t k, std::uint32_t bias) {
  return k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
}

std::optional<CodePoints> decode_punycode(std::string_view text) {
  CodePoints out;
  const auto dash = text.rfind('-');
  if (dash != std::string_view::npos) {
    for (const char c : text.substr(0, dash)) out.push_back(static_cast<unsigned char>(c));
    text.remove_prefix(dash + 1);
  }
  if (text.empty()) return std::nullopt;
  std::uint64_t n = 128, at = 0;
  std::uint32_t bias = 72;
  while (!text.empty()) {
    const auto start = at;
    std::uint64_t weight = 1;
    for (std::uint32_t k = 36;; k += 36) {
      if (text.empty()) return std::nullopt;
      const char c = text.front();
      text.remove_prefix(1);
      std::uint32_t digit = 36;
      if (c >= 'a' && c <= 'z') digit = static_cast<std::uint32_t>(c - 'a');
      if (c >= 'A' && c <= 'Z') digit = static_cast<std::uint32_t>(c - 'A');
      if (c >= '0' && c <= '9') digit = static_cast<std::uint32_t>(c - '0' + 26);
      if (digit >= 36) return std::nullopt;
      at += digit * weight;
      if (at > 0x7FFFFFFF) return std::nullopt;
      const auto t = threshold(k, bias);
      if (digit < t) break;
      weight *= 36 - t;
      if (weight > 0x7FFFFFFF) return std::nullopt;
    }
    const auto count = static_cast<std::uint32_t>(out.size() + 1);
    bias = adapt(static_cast<std::uint32_t>(at - start), count, start == 0);
    n += at / count;
    at %= count;
    if (n > 0x10FFFF || (n >= 0xD800 && n < 0xE000)) return std::nullopt;
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(at), static_cast<char32_t>(n));
    ++at;
  }
  return out;
}

// The label's punycode, without "xn--".
std::string encode_punycode(const CodePoints& label) {
  std::string out;
  for (const auto c : label)
    if (c < 128) out += static_cast<char>(c);
  std::size_t handled = out.size();
  const auto basic = out.size();
  if (basic > 0) out += '-';
  std::uint64_t n = 128, delta = 0;
  std::uint32_t bias = 72;
  while (handled < label.size()) {
    char32_t next = 0x110000;
    for (const auto c : label)
      if (c >= n) next = std::min(next, c);
    delta += (next - n) * (handled + 1);
    n = next;
    for (const auto c : label) {
      if (c < n) ++delta;
      if (c != n) continue;
      auto q = delta;
      for (std::uint32_t k = 36;; k += 36) {
        const auto t = threshold(k, bias);
        const auto digit = q < t ? q : t + (q - t) % (36 - t);
        out += static_cast<char>(digit < 26 ? 'a' + digit : '0' + (digit - 26));
        if (q < t) break;
        q = (q - t) / (36 - t);
      }
      bias =
          adapt(static_cast<std::uint32_t>(delta), static_cast<std::uint32_t>(handled + 1), handled == basic);
      delta = 0;
      ++handled;
    }
    ++delta;
    ++n;
  }
  return out;
}

enum class Category : std::uint8_t { mark, allowed, greek, hebrew, arabic, japanese };

bool is_a(Category category, char32_t c) {
  // Constant patterns: they compile.
  static const auto make = [](const char* text) { return *Regex::make(text); };
  static const Regex patterns[] = {
      make(R"(^\p{M})"),       make(R"(^[\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}]$)"),
      make(R"(^\p{Greek}$)"),  make(R"(^\p{Hebrew}$)"),
      make(R"(^\p{Arabic}$)"), make(R"(^[\p{Hiragana}\p{Katakana}\p{Han}]$)")};
  std::string text;
  append_utf8(text, c);
  return patterns[static_cast<std::size_t>(category)].search(text);
}

bool is_virama(char32_t c) {
  constexpr char32_t kViramas[] = {
      0x094D,  0x09CD,  0x0A4D,  0x0ACD,  0x0B4D,  0x0BCD,  0x0C4D,  0x0CCD,  0x0D3B,  0x0D3C,
      0x0D4D,  0x0DCA,  0x0E3A,  0x0EBA,  0x0F84,  0x1039,  0x103A,  0x1714,  0x1734,  0x17D2,
      0x1A60,  0x1B44,  0x1BAA,  0x1BAB,  0x1BF2,  0x1BF3,  0x2D7F,  0xA806,  0xA8C4,  0xA953,
      0xA9C0,  0xAAF6,  0xABED,  0x10A3F, 0x11046, 0x1107F, 0x110B9, 0x11133, 0x11134, 0x111C0,
      0x11235, 0x112EA, 0x1134D, 0x11442, 0x114C2, 0x115BF, 0x1163F, 0x116B6, 0x1172B, 0x11839,
      0x119E0, 0x11A34, 0x11A47, 0x11A99, 0x11C3F, 0x11D44, 0x11D45, 0x11D97};
  return std::binary_search(std::begin(kViramas), std::end(kViramas), c);
}

// RFC 5892, section 2.6 and the jamo of 2.9.
bool is_forbidden(char32_t c) {
  return c == 0x0640 || c == 0x07FA || c == 0x302E || c == 0x302F || (c >= 0x3031 && c <= 0x3035) ||
         c == 0x303B || (c >= 0x1100 && c <= 0x11FF) || (c >= 0xA960 && c <= 0xA97F) ||
         (c >= 0xD7B0 && c <= 0xD7FF);
}

// RFC 5892, appendix A.
bool context_allows(const CodePoints& label, std::size_t at) {
  const auto before = at > 0 ? label[at - 1] : U'\0';
  const auto after = at + 1 < label.size() ? label[at + 1] : U'\0';
  const auto contains = [&label](char32_t first, char32_t last) {
    return std::any_of(label.begin(), label.end(), [=](char32_t c) { return c >= first && c <= last; });
  };
  const auto c = label[at];
  if (is_virama(before) && (c == 0x200C || c == 0x200D)) return true;
  // Between joining letters; in names these are Arabic.
  if (c == 0x200C)
    return before != 0 && after != 0 && is_a(Category::arabic, before) && is_a(Category::arabic, after);
  if (c == 0x200D) return false;
  if (c == 0x00B7) return before == 'l' && after == 'l';
  if (c == 0x0375) return after != 0 && is_a(Category::greek, after);
  if (c == 0x05F3 || c == 0x05F4) return before != 0 && is_a(Category::hebrew, before);
  if (c == 0x30FB)
    return std::any_of(label.begin(), label.end(),
                       [](char32_t x) { return x != 0x30FB && is_a(Category::japanese, x); });
  if (c >= 0x0660 && c <= 0x0669) return !contains(0x06F0, 0x06F9);
  if (c >= 0x06F0 && c <= 0x06F9) return !contains(0x0660, 0x0669);
  return c == 0x00DF || c == 0x03C2 || c == 0x06FD || c == 0x06FE || c == 0x0F0B || c == 0x3007 ||
         (!is_forbidden(c) && is_a(Category::allowed, c));
}

bool is_u_label(const CodePoints& label) {
  if (label.empty() || label.front() == '-' || label.back() == '-') return false;
  if (label.size() >= 4 && label[2] == '-' && label[3] == '-') return false;
  if (label.front() >= 128 && is_a(Category::mark, label.front())) return false;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const auto c = label[i];
    if (c < 128 ? !is_letter_or_digit(c) && c != '-' : !context_allows(label, i)) return false;
  }
  return encode_punycode(label).size() + 4 <= 63;
}

bool is_encoded(std::string_view label) {
  return label.size() > 3 && (label[0] == 'x' || label[0] == 'X') && (label[1] == 'n' || label[1] == 'N') &&
         label[2] == '-' && label[3] == '-';
}

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_ascii_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
  for (const char c : label)
    if (!is_letter_or_digit(static_cast<unsigned char>(c)) && c != '-') return false;
  if (!is_encoded(label)) return true;
  const auto decoded = decode_punycode(label.substr(4));
  const auto international = [](char32_t c) { return c >= 128; };
  return decoded && std::any_of(decoded->begin(), decoded->end(), international) && is_u_label(*decoded) &&
         equal_without_case(encode_punycode(*decoded), label.substr(4));
}

// RFC 5893, section 2, for the labels (UTF-8) of one name: where one is written from right to left, all of
// them must have a direction and keep to it.
bool keep_direction(const std::vector<std::string>& labels) {
  // Constant patterns: they compile.
  static const auto make = [](const char* text) { return *Regex::make(text); };
  static const Regex right_to_left = make(R"([\p{bidi_class:R}\p{bidi_class:AL}\p{bidi_class:AN}])");
  static const Regex right = make(
      R"(^(?=[\p{bidi_class:R}\p{bidi_class:AL}]))"
      R"((?!.*\p{bidi_class:EN}.*\p{bidi_class:AN})(?!.*\p{bidi_class:AN}.*\p{bidi_class:EN}))"
      R"([\p{bidi_class:R}\p{bidi_class:AL}\p{bidi_class:AN}\p{bidi_class:EN}\p{bidi_class:ES}\p{bidi_class:CS})"
      R"(\p{bidi_class:ET}\p{bidi_class:ON}\p{bidi_class:BN}\p{bidi_class:NSM}]*)"
      R"((?<=[\p{bidi_class:R}\p{bidi_class:AL}\p{bidi_class:EN}\p{bidi_class:AN}])\p{bidi_class:NSM}*$)");
  static const Regex left =
      make(R"(^(?=\p{bidi_class:L})[\p{bidi_class:L}\p{bidi_class:EN}\p{bidi_class:ES}\p{bidi_class:CS})"
           R"(\p{bidi_class:ET}\p{bidi_class:ON}\p{bidi_class:BN}\p{bidi_class:NSM}]*)"
           R"((?<=[\p{bidi_class:L}\p{bidi_class:EN}])\p{bidi_class:NSM}*$)");
  const auto matches = [](const Regex& pattern) {
    return [&pattern](const std::string& label) { return pattern.search(label); };
  };
  if (std::none_of(labels.begin(), labels.end(), matches(right_to_left))) return true;
  return std::all_of(labels.begin(), labels.end(),
                     [&](const std::string& label) { return right.search(label) || left.search(label); });
}

std::string encode_utf8(const CodePoints& label) {
  std::string out;
  for (const auto c : label) append_utf8(out, c);
  return out;
}

}  // namespace

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const auto dot = text.find('.');
    if (!is_ascii_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_idn_hostname(std::string_view text) {
  if (text.empty() || text.size() > 1024) return false;
  const auto all = decode_utf8(text);
  const auto is_dot = [](char32_t c) { return c == '.' || c == 0x3002 || c == 0xFF0E || c == 0xFF61; };
  std::size_t total = 0;
  std::vector<std::string> labels;
  auto begin = all.begin();
  while (true) {
    const auto end = std::find_if(begin, all.end(), is_dot);
    const CodePoints label(begin, end);
    if (std::all_of(label.begin(), label.end(), [](char32_t c) { return c < 128; })) {
      const std::string ascii(label.begin(), label.end());
      const bool encoded = is_encoded(ascii);
      if (!is_ascii_label(ascii) || (!encoded && label.size() >= 4 && label[2] == '-' && label[3] == '-'))
        return false;
      total += ascii.size() + 1;
      labels.push_back(encoded ? encode_utf8(*decode_punycode(ascii.substr(4))) : ascii);
    } else {
      if (!is_u_label(label)) return false;
      total += encode_punycode(label).size() + 5;
      labels.push_back(encode_utf8(label));
    }
    if (end == all.end()) return total <= 254 && keep_direction(labels);
    begin = end + 1;
  }
}

}  // namespace headwater::schema
