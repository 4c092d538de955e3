#include "authoring/json_lines.h"

#include "json/pointer.h"
#include "json/value.h"

namespace headwater::authoring {
namespace {

constexpr std::size_t kDepthMax = 200;

class Scanner {
 public:
  Scanner(std::string_view text, std::map<std::string, std::size_t, std::less<>>& lines)
      : text_(text), lines_(lines) {}

  void scan() { value("", 0); }

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

  void value(const std::string& pointer, std::size_t depth) {
    blanks();
    lines_.emplace(pointer, line_);
    if (depth > kDepthMax) {
      at_ = text_.size();
    } else if (here() == '{') {
      ++at_;
      for (blanks(); !at_end() && here() == '"'; blanks()) {
        const std::size_t line = line_;
        const auto name = json::parse(string());
        const std::string inner =
            pointer + "/" +
            json::escape_pointer_token(name && name->is_string() ? *name->if_string() : std::string());
        lines_.emplace(inner, line);
        value(inner, depth + 1);
      }
      ++at_;
    } else if (here() == '[') {
      ++at_;
      std::size_t index = 0;
      for (blanks(); !at_end() && here() != ']'; blanks())
        value(pointer + "/" + std::to_string(index++), depth + 1);
      ++at_;
    } else if (here() == '"') {
      string();
    } else {
      ++at_;
      while (!at_end() && std::string_view(",]} \t\r\n").find(here()) == std::string_view::npos) ++at_;
    }
  }

  std::string_view text_;
  std::map<std::string, std::size_t, std::less<>>& lines_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace

JsonLines::JsonLines(std::string_view text) { Scanner(text, lines_).scan(); }

std::size_t JsonLines::line_of(std::string_view pointer) const {
  while (true) {
    if (const auto found = lines_.find(pointer); found != lines_.end()) return found->second;
    const auto slash = pointer.rfind('/');
    if (slash == std::string_view::npos) return 1;
    pointer = pointer.substr(0, slash);
  }
}

}  // namespace headwater::authoring
