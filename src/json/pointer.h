#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace headwater::json {

/// A place in a document (RFC 6901): "" is the whole, "/items/0/name" a member below. Immutable.
class Pointer {
 public:
  /// The whole document.
  Pointer() = default;
  explicit Pointer(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}
  /// Errors: invalid_argument, when it does not start with "/" or holds a "~" that is not "~0" or "~1".
  static Result<Pointer> parse(std::string_view text);

  const std::vector<std::string>& tokens() const { return tokens_; }
  bool is_root() const { return tokens_.empty(); }
  /// Without the last token; the root's parent is the root.
  Pointer parent() const;
  Pointer child(std::string_view token) const;
  bool is_prefix_of(const Pointer& other) const;
  std::string text() const;

  /// The value there, or nullptr.
  const Value* find(const Value& document) const;
  Value* find(Value& document) const;

  bool operator==(const Pointer&) const = default;

 private:
  std::vector<std::string> tokens_;  // unescaped
};

/// A token as it stands in a pointer's text: "~" and "/" escaped.
std::string escape_pointer_token(std::string_view token);

}  // namespace headwater::json
