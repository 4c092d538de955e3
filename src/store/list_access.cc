#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "json/value.h"
#include "store/internal/list_conditions.h"
#include "store/internal/tables.h"

namespace headwater::store::internal {

using domain::Filter;
using domain::FilterOp;
using domain::ResourceKind;

namespace {

constexpr std::size_t kRankOfIds = 0;
constexpr std::size_t kRankOfTimes = 1;
constexpr std::size_t kRankOfElements = 2;
constexpr std::size_t kRankOfPaths = 10;
constexpr std::size_t kRankOfState = 1000;

bool is_word(const std::string& value) { return value == "true" || value == "false" || value == "null"; }

/// A filter's values without repetition: what is equal would be found twice.
struct DistinctValues {
  std::vector<std::string> texts;
  std::vector<json::Number> numbers;
  std::vector<std::string> words;  // true, false, null

  explicit DistinctValues(const std::vector<std::string>& values) {
    for (const auto& value : values) {
      add(texts, value);
      const auto word = value == "null" ? value : lower(value);
      if (is_word(word) && (word != "null" || value == "null")) add(words, word);
      const auto number = number_from(value);
      if (number && std::none_of(numbers.begin(), numbers.end(), [&](const json::Number& known) {
            return json::compare_numbers(known.text, number->text) == 0;
          }))
        numbers.push_back(*number);
    }
  }

 private:
  static void add(std::vector<std::string>& list, const std::string& value) {
    if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
  }
};

bool is_upward(FilterOp op) { return op == FilterOp::greater || op == FilterOp::greater_equal; }

}  // namespace

std::optional<Access> ConditionWriter::access(ResourceKind kind, const Filter& filter) {
  if (filter.op == FilterOp::not_equal) return std::nullopt;
  if (const auto column = column_of(kind, filter.path); !column.name.empty())
    return column_access(column, filter);
  const auto dotted = domain::format_path(filter.path);
  const auto arrays = array_paths(kind);
  if (const auto found = std::find(arrays.begin(), arrays.end(), dotted); found != arrays.end())
    return element_access(static_cast<std::size_t>(found - arrays.begin()), filter);
  const auto paths = indexed_paths(kind);
  const auto found = std::find(paths.begin(), paths.end(), dotted);
  if (found == paths.end()) return std::nullopt;
  auto access = is_equality(filter.op) ? equality_access(filter) : range_access(filter);
  if (access) access->rank = kRankOfPaths + static_cast<std::size_t>(found - paths.begin());
  return access;
}

std::optional<Access> ConditionWriter::column_access(const Column& column, const Filter& filter) {
  Access access;
  if (column.name == "id") {
    if (!is_equality(filter.op)) return std::nullopt;
    access.ranges = {{in_list("id", {filter.values.begin(), filter.values.end()})}};
    access.of_ids = true;
    access.rank = kRankOfIds;
    return access;
  }
  if (column.is_integer) {
    access.ranges = {{on_column(column, std::string(column.name), filter)}};
    if (const std::string value = access.ranges[0].where; !is_equality(filter.op) && value != "FALSE") {
      const Bound bound{std::string(sign_of(filter.op)), value.substr(value.rfind(' ') + 1)};
      access.ranges[0] = is_upward(filter.op) ? Range{"TRUE", bound, {}} : Range{"TRUE", {}, bound};
    }
    access.key = column.name;
    access.rank = kRankOfTimes;
    return access;
  }
  if (column.name != "state" || !is_equality(filter.op)) return std::nullopt;
  std::vector<std::string> folded;
  folded.reserve(filter.values.size());
  for (const auto& value : filter.values) folded.push_back(lower(value));
  for (const auto& value : DistinctValues(folded).texts)
    access.ranges.push_back({"lower(state) = " + statement_.param(value)});
  access.constant_key = "lower(state)";
  access.rank = kRankOfState;
  return access;
}

/// The table holds the strings alone: a value that may also mean a number or a word is left to the scan.
std::optional<Access> ConditionWriter::element_access(std::size_t path, const Filter& filter) {
  const DistinctValues values(filter.values);
  if (!is_equality(filter.op) || !values.numbers.empty() || !values.words.empty()) return std::nullopt;
  Access access;
  for (const auto& text : values.texts)
    access.ranges.push_back(
        {"e_path = " + std::to_string(path) + " AND e_value = " +
         statement_.param(dialect_ == Dialect::postgres ? searchable_string(text) : text)});
  access.of_elements = true;
  access.rank = kRankOfElements;
  return access;
}

std::optional<Access> ConditionWriter::equality_access(const Filter& filter) {
  const auto key = sort_key(dialect_, filter.path);
  Access access;
  access.constant_key = key;
  const auto add = [&](std::string condition) { access.ranges.push_back({std::move(condition)}); };
  if (domain::ignores_case(filter.path)) {
    std::vector<std::string> folded;
    folded.reserve(filter.values.size());
    for (const auto& value : filter.values) folded.push_back(lower(value));
    for (const auto& value : DistinctValues(folded).texts) {
      if (value.empty()) return std::nullopt;  // a missing member has this key too
      add(key + " = " + statement_.param(value));
    }
    return access;
  }
  const DistinctValues values(filter.values);
  if (dialect_ == Dialect::postgres) {
    const auto value = body_value(dialect_, filter.path);
    const auto equal = [&](std::string wanted) { return key + " = " + statement_.param(std::move(wanted)); };
    // true and 1 have one key, as have numbers that differ by less than a double tells.
    const auto exactly = [&](const std::string& wanted) {
      return " AND " + value + " = " + statement_.param(wanted) + "::jsonb";
    };
    const auto null = key + " = '1' AND jsonb_typeof(" + value + ") = 'null'";
    for (const auto& text : values.texts) add(equal(key_of_string(text)));
    for (const auto& number : values.numbers) add(equal(key_of_number(number)) + exactly(number.text));
    for (const auto& word : values.words)
      add(word == "null" ? null : equal(key_of_number({word == "true" ? "1" : "0"})) + exactly(word));
    return access;
  }
  const auto equal = key + " = ";
  const auto of_type = " AND " + body_type(filter.path);
  const auto number_type = of_type + " IN ('integer', 'real')";
  const auto is_number = [&](const json::Number& number) {
    return equal + statement_.param(sqlite_number(number)) + number_type;
  };
  const auto is_word = [&](const std::string& word) {
    const std::string_view stored = word == "true" ? "1" : word == "false" ? "0" : "-9e999";
    return equal + std::string(stored) + of_type + " = '" + word + "'";
  };
  for (const auto& text : values.texts) add(equal + statement_.param(text));
  for (const auto& number : values.numbers) add(is_number(number));
  for (const auto& word : values.words) add(is_word(word));
  return access;
}

/// A number's range, and the range of the strings that compare with its text. Texts alone are left to the
/// scan.
std::optional<Access> ConditionWriter::range_access(const Filter& filter) {
  const auto& text = filter.values[0];
  const auto number = number_from(text);
  if (!number || domain::ignores_case(filter.path)) return std::nullopt;
  const std::string sign(sign_of(filter.op));
  const bool up = is_upward(filter.op);
  Access access;
  access.key = sort_key(dialect_, filter.path);
  // Between the filter's value and where its type ends in the order of all keys.
  const auto add = [&](std::string where, Bound bound, Bound least, Bound most) {
    access.ranges.push_back(up ? Range{std::move(where), std::move(bound), std::move(most)}
                               : Range{std::move(where), std::move(least), std::move(bound)});
  };
  if (dialect_ == Dialect::postgres) {
    const auto value = body_value(dialect_, filter.path);
    const auto exactly = "jsonb_typeof(" + value + ") = 'number' AND " + value + " " + sign + " " +
                         statement_.param(number->text) + "::jsonb";
    add(exactly, {up ? ">=" : "<=", statement_.param(key_of_number(*number))}, {">=", "'2'"}, {"<", "'3'"});
    add("TRUE", {sign, statement_.param(key_of_string(text))}, {">=", "'3'"}, {});
    return access;
  }
  add(body_type(filter.path) + " IN ('integer', 'real')", {sign, statement_.param(sqlite_number(*number))},
      {">", "-9e999"}, {"<", "''"});
  add("TRUE", {sign, statement_.param(text)}, {">=", "''"}, {});
  return access;
}

std::string text_of(const Range& range, const std::string& key) {
  std::string text = range.where;
  for (const auto* bound : {&range.above, &range.below})
    if (!bound->value.empty()) text += " AND " + key + " " + bound->op + " " + bound->value;
  return text;
}

}  // namespace headwater::store::internal
