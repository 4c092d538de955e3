#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/url.h"
#include "domain/resource.h"
#include "json/value.h"

namespace headwater::domain {

/// One member name of a path; `array` when "[]" follows: the path goes on in any element.
struct PathStep {
  std::string name;
  bool array = false;
  bool operator==(const PathStep&) const = default;
};
using FieldPath = std::vector<PathStep>;  // never empty

enum class FilterOp : std::uint8_t { equal, not_equal, greater, greater_equal, less, less_equal };

/// One condition on the wire form of a resource. `equal` holds when the value (with array steps: any value)
/// equals one of `values`; `not_equal` is its negation, so it holds for a missing value. Comparison follows
/// the stored JSON type: numbers by value, booleans by true/false, null by null, strings exactly (fields
/// named `state` and `status` without regard to letter case). An order operator compares numbers with numbers
/// and strings with strings by their bytes, and holds for nothing else.
struct Filter {
  FieldPath path;
  FilterOp op = FilterOp::equal;
  std::vector<std::string> values;  // never empty; exactly one with an order operator
  bool operator==(const Filter&) const = default;
};

struct OrderBy {
  FieldPath path;  // no array steps
  bool descending = false;
  bool operator==(const OrderBy&) const = default;
};

/// Which resources, in which order, from where. Ties of one field are broken by the change, all ties by id,
/// so the order is total.
struct ListQuery {
  std::vector<Filter> filters;       // all must hold
  std::vector<OrderBy> order;        // empty: along a range filter's path, else most recently changed first
  std::optional<std::size_t> limit;  // absent: all
  bool count_only = false;
  std::vector<std::string> projection;  // top-level members to answer; empty: all. `id` always stays
  /// Where the page before ended: the JSON scalars that the store orders by, and the id. Absent: from the
  /// start.
  struct Position {
    std::vector<json::Value> values;
    std::string id;
  };
  std::optional<Position> after;
};

/// What a list accepts. Source: Flow Service reference, section 5.2 and 22.
struct ListRules {
  std::optional<std::size_t> limit_default = 20;  // absent: everything when no limit is sent (specs)
  std::size_t limit_max = 100;                    // larger ones are clamped
};
inline constexpr ListRules kListRules{};
inline constexpr ListRules kSearchRules{.limit_default = 20, .limit_max = 1000};
inline constexpr ListRules kSpecListRules{.limit_default = std::nullopt, .limit_max = 1000};

/// Reads `property` (repeatable), `orderby`, `limit`, `count` and `continuationToken` of a list's query;
/// other parameters are left alone. A token carries its whole query: a client that follows only the token
/// gets the right page, and a repeated `limit` wins over the token's. Errors: invalid_argument with
/// FLOW-1432/1433 (orderby), 1440 (operator not implemented), 1443, 1448, 1449 (field), 1450 (operator), 1451
/// (parameter: limit, count, token), 1452/1453 (value), `where` naming the parameter.
Result<ListQuery> parse_list_query(const QueryParams& query, const ListRules& rules = kListRules);

/// Reads the body of a POST .../search: `queryString` (conditions joined by '&'), `orderby`, `limit`,
/// `count`, `projectionFields`; `groupByProperty` is refused with FLOW-1438. `continuation_token` comes from
/// the query, empty when there is none. Errors as above.
Result<ListQuery> parse_search_query(const json::Value& body, std::string_view continuation_token,
                                     const ListRules& rules = kSearchRules);

/// One condition ("state==enabled", "id==a,b"). Errors as above.
Result<Filter> parse_filter(std::string_view text);
/// Comma separated fields, each with an optional '-' or '+' (or a blank, a decoded '+'). Errors: 1432/1433.
Result<std::vector<OrderBy>> parse_order(std::string_view text);

/// The token for the page of `query` that begins after `position`. Unreserved characters only.
std::string format_continuation_token(const ListQuery& query, const ListQuery::Position& position);
/// The query that a token continues. Errors: invalid_argument, FLOW-1451-400.
Result<ListQuery> parse_continuation_token(std::string_view token);

/// "a.b[].c"
std::string format_path(const FieldPath& path);
/// Whether letter case is ignored for this field (`state`, `status`).
bool ignores_case(const FieldPath& path);

/// Whether the filters hold for a wire form; the same semantics as the store's.
bool matches(const std::vector<Filter>& filters, const json::Value& wire_form);

/// Keeps the named top-level members and `id`. Names that are not there are left out.
json::Value project(const json::Value& wire_form, const std::vector<std::string>& members);

}  // namespace headwater::domain
