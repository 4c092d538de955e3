#include "authoring/placeholders.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace headwater::authoring {
namespace {

constexpr std::size_t kNameMax = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_upper(c) || (c >= 'a' && c <= 'z'); }
bool is_word(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

bool is_name(std::string_view text, std::string_view more) {
  return !text.empty() && text.size() <= kNameMax && (is_letter(text[0]) || text[0] == '_') &&
         std::all_of(text.begin(), text.end(),
                     [more](char c) { return is_word(c) || more.find(c) != std::string_view::npos; });
}

// "YOUR_DOMAIN", "your-domain", "yourDomain", "yourdomain"; "yourls" is a name of its own.
bool is_yours(std::string_view word) {
  constexpr std::string_view kYour = "your";
  constexpr std::string_view kThings[] = {"domain", "subdomain", "company", "store",     "shop",  "site",
                                          "tenant", "instance",  "account", "workspace", "token", "org",
                                          "name",   "server",    "team",    "host",      "id",    "key"};
  if (!equal_ignoring_case(word.substr(0, kYour.size()), kYour) || word.size() <= kYour.size()) return false;
  const std::string_view rest = word.substr(kYour.size());
  if (rest[0] == '_' || rest[0] == '-') return rest.size() > 1;
  if (word[0] == 'y' && is_upper(rest[0])) return true;
  return std::any_of(std::begin(kThings), std::end(kThings),
                     [rest](std::string_view thing) { return equal_ignoring_case(rest, thing); });
}

// In a path: "OWNER", "REPO", "ACCOUNT_ID". Other words in capitals are names that APIs have.
bool is_shouted(std::string_view word) {
  constexpr std::string_view kWords[] = {"OWNER", "REPO", "ORG", "USERNAME", "USER", "ID", "SLUG", "UUID"};
  constexpr std::string_view kEndings[] = {"_ID", "_SLUG", "_UUID", "_NAME", "_NUMBER", "_KEY", "_TOKEN"};
  if (std::any_of(word.begin(), word.end(), [](char c) { return !is_upper(c) && !is_digit(c) && c != '_'; }))
    return false;
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords) ||
         std::any_of(std::begin(kEndings), std::end(kEndings), [word](std::string_view ending) {
           return word.size() > ending.size() && word.ends_with(ending);
         });
}

// "YOUR_ACCOUNT_ID" is an account_id.
std::string bare_name(std::string_view name) {
  for (const std::string_view before : {"your_", "your-", "your ", "my_"})
    if (equal_ignoring_case(name.substr(0, before.size()), before)) name.remove_prefix(before.size());
  if (is_yours(name)) name.remove_prefix(4);
  std::string out = input_name_of(name);
  const bool has_lower = std::any_of(out.begin(), out.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return has_lower ? out : lower(out);
}

struct Found {
  std::size_t length = 0;
  std::string_view name;
};

Found between(std::string_view rest, std::string_view open, std::string_view close, std::string_view more) {
  if (!rest.starts_with(open)) return {};
  rest = rest.substr(0, open.size() + kNameMax + close.size());  // a name is not looked for beyond its length
  const auto end = rest.find(close, open.size());
  if (end == std::string_view::npos) return {};
  const auto name = rest.substr(open.size(), end - open.size());
  const bool own = name == "START_TIME" || name == "END_TIME" || name == "SCHEDULE_QUERY";
  if (own || !is_name(name, more)) return {};
  return {end + close.size(), name};
}

Found bracketed(std::string_view rest) {
  for (const auto& [open, close, more] :
       {std::array<std::string_view, 3>{"{{", "}}", ".-"}, std::array<std::string_view, 3>{"${", "}", ".-"},
        std::array<std::string_view, 3>{"{", "}", ".-"}, std::array<std::string_view, 3>{"<", ">", ".- "}})
    if (const Found found = between(rest, open, close, more); found.length > 0) return found;
  return {};
}

// A label of a host, a segment of a path up to its ending ("YOUR_ID.json"), or a whole value.
Found whole_word(std::string_view rest, TextPlace place) {
  const std::string_view ends = place == TextPlace::host ? ".:" : place == TextPlace::path ? "/.?" : "";
  const std::string_view word = rest.substr(0, rest.find_first_of(ends));
  if (place == TextPlace::path && word.starts_with(':') && is_name(word.substr(1), "-"))
    return {word.size(), word.substr(1)};
  if (!is_name(word, "-")) return {};
  if (is_yours(word) || (place == TextPlace::path && is_shouted(word))) return {word.size(), word};
  return {};
}

bool has_two_levels(std::string_view text) {
  const auto first = text.find('{');
  if (first == std::string_view::npos) return false;
  const auto next = text.find_first_of("{}", first + 1);
  return next != std::string_view::npos && next > first + 1 && text[next] == '{';
}

// "query($a: Int) {id}", "query Orders { orders {id} }". "query {term}" may be a sentence.
bool is_operation(std::string_view text, TextPlace place) {
  for (const std::string_view word : {"query", "mutation", "subscription", "fragment"}) {
    if (!text.starts_with(word) || text.find_first_of(" ({", word.size()) != word.size()) continue;
    const auto begin = text.find_first_not_of(' ', word.size());
    return place == TextPlace::query || text.substr(0, begin + 1).ends_with('(') ||
           text.find("($") != std::string_view::npos || text.find('\n') != std::string_view::npos ||
           has_two_levels(text);
  }
  return false;
}

// Whether braces of the text around it are open where a value stands: "{id}" within "{ orders {id} }" is a
// query language's selection. In quotes, "{\"field\": \"{id}\"}", it is none, and neither is it behind a
// colon, where a selection has no place: "{\"field\": {id}}".
class Nesting {
 public:
  Nesting(std::string_view text, TextPlace place) : depth_(is_operation(text, place) ? 1 : 0) {}

  bool is_open() const { return depth_ > 0 && !in_quotes_ && sign_ != ':' && sign_ != '='; }

  void pass(char c) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') sign_ = c;
    if (c == '"' && before_ != '\\') in_quotes_ = !in_quotes_;
    if (c == '{' && !in_quotes_) ++depth_;
    if (c == '}' && !in_quotes_ && depth_ > 0) --depth_;
    before_ = c;
  }

  // A placeholder: its own braces open nothing.
  void pass_value() { before_ = sign_ = '}'; }

 private:
  std::size_t depth_ = 0;
  bool in_quotes_ = false;
  char before_ = '\0';
  char sign_ = '\0';  // the last that is no blank
};

}  // namespace

std::string replace_placeholders(std::string_view text, TextPlace place,
                                 const std::function<std::string(const std::string&)>& put) {
  std::string out;
  Nesting nesting(text, place);
  const bool is_value = place == TextPlace::value || place == TextPlace::query;
  for (std::size_t at = 0; at < text.size();) {
    const char before = at == 0 ? '\0' : text[at - 1];
    const bool starts =
        at == 0 || (place == TextPlace::host && before == '.') || (place == TextPlace::path && before == '/');
    Found found = starts ? whole_word(text.substr(at), place) : Found{};
    // "posts{message}" is a field of a query language.
    if (found.length == 0 && (!is_value || !is_word(before))) found = bracketed(text.substr(at));
    const bool is_brace = text[at] == '{' && !text.substr(at).starts_with("{{");
    if (found.length > 0 && is_value && is_brace && nesting.is_open()) found = {};
    if (found.length == 0) {
      nesting.pass(text[at]);
      out += text[at++];
      continue;
    }
    nesting.pass_value();
    out += put(bare_name(found.name));
    at += found.length;
  }
  return out;
}

std::optional<std::string> sole_placeholder(std::string_view text) {
  std::optional<std::string> name;
  const auto rest = replace_placeholders(text, TextPlace::value, [&name](const std::string& found) {
    name = found;
    return std::string(1, '\0');
  });
  return rest == std::string(1, '\0') ? name : std::nullopt;
}

std::string input_name_of(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (is_letter(c) || is_digit(c))
      out += c;
    else if (!out.empty() && out.back() != '_')
      out += '_';
  }
  while (out.ends_with('_')) out.pop_back();
  return out.empty() ? "input" : out;
}

}  // namespace headwater::authoring
