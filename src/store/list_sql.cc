#include "store/internal/list_sql.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "json/value.h"
#include "store/internal/list_conditions.h"
#include "store/internal/tables.h"

namespace headwater::store::internal {
namespace {

using domain::FieldPath;
using domain::ListQuery;
using domain::ResourceKind;

// So many rows are found and sorted faster than a page is looked for along another index.
constexpr std::string_view kFewRows = "2000";
// Past it a list of values is one condition, and its rows are sorted.
constexpr std::size_t kRangesMax = 64;
constexpr std::string_view kChange = "updated_at_ms";
// A limit that is never reached keeps the order outside: the planner would rather walk the order's index and
// look at every row of the tenant than sort a few.
constexpr std::string_view kFence = " LIMIT 9000000000";

/// One term of the total order that a page is cut from.
struct OrderTerm {
  enum class Type : std::uint8_t { integer, text, scalar };  // scalar: a value of any of SQLite's types
  std::string value;
  bool descending;
  Type type;
};

bool is_indexed(ResourceKind kind, const FieldPath& path) {
  const auto paths = indexed_paths(kind);
  return std::find(paths.begin(), paths.end(), domain::format_path(path)) != paths.end();
}

OrderTerm order_term(Dialect dialect, ResourceKind kind, const FieldPath& path, bool descending) {
  if (const auto column = column_of(kind, path); !column.name.empty()) {
    if (column.name == "state") return {"lower(state)", descending, OrderTerm::Type::text};
    return {std::string(column.name), descending,
            column.is_integer ? OrderTerm::Type::integer : OrderTerm::Type::text};
  }
  return {sort_key(dialect, path), descending,
          domain::ignores_case(path) || dialect == Dialect::postgres ? OrderTerm::Type::text
                                                                     : OrderTerm::Type::scalar};
}

/// Without an order of its own a list runs along the path that it is limited by ("startedAtUTC > x"), the
/// largest first, or else along the change, the latest first. An order by one path with an index is refined
/// by the change, as the index is.
std::vector<OrderTerm> order_terms(Dialect dialect, ResourceKind kind, const ListQuery& query) {
  std::vector<OrderTerm> terms;
  terms.reserve(query.order.size());
  for (const auto& [path, descending] : query.order)
    terms.push_back(order_term(dialect, kind, path, descending));
  if (terms.empty()) {
    for (const auto& filter : query.filters) {
      Statement scratch;
      const auto access = ConditionWriter(scratch, dialect).access(kind, filter);
      if (!access || access->key.empty() || access->key == kChange) continue;
      terms.push_back(order_term(dialect, kind, filter.path, true));
      break;
    }
  }
  if (terms.empty()) return {{std::string(kChange), true, OrderTerm::Type::integer}};
  const bool by_member =
      terms.size() == 1 &&
      (terms[0].value == "lower(state)" || query.order.empty() || is_indexed(kind, query.order[0].path)) &&
      terms[0].value != "created_at_ms" && terms[0].value != kChange;
  if (by_member) terms.push_back({std::string(kChange), terms[0].descending, OrderTerm::Type::integer});
  return terms;
}

/// How a page is found: through the ranges of one filter's index, or along the order's index.
struct Plan {
  std::optional<std::size_t> lead;   // the filter whose ranges are read; absent: all of the tenant's rows
  std::optional<std::size_t> along;  // beside `lead`: the filter that limits the second path of a pair
  std::optional<std::size_t> few;    // leads instead, when its ranges hold few rows
  bool sorts = false;                // the lead's rows are few, or no index has the order
};

class Planner {
 public:
  Planner(Dialect dialect, ResourceKind kind, const ListQuery& query, const std::vector<OrderTerm>& terms)
      : dialect_(dialect), kind_(kind), query_(query), terms_(terms) {
    Statement scratch;
    ConditionWriter writer(scratch, dialect);
    for (const auto& filter : query.filters) accesses_.push_back(writer.access(kind, filter));
  }

  Plan plan() const {
    const auto any = best([](const Access&) { return true; });
    if (!any || !query_.limit || accesses_[*any]->of_ids) return {any, {}, {}, true};
    const auto& key = terms_[0].value;
    const auto equal = best([](const Access& access) { return access.key.empty(); });
    const auto along = best([&](const Access& access) { return access.key == key; });
    const auto constant = best([&](const Access& access) { return access.constant_key == key; });
    if (key == kChange && terms_.size() == 1 && equal) return {equal, {}, {}};
    if (constant && terms_.size() == 2) return {constant, {}, {}};
    if (const auto pair = pair_lead()) return {pair, along, {}};
    const auto other = best([&](const Access& access) { return access.key != key; });
    if (!is_walkable()) return {other ? other : along, {}, {}, true};
    return {along, {}, other};
  }

 private:
  template <class Want>
  std::optional<std::size_t> best(Want want) const {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < accesses_.size(); ++i)
      if (accesses_[i] && want(*accesses_[i]) && (!found || accesses_[i]->rank < accesses_[*found]->rank))
        found = i;
    return found;
  }

  std::optional<std::size_t> pair_lead() const {
    for (const auto& pair : indexed_pairs(kind_)) {
      const auto column = column_of(kind_, path_of(pair.order)).name;
      const bool has_order = column.empty() ? terms_.size() == 2 && terms_[0].value == key_of(pair.order)
                                            : terms_.size() == 1 && terms_[0].value == column;
      if (!has_order) continue;
      for (std::size_t i = 0; i < accesses_.size(); ++i)
        if (accesses_[i] && accesses_[i]->constant_key == key_of(pair.equal)) return i;
    }
    return std::nullopt;
  }

  std::string key_of(std::string_view path) const { return sort_key(dialect_, path_of(path)); }

  /// Whether an index has the tenant's rows in this order.
  bool is_walkable() const {
    if (terms_.size() == 1)
      return terms_[0].value == "id" || terms_[0].value == "created_at_ms" || terms_[0].value == kChange;
    return terms_.size() == 2 && terms_[1].value == kChange && terms_[0].descending == terms_[1].descending;
  }

  Dialect dialect_;
  ResourceKind kind_;
  const ListQuery& query_;
  const std::vector<OrderTerm>& terms_;
  std::vector<std::optional<Access>> accesses_;
};

/// Positions come back from clients, so any value has to make a statement that runs.
DbValue position_param(const OrderTerm& term, const json::Value& value) {
  if (term.type == OrderTerm::Type::integer)
    return value.as_int64().value_or(std::numeric_limits<std::int64_t>::min());
  if (const auto* text = value.if_string()) return without_nul(*text);
  if (term.type == OrderTerm::Type::text) return std::string();
  if (const auto* number = value.if_number()) return sqlite_number(*number);
  return -std::numeric_limits<double>::infinity();
}

/// The rows after a position: (a, b, id) compared term by term, each in its own direction.
std::string after_position(Statement& statement, const std::vector<OrderTerm>& terms, std::string_view id,
                           const ListQuery::Position& position) {
  const bool one_direction = std::all_of(terms.begin(), terms.end(), [&](const OrderTerm& term) {
    return term.descending == terms[0].descending;
  });
  std::vector<std::string> params;
  params.reserve(terms.size() + 1);
  for (std::size_t i = 0; i < terms.size(); ++i)
    params.push_back(statement.param(position_param(terms[i], position.values[i])));
  params.push_back(statement.param(position.id));
  if (one_direction) {
    std::string left;
    std::string right;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      left += terms[i].value + ", ";
      right += params[i] + ", ";
    }
    return "(" + left + std::string(id) + ") " + (terms[0].descending ? "< (" : "> (") + right +
           params.back() + ")";
  }
  std::string out = "(";
  std::string same;
  for (std::size_t i = 0; i <= terms.size(); ++i) {
    const bool is_id = i == terms.size();
    const auto value = is_id ? id : std::string_view(terms[i].value);
    const bool descending = is_id ? terms.back().descending : terms[i].descending;
    out.append(i == 0 ? "(" : " OR (").append(same).append(value);
    out.append(descending ? " < " : " > ").append(params[i]).append(")");
    same.append(value).append(" = ").append(params[i]).append(" AND ");
  }
  return out + ")";
}

/// A piece of the page's rows, ordered by the terms, or by the second alone where all have one key: SQLite
/// does not see that the key then orders nothing.
struct Part {
  std::string where;
  bool one_key = false;
};

/// The rows of a range after a position. The database looks for the place by one bound of a side only: it has
/// to be the position, or each page would read the ones before it again.
class RangeAfter {
 public:
  RangeAfter(Statement& statement, Dialect dialect, const std::vector<OrderTerm>& terms, std::string_view id,
             const ListQuery::Position& position)
      : dialect_(dialect), terms_(terms), key_(terms[0].value), descending_(terms[0].descending) {
    if (terms.size() != 2) {
      after_ = after_position(statement, terms, id, position);
      return;
    }
    place_ = statement.param(position_param(terms[0], position.values[0]));
    const std::vector<OrderTerm> rest(terms.begin() + 1, terms.end());
    const ListQuery::Position inner{{position.values.begin() + 1, position.values.end()}, position.id};
    after_ = key_ + " = " + place_ + " AND " + after_position(statement, rest, id, inner);
  }

  /// What is left of the range, in the list's order.
  std::vector<Part> split(const Range& range) const {
    const Bound& ahead = descending_ ? range.above : range.below;
    const Bound& behind = descending_ ? range.below : range.above;
    if (terms_.size() != 2)
      return {{range.where + bounded(key_, ahead) + bounded(unindexed(), behind) + " AND " + after_}};
    // SQLite reads (a, b) < (x, y) with an expression for `a` as a < x alone, so it is said in two parts.
    const std::string same =
        range.where + bounded(unindexed(), ahead) + bounded(unindexed(), behind) + " AND " + after_;
    return {{same, true}, {range.where + bounded(key_, ahead) + beyond(behind)}};
  }

 private:
  static std::string bounded(const std::string& key, const Bound& bound) {
    return bound.value.empty() ? "" : " AND " + key + " " + bound.op + " " + bound.value;
  }

  std::string unindexed() const {
    if (dialect_ == Dialect::sqlite) return "+" + key_;
    return terms_[0].type == OrderTerm::Type::integer ? "(" + key_ + " + 0)" : key_;
  }

  std::string beyond(const Bound& behind) const {
    const std::string strict = descending_ ? " < " : " > ";
    if (behind.value.empty()) return " AND " + key_ + strict + place_;
    // PostgreSQL takes the tighter of two bounds by itself.
    if (dialect_ == Dialect::postgres) return " AND " + key_ + strict + place_ + bounded(key_, behind);
    const std::string tighter = (descending_ ? "min(" : "max(") + place_ + ", " + behind.value + ")";
    return " AND " + key_ + (descending_ ? " <= " : " >= ") + tighter + " AND " + unindexed() + strict +
           place_ + bounded(unindexed(), behind);
  }

  Dialect dialect_;
  const std::vector<OrderTerm>& terms_;
  std::string key_;
  bool descending_;
  std::string place_;  // the position's key
  std::string after_;  // the rows of that key, or of any key where the order has no second term
};

/// All scopes, one by one: the indexes begin with the scope.
std::string every_scope(const std::string& table) {
  return "scope IN (WITH RECURSIVE s(x) AS (SELECT min(scope) FROM " + table +
         " UNION ALL SELECT (SELECT min(scope) FROM " + table +
         " WHERE scope > x) FROM s WHERE x IS NOT NULL) SELECT x FROM s WHERE x IS NOT NULL)";
}

/// Where rows are read from, and how the statement calls what both tables of an element read have.
struct Source {
  std::string from;
  std::string where;  // the scope
  std::string change{kChange};
  std::string id = "id";
};

Source source_of(Statement& statement, const Scope& scope, ResourceKind kind, const Access* lead) {
  const std::string table(table_name(kind));
  Source source{table, ""};
  const bool global = domain::is_global(kind);
  const auto scope_is = [&](const std::string& column) {
    if (global) return column + " = ''";
    return column + " = " + statement.param(*scope.key());
  };
  if (lead != nullptr && lead->of_elements) {
    source.from = element_table(kind) + " CROSS JOIN " + table;
    source.where =
        (global || scope.key() ? scope_is("e_scope") : "TRUE") + " AND id = e_id AND scope = e_scope";
    source.change = "e_updated_at_ms";
    source.id = "e_id";
  } else if (global || scope.key()) {
    source.where = scope_is("scope");
  } else {
    source.where = lead != nullptr && !lead->of_ids ? every_scope(table) : "TRUE";
  }
  return source;
}

/// The ranges that the lead reads; those of a pair's second filter within each of the first's.
std::vector<Range> ranges_of(ConditionWriter& writer, ResourceKind kind, const ListQuery& query,
                             const Plan& plan, const Access& lead) {
  auto ranges = lead.ranges;
  if (plan.along) {
    const auto along = writer.access(kind, query.filters[*plan.along]);
    std::vector<Range> both;
    for (const auto& range : ranges)
      for (const auto& limit : along->ranges)
        both.push_back({range.where + " AND " + limit.where, limit.above, limit.below});
    ranges = std::move(both);
  }
  if (ranges.size() <= kRangesMax) return ranges;
  std::string all;
  for (const auto& range : ranges) all += (all.empty() ? "(" : " OR (") + text_of(range, lead.key) + ")";
  return {{"(" + all + ")"}};
}

std::string residue(ConditionWriter& writer, ResourceKind kind, const ListQuery& query, const Plan& plan) {
  std::string where;
  for (std::size_t i = 0; i < query.filters.size(); ++i)
    if (plan.lead != i && plan.along != i) where += " AND " + writer.condition(kind, query.filters[i]);
  return where;
}

Plan plan_of(Dialect dialect, ResourceKind kind, const ListQuery& query, const std::vector<OrderTerm>& terms,
             Rows few) {
  auto plan = Planner(dialect, kind, query, terms).plan();
  if (plan.few && few == Rows::few) {
    plan.lead = plan.few;
    plan.sorts = true;
  }
  return plan;
}

std::string order_clause(const std::vector<OrderTerm>& terms, std::string_view id) {
  std::string order;
  for (const auto& term : terms) order += term.value + (term.descending ? " DESC, " : " ASC, ");
  // Twice the same would be sorted once more.
  if (terms.size() == 1 && terms[0].value == id) return order.substr(0, order.size() - 2);
  return order + std::string(id) + (terms.back().descending ? " DESC" : " ASC");
}

/// `rows` selects k_id, k_scope and the values of `terms`: they are sorted without their documents, and those
/// of the page fetched then.
std::string page_of_sorted(ResourceKind kind, const std::string& rows, const std::vector<OrderTerm>& terms,
                           std::string_view columns, const std::string& limit) {
  const auto order = " ORDER BY " + order_clause(terms, "k_id");
  std::string shown(columns);
  for (const auto& term : terms) shown += ", " + term.value;
  return "SELECT " + shown + " FROM (" + rows + order + limit + ") k CROSS JOIN " +
         std::string(table_name(kind)) + " WHERE id = k_id AND scope = k_scope" + order;
}

json::Value scalar_of(const DbValue& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return *whole;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value); number != nullptr && std::isfinite(*number))
    return *number;
  return nullptr;
}

}  // namespace

std::string Statement::param(DbValue value) {
  params.push_back(std::move(value));
  return "?" + std::to_string(params.size());
}

Statement select_page(Dialect dialect, const Scope& scope, ResourceKind kind, const ListQuery& query,
                      std::string_view columns, Rows few) {
  Statement statement;
  ConditionWriter writer(statement, dialect);
  auto terms = order_terms(dialect, kind, query);
  const auto plan = plan_of(dialect, kind, query, terms, few);
  const auto lead = plan.lead ? writer.access(kind, query.filters[*plan.lead]) : std::nullopt;
  auto ranges = lead ? ranges_of(writer, kind, query, plan, *lead) : std::vector<Range>{{"TRUE"}};
  const bool sorts = lead && plan.sorts;
  auto source = source_of(statement, scope, kind, lead ? &*lead : nullptr);
  // Along the ids leads the primary key, which does not begin with the scope.
  if (!lead && dialect == Dialect::sqlite && terms[0].value == "id" && source.where.starts_with("scope"))
    source.where = "+" + source.where;
  std::string values;
  auto outer = terms;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (terms[i].value == kChange) terms[i].value = source.change;
    if (terms[i].value == "id") terms[i].value = source.id;
    outer[i].value = "o" + std::to_string(i);
    values += ", " + terms[i].value + " AS " + outer[i].value;
  }
  auto where = residue(writer, kind, query, plan);
  auto after = query.after;
  if (lead && ranges.size() == 1 && lead->constant_key == terms[0].value) {
    // One value in all of the range: SQLite does not see that it orders nothing.
    terms.erase(terms.begin());
    if (after) after->values.erase(after->values.begin());
  }
  const auto key = plan.along || !lead || lead->key.empty() ? terms[0].value : lead->key;
  const auto limit =
      query.limit ? " LIMIT " + statement.param(static_cast<std::int64_t>(*query.limit) + 1) : std::string();
  if (sorts) {
    std::string rows;
    const auto select = "SELECT * FROM (SELECT " + source.id + " AS k_id, scope AS k_scope" + values +
                        " FROM " + source.from + " WHERE " + source.where + " AND ";
    const auto end = where + std::string(kFence) + ") p";
    for (const auto& range : ranges) {
      if (!rows.empty()) rows += lead->of_elements ? " UNION " : " UNION ALL ";
      rows.append(select).append(text_of(range, key)).append(end);
    }
    if (query.after)
      rows = "SELECT * FROM (" + rows + ") u WHERE " + after_position(statement, outer, "k_id", *query.after);
    statement.sql = page_of_sorted(kind, rows, outer, columns, limit);
    return statement;
  }
  std::vector<Part> parts;
  if (after) {
    const RangeAfter rest(statement, dialect, terms, source.id, *after);
    for (const auto& range : ranges)
      for (auto& part : rest.split(range)) parts.push_back(std::move(part));
  } else {
    for (const auto& range : ranges) parts.push_back({text_of(range, key)});
  }
  const bool constant = lead && lead->constant_key == terms[0].value && terms.size() > 1;
  const auto part = [&](const Part& piece) {
    const std::vector<OrderTerm> order(terms.begin() + (piece.one_key || constant ? 1 : 0), terms.end());
    return "SELECT " + std::string(columns) + values + " FROM " + source.from + " WHERE " + source.where +
           " AND " + piece.where + where + " ORDER BY " + order_clause(order, source.id) + limit;
  };
  if (parts.size() == 1) {
    statement.sql = part(parts[0]);
    return statement;
  }
  // Each range gives its first rows in order; what several elements of one document match is one row.
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) statement.sql += lead && lead->of_elements ? " UNION " : " UNION ALL ";
    statement.sql += "SELECT * FROM (" + part(parts[i]) + ") p" + std::to_string(i);
  }
  statement.sql += " ORDER BY " + order_clause(outer, "id") + limit;
  return statement;
}

std::optional<Statement> ask_for_few(Dialect dialect, const Scope& scope, ResourceKind kind,
                                     const ListQuery& query) {
  const auto plan = plan_of(dialect, kind, query, order_terms(dialect, kind, query), Rows::many);
  if (!plan.few) return std::nullopt;
  Statement statement;
  const auto access = ConditionWriter(statement, dialect).access(kind, query.filters[*plan.few]);
  const auto source = source_of(statement, scope, kind, &*access);
  for (const auto& range : access->ranges)
    statement.sql += (statement.sql.empty() ? "SELECT " : " + ") +
                     ("(SELECT count(*) FROM (SELECT 1 FROM " + source.from + " WHERE " + source.where +
                      " AND " + text_of(range, access->key) + " LIMIT " + std::string(kFewRows) + ") p)");
  statement.sql =
      "SELECT CASE WHEN (" + statement.sql + ") < " + std::string(kFewRows) + " THEN 1 ELSE 0 END";
  return statement;
}

Statement select_count(Dialect dialect, const Scope& scope, ResourceKind kind, const ListQuery& query) {
  Statement statement;
  ConditionWriter writer(statement, dialect);
  auto unlimited = query;
  unlimited.limit.reset();
  const auto plan = plan_of(dialect, kind, unlimited, order_terms(dialect, kind, query), Rows::many);
  const auto lead = plan.lead ? writer.access(kind, query.filters[*plan.lead]) : std::nullopt;
  const auto source = source_of(statement, scope, kind, lead ? &*lead : nullptr);
  std::string range = lead ? "" : "TRUE";
  if (lead)
    for (const auto& one : lead->ranges)
      range += (range.empty() ? "((" : " OR (") + text_of(one, lead->key) + ")";
  statement.sql = "SELECT count(" + std::string(lead && lead->of_elements ? "DISTINCT e_id" : "*") +
                  ") FROM " + source.from + " WHERE " + source.where + " AND " + range + (lead ? ")" : "") +
                  residue(writer, kind, query, plan);
  return statement;
}

ListQuery::Position position_of(const std::vector<DbValue>& values, std::string id) {
  ListQuery::Position position{{}, std::move(id)};
  for (const auto& value : values) position.values.push_back(scalar_of(value));
  return position;
}

std::size_t order_value_count(Dialect dialect, ResourceKind kind, const ListQuery& query) {
  return order_terms(dialect, kind, query).size();
}

}  // namespace headwater::store::internal
