#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"

namespace headwater::domain {

/// The expression between the braces of `@{...}`: the subset of the vendor's data-factory language that
/// the REST-source reference, section 3.1, names. Immutable; cheap to copy.
class Expression {
 public:
  /// A text, and which of its parts are values that were filled in: whoever encodes it treats them as data.
  struct Text {
    struct Span {
      std::size_t begin = 0;
      std::size_t end = 0;
    };
    std::string text;
    std::vector<Span> values;  // in order, not overlapping
  };
  struct Context {
    /// The value of pipeline().parameters.<name>; nullopt when there is none of that name.
    std::function<std::optional<json::Value>(std::string_view name)> parameter;
    TimePoint now;
    /// Fills the placeholders of a string literal. What comes of it is a value and never read as an
    /// expression. Without it a literal is what is written.
    std::function<Result<Text>(std::string_view literal)> fill;
  };
  struct Parsed;

  /// Reads an expression from the start of `text`, up to its closing brace; `text` begins behind "@{".
  /// `offset` is where `text` stands in the whole: positions in errors count from there, from 1.
  /// Errors: invalid_argument with the position (syntax, unknown function, wrong number of arguments).
  static Result<Parsed> parse(std::string_view text, std::size_t offset);

  /// Errors: invalid_argument with the position (a parameter without a value, a text that is no time).
  Result<json::Value> evaluate(const Context& context) const;
  /// `evaluate`, as a text; values that were filled in keep their places through if, coalesce, concat,
  /// string.
  Result<Text> evaluate_text(const Context& context) const;

  struct ParameterUse {
    std::string name;
    bool safe = false;  // read with `?.`: null when absent
    std::size_t position = 0;
  };
  std::vector<ParameterUse> parameters() const;

  struct Literal {
    std::string text;
    std::size_t position = 0;  // of its opening quote
  };
  /// The string literals, in the order in which they are written; not the names of parameters.
  std::vector<Literal> literals() const;

  struct Node;

 private:
  explicit Expression(std::shared_ptr<const Node> root) : root_(std::move(root)) {}
  std::shared_ptr<const Node> root_;  // Shared by copies of one expression; immutable.
};

struct Expression::Parsed {
  Expression expression;
  std::size_t length;  // of what was read, with the closing brace
};

/// How a value stands in a text: strings as they are, null as nothing, all else as JSON.
std::string text_of(const json::Value& value);

}  // namespace headwater::domain
