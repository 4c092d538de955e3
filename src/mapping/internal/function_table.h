#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mapping/functions.h"
#include "mapping/internal/value.h"

namespace headwater::mapping {

class Evaluation;

/// A row of the table: what a function is, and what it does.
struct Function {
  FunctionInfo info;
  /// Arguments as evaluated, none of them failed; their number is in the range of `info`.
  Value (*call)(Evaluation& run, std::span<const Value> arguments) = nullptr;
  /// The argument that the function works on: when it is null, so is the result. None: `call` decides.
  static constexpr std::uint8_t kDecides = 255;
  std::uint8_t works_on = kDecides;
  /// What the compiler has to do for it.
  enum class Form : std::uint8_t {
    plain,
    lazy_condition,  // iif
    lazy_decode,     // decode
    path,            // contains_key: the argument is a path of the record; an attribute asks "not null"
    attribute_name,  // object_to_map: a bare attribute as second argument also stands for its name
  };
  Form form = Form::plain;
  /// Which argument, when it is a literal, must compile: a regular expression, a date pattern.
  enum class Literal : std::uint8_t { none, regex, date_pattern };
  Literal literal = Literal::none;
  std::uint8_t literal_argument = 1;
};

/// One list for each category of the reference.
std::vector<Function> string_functions();
std::vector<Function> regex_functions();
std::vector<Function> hashing_functions();
std::vector<Function> url_functions();
std::vector<Function> date_functions();
std::vector<Function> object_functions();
std::vector<Function> array_functions();
std::vector<Function> map_functions();
std::vector<Function> logical_functions();
std::vector<Function> aggregation_functions();
std::vector<Function> conversion_functions();
std::vector<Function> json_functions();
std::vector<Function> special_functions();
std::vector<Function> user_agent_functions();
std::vector<Function> analytics_functions();

const std::vector<Function>& function_table();
/// By name or alias; null when there is none.
const Function* function_named(std::string_view name);

}  // namespace headwater::mapping
