#include "authoring/json_lines.h"

#include <algorithm>
#include <map>

#include "json/pointer.h"
#include "json/value.h"

namespace headwater::authoring {
namespace {

constexpr std::size_t kDepthMax = 200;

// A value that is asked for, or one around such.
struct Wanted {
  std::map<std::string, Wanted, std::less<>> inner;  // by name or index
  std::size_t line = 0;                              // 0: not met

  void meet(std::size_t at) {
    if (line == 0) line = at;
  }
  Wanted* find(std::string_view token) {
    const auto found = inner.find(token);
    return found == inner.end() ? nullptr : &found->second;
  }
};

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void scan(Wanted& root) { value(&root, 0); }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char here() const { return at_end() ? '\0' : text_[at_]; }

  void blanks() {
    while (!at_end() && (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r' ||
                         here() == ',' || here() == ':')) {
      if (here() == '\n') ++line_;
      ++at_;
    }
  }

  // The raw text of a string, quotes and all.
  std::string_view string() {
    const std::size_t begin = at_++;
    while (!at_end() && here() != '"') at_ += here() == '\\' ? 2 : 1;
    at_ = at_ < text_.size() ? at_ + 1 : text_.size();
    return text_.substr(begin, at_ - begin);
  }

  static Wanted* member(Wanted* wanted, std::string_view raw_name) {
    if (wanted == nullptr || wanted->inner.empty()) return nullptr;
    const auto name = json::parse(raw_name);
    return wanted->find(name && name->is_string() ? *name->if_string() : std::string());
  }
  static Wanted* element(Wanted* wanted, std::size_t index) {
    return wanted == nullptr || wanted->inner.empty() ? nullptr : wanted->find(std::to_string(index));
  }

  void value(Wanted* wanted, std::size_t depth) {
    blanks();
    if (wanted != nullptr) wanted->meet(line_);
    if (depth > kDepthMax) {
      at_ = text_.size();
    } else if (here() == '{') {
      ++at_;
      for (blanks(); !at_end() && here() == '"'; blanks()) {
        const std::size_t line = line_;
        Wanted* inner = member(wanted, string());
        if (inner != nullptr) inner->meet(line);
        value(inner, depth + 1);
      }
      ++at_;
    } else if (here() == '[') {
      ++at_;
      std::size_t index = 0;
      for (blanks(); !at_end() && here() != ']'; blanks()) value(element(wanted, index++), depth + 1);
      ++at_;
    } else if (here() == '"') {
      string();
    } else {
      ++at_;
      while (!at_end() && std::string_view(",]} \t\r\n").find(here()) == std::string_view::npos) ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

// What is no pointer has a beginning that is one.
std::vector<std::string> tokens_of(const std::string& pointer) {
  const auto parsed = json::Pointer::parse(pointer);
  if (parsed) return parsed->tokens();
  return tokens_of(
      pointer.substr(0, pointer.find_last_of('/') == std::string::npos ? 0 : pointer.find_last_of('/')));
}

}  // namespace

std::vector<std::size_t> json_lines(std::string_view text, const std::vector<std::string>& pointers) {
  Wanted root;
  for (const auto& pointer : pointers) {
    Wanted* at = &root;
    for (const auto& token : tokens_of(pointer)) at = &at->inner[token];
  }
  Scanner(text).scan(root);
  std::vector<std::size_t> lines;
  for (const auto& pointer : pointers) {
    Wanted* at = &root;
    std::size_t line = std::max<std::size_t>(root.line, 1);
    for (const auto& token : tokens_of(pointer)) {
      at = at->find(token);
      if (at->line == 0) break;
      line = at->line;
    }
    lines.push_back(line);
  }
  return lines;
}

}  // namespace headwater::authoring
