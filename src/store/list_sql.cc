#include "store/internal/list_sql.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "base/crypto.h"
#include "json/value.h"
#include "store/internal/tables.h"

namespace headwater::store::internal {
namespace {

using domain::FieldPath;
using domain::Filter;
using domain::FilterOp;
using domain::ListQuery;
using domain::OrderBy;
using domain::ResourceKind;

constexpr std::size_t kSearchableStringMax = 800;  // A row of a PostgreSQL index holds 2,700 bytes.

bool is_equality(FilterOp op) { return op == FilterOp::equal || op == FilterOp::not_equal; }

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

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// The number that a filter's text is, within the range both databases hold.
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

std::string searchable_string(const std::string& text) {
  if (text.size() <= kSearchableStringMax) return text;
  // Cut between characters, and made unique again by a hash of the whole.
  auto end = kSearchableStringMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return text.substr(0, end) + crypto::hex(crypto::sha256(text));
}

/// What a condition compares: the SQL of a value and, on SQLite, of its JSON type.
struct Operand {
  std::string value;
  std::string type;
  std::string text_lower;  // lower(...) of the value as text
};

class ConditionWriter {
 public:
  ConditionWriter(Statement& statement, Dialect dialect) : statement_(statement), dialect_(dialect) {}

  std::string condition(ResourceKind kind, const Filter& filter) {
    const auto column = column_of(kind, filter.path);
    const auto text = column.name.empty() ? on_body(filter) : on_column(column, filter);
    // A missing value makes a comparison NULL, whose negation has to hold.
    return filter.op == FilterOp::not_equal ? "NOT COALESCE(" + text + ", FALSE)" : text;
  }

 private:
  static std::string any_of(const std::vector<std::string>& conditions) {
    if (conditions.empty()) return "FALSE";
    std::string out = "(";
    for (const auto& condition : conditions) {
      if (out.size() > 1) out += " OR ";
      out += condition;
    }
    return out + ")";
  }

  std::string in_list(const std::string& operand, std::vector<DbValue> values, std::string_view cast = "") {
    if (values.empty()) return "FALSE";
    std::string list;
    for (auto& value : values) {
      if (!list.empty()) list += ", ";
      list += statement_.param(std::move(value)).append(cast);
    }
    return values.size() == 1 ? operand + " = " + list : operand + " IN (" + list + ")";
  }

  std::string on_column(const Column& column, const Filter& filter) {
    const std::string name(column.name);
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

  /// An integer column compares with an integer: 1.5 is rounded so that the condition stays the same.
  static DbValue integer_bound(const json::Number& number, FilterOp op) {
    const json::Value value(number);
    if (const auto whole = value.as_int64()) return *whole;
    const double exact = value.as_double().value_or(0);
    if (is_equality(op)) return std::numeric_limits<std::int64_t>::min();  // equals no timestamp
    const bool up = op == FilterOp::greater_equal || op == FilterOp::less;
    const double rounded = up ? std::ceil(exact) : std::floor(exact);
    return static_cast<std::int64_t>(std::clamp(rounded, -9e18, 9e18));
  }

  std::string on_body(const Filter& filter) {
    const auto first_array =
        std::find_if(filter.path.begin(), filter.path.end(), [](const auto& step) { return step.array; });
    if (first_array == filter.path.end()) {
      // Spelled as in the indexes.
      return comparison({body_value(dialect_, filter.path), json_type("body", filter.path),
                         body_text_lower(dialect_, filter.path)},
                        filter);
    }
    return within(dialect_ == Dialect::sqlite ? "body" : "doc", filter.path, 0, filter);
  }

  /// The condition on what `path` from step `from` on reaches below the JSON of `base`.
  std::string within(const std::string& base, const FieldPath& path, std::size_t from, const Filter& filter) {
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
      return "EXISTS (SELECT 1 FROM json_each(" + base + ", " + json_path_literal(array) + ") " + element +
             " WHERE typeof(" + element + ".key) = 'integer' AND " + rest + ")";
    }
    const auto found = member(base, array).value;
    const auto inside = element + ".v";
    const auto rest = last ? comparison({inside, "", "lower(" + inside + " #>> '{}')"}, filter)
                           : within(inside, path, to + 1, filter);
    return "EXISTS (SELECT 1 FROM jsonb_array_elements(CASE jsonb_typeof(" + found + ") WHEN 'array' THEN " +
           found + " ELSE '[]'::jsonb END) " + element + "(v) WHERE " + rest + ")";
  }

  Operand member(const std::string& base, const FieldPath& path) const {
    if (dialect_ == Dialect::sqlite) {
      const auto value = "json_extract(" + base + ", " + json_path_literal(path) + ")";
      return {value, json_type(base, path), "lower(" + value + ")"};
    }
    std::string keys = "'{";
    for (const auto& step : path) keys += (keys.size() > 2 ? ",\"" : "\"") + step.name + '"';
    keys += "}'";
    return {"(" + base + " #> " + keys + ")", "", "lower(" + base + " #>> " + keys + ")"};
  }

  static std::string json_path_literal(const FieldPath& path) {
    std::string out = "'$";
    for (const auto& step : path) out += ".\"" + step.name + '"';
    return out + '\'';
  }

  static std::string json_type(const std::string& base, const FieldPath& path) {
    return "json_type(" + base + ", " + json_path_literal(path) + ")";
  }

  std::string comparison(const Operand& operand, const Filter& filter) {
    if (is_equality(filter.op)) {
      if (domain::ignores_case(filter.path)) return equality_ignoring_case(operand, filter);
      return dialect_ == Dialect::sqlite ? equality_sqlite(operand, filter)
                                         : equality_postgres(operand, filter);
    }
    return dialect_ == Dialect::sqlite ? order_sqlite(operand, filter) : order_postgres(operand, filter);
  }

  std::string equality_ignoring_case(const Operand& operand, const Filter& filter) {
    std::vector<DbValue> values;
    for (const auto& value : filter.values) values.emplace_back(lower(value));
    return in_list(operand.text_lower, std::move(values));
  }

  // SQLite compares by storage class, so text never equals a number; but true is 1 to it and a container is
  // its text, which the type tells apart.
  std::string equality_sqlite(const Operand& operand, const Filter& filter) {
    std::vector<std::string> conditions;
    std::vector<DbValue> texts;
    bool may_be_container = false;
    for (const auto& value : filter.values) {
      texts.emplace_back(value);
      may_be_container = may_be_container || value.starts_with('{') || value.starts_with('[');
      if (const auto number = number_from(value))
        conditions.push_back("(" + operand.value + " = " + statement_.param(sqlite_number(*number)) +
                             " AND " + operand.type + " IN ('integer', 'real'))");
      const auto word = lower(value);
      if (word == "true" || word == "false" || value == "null")
        conditions.push_back(operand.type + " = '" + word + "'");
    }
    auto text = in_list(operand.value, std::move(texts));
    if (may_be_container) text = "(" + text + " AND " + operand.type + " = 'text')";
    conditions.insert(conditions.begin(), std::move(text));
    return any_of(conditions);
  }

  std::string equality_postgres(const Operand& operand, const Filter& filter) {
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
  std::string order_sqlite(const Operand& operand, const Filter& filter) {
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

  // Digits have the same order in every collation, so beside a number the index serves the strings too.
  std::string order_postgres(const Operand& operand, const Filter& filter) {
    const std::string sign(sign_of(filter.op));
    const auto is_string = " AND jsonb_typeof(" + operand.value + ") = 'string')";
    const auto number = number_from(filter.values[0]);
    if (!number)
      return "((" + operand.value + " #>> '{}') COLLATE \"C\" " + sign + " " +
             statement_.param(filter.values[0]) + "::text" + is_string;
    const auto than = "(" + operand.value + " " + sign + " ";
    return "(" + than + statement_.param(json::quoted(filter.values[0])) + "::jsonb" + is_string + " OR " +
           than + statement_.param(number->text) + "::jsonb AND jsonb_typeof(" + operand.value +
           ") = 'number'))";
  }

  Statement& statement_;
  Dialect dialect_;
  int elements_ = 0;
};

/// One term of the total order that a page is cut from.
struct OrderTerm {
  std::string value;
  bool descending;
  bool is_body;
  bool is_integer;
};

/// A body member to order by. Missing ones, nulls and containers stand together before all others: an SQL
/// NULL would drop out of the keyset comparison.
std::string order_value(Dialect dialect, const FieldPath& path) {
  const auto value = body_value(dialect, path);
  if (dialect == Dialect::sqlite) {
    std::string at = "'$";
    for (const auto& step : path) at += ".\"" + step.name + '"';
    return "CASE WHEN json_type(body, " + at +
           "') IN ('object', 'array', 'null') THEN -9e999 ELSE COALESCE(" + value + ", -9e999) END";
  }
  return "CASE WHEN jsonb_typeof(" + value + ") IN ('object', 'array') THEN 'null'::jsonb ELSE COALESCE(" +
         value + ", 'null'::jsonb) END";
}

std::vector<OrderTerm> order_terms(Dialect dialect, ResourceKind kind, const ListQuery& query) {
  std::vector<OrderTerm> terms;
  for (const auto& [path, descending] : query.order) {
    if (const auto column = column_of(kind, path); !column.name.empty()) {
      terms.push_back({std::string(column.name), descending, false, column.is_integer});
      continue;
    }
    // Missing values stand together before all others; NULL would drop out of the keyset comparison.
    terms.push_back({order_value(dialect, path), descending, true, false});
  }
  if (terms.empty()) terms.push_back({"updated_at_ms", true, false, true});
  return terms;
}

/// Positions come back from clients, so any value has to make a statement that runs.
DbValue position_param(Dialect dialect, const OrderTerm& term, const json::Value& value) {
  if (term.is_body && dialect == Dialect::postgres) return searchable_document(value);
  if (term.is_integer) return value.as_int64().value_or(std::numeric_limits<std::int64_t>::min());
  if (const auto* text = value.if_string()) return *text;
  if (!term.is_body) return std::string();
  if (const auto* number = value.if_number()) return sqlite_number(*number);
  return -std::numeric_limits<double>::infinity();
}

/// The rows after a position: (a, b, id) compared term by term, each in its own direction.
std::string after_position(Statement& statement, Dialect dialect, const std::vector<OrderTerm>& terms,
                           const ListQuery::Position& position) {
  const bool one_direction = std::all_of(terms.begin(), terms.end(), [&](const OrderTerm& term) {
    return term.descending == terms[0].descending;
  });
  std::vector<std::string> params;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    auto param = statement.param(position_param(dialect, terms[i], position.values[i]));
    if (terms[i].is_body && dialect == Dialect::postgres) param += "::jsonb";
    params.push_back(std::move(param));
  }
  params.push_back(statement.param(position.id));
  if (one_direction) {
    std::string left;
    std::string right;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      left += terms[i].value + ", ";
      right += params[i] + ", ";
    }
    return "(" + left + "id) " + (terms[0].descending ? "< (" : "> (") + right + params.back() + ")";
  }
  std::string out = "(";
  std::string same;
  for (std::size_t i = 0; i <= terms.size(); ++i) {
    const bool is_id = i == terms.size();
    const auto value = is_id ? "id" : terms[i].value;
    const bool descending = is_id ? terms.back().descending : terms[i].descending;
    out += (i == 0 ? "(" : " OR (") + same + value + (descending ? " < " : " > ") + params[i] + ")";
    same += value + " = " + params[i] + " AND ";
  }
  return out + ")";
}

std::string where_clause(Statement& statement, Dialect dialect, const Scope& scope, ResourceKind kind,
                         const ListQuery& query) {
  std::string where;
  if (domain::is_global(kind))
    where = "scope = ''";
  else
    where = scope.key() ? "scope = " + statement.param(*scope.key()) : "TRUE";
  ConditionWriter writer(statement, dialect);
  for (const auto& filter : query.filters) where += " AND " + writer.condition(kind, filter);
  return where;
}

bool needs_replacement(const json::Value& value) {
  if (const auto* text = value.if_string())
    return text->size() > kSearchableStringMax || text->find('\0') != std::string::npos;
  if (value.is_number()) return !std::isfinite(value.as_double().value_or(HUGE_VAL));
  if (const auto* array = value.if_array())
    return std::any_of(array->begin(), array->end(), needs_replacement);
  if (const auto* object = value.if_object())
    return std::any_of(object->begin(), object->end(), [](const json::Member& member) {
      return member.name.find('\0') != std::string::npos || needs_replacement(member.value);
    });
  return false;
}

json::Value scalar_of(const DbValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value); number != nullptr && std::isfinite(*number))
    return *number;
  return nullptr;
}

std::string without_nul(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\0'), text.end());
  return text;
}

json::Value replaced(const json::Value& value) {
  if (const auto* text = value.if_string()) return searchable_string(without_nul(*text));
  if (value.is_number() && needs_replacement(value)) return searchable_string(value.if_number()->text);
  if (const auto* array = value.if_array()) {
    json::Array out;
    for (const auto& element : *array) out.push_back(replaced(element));
    return out;
  }
  if (const auto* object = value.if_object()) {
    json::Object out;
    for (const auto& [name, member] : *object) out.set(without_nul(name), replaced(member));
    return out;
  }
  return value;
}

}  // namespace

std::string Statement::param(DbValue value) {
  params.push_back(std::move(value));
  return "?" + std::to_string(params.size());
}

Statement select_page(Dialect dialect, const Scope& scope, ResourceKind kind, const ListQuery& query,
                      std::string_view columns) {
  Statement statement;
  const auto terms = order_terms(dialect, kind, query);
  auto where = where_clause(statement, dialect, scope, kind, query);
  if (query.after) where += " AND " + after_position(statement, dialect, terms, *query.after);
  std::string values;
  std::string order;
  for (const auto& term : terms) {
    values += ", " + term.value;
    order += term.value + (term.descending ? " DESC, " : " ASC, ");
  }
  order += terms.back().descending ? "id DESC" : "id ASC";
  statement.sql = "SELECT " + std::string(columns) + values + " FROM " + std::string(table_name(kind)) +
                  " WHERE " + where + " ORDER BY " + order;
  if (query.limit) statement.sql += " LIMIT " + statement.param(static_cast<std::int64_t>(*query.limit) + 1);
  return statement;
}

Statement select_count(Dialect dialect, const Scope& scope, ResourceKind kind, const ListQuery& query) {
  Statement statement;
  const auto where = where_clause(statement, dialect, scope, kind, query);
  statement.sql = "SELECT count(*) FROM " + std::string(table_name(kind)) + " WHERE " + where;
  return statement;
}

std::string searchable_document(const json::Value& body) {
  return needs_replacement(body) ? replaced(body).dump() : body.dump();
}

ListQuery::Position position_of(Dialect dialect, ResourceKind kind, const ListQuery& query,
                                const std::vector<DbValue>& values, std::string id) {
  ListQuery::Position position{{}, std::move(id)};
  const auto terms = order_terms(dialect, kind, query);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const auto* text = std::get_if<std::string>(&values[i]);
    if (text != nullptr && terms[i].is_body && dialect == Dialect::postgres) {
      auto parsed = json::parse(*text);
      position.values.push_back(parsed ? *std::move(parsed) : json::Value());
      continue;
    }
    position.values.push_back(scalar_of(values[i]));
  }
  return position;
}

std::size_t order_value_count(const ListQuery& query) { return std::max<std::size_t>(query.order.size(), 1); }

}  // namespace headwater::store::internal
