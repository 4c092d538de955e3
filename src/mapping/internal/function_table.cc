#include "mapping/internal/function_table.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>
#include <utility>

namespace headwater::mapping {
namespace {

std::vector<Function> all_functions() {
  std::vector<Function> out;
  for (const auto make : {&string_functions, &regex_functions, &hashing_functions, &url_functions,
                          &date_functions, &object_functions, &array_functions, &map_functions,
                          &logical_functions, &aggregation_functions, &conversion_functions, &json_functions,
                          &special_functions, &user_agent_functions, &analytics_functions}) {
    auto category = make();
    std::move(category.begin(), category.end(), std::back_inserter(out));
  }
  return out;
}

void append_parameter(std::string& out, const Parameter& parameter, bool repeats) {
  out += name_of(parameter.type);
  if (repeats) out += "...";
  out += ' ';
  out += parameter.name;
}

}  // namespace

std::string_view name_of(ValueType type) {
  switch (type) {
    case ValueType::any:
      return "any";
    case ValueType::boolean:
      return "boolean";
    case ValueType::integer:
      return "integer";
    case ValueType::number:
      return "number";
    case ValueType::string:
      return "string";
    case ValueType::date:
      return "date";
    case ValueType::array:
      return "array";
    case ValueType::object:
      return "object";
    case ValueType::map:
      return "map";
    case ValueType::lambda:
      return "lambda";
  }
  return "";
}

std::string_view java_name(ValueType type) {
  switch (type) {
    case ValueType::any:
      return "java.lang.Object";
    case ValueType::boolean:
      return "java.lang.Boolean";
    case ValueType::integer:
      return "java.lang.Long";
    case ValueType::number:
      return "java.lang.Number";
    case ValueType::string:
      return "java.lang.String";
    case ValueType::date:
      return "java.time.ZonedDateTime";
    case ValueType::array:
      return "java.util.List";
    case ValueType::object:
    case ValueType::map:
      return "java.util.Map";
    case ValueType::lambda:
      return "java.util.function.Function";
  }
  return "";
}

std::size_t FunctionInfo::arguments_min() const {
  return parameters.size() - std::max<std::size_t>(optional, variadic && !pairs ? 1 : 0);
}

std::size_t FunctionInfo::arguments_max() const {
  return variadic || pairs ? std::string::npos : parameters.size();
}

std::string FunctionInfo::syntax() const {
  std::string out(name_of(return_type));
  out += ' ';
  out += name;
  out += '(';
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const bool last = i + 1 == parameters.size();
    const bool left_out = i >= arguments_min() && !(variadic && last);
    if (i > 0) out += ", ";
    if (left_out) out += '[';
    append_parameter(out, parameters[i], variadic && last && !pairs);
    if (left_out) out += ']';
  }
  if (pairs) out += ", ...";
  out += ')';
  return out;
}

const std::vector<Function>& function_table() {
  static const auto table = all_functions();
  return table;
}

const Function* function_named(std::string_view name) {
  static const auto names = [] {
    std::unordered_map<std::string_view, const Function*> out;
    for (const auto& function : function_table()) {
      out.emplace(function.info.name, &function);
      for (const auto alias : function.info.aliases) out.emplace(alias, &function);
    }
    return out;
  }();
  const auto found = names.find(name);
  return found == names.end() ? nullptr : found->second;
}

const std::vector<const FunctionInfo*>& function_list() {
  static const auto list = [] {
    std::vector<const FunctionInfo*> out;
    for (const auto& function : function_table()) out.push_back(&function.info);
    return out;
  }();
  return list;
}

const FunctionInfo* find_function(std::string_view name) {
  const auto* function = function_named(name);
  return function == nullptr ? nullptr : &function->info;
}

const std::vector<OperatorInfo>& operator_list() {
  static const std::vector<OperatorInfo> list{
      {"+", "add", 2, "Adds two numbers; puts two texts behind each other.", {"1 + 2", "3"}},
      {"-", "subtract", 2, "Takes the second number from the first.", {"5 - 2", "3"}},
      {"*", "multiply", 2, "Multiplies two numbers.", {"4 * 2.5", "10.0"}},
      {"/",
       "divide",
       2,
       "Divides the first number by the second; of whole numbers the rest is dropped.",
       {"7 / 2", "3"}},
      {"%", "mod", 2, "Gives the rest of a division; it has the sign of the first number.", {"-7 % 3", "-1"}},
      {"&", "and", 2, "Keeps the bits that both whole numbers have.", {"6 & 3", "2"}},
      {"|", "or", 2, "Keeps the bits that one of the whole numbers has.", {"6 | 3", "7"}},
      {"^", "xor", 2, "Keeps the bits that only one of the whole numbers has.", {"6 ^ 3", "5"}},
      {"==", "equals", 2, "Tells whether both are equal; null equals only null.", {"1 == \"1\"", "true"}},
      {"<", "lessThan", 2, "Tells whether the first comes before the second.", {"\"a\" < \"b\"", "true"}},
      {"<=",
       "lessThanOrEqual",
       2,
       "Tells whether the first does not come behind the second.",
       {"2 <= 2", "true"}},
      {">", "greaterThan", 2, "Tells whether the first comes behind the second.", {"2 > 10", "false"}},
      {">=",
       "greaterThanOrEqual",
       2,
       "Tells whether the first does not come before the second.",
       {"2 >= 2.0", "true"}},
      {"=~",
       "contains",
       2,
       "Tells whether a regular expression matches the whole text, an array holds the value or a map the "
       "key.",
       {"3 =~ [1, 2, 3]", "true"}},
      {"=^", "startsWith", 2, "Tells whether a text starts with another.", {"\"abc\" =^ \"ab\"", "true"}},
      {"=$", "endsWith", 2, "Tells whether a text ends with another.", {"\"abc\" =$ \"bc\"", "true"}},
      {"!", "not", 1, "Turns true into false and false into true.", {"!(1 == 2)", "true"}},
      {"~", "complement", 1, "Turns every bit of a whole number round.", {"~5", "-6"}},
      {"-", "negate", 1, "Changes the sign of a number.", {"-total", "-5", R"({"total":5})"}},
      {"empty", "empty", 1, "Tells whether a value is null, 0 or has nothing in it.", {"empty \"\"", "true"}},
      {"size",
       "size",
       1,
       "Counts the characters of a text, the elements of an array, the entries of a map.",
       {"size [4, 5]", "2"}}};
  return list;
}

}  // namespace headwater::mapping
