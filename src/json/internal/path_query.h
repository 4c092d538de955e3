#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/regex.h"
#include "base/result.h"
#include "json/value.h"

namespace headwater::json {
class JsonPath;
}

namespace headwater::json::internal {

// A compiled JSONPath query (RFC 9535) as a tree. Well-typed by construction: the compiler lets nothing
// else through.

struct Segment;
struct Logical;

struct PathQuery {
  bool from_root = true;  // "$"; else "@"
  std::vector<Segment> segments;

  /// Names and indexes alone (2.3.5.1).
  bool is_singular() const;
};

struct NameSelector {
  std::string name;
};
struct WildcardSelector {};
struct IndexSelector {
  std::int64_t index = 0;
};
struct SliceSelector {
  std::optional<std::int64_t> start, end;
  std::int64_t step = 1;
};
struct FilterSelector {
  std::shared_ptr<const Logical> condition;  // never null; shared by copies of the tree, immutable
};
using Selector = std::variant<NameSelector, WildcardSelector, IndexSelector, SliceSelector, FilterSelector>;

struct Segment {
  bool descendant = false;
  bool blank = false;  // white space inside the brackets: by the grammar, not a singular query's
  std::vector<Selector> selectors;
};

enum class Function : std::uint8_t { length, count, match, search, value };

struct FunctionCall;

/// What stands beside a comparison operator or in a function's brackets.
using Operand = std::variant<Value, PathQuery, std::shared_ptr<const FunctionCall>>;

struct FunctionCall {
  Function function;
  std::vector<Operand> arguments;
  std::optional<Regex> pattern;  // of match and search, when it is a literal that is a regular expression
  bool pattern_is_literal = false;
};

enum class Comparison : std::uint8_t { equal, not_equal, less, less_or_equal, greater, greater_or_equal };

struct Logical {
  enum class Kind : std::uint8_t { any_of, all_of, negation, comparison, exists, function };
  Kind kind = Kind::any_of;
  std::vector<Logical> parts;  // any_of, all_of; the one of negation
  Comparison comparison = Comparison::equal;
  std::vector<Operand> operands;  // two of a comparison; the query or the function of a test
};

/// Errors: invalid_argument; `where` is the byte position in digits.
Result<PathQuery> compile_path(std::string_view text);

/// The compiled query behind a JsonPath.
const PathQuery& tree_of(const JsonPath& path);

/// The values that a query selects, in the RFC's order. "$" is `root`, "@" is `current`.
std::vector<const Value*> evaluate(const PathQuery& query, const Value& root, const Value& current);

/// Compiles an I-Regexp (RFC 9485). Nothing when the text is none. Errors: too_large for one that may well
/// be, but is more than the engine takes (nesting, counts, size).
Result<std::optional<Regex>> compile_iregexp(std::string_view text, bool whole);

}  // namespace headwater::json::internal
