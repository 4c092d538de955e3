#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "domain/expression.h"

namespace headwater::domain {

/// A text of a connection spec, split at its placeholders (REST-source reference, section 3):
/// `${name}`, `{{name}}`, `@{expression}`, `{START_TIME}`, `{END_TIME}`, `{SCHEDULE_QUERY}`; `@@` is a
/// literal `@`. In a host also `{name}`, which stays literal unless the name is a declared parameter.
/// The string literals of an expression hold placeholders, too. Immutable.
class TextTemplate {
 public:
  enum class PartKind : std::uint8_t {
    literal,
    name,
    brace_name,
    start_time,
    end_time,
    schedule_query,
    expression
  };
  struct Part {
    PartKind kind = PartKind::literal;
    std::string text;          // the literal, or the name
    std::size_t position = 1;  // of its first character, from 1
    std::optional<Expression> expression;
    std::vector<Part> inside;  // the placeholders in the expression's string literals
  };
  enum class Braces : std::uint8_t { literal, may_be_names };

  /// Errors: invalid_argument with the position (an unclosed placeholder, a bad name, a bad expression).
  static Result<TextTemplate> parse(std::string_view text, Braces braces = Braces::literal);

  /// A string literal of an expression, which holds no expressions itself: `@` is an `@`. Errors: as parse.
  static Result<TextTemplate> parse_literal(std::string_view text, Braces braces = Braces::literal);

  const std::vector<Part>& parts() const { return parts_; }
  /// Everything that is filled in, also within expressions, in the order in which it is written.
  std::vector<const Part*> placeholders() const;
  bool uses(PartKind placeholder) const;
  /// The whole text is this one placeholder and nothing else.
  bool is_only(PartKind kind) const { return parts_.size() == 1 && parts_[0].kind == kind; }

 private:
  enum class Expressions : std::uint8_t { none, read };
  static Result<TextTemplate> split(std::string_view text, Braces braces, Expressions expressions,
                                    std::size_t offset);
  static Result<std::vector<Part>> inside(const Expression& expression, Braces braces);

  std::vector<Part> parts_;
};

}  // namespace headwater::domain
