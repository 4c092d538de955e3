#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headwater::mapping {

/// What a parameter takes or a function gives; in JSON terms and in the API's Java names.
enum class ValueType : std::uint8_t {
  any,
  boolean,
  integer,
  number,
  string,
  date,
  array,
  object,
  map,
  lambda
};
/// "string"; "date", "map" and "lambda" are ours.
std::string_view name_of(ValueType type);
/// "java.lang.String"
std::string_view java_name(ValueType type);

struct Parameter {
  std::string_view name;
  std::string_view description;
  ValueType type = ValueType::any;
};

struct Example {
  std::string_view expression;
  std::string_view result;         // JSON; empty: differs from call to call
  std::string_view record = "{}";  // what the expression is evaluated on
};

/// One function of the language, as documentation, `languages/el/functions`, the command line and the editor
/// show it. Source: data-prep reference, Part D.
struct FunctionInfo {
  std::string_view name;
  std::vector<std::string_view> aliases;
  std::string_view category;
  std::string_view description;
  std::string_view returns;
  ValueType return_type = ValueType::any;
  std::vector<Parameter> parameters;
  std::size_t optional = 0;  // how many of the last parameters may be left out
  bool variadic = false;     // the last parameter repeats, from zero times
  bool pairs = false;        // variadic: the last two parameters repeat together, from one time
  std::vector<Example> examples;

  std::size_t arguments_min() const;
  std::size_t arguments_max() const;  // npos: any number
  /// "string lpad(string input, integer size, string pad)"
  std::string syntax() const;
};

/// All functions by category, in the reference's order.
const std::vector<const FunctionInfo*>& function_list();
/// By name or alias; null when there is none.
const FunctionInfo* find_function(std::string_view name);

/// One operator of `languages/el/operators`.
struct OperatorInfo {
  std::string_view symbol;
  std::string_view method;
  int operands;
  std::string_view description;
  Example example;
};
const std::vector<OperatorInfo>& operator_list();

}  // namespace headwater::mapping
