#include <algorithm>

#include "authoring/secret_scan.h"

namespace headwater::authoring {
namespace {

bool is_name_sign(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// "key" is what many languages call what is no credential.
bool names_a_secret(std::string_view name) {
  return !name.empty() && plain_name(name) != "key" && sounds_secret(name);
}

// A value that refers to something else, or that stands for one.
bool is_reference(std::string_view value) {
  return value.find("${") != std::string_view::npos || value.find("{{") != std::string_view::npos ||
         value.starts_with('$') || value.starts_with('<') || value.starts_with('{') || value == "***";
}

class NamedSecrets {
 public:
  explicit NamedSecrets(std::string_view text) : text_(text) {}

  std::vector<NamedSecret> run() {
    for (std::size_t at = 0; at < text_.size();) {
      if (!is_name_sign(text_[at])) {
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < text_.size() && is_name_sign(text_[end])) ++end;
      name_ = text_.substr(at, end - at);
      const std::size_t behind = names_a_secret(name_) ? value_behind(at, end) : 0;
      at = std::max(end, behind);
    }
    return std::move(out_);
  }

 private:
  char at(std::size_t position) const { return position < text_.size() ? text_[position] : '\0'; }

  std::size_t skip_blanks(std::size_t position) const {
    while (at(position) == ' ' || at(position) == '\t') ++position;
    return position;
  }

  // The end of the value that stands behind the name, or 0.
  std::size_t value_behind(std::size_t begin, std::size_t end) {
    // An element's: not "<!ELEMENT" or the end of one.
    const char before = begin == 0 ? '\0' : text_[begin - 1];
    if ((before == '<' || before == ':') && at(end) == '>') return add(end + 1, text_.find('<', end));
    std::size_t next = end;
    if (at(next) == '\\') ++next;
    if (at(next) == '"' || at(next) == '\'') ++next;  // its own quotes
    next = skip_blanks(next);
    if (at(next) != ':' && at(next) != '=') return 0;
    const bool assigned = at(next) == '=';
    next = skip_blanks(next + 1);
    const bool escaped = at(next) == '\\';
    const char quote = at(escaped ? next + 1 : next);
    if (quote == '"' || quote == '\'') {
      const std::size_t first = next + (escaped ? 2 : 1);
      std::size_t last = text_.find(quote, first);
      if (escaped && last != std::string_view::npos) --last;
      return add(first, last);
    }
    // "a=1&password=x": one that no blank or sign of a query language ends.
    if (!assigned || escaped || begin + name_.size() != next - 1) return 0;
    return add(next, std::min(text_.find_first_of("&;, \t\r\n\"'<>)", next), text_.size()));
  }

  std::size_t add(std::size_t begin, std::size_t end) {
    constexpr std::size_t kLeast = 3;
    if (end == std::string_view::npos || end < begin + kLeast) return 0;
    const auto value = text_.substr(begin, end - begin);
    if (is_reference(value)) return end;
    out_.push_back({begin, end, std::string(name_)});
    return end;
  }

  std::string_view text_, name_;
  std::vector<NamedSecret> out_;
};

}  // namespace

std::vector<NamedSecret> find_named_secrets(std::string_view text) { return NamedSecrets(text).run(); }

}  // namespace headwater::authoring
