#include "store/internal/list_conditions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "json/value.h"
#include "store/internal/tables.h"

namespace headwater::store::internal {

using domain::FieldPath;
using domain::Filter;
using domain::FilterOp;
using domain::ResourceKind;

namespace {

std::string any_of(const std::vector<std::string>& conditions) {
  if (conditions.empty()) return "FALSE";
  std::string out = "(";
  for (const auto& condition : conditions) {
    if (out.size() > 1) out += " OR ";
    out += condition;
  }
  return out + ")";
}

/// An integer column compares with an integer: 1.5 is rounded so that the condition stays the same.
DbValue integer_bound(const json::Number& number, FilterOp op) {
  const json::Value value(number);
  if (const auto whole = value.as_int64()) return *whole;
  const double exact = value.as_double().value_or(0);
  if (is_equality(op)) return std::numeric_limits<std::int64_t>::min();  // equals no timestamp
  const bool up = op == FilterOp::greater_equal || op == FilterOp::less;
  const double rounded = up ? std::ceil(exact) : std::floor(exact);
  return static_cast<std::int64_t>(std::clamp(rounded, -9e18, 9e18));
}

}  // namespace

std::string_view sign_of(FilterOp op) {
  switch (op) {
    case FilterOp::equal:
    case FilterOp::not_equal:
      return "=";
    case FilterOp::greater:
      return ">";
    case FilterOp::greater_equal:
      return ">=";
    case FilterOp::less:
      return "<";
    case FilterOp::less_equal:
      return "<=";
  }
  return "=";
}

bool is_equality(FilterOp op) { return op == FilterOp::equal || op == FilterOp::not_equal; }

std::optional<json::Number> number_from(const std::string& text) {
  if (text.empty() || text.size() > 400) return std::nullopt;
  const auto value = json::parse(text);
  if (!value || !value->is_number() || !std::isfinite(value->as_double().value_or(HUGE_VAL)))
    return std::nullopt;
  return *value->if_number();
}

DbValue sqlite_number(const json::Number& number) {
  const json::Value value(number);
  if (const auto whole = value.as_int64()) return *whole;
  return value.as_double().value_or(0);
}

std::string ConditionWriter::condition(ResourceKind kind, const Filter& filter) {
  const auto column = column_of(kind, filter.path);
  const auto text = column.name.empty() ? on_body(filter) : on_column(column, plain(column), filter);
  // A missing value makes a comparison NULL, whose negation has to hold.
  return filter.op == FilterOp::not_equal ? "NOT COALESCE(" + text + ", FALSE)" : text;
}

std::string ConditionWriter::plain(const Column& column) const {
  const std::string name(column.name);
  if (dialect_ == Dialect::sqlite) return "+" + name;
  return "(" + name + (column.is_integer ? " + 0)" : " || '')");
}

std::string ConditionWriter::in_list(const std::string& operand, std::vector<DbValue> values,
                                     std::string_view cast) {
  if (values.empty()) return "FALSE";
  std::string list;
  for (auto& value : values) {
    if (!list.empty()) list += ", ";
    list += statement_.param(std::move(value)).append(cast);
  }
  return values.size() == 1 ? operand + " = " + list : operand + " IN (" + list + ")";
}

std::string ConditionWriter::on_column(const Column& column, const std::string& name, const Filter& filter) {
  const bool ignore_case = domain::ignores_case(filter.path);
  std::vector<DbValue> values;
  for (const auto& value : filter.values) {
    if (column.is_integer) {
      const auto number = number_from(value);
      if (number) values.push_back(integer_bound(*number, filter.op));
    } else {
      values.emplace_back(ignore_case && is_equality(filter.op) ? lower(value) : value);
    }
  }
  if (is_equality(filter.op)) return in_list(ignore_case ? "lower(" + name + ")" : name, std::move(values));
  if (values.empty()) return "FALSE";
  return name + " " + std::string(sign_of(filter.op)) + " " + statement_.param(std::move(values[0]));
}

std::string ConditionWriter::on_body(const Filter& filter) {
  const auto first_array =
      std::find_if(filter.path.begin(), filter.path.end(), [](const auto& step) { return step.array; });
  if (first_array == filter.path.end()) {
    return comparison(
        {body_value(dialect_, filter.path), body_type(filter.path), body_text_lower(dialect_, filter.path)},
        filter);
  }
  return within(dialect_ == Dialect::sqlite ? "body" : "doc", filter.path, 0, filter);
}

/// The condition on what `path` from step `from` on reaches below the JSON of `base`.
std::string ConditionWriter::within(const std::string& base, const FieldPath& path, std::size_t from,
                                    const Filter& filter) {
  auto to = from;
  while (to < path.size() && !path[to].array) ++to;
  if (to == path.size()) {
    const FieldPath rest(path.begin() + static_cast<std::ptrdiff_t>(from), path.end());
    return comparison(member(base, rest), filter);
  }
  const FieldPath array(path.begin() + static_cast<std::ptrdiff_t>(from),
                        path.begin() + static_cast<std::ptrdiff_t>(to) + 1);
  const auto element = "e" + std::to_string(++elements_);
  const bool last = to + 1 == path.size();
  if (dialect_ == Dialect::sqlite) {
    // json_each walks objects and scalars too: those have no integer keys. json_extract fails on an element
    // that is a bare string, so only containers are searched further.
    const Operand scalar{element + ".value", element + ".type", "lower(" + element + ".value)"};
    const auto inside =
        "CASE WHEN " + element + ".type IN ('object', 'array') THEN " + element + ".value END";
    const auto rest = last ? comparison(scalar, filter) : within(inside, path, to + 1, filter);
    return "EXISTS (SELECT 1 FROM json_each(" + base + ", " + path_literal(dialect_, array) + ") " + element +
           " WHERE typeof(" + element + ".key) = 'integer' AND " + rest + ")";
  }
  const auto found = member(base, array).value;
  const auto inside = element + ".v";
  const auto rest = last ? comparison({inside, "", "lower((" + inside + " #>> '{}') COLLATE \"C\")"}, filter)
                         : within(inside, path, to + 1, filter);
  return "EXISTS (SELECT 1 FROM jsonb_array_elements(CASE jsonb_typeof(" + found + ") WHEN 'array' THEN " +
         found + " ELSE '[]'::jsonb END) " + element + "(v) WHERE " + rest + ")";
}

ConditionWriter::Operand ConditionWriter::member(const std::string& base, const FieldPath& path) const {
  const auto value = member_of(dialect_, base, path);
  if (dialect_ == Dialect::sqlite) return {value, type_of(base, path), "lower(" + value + ")"};
  return {value, "", "lower((" + base + " #>> " + path_literal(dialect_, path) + ") COLLATE \"C\")"};
}

std::string ConditionWriter::comparison(const Operand& operand, const Filter& filter) {
  if (is_equality(filter.op)) {
    if (domain::ignores_case(filter.path)) return equality_ignoring_case(operand, filter);
    return dialect_ == Dialect::sqlite ? equality_sqlite(operand, filter)
                                       : equality_postgres(operand, filter);
  }
  return dialect_ == Dialect::sqlite ? order_sqlite(operand, filter) : order_postgres(operand, filter);
}

std::string ConditionWriter::equality_ignoring_case(const Operand& operand, const Filter& filter) {
  std::vector<DbValue> values;
  values.reserve(filter.values.size());
  for (const auto& value : filter.values) values.emplace_back(lower(value));
  return in_list(operand.text_lower, std::move(values));
}

// SQLite compares by storage class, so text never equals a number; but true is 1 to it and a container is
// its text, which the type tells apart.
std::string ConditionWriter::equality_sqlite(const Operand& operand, const Filter& filter) {
  std::vector<std::string> conditions;
  std::vector<DbValue> texts;
  bool may_be_container = false;
  for (const auto& value : filter.values) {
    texts.emplace_back(value);
    may_be_container = may_be_container || value.starts_with('{') || value.starts_with('[');
    if (const auto number = number_from(value))
      conditions.push_back("(" + operand.value + " = " + statement_.param(sqlite_number(*number)) + " AND " +
                           operand.type + " IN ('integer', 'real'))");
    const auto word = lower(value);
    if (word == "true" || word == "false" || value == "null")
      conditions.push_back(operand.type + " = '" + word + "'");
  }
  auto text = in_list(operand.value, std::move(texts));
  if (may_be_container) text = "(" + text + " AND " + operand.type + " = 'text')";
  conditions.insert(conditions.begin(), std::move(text));
  return any_of(conditions);
}

std::string ConditionWriter::equality_postgres(const Operand& operand, const Filter& filter) {
  std::vector<DbValue> values;
  for (const auto& value : filter.values) {
    values.emplace_back(json::quoted(searchable_string(value)));
    if (const auto number = number_from(value)) values.emplace_back(number->text);
    const auto word = lower(value);
    if (word == "true" || word == "false" || value == "null") values.emplace_back(word);
  }
  return in_list(operand.value, std::move(values), "::jsonb");
}

// In SQLite every number comes before every text, so one bound holds for both and the index serves it; the
// type tells what the bound let through.
std::string ConditionWriter::order_sqlite(const Operand& operand, const Filter& filter) {
  const auto than = operand.value + " " + std::string(sign_of(filter.op)) + " ";
  const auto is_text = operand.type + " = 'text'";
  const auto text = than + statement_.param(filter.values[0]);
  const auto number = number_from(filter.values[0]);
  if (!number) return "(" + text + " AND " + is_text + ")";
  const auto is_number = operand.type + " IN ('integer', 'real')";
  const auto below = than + statement_.param(sqlite_number(*number));
  if (filter.op == FilterOp::less || filter.op == FilterOp::less_equal)
    return "(" + text + " AND (" + is_text + " OR (" + is_number + " AND " + below + ")))";
  return "(" + below + " AND (" + is_number + " OR (" + is_text + " AND " + text + ")))";
}

std::string ConditionWriter::order_postgres(const Operand& operand, const Filter& filter) {
  const std::string sign(sign_of(filter.op));
  auto text = "((" + operand.value + " #>> '{}') COLLATE \"C\" " + sign + " " +
              statement_.param(filter.values[0]) + "::text AND jsonb_typeof(" + operand.value +
              ") = 'string')";
  const auto number = number_from(filter.values[0]);
  if (!number) return text;
  return "(" + text + " OR (" + operand.value + " " + sign + " " + statement_.param(number->text) +
         "::jsonb AND jsonb_typeof(" + operand.value + ") = 'number'))";
}

}  // namespace headwater::store::internal
