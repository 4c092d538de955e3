#include "mapping/internal/java_regex.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace headwater::mapping {
namespace {

// Java's names of properties. `posix`: what stands between "[:" and ":]"; otherwise PCRE2's name of the same.
struct Property {
  std::string_view java;
  std::string_view posix;
  std::string_view name;
};
constexpr std::array kProperties = {
    Property{"Lower", "lower", ""},
    Property{"Upper", "upper", ""},
    Property{"ASCII", "ascii", ""},
    Property{"Alpha", "alpha", ""},
    Property{"Digit", "digit", ""},
    Property{"Alnum", "alnum", ""},
    Property{"Punct", "punct", ""},
    Property{"Graph", "graph", ""},
    Property{"Print", "print", ""},
    Property{"Blank", "blank", ""},
    Property{"Cntrl", "cntrl", ""},
    Property{"XDigit", "xdigit", ""},
    Property{"Space", "space", ""},
    Property{"javaLowerCase", "", "Lowercase"},
    Property{"javaUpperCase", "", "Uppercase"},
    Property{"javaTitleCase", "", "Lt"},
    Property{"javaAlphabetic", "", "Alphabetic"},
    Property{"javaIdeographic", "", "Ideographic"},
    Property{"javaLetter", "", "L"},
    Property{"javaDigit", "", "Nd"},
    Property{"javaMirrored", "", "Bidi_Mirrored"},
    Property{"javaSpaceChar", "", "Z"},
    Property{"IsPunctuation", "", "P"},
    Property{"IsLetter", "", "L"},
    Property{"IsDigit", "", "Nd"},
    Property{"IsControl", "", "Cc"},
    Property{"IsTitlecase", "", "Lt"},
    Property{"IsLC", "", "L&"},
    Property{"LC", "", "L&"},
};

class Translation {
 public:
  explicit Translation(std::string_view pattern) : pattern_(pattern) {}

  std::string run() {
    std::string out;
    while (!at_end()) {
      if (peek() == '\\') {
        escape(out, false);
      } else if (peek() == '[') {
        if (auto set = class_at_here(0))
          out += *set;
        else
          return std::string(pattern_);  // not closed: PCRE2 says so
      } else if (rest().starts_with("(?")) {
        flags(out);
      } else {
        out += pattern_[at_++];
      }
    }
    return out;
  }

 private:
  static constexpr int kNestedMax = 50;

  bool at_end() const { return at_ >= pattern_.size(); }
  char peek() const { return pattern_[at_]; }
  std::string_view rest() const { return pattern_.substr(at_); }

  // "(?iu:" is "(?i:": case is ignored for all letters anyway, and a line ends at "\n" alone.
  void flags(std::string& out) {
    const auto letters = pattern_.find_first_not_of("idmsux-", at_ + 2);
    const bool only_flags = letters != std::string_view::npos && letters > at_ + 2 &&
                            (pattern_[letters] == ')' || pattern_[letters] == ':');
    out.append("(?");
    at_ += 2;
    if (!only_flags) return;
    for (; at_ < letters; ++at_)
      if (peek() != 'u' && peek() != 'd') out += peek();
  }

  static std::optional<std::uint32_t> code_unit(std::string_view text) {
    if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
    std::uint32_t unit = 0;
    const auto read = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
    return read.ptr == text.data() + 6 ? std::optional(unit) : std::nullopt;
  }

  void escape(std::string& out, bool in_class) {
    const auto text = rest();
    if (text.starts_with("\\Q")) {
      const auto end = std::min(text.find("\\E"), text.size());
      out.append(text.substr(0, end + 2));
      at_ += std::min(end + 2, text.size());
    } else if (const auto unit = code_unit(text)) {
      at_ += 6;
      auto code = *unit;
      const auto low = code_unit(rest());
      if (code >= 0xD800 && code < 0xDC00 && low && *low >= 0xDC00 && *low < 0xE000) {
        at_ += 6;
        code = 0x10000 + ((code - 0xD800) << 10U) + (*low - 0xDC00);
      }
      std::array<char, 8> digits{};
      auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), code, 16).ptr;
      out.append("\\x{").append(digits.data(), end).append("}");
    } else if (text.starts_with("\\p{") || text.starts_with("\\P{")) {
      property(out, in_class);
    } else {
      out.append(text.substr(0, 2));
      at_ += std::min<std::size_t>(2, text.size());
    }
  }

  void property(std::string& out, bool in_class) {
    const auto end = pattern_.find('}', at_);
    const bool negated = pattern_[at_ + 1] == 'P';
    if (end == std::string_view::npos) {
      out.append(rest());
      at_ = pattern_.size();
      return;
    }
    auto name = pattern_.substr(at_ + 3, end - at_ - 3);
    at_ = end + 1;
    const auto* const known =
        std::find_if(kProperties.begin(), kProperties.end(),
                     [name](const Property& property) { return property.java == name; });
    if (known != kProperties.end() && !known->posix.empty()) {
      out.append(in_class ? "[:" : "[[:").append(negated ? "^" : "").append(known->posix);
      out.append(in_class ? ":]" : ":]]");
      return;
    }
    if (known != kProperties.end())
      name = known->name;
    else if (name.starts_with("Is"))
      name.remove_prefix(2);
    else if (const auto category = name.find('=');
             name.starts_with("general_category=") || name.starts_with("gc="))
      name.remove_prefix(category + 1);
    out.append(negated ? "\\P{" : "\\p{").append(name).append("}");
  }

  // A class, from its "[" on: one character of the union of its parts, which "&&" narrows. Nothing when it
  // has no end.
  std::optional<std::string> class_at_here(int depth) {
    if (depth > kNestedMax) return std::nullopt;
    ++at_;
    const bool negated = !at_end() && peek() == '^';
    if (negated) ++at_;
    std::vector<std::string> narrowed;  // one alternative for each side of "&&"
    std::string items;                  // of the side that is being read
    std::vector<std::string> nested;
    bool first = true;  // a "]" there is a character
    for (; !at_end() && (first || peek() != ']'); first = false) {
      if (rest().starts_with("&&")) {
        at_ += 2;
        narrowed.push_back(one_of(items, nested));
        items.clear();
        nested.clear();
      } else if (rest().starts_with("[:") && rest().find(":]") != std::string_view::npos) {
        const auto end = rest().find(":]") + 2;
        items.append(rest().substr(0, end));
        at_ += end;
      } else if (peek() == '[') {
        auto inner = class_at_here(depth + 1);
        if (!inner) return std::nullopt;
        nested.push_back(*std::move(inner));
      } else if (peek() == '\\') {
        escape(items, true);
      } else {
        items += pattern_[at_++];
      }
    }
    if (at_end()) return std::nullopt;
    ++at_;
    if (narrowed.empty() && nested.empty()) return (negated ? "[^" : "[") + items + "]";
    std::string out;
    for (const auto& side : narrowed) out += "(?=" + side + ")";
    out += one_of(items, nested);
    return negated ? "(?:(?!" + out + ")[\\s\\S])" : "(?:" + out + ")";
  }

  static std::string one_of(const std::string& items, const std::vector<std::string>& nested) {
    std::string out = items.empty() ? "" : "[" + items + "]";
    for (const auto& part : nested) out += (out.empty() ? "" : "|") + part;
    return nested.empty() ? out : "(?:" + out + ")";
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
};

}  // namespace

std::string from_java_regex(std::string_view pattern) { return Translation(pattern).run(); }

}  // namespace headwater::mapping
