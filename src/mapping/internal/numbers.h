#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mapping/internal/syntax.h"
#include "mapping/internal/value.h"

namespace headwater::mapping {

class Evaluation;

/// Arithmetic (reference C.9). Kinds: add, subtract, multiply, divide, modulo. Integers beyond 64 bits become
/// big ones; a decimal makes the result one, then a real.
Value arithmetic(Evaluation& run, Syntax::Kind kind, const Value& left, const Value& right);
/// bit_and, bit_or, bit_xor.
Value bits(Evaluation& run, Syntax::Kind kind, const Value& left, const Value& right);
/// What an operand counts as in arithmetic: a number, or a failure that names the operator.
Value numeric(Evaluation& run, Syntax::Kind kind, const Value& value);

/// Of numbers only: less than zero, zero, more.
int compare_numbers(const Value& a, const Value& b);
bool is_zero(const Value& number);
/// Without its fraction; nothing when it does not fit.
std::optional<std::int64_t> to_int64(const Value& number);

/// A real as a double; its lexeme may be beyond its range.
std::optional<double> real_of(const Value& value);
/// The shortest digits that give the same number, with a fraction: "2.0", "1.0E21".
void append_real(std::string& out, double value, bool single);
/// The value of a text that is a number as a whole, blanks around it aside: integer, big integer or real.
/// The text must outlive the value.
std::optional<Value> number_in(std::string_view text);

/// "a number", "an array": how reasons name a value.
std::string_view kind_phrase(const Value& value);

}  // namespace headwater::mapping
