#include <algorithm>
#include <array>
#include <utility>

#include "authoring/member_secrets.h"
#include "authoring/secret_scan.h"

namespace headwater::authoring {
namespace {

constexpr auto kNone = std::string_view::npos;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_sign(char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// "key" is what many languages call what is no credential.
bool names_a_secret(std::string_view name) {
  return !name.empty() && plain_name(name) != "key" && sounds_secret(name);
}

// The length of the reference to an input that a text begins with: "${name}", "{{name}}", "<name>".
std::size_t reference_length(std::string_view text) {
  constexpr std::size_t kNameMax = 100;
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kSigns{
      {{"${", "}"}, {"{{", "}}"}, {"<", ">"}}};
  for (const auto& [open, close] : kSigns) {
    if (!text.starts_with(open)) continue;
    const auto name =
        text.substr(open.size(), text.substr(0, kNameMax).find(close, open.size()) - open.size());
    const bool closes = text.substr(open.size() + name.size()).starts_with(close);
    const auto is_sign = [](char c) { return is_name_sign(c) || c == '.' || c == ' '; };
    if (closes && !name.empty() && std::all_of(name.begin(), name.end(), is_sign))
      return open.size() + name.size() + close.size();
  }
  return 0;
}

// The length of the name that a text begins with, where a reference is its value: "token=" of
// "token=${token}".
std::size_t name_of_reference(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_name_sign(text[end])) ++end;
  if (end == 0 || end == text.size() || text[end] != '=') return 0;
  return reference_length(text.substr(end + 1)) > 0 ? end + 1 : 0;
}

// References, and beside them nothing that a key would fit into: "Bearer ${token}", "${user}:${password}",
// "Token token=${token}", "key-${token}".
bool is_reference(std::string_view value) {
  if (value == "***" || (value.starts_with("@{") && value.ends_with('}'))) return true;
  constexpr std::size_t kKeyLeast = 6;
  std::size_t at = 0;
  while (at < value.size() && is_letter(value[at])) ++at;
  if (at == value.size() || value[at] != ' ') at = 0;
  bool found = false, digits = false, in_word = false;
  std::size_t rest = 0;
  while (at < value.size()) {
    const auto named = in_word ? 0 : name_of_reference(value.substr(at));
    const auto length = reference_length(value.substr(at + named));
    found = found || length > 0;
    in_word = length == 0 && is_name_sign(value[at]);
    if (length == 0) {
      rest += in_word || value[at] == '$' ? 1 : 0;
      digits = digits || is_digit(value[at]);
    }
    at += named + std::max<std::size_t>(length, 1);
  }
  return found && (rest < kKeyLeast || !digits);
}

// Without quotes also what a query language refers by, "token=$token", and a reference that a path goes on
// behind. A value in quotes is what it says.
bool is_bare_reference(std::string_view value) {
  const auto length = reference_length(value);
  if (length > 0 && length < value.size()) return !is_name_sign(value[length]);
  return value.starts_with('{') ||
         (value.starts_with('$') && std::all_of(value.begin() + 1, value.end(), is_name_sign));
}

class NamedSecrets {
 public:
  explicit NamedSecrets(std::string_view text) : text_(text) {}

  std::vector<NamedSecret> run() {
    for (std::size_t at = 0; at < text_.size();) {
      if (content_ != 0 && at >= content_) {
        name_ = std::exchange(element_, {});
        content_ = 0;
        at = std::max(at, add_content(at));
        continue;
      }
      if (!is_name_sign(text_[at])) {
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < text_.size() && is_name_sign(text_[end])) ++end;
      name_ = text_.substr(at, end - at);
      const std::size_t behind = value_behind(at, end);
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
    const bool secret = names_a_secret(name_);
    if (!secret && !(name_.ends_with('s') && names_a_secret(name_.substr(0, name_.size() - 1)))) return 0;
    if (secret && content_ == 0 && is_tag(begin)) {
      if (const std::size_t content = behind_attributes(end); content != 0) {
        content_ = content;  // behind its attributes, which may hold one as well
        element_ = name_;
        return 0;
      }
    }
    std::size_t next = end;
    if (at(next) == '\\') ++next;
    if (at(next) == '"' || at(next) == '\'') ++next;  // its own quotes
    next = skip_blanks(next);
    if (at(next) != ':' && at(next) != '=') return 0;
    const bool assigned = at(next) == '=';
    next = skip_blanks(next + 1);
    if (is_list(next)) return list(next + 1);
    if (!secret) return 0;
    if (const auto [first, last] = quoted(next); first != 0) return add(first, last);
    // "a=1&password=x": one that no blank or sign of a query language ends.
    if (assigned && begin + name_.size() == next - 1) {
      const auto last = std::min(text_.find_first_of("&;, \t\r\n\"'<>)", next), text_.size());
      return is_bare_reference(text_.substr(next, last - next)) ? last : add(next, last);
    }
    return number(next);
  }

  // "<name" and "<space:name": not "<!ELEMENT" or the end of one.
  bool is_tag(std::size_t begin) const {
    if (begin > 0 && text_[begin - 1] == ':') {
      --begin;
      while (begin > 0 && is_name_sign(text_[begin - 1])) --begin;
    }
    return begin > 0 && text_[begin - 1] == '<';
  }

  // Where the content of an element begins whose name ends there, or 0: it has none. Attributes may hold what
  // looks like elements, whose attributes are looked through again: not to the end of the text.
  std::size_t behind_attributes(std::size_t position) const {
    constexpr std::size_t kAttributesMax = 4'000;
    const std::size_t last = position + kAttributesMax;
    while (position < last) {
      const std::size_t name = skip_all_blanks(position);
      if (at(name) == '>') return name + 1;
      std::size_t end = name;
      while (is_name_sign(at(end)) || at(end) == ':' || at(end) == '.') ++end;
      end = skip_all_blanks(end);
      if (name == position || at(end) != '=') return 0;
      end = skip_all_blanks(end + 1);
      if (at(end) != '"' && at(end) != '\'') return 0;
      const auto close = text_.substr(0, last).find(text_[end], end + 1);
      if (close == kNone) return 0;
      position = close + 1;
    }
    return 0;
  }

  std::size_t skip_all_blanks(std::size_t position) const {
    while (is_blank(at(position))) ++position;
    return position;
  }

  // An element's text, as it stands there or as character data.
  std::size_t add_content(std::size_t begin) {
    constexpr std::string_view kOpen = "<![CDATA[";
    begin = skip_all_blanks(begin);
    const bool is_data = text_.substr(begin).starts_with(kOpen);
    if (is_data) begin += kOpen.size();
    if (is_data && !data_ends_) return 0;
    const auto close = text_.find(is_data ? "]]>" : "<", begin);
    if (close == kNone) {
      data_ends_ = data_ends_ && !is_data;
      return 0;
    }
    std::size_t end = close;
    while (end > begin && is_blank(text_[end - 1])) --end;
    add(begin, end);
    return close;
  }

  // The begin and the end of what stands in quotes there; the begin is 0 where nothing does.
  std::pair<std::size_t, std::size_t> quoted(std::size_t position) const {
    const bool escaped = at(position) == '\\';
    if (escaped) ++position;
    const char quote = at(position);
    if (quote != '"' && quote != '\'') return {0, 0};
    const auto last = closing(position + 1, quote, escaped);
    if (last == kNone) return {0, 0};
    return {position + 1, last};
  }

  // A quote behind a backslash ends no value, unless no other does: SQL's '\' is a text. In a text whose own
  // quotes are escaped one behind three ends none.
  std::size_t closing(std::size_t first, char quote, bool escaped) const {
    std::size_t slashes = 0;
    for (std::size_t i = first; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++slashes;
        continue;
      }
      if (text_[i] == quote && slashes % 2 == 0) return i;
      if (text_[i] == quote && escaped && slashes % 4 == 1) return i - 1;
      slashes = 0;
    }
    return text_.find(quote, first);
  }

  bool is_list(std::size_t position) const {
    if (at(position) != '[') return false;
    position = skip_all_blanks(position + 1);
    return at(position) == '"' || at(position) == '\'' || at(position) == '\\' || is_digit(at(position));
  }

  // "[\"x\", \"y\"]": where each element has the list's name.
  std::size_t list(std::size_t position) {
    while (true) {
      while (is_blank(at(position)) || at(position) == ',') ++position;
      if (const auto [first, last] = quoted(position); first != 0) {
        const auto text = text_.substr(first, last - first);
        if (secrecy_of_element(name_, json::Value(text)) != Secrecy::none) add(first, last);
        position = last + (at(last) == '\\' ? 2 : 1);
      } else if (const auto end = number(position); end != 0) {
        position = end;
      } else {
        return position;
      }
    }
  }

  std::size_t number(std::size_t begin) {
    std::size_t end = begin;
    while (is_digit(at(end))) ++end;
    if (end == begin || is_name_sign(at(end)) || at(end) == '.') return 0;
    const json::Value value(json::Number{std::string(text_.substr(begin, end - begin))});
    if (secrecy_of_member(name_, value) != Secrecy::none) add(begin, end);
    return end;
  }

  std::size_t add(std::size_t begin, std::size_t end) {
    constexpr std::size_t kLeast = 3;
    if (end < begin + kLeast) return 0;
    if (!is_reference(text_.substr(begin, end - begin))) out_.push_back({begin, end, std::string(name_)});
    return end;
  }

  std::string_view text_, name_;
  std::string_view element_;  // whose attributes are looked at
  std::size_t content_ = 0;   // of it
  bool data_ends_ = true;     // somewhere behind
  std::vector<NamedSecret> out_;
};

}  // namespace

std::vector<NamedSecret> find_named_secrets(std::string_view text) { return NamedSecrets(text).run(); }

}  // namespace headwater::authoring
