#include "domain/list_query.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/crypto.h"
#include "base/text.h"
#include "base/trim.h"

namespace headwater::domain {
namespace {

constexpr std::string_view kBadOrderField = "FLOW-1432-400";
constexpr std::string_view kBadOrder = "FLOW-1433-400";
constexpr std::string_view kNoGroups = "FLOW-1438-400";
constexpr std::string_view kNotImplemented = "FLOW-1440-400";
constexpr std::string_view kSeveralValues = "FLOW-1443-400";
constexpr std::string_view kIdComparison = "FLOW-1448-400";
constexpr std::string_view kBadField = "FLOW-1449-400";
constexpr std::string_view kBadOperator = "FLOW-1450-400";
constexpr std::string_view kBadParameter = "FLOW-1451-400";
constexpr std::string_view kNoValue = "FLOW-1452-400";
constexpr std::string_view kBadValue = "FLOW-1453-400";

constexpr std::string_view kOperatorCharacters = "=!<>~";
constexpr std::size_t kPathStepsMax = 32;
constexpr std::size_t kValuesMax = 400;  // SQLite nests an OR for some of them, up to 1000 deep.
constexpr std::size_t kFiltersMax = 100;
constexpr std::size_t kOrderTermsMax = 16;

/// Root members that a list may be ordered by; all that the reference shows in a flow service resource.
constexpr std::array<std::string_view, 33> kOrderRoots = {"id",
                                                          "createdAt",
                                                          "updatedAt",
                                                          "createdBy",
                                                          "updatedBy",
                                                          "createdClient",
                                                          "updatedClient",
                                                          "sandboxId",
                                                          "sandboxName",
                                                          "imsOrgId",
                                                          "name",
                                                          "description",
                                                          "state",
                                                          "version",
                                                          "etag",
                                                          "providerId",
                                                          "type",
                                                          "attributes",
                                                          "connectionSpec",
                                                          "flowSpec",
                                                          "auth",
                                                          "data",
                                                          "baseConnectionId",
                                                          "params",
                                                          "options",
                                                          "scheduleParams",
                                                          "lastRunDetails",
                                                          "lastOperation",
                                                          "metrics",
                                                          "flowId",
                                                          "providerRefId",
                                                          "inheritedAttributes",
                                                          "status"};

Error invalid(std::string_view code, std::string message, std::string where) {
  return Error{ErrorKind::invalid_argument, std::move(message), std::move(where), code};
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// Quotes, backslashes and control characters stay out, so that a name can stand inside an SQL literal and a
// JSON path as it is.
bool is_name(std::string_view name) {
  constexpr std::string_view kForbidden = "\"'\\[]{}()=!<>~,&?*";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f && kForbidden.find(c) == std::string_view::npos;
  });
}

std::optional<FieldPath> parse_path(std::string_view text) {
  FieldPath path;
  for (auto name : split(trimmed(text), '.')) {
    const bool array = name.ends_with("[]");
    if (array) name.remove_suffix(2);
    if (!is_name(name) || path.size() == kPathStepsMax) return std::nullopt;
    path.push_back({std::string(name), array});
  }
  return path;
}

std::optional<FilterOp> operator_from(std::string_view text) {
  if (text == "==" || text == "=") return FilterOp::equal;
  if (text == "!=") return FilterOp::not_equal;
  if (text == ">") return FilterOp::greater;
  if (text == ">=") return FilterOp::greater_equal;
  if (text == "<") return FilterOp::less;
  if (text == "<=") return FilterOp::less_equal;
  return std::nullopt;
}

bool is_order_operator(FilterOp op) { return op != FilterOp::equal && op != FilterOp::not_equal; }

/// Splits at commas outside of quotes and takes the quotes off.
Result<std::vector<std::string>> parse_values(std::string_view text) {
  std::vector<std::string> values;
  for (;;) {
    text = trimmed(text);
    if (text.starts_with('"')) {
      const auto end = text.find('"', 1);
      if (end == std::string_view::npos)
        return invalid(kBadValue, "A quoted value of the filter has no closing quote.", "property");
      values.emplace_back(text.substr(1, end - 1));
      text = trimmed(text.substr(end + 1));
      if (!text.empty() && text.front() != ',')
        return invalid(kBadValue, "After a quoted value the filter goes on with a comma or ends.",
                       "property");
    } else {
      const auto end = std::min(text.find(','), text.size());
      const auto value = trimmed(text.substr(0, end));
      if (value.empty())
        return invalid(kNoValue, "A value of the filter is empty; write \"\" for no text.", "property");
      values.emplace_back(value);
      text.remove_prefix(end);
    }
    if (values.back().find('\0') != std::string::npos || values.size() > kValuesMax)
      return invalid(kBadValue, "The filter has a NUL character or more than 400 values.", "property");
    if (text.empty()) return values;
    text.remove_prefix(1);
  }
}

/// "name==\"a&b\"&state==enabled" is two conditions.
std::vector<std::string_view> split_outside_quotes(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (text[at] != separator || quoted) continue;
    parts.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

Result<std::size_t> parse_limit(std::string_view text, const ListRules& rules) {
  std::uint64_t limit = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (failure == std::errc::result_out_of_range && end == text.data() + text.size()) return rules.limit_max;
  if (failure != std::errc() || end != text.data() + text.size() || limit == 0)
    return invalid(kBadParameter, "limit is a whole number of at least 1.", "limit");
  return static_cast<std::size_t>(std::min<std::uint64_t>(limit, rules.limit_max));
}

Result<bool> parse_count(const json::Value& value) {
  if (const auto flag = value.as_bool_lenient()) return *flag;
  return invalid(kBadParameter, "count is true or false.", "count");
}

Result<std::vector<OrderBy>> parse_known_order(std::string_view text) {
  auto order = TRY(parse_order(text));
  for (const auto& term : order) {
    if (std::find(kOrderRoots.begin(), kOrderRoots.end(), term.path[0].name) == kOrderRoots.end())
      return invalid(kBadOrderField,
                     "orderby names a field that no resource has: \"" + term.path[0].name + "\".", "orderby");
  }
  return order;
}

Result<void> add_filter(ListQuery& query, std::string_view text) {
  if (query.filters.size() == kFiltersMax)
    return invalid(kBadParameter, "A list takes at most 100 conditions.", "property");
  query.filters.push_back(TRY(parse_filter(text)));
  return {};
}

/// Adds a `property` value: a condition, or a projection when it has no operator.
Result<void> add_property(ListQuery& query, std::string_view text) {
  if (text.find_first_of(kOperatorCharacters) != std::string_view::npos) return add_filter(query, text);
  for (const auto part : split(text, ',')) {
    const auto name = trimmed(part);
    if (!is_name(name))
      return invalid(kBadField, "property is neither a condition nor a list of members.", "property");
    query.projection.emplace_back(name);
  }
  return {};
}

/// What a token does not carry, or what a request may override.
Result<ListQuery> start_query(std::string_view token, const ListRules& rules) {
  if (!token.empty()) return parse_continuation_token(token);
  ListQuery query;
  query.limit = rules.limit_default;
  return query;
}

std::string_view text_of(FilterOp op) {
  switch (op) {
    case FilterOp::equal:
      return "==";
    case FilterOp::not_equal:
      return "!=";
    case FilterOp::greater:
      return ">";
    case FilterOp::greater_equal:
      return ">=";
    case FilterOp::less:
      return "<";
    case FilterOp::less_equal:
      return "<=";
  }
  return "==";
}

bool equals(const json::Value& stored, std::string_view text, bool ignore_case) {
  switch (stored.kind()) {
    case json::Kind::string:
      return ignore_case ? lower(*stored.if_string()) == lower(text) : *stored.if_string() == text;
    case json::Kind::number: {
      const auto number = json::parse(text);
      return number && number->is_number() &&
             json::compare_numbers(stored.if_number()->text, number->if_number()->text) == 0;
    }
    case json::Kind::boolean:
      return lower(text) == (*stored.if_boolean() ? "true" : "false");
    case json::Kind::null:
      return text == "null";
    case json::Kind::array:
    case json::Kind::object:
      return false;
  }
  return false;
}

std::optional<int> compare(const json::Value& stored, std::string_view text) {
  if (const auto* own = stored.if_string()) return own->compare(text);
  if (const auto* number = stored.if_number()) {
    const auto other = json::parse(text);
    if (other && other->is_number()) return json::compare_numbers(number->text, other->if_number()->text);
  }
  return std::nullopt;
}

bool holds(const Filter& filter, const json::Value& stored) {
  if (!is_order_operator(filter.op)) {
    return std::any_of(filter.values.begin(), filter.values.end(), [&](const std::string& value) {
      return equals(stored, value, ignores_case(filter.path));
    });
  }
  const auto order = compare(stored, filter.values[0]);
  if (!order) return false;
  if (filter.op == FilterOp::greater) return *order > 0;
  if (filter.op == FilterOp::greater_equal) return *order >= 0;
  if (filter.op == FilterOp::less) return *order < 0;
  return *order <= 0;
}

bool any_holds(const Filter& filter, const json::Value& at, std::size_t step) {
  if (step == filter.path.size()) return holds(filter, at);
  const auto* next = at.find(filter.path[step].name);
  if (next == nullptr) return false;
  if (!filter.path[step].array) return any_holds(filter, *next, step + 1);
  const auto* elements = next->if_array();
  return elements != nullptr &&
         std::any_of(elements->begin(), elements->end(),
                     [&](const json::Value& element) { return any_holds(filter, element, step + 1); });
}

Result<std::vector<Filter>> filters_of_token(const json::Value* list) {
  std::vector<Filter> filters;
  const auto* conditions = list != nullptr ? list->if_array() : nullptr;
  if (conditions == nullptr) return filters;
  for (const auto& condition : *conditions) {
    auto path = parse_path(condition.string_at("p"));
    const auto op = operator_from(condition.string_at("o"));
    const auto* values = condition.find("v");
    if (!path || !op || values == nullptr || !values->is_array())
      return invalid(kBadParameter, "", "continuationToken");
    Filter filter{std::move(*path), *op, {}};
    for (const auto& value : *values->if_array())
      if (const auto* text = value.if_string()) filter.values.push_back(*text);
    if (filter.values.empty() || (is_order_operator(*op) && filter.values.size() != 1))
      return invalid(kBadParameter, "", "continuationToken");
    filters.push_back(std::move(filter));
  }
  return filters;
}

Result<ListQuery> query_of_token(const json::Value& token) {
  ListQuery query;
  query.filters = TRY(filters_of_token(token.find("f")));
  if (const auto order = token.string_at("o"); !order.empty()) query.order = TRY(parse_order(order));
  if (const auto* limit = token.find("l"); limit != nullptr)
    if (const auto number = limit->as_int64(); number && *number > 0)
      query.limit = static_cast<std::size_t>(*number);
  if (const auto* projection = token.find("m"); projection != nullptr && projection->is_array())
    for (const auto& member : *projection->if_array())
      if (const auto* name = member.if_string()) query.projection.push_back(*name);
  const auto* keys = token.find("k");
  if (keys == nullptr || !keys->is_array()) return invalid(kBadParameter, "", "continuationToken");
  query.after = ListQuery::Position{*keys->if_array(), std::string(token.string_at("i"))};
  const bool scalar = std::all_of(query.after->values.begin(), query.after->values.end(),
                                  [](const json::Value& key) { return !key.is_array() && !key.is_object(); });
  if (query.after->id.empty() || query.after->values.empty() || !scalar)
    return invalid(kBadParameter, "", "continuationToken");
  return query;
}

}  // namespace

Result<Filter> parse_filter(std::string_view text) {
  const auto begin = text.find_first_of(kOperatorCharacters);
  if (begin == std::string_view::npos)
    return invalid(kBadOperator, "The filter has no operator; use ==, !=, >, >=, < or <=.", "property");
  auto end = text.find_first_not_of(kOperatorCharacters, begin);
  if (end == std::string_view::npos) end = text.size();
  const auto sign = text.substr(begin, end - begin);
  const auto op = operator_from(sign);
  if (!op) {
    const bool known = sign.find('~') != std::string_view::npos;
    return invalid(known ? kNotImplemented : kBadOperator,
                   "The operator \"" + std::string(sign) + "\" is not known; use ==, !=, >, >=, < or <=.",
                   "property");
  }
  auto path = parse_path(text.substr(0, begin));
  if (!path)
    return invalid(kBadField,
                   "The filter's field is no path like name, connectionSpec.id or sourceConnectionIds[].",
                   "property");
  auto values = TRY(parse_values(text.substr(end)));
  Filter filter{std::move(*path), *op, std::move(values)};
  if (is_order_operator(*op) && filter.values.size() != 1)
    return invalid(kSeveralValues, "The operators >, >=, < and <= take one value.", "property");
  if (is_order_operator(*op) && filter.path.back().name == "id")
    return invalid(kIdComparison, "Ids have no order; compare them with == or !=.", "property");
  return filter;
}

Result<std::vector<OrderBy>> parse_order(std::string_view text) {
  std::vector<OrderBy> order;
  for (auto part : split(text, ',')) {
    OrderBy term;
    // A '+' in a query string arrives as a blank.
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.starts_with('-') || part.starts_with('+')) {
      term.descending = part.front() == '-';
      part.remove_prefix(1);
    }
    auto path = parse_path(part);
    if (!path)
      return invalid(kBadOrder, "orderby is a list of fields, each with an optional + or - in front.",
                     "orderby");
    if (order.size() == kOrderTermsMax)
      return invalid(kBadOrder, "A list is ordered by at most 16 fields.", "orderby");
    if (std::any_of(path->begin(), path->end(), [](const PathStep& step) { return step.array; }))
      return invalid(kBadOrderField, "A list cannot be ordered by the elements of an array.", "orderby");
    term.path = std::move(*path);
    order.push_back(std::move(term));
  }
  return order;
}

Result<ListQuery> parse_list_query(const QueryParams& params, const ListRules& rules) {
  std::string_view token;
  for (const auto& [name, value] : params)
    if (name == "continuationToken") token = value;
  auto query = TRY(start_query(token, rules));
  for (const auto& [name, value] : params) {
    if (name == "limit") query.limit = TRY(parse_limit(trimmed(value), rules));
    if (name == "count") query.count_only = TRY(parse_count(json::Value(lower(trimmed(value)))));
    if (!token.empty()) continue;
    if (name == "property") TRY(add_property(query, value));
    if (name == "orderby") query.order = TRY(parse_known_order(value));
  }
  return query;
}

Result<ListQuery> parse_search_query(const json::Value& body, std::string_view continuation_token,
                                     const ListRules& rules) {
  if (const auto* group = body.find("groupByProperty"); group != nullptr && !group->is_null())
    return invalid(kNoGroups, "Searches do not group: leave groupByProperty out.", "groupByProperty");
  for (const std::string_view name : {"queryString", "orderby", "projectionFields"}) {
    const auto* text = body.find(name);
    if (text != nullptr && !text->is_null() && !text->is_string())
      return invalid(kBadParameter, std::string(name) + " must be a text.", std::string(name));
  }
  auto query = TRY(start_query(continuation_token, rules));
  if (const auto* limit = body.find("limit"); limit != nullptr && !limit->is_null()) {
    const auto* text = limit->if_string();
    query.limit = TRY(parse_limit(text != nullptr ? *text : limit->dump(), rules));
  }
  if (const auto* count = body.find("count"); count != nullptr && !count->is_null())
    query.count_only = TRY(parse_count(*count));
  if (!continuation_token.empty()) return query;
  if (const auto order = body.string_at("orderby"); !order.empty())
    query.order = TRY(parse_known_order(order));
  if (const auto members = body.string_at("projectionFields"); !members.empty())
    TRY(add_property(query, members));
  if (const auto conditions = body.string_at("queryString"); !conditions.empty()) {
    for (auto condition : split_outside_quotes(conditions, '&')) {
      if (condition.starts_with("property=")) condition.remove_prefix(std::string_view("property=").size());
      TRY(add_filter(query, condition));
    }
  }
  return query;
}

std::string format_continuation_token(const ListQuery& query, const ListQuery::Position& position) {
  json::Array filters;
  for (const auto& filter : query.filters) {
    json::Object condition;
    condition.set("p", format_path(filter.path));
    condition.set("o", text_of(filter.op));
    condition.set("v", json::Array(filter.values.begin(), filter.values.end()));
    filters.emplace_back(std::move(condition));
  }
  std::string order;
  for (const auto& term : query.order) {
    if (!order.empty()) order += ',';
    order += (term.descending ? "-" : "") + format_path(term.path);
  }
  json::Object token;
  if (!filters.empty()) token.set("f", std::move(filters));
  if (!order.empty()) token.set("o", std::move(order));
  if (query.limit) token.set("l", static_cast<std::uint64_t>(*query.limit));
  if (!query.projection.empty())
    token.set("m", json::Array(query.projection.begin(), query.projection.end()));
  token.set("k", position.values);
  token.set("i", position.id);
  return crypto::base64url(json::Value(std::move(token)).dump());
}

Result<ListQuery> parse_continuation_token(std::string_view token) {
  const auto fail = [] {
    return invalid(kBadParameter,
                   "continuationToken is not one that this service has given; start the list again.",
                   "continuationToken");
  };
  const auto text = crypto::base64_decode(token);
  if (!text) return fail();
  const auto document = json::parse(*text, {.depth_max = 8, .bytes_max = 1U << 16});
  if (!document) return fail();
  auto query = query_of_token(*document);
  if (!query) return fail();
  return query;
}

std::string format_path(const FieldPath& path) {
  std::string out;
  for (const auto& step : path) {
    if (!out.empty()) out += '.';
    out += step.name;
    if (step.array) out += "[]";
  }
  return out;
}

bool ignores_case(const FieldPath& path) {
  return path.back().name == "state" || path.back().name == "status";
}

bool matches(const std::vector<Filter>& filters, const json::Value& wire_form) {
  return std::all_of(filters.begin(), filters.end(), [&](const Filter& filter) {
    return any_holds(filter, wire_form, 0) != (filter.op == FilterOp::not_equal);
  });
}

json::Value project(const json::Value& wire_form, const std::vector<std::string>& members) {
  const auto* object = wire_form.if_object();
  if (object == nullptr || members.empty()) return wire_form;
  json::Object out;
  for (const auto& [name, value] : *object)
    if (name == "id" || std::find(members.begin(), members.end(), name) != members.end())
      out.set(name, value);
  return out;
}

}  // namespace headwater::domain
