#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mapping/internal/path.h"

namespace headwater::mapping {

/// A node of a parsed expression. Source: data-prep reference, C.3.
struct Syntax {
  enum class Kind : std::uint8_t {
    null,
    boolean,    // text: "true"
    integer,    // text: digits, decimal
    big,        // text: digits, of any size ("42H")
    real,       // text
    single,     // text; "1.5F"
    decimal,    // text; "1.5B"
    string,     // text: escapes resolved
    attribute,  // path
    local,      // text: a lambda's parameter
    member,     // text: the name; operand 0
    index,      // operands: value, index
    every,      // operand 0: [*] on something that is not an attribute
    call,       // text: function
    method,     // text: method; operand 0 the receiver, then arguments
    array,
    map,     // operands: key, value, key, value
    lambda,  // names: parameters; operand 0
    negate,
    plus,
    complement,
    logical_not,
    is_empty,
    size,
    multiply,
    divide,
    modulo,
    add,
    subtract,
    less,
    less_equal,
    greater,
    greater_equal,
    matches,
    matches_not,
    starts,
    starts_not,
    ends,
    ends_not,
    equal,
    not_equal,
    range,
    bit_and,
    bit_xor,
    bit_or,
    logical_and,
    logical_or,
    conditional,
    if_false,  // ?:
    if_null,   // ??
  };
  Kind kind = Kind::null;
  std::string text;
  Path path;
  std::vector<std::string> names;
  std::vector<Syntax> operands;
  std::size_t begin = 0;  // where it stands in the source text, in bytes
  std::size_t end = 0;
};

/// What is wrong with an expression, and where.
struct SyntaxProblem {
  std::size_t begin = 0;  // bytes
  std::size_t end = 0;
  std::string reason;
  std::string hint;
};

/// Parses an expression. Gives nothing but the problem when the text is none.
/// Limits: 4096 characters, 200 levels of nesting.
bool parse_expression(std::string_view text, Syntax& out, SyntaxProblem& problem);

/// The expression as text again, in one normal form: parsing it gives the same tree.
std::string print_expression(const Syntax& syntax);

/// "+" of Kind::add; empty for kinds that are no operators.
std::string_view symbol_of(Syntax::Kind kind);

}  // namespace headwater::mapping
