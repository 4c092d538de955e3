#include "mapping/internal/path.h"

#include <algorithm>

namespace headwater::mapping {
namespace {

// An index past this would only make arrays of nulls.
constexpr std::uint32_t kIndexMax = 9999;

class PathParser {
 public:
  PathParser(std::string_view text, PathError& error) : text_(text), error_(error) {}

  Path run() {
    if (text_.empty()) fail("is empty");
    while (error_.reason.empty()) {
      segment();
      if (at_ >= text_.size() || !error_.reason.empty()) break;
      if (text_[at_] != '.') {
        fail("a dot or bracket is expected");
        break;
      }
      ++at_;
      if (at_ == text_.size()) fail("a name is expected behind the dot");
    }
    return std::move(path_);
  }

 private:
  void fail(std::string reason) {
    if (!error_.reason.empty()) return;
    error_.position = at_;
    error_.reason = std::move(reason);
  }

  void segment() {
    if (text_.substr(at_).starts_with("${")) {
      const auto start = at_ + 2;
      auto end = start;
      while (end < text_.size() && text_[end] != '}') end += text_[end] == '\\' ? 2 : 1;
      if (end >= text_.size()) return fail("\"${\" is not closed");
      PathError inner_error;
      const auto inner = parse_path(text_.substr(start, end - start), inner_error);
      at_ = start + inner_error.position;
      if (!inner_error.reason.empty()) return fail(inner_error.reason);
      path_.insert(path_.end(), inner.begin(), inner.end());
      at_ = end + 1;
    } else {
      name();
    }
    while (error_.reason.empty() && at_ < text_.size() && text_[at_] == '[') bracket();
  }

  void name() {
    Step step;
    while (at_ < text_.size() && text_[at_] != '.' && text_[at_] != '[') {
      if (text_[at_] == ']') return fail("a closing bracket without an opening one");
      if (text_[at_] == '\\') {
        if (at_ + 1 == text_.size()) return fail("a backslash at the end");
        ++at_;
      }
      step.name += text_[at_++];
    }
    if (step.name.empty()) return fail("a name is expected");
    path_.push_back(std::move(step));
  }

  void bracket() {
    ++at_;
    Step step;
    if (at_ < text_.size() && text_[at_] == '*') {
      step.kind = Step::Kind::every;
      ++at_;
    } else {
      step.kind = Step::Kind::index;
      const auto start = at_;
      while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && step.index <= kIndexMax)
        step.index = step.index * 10 + static_cast<std::uint32_t>(text_[at_++] - '0');
      if (at_ == start) return fail("an index or * is expected in the brackets");
      if (step.index > kIndexMax) return fail("the index is larger than 9999");
    }
    if (at_ >= text_.size() || text_[at_] != ']') return fail("the bracket is not closed");
    ++at_;
    path_.push_back(std::move(step));
  }

  std::string_view text_;
  PathError& error_;
  std::size_t at_ = 0;
  Path path_;
};

}  // namespace

Path parse_path(std::string_view text, PathError& error) { return PathParser(text, error).run(); }

std::size_t wildcard_count(const Path& path) {
  return static_cast<std::size_t>(std::count_if(
      path.begin(), path.end(), [](const Step& step) { return step.kind == Step::Kind::every; }));
}

std::string path_text(const Path& path) {
  std::string text;
  for (const auto& step : path) {
    if (step.kind == Step::Kind::every) {
      text += "[*]";
    } else if (step.kind == Step::Kind::index) {
      text += "[" + std::to_string(step.index) + "]";
    } else {
      if (!text.empty()) text += '.';
      if (step.name.starts_with("${")) text += '\\';
      for (const char c : step.name) {
        if (c == '.' || c == '\\' || c == '[' || c == ']') text += '\\';
        text += c;
      }
    }
  }
  return text;
}

}  // namespace headwater::mapping
