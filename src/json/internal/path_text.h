#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace headwater::json::internal {

/// Reads the small parts of a JSONPath's text: white space, names, integers, numbers, quoted strings.
class PathText {
 public:
  explicit PathText(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  void go_to(std::size_t at) { at_ = at; }
  bool at_end() const { return at_ >= text_.size(); }
  char here() const { return at_end() ? '\0' : text_[at_]; }
  char after(std::size_t count) const { return at_ + count < text_.size() ? text_[at_ + count] : '\0'; }
  bool take(char c);
  bool take(std::string_view word);
  /// True when there was some.
  bool skip_blank();
  std::string_view from(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

  /// member-name-shorthand; nothing when none stands here.
  std::optional<std::string> name();
  /// function-name; empty when none stands here.
  std::string_view function_name();
  /// An integer within the range that I-JSON holds exactly. The caller has seen a digit or a minus.
  Result<std::int64_t> integer();
  /// A number literal's text. The caller has seen a digit or a minus.
  Result<std::string> number();
  /// A string in single or double quotes, escapes resolved. The caller has seen the quote.
  Result<std::string> string();

  /// The error at the present place.
  Error wrong(std::string_view reason) const { return wrong(reason, at_); }
  Error wrong(std::string_view reason, std::size_t at) const;

 private:
  Result<void> escape(char quote, std::string& out);
  std::optional<std::uint32_t> hex4();

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace headwater::json::internal
