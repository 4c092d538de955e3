#include "engine/shape/text_splitter.h"

namespace headwater::shape {
namespace {

bool is_between(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == '\x1e'; }

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r") == std::string_view::npos; }

}  // namespace

Result<void> TextSplitter::give(std::string_view text) {
  if (text.size() > text_bytes_max_)
    return Error{ErrorKind::too_large, "The record that begins at byte " + std::to_string(begin_) +
                                           " has more than " + std::to_string(text_bytes_max_) + " bytes."};
  return sink_(text);
}

Result<void> TextSplitter::keep(std::string_view bytes) {
  if (rest_.size() + bytes.size() > text_bytes_max_) {
    rest_.append(bytes);
    return give(rest_);
  }
  rest_.append(bytes);
  return {};
}

Result<void> TextSplitter::feed(std::string_view bytes) {
  TRY(mode_ == Mode::lines ? feed_lines(bytes) : feed_values(bytes));
  bytes_before_ += bytes.size();
  return {};
}

Result<void> TextSplitter::feed_lines(std::string_view bytes) {
  std::size_t at = 0;
  for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n', at)) {
    std::string_view line = bytes.substr(at, end - at);
    if (!rest_.empty()) {
      rest_.append(line);
      line = rest_;
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!is_blank(line)) TRY(give(line));
    rest_.clear();
    at = end + 1;
    begin_ = bytes_before_ + at;
  }
  return keep(bytes.substr(at));
}

Result<void> TextSplitter::feed_values(std::string_view bytes) {
  std::size_t from = 0;  // of the text in hand within `bytes`
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (in_string_) {
      if (escaped_)
        escaped_ = false;
      else if (c == '\\')
        escaped_ = true;
      else if (c == '"')
        in_string_ = false;
      continue;
    }
    if (depth_ == 0) {
      if (is_between(c)) continue;
      if (c != '{' && c != '[')
        return Error{ErrorKind::invalid_argument,
                     "Byte " + std::to_string(bytes_before_ + i) + ": an object must begin here."};
      from = i;
      begin_ = bytes_before_ + i;
      depth_ = 1;
      continue;
    }
    if (c == '"')
      in_string_ = true;
    else if (c == '{' || c == '[')
      ++depth_;
    else if ((c == '}' || c == ']') && --depth_ == 0) {
      const std::string_view here = bytes.substr(from, i + 1 - from);
      if (rest_.empty()) {
        TRY(give(here));
      } else {
        rest_.append(here);
        TRY(give(rest_));
        rest_.clear();
      }
      from = i + 1;
    }
  }
  return depth_ == 0 ? Result<void>() : keep(bytes.substr(from));
}

Result<void> TextSplitter::finish() {
  if (mode_ == Mode::lines) {
    if (!is_blank(rest_)) TRY(give(rest_));
    rest_.clear();
    return {};
  }
  if (depth_ == 0) return {};
  return Error{ErrorKind::invalid_argument,
               "The record that begins at byte " + std::to_string(begin_) + " is cut off at the file's end."};
}

}  // namespace headwater::shape
