#include "api/internal/catalog.h"

#include <algorithm>
#include <functional>

#include "base/regex.h"

namespace headwater::api {
namespace {

using domain::FilterOp;
using json::Object;
using json::Value;

constexpr std::int64_t kLimitDefault = 20;
constexpr std::int64_t kLimitMax = 100;
// How many resources a condition that the database does not know is tried on.
constexpr std::size_t kScanMax = 10'000;
constexpr std::size_t kScanPage = 500;

/// A condition on the answered form that the database does not know.
using Condition = std::function<bool(const Value& wire)>;

Result<std::optional<std::int64_t>> number_param(const Call& call, std::string_view name) {
  const auto text = call.request.query_param(name);
  if (!text || text->empty()) return std::optional<std::int64_t>{};
  const auto number = Value(*text).as_int64_lenient();
  if (!number || *number < 0)
    return bad_request("FLOW-1451-400", std::string(name),
                       std::string(name) + " must be a whole number from 0.");
  return number;
}

// Query parameters that select by equality, and where the value is stored.
struct EqualParam {
  std::string_view name;
  std::string_view parent;  // empty for a member of the document itself
  std::string_view member;
};
constexpr EqualParam kEqualParams[] = {{"name", "", "name"},
                                       {"description", "", "description"},
                                       {"status", "", "status"},
                                       {"batch", "", "id"},
                                       {"externalId", "", "externalId"},
                                       {"enableErrorDiagnostics", "", "enableErrorDiagnostics"},
                                       {"created", "", "createdAt"},
                                       {"updated", "", "updatedAt"},
                                       {"createdUser", "", "createdBy"},
                                       {"updatedUser", "", "updatedBy"},
                                       {"createdClient", "", "createdClient"},
                                       {"started", "", "started"},
                                       {"completed", "", "completed"},
                                       {"recordCount", "metrics", "outputRecordCount"},
                                       {"failedRecordCount", "metrics", "failedRecordCount"},
                                       {"size", "metrics", "outputByteSize"}};

// The catalog's names of what is stored under the common ones.
std::string stored_name(std::string_view name) {
  if (name == "created") return "createdAt";
  if (name == "updated") return "updatedAt";
  if (name == "createdUser") return "createdBy";
  if (name == "updatedUser") return "updatedBy";
  return std::string(name);
}

// "desc:created,updated", or without a direction ascending.
Result<std::vector<domain::OrderBy>> read_order(std::string_view text) {
  std::vector<domain::OrderBy> out;
  bool descending = false;
  if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    descending = text.substr(0, colon) == "desc";
    text.remove_prefix(colon + 1);
  }
  if (text.empty()) return out;
  auto terms = domain::parse_order(text);
  if (!terms) {
    Error error = std::move(terms).error();
    error.where = "orderBy";
    return error;
  }
  for (auto& term : *terms) {
    term.path.front().name = stored_name(term.path.front().name);
    term.descending = term.descending || descending;
    out.push_back(std::move(term));
  }
  return out;
}

struct BoundParam {
  std::string_view name;
  FilterOp op;
  std::string_view parent;
  std::string_view member;
};
constexpr BoundParam kBoundParams[] = {{"createdAfter", FilterOp::greater, "", "createdAt"},
                                       {"createdBefore", FilterOp::less, "", "createdAt"},
                                       {"startAfter", FilterOp::greater, "availableDates", "startDate"},
                                       {"startBefore", FilterOp::less, "availableDates", "startDate"},
                                       {"endAfter", FilterOp::greater, "availableDates", "endDate"},
                                       {"endBefore", FilterOp::less, "availableDates", "endDate"}};

domain::FieldPath path_of(std::string_view parent, std::string_view member) {
  domain::FieldPath path;
  if (!parent.empty()) path.push_back({std::string(parent), false});
  path.push_back({std::string(member), false});
  return path;
}

// "namespace:value,namespace:value": all must be there. A namespace may have colons of its own.
void add_tags(std::string_view text, std::vector<Condition>& conditions) {
  while (!text.empty()) {
    const auto comma = text.find(',');
    const std::string pair(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    conditions.push_back([pair](const Value& wire) {
      const Value* tags = wire.find("tags");
      if (tags == nullptr || !tags->is_object()) return false;
      for (const auto& [name, values] : *tags->if_object()) {
        if (name == pair) return true;  // a namespace alone
        if (!pair.starts_with(name + ":") || !values.is_array()) continue;
        const std::string_view wanted = std::string_view(pair).substr(name.size() + 1);
        for (const Value& value : *values.if_array())
          if (value.is_string() && *value.if_string() == wanted) return true;
      }
      return false;
    });
  }
}

// "name~^test": a regular expression anywhere in the value; "lastBatchId": the member is there.
Result<void> add_property(std::string_view text, domain::ListQuery& query,
                          std::vector<Condition>& conditions) {
  const auto sign = text.find_first_of("=!<>~");
  if (sign == std::string_view::npos) {
    conditions.push_back(
        [path = std::string(text)](const Value& wire) { return wire.find_path(path) != nullptr; });
    return {};
  }
  if (text[sign] != '~') {
    auto filter = TRY(domain::parse_filter(text));
    filter.path.front().name = stored_name(filter.path.front().name);
    query.filters.push_back(std::move(filter));
    return {};
  }
  auto regex = Regex::make(text.substr(sign + 1));
  if (!regex) {
    Error error = std::move(regex).error();
    error.kind = ErrorKind::invalid_argument;  // also for one that is too large
    error.where = "property";
    return error;
  }
  conditions.push_back(
      [path = std::string(text.substr(0, sign)), regex = *std::move(regex)](const Value& wire) {
        const Value* value = wire.find_path(path);
        if (value == nullptr || value->is_null()) return false;
        return regex.search(value->is_string() ? *value->if_string() : value->dump());
      });
  return {};
}

Result<domain::ListQuery> read_query(const Call& call, std::vector<Condition>& conditions) {
  domain::ListQuery query;
  for (const EqualParam& param : kEqualParams)
    if (const auto value = call.request.query_param(param.name))
      query.filters.push_back({path_of(param.parent, param.member), FilterOp::equal, {std::string(*value)}});
  for (const BoundParam& param : kBoundParams)
    if (const auto bound = TRY(number_param(call, param.name)))
      query.filters.push_back({path_of(param.parent, param.member), param.op, {std::to_string(*bound)}});
  if (const auto dataset = call.request.query_param("dataSet"))
    query.filters.push_back(
        {{{"relatedObjects", true}, {"id", false}}, FilterOp::equal, {std::string(*dataset)}});
  if (const auto version = call.request.query_param("version"))
    conditions.push_back(
        [wanted = std::string(*version)](const Value& wire) { return wire.string_at("version") == wanted; });
  add_tags(call.request.query_param("tags").value_or(""), conditions);
  for (const auto& [name, text] : call.request.query)
    if (name == "property") TRY(add_property(text, query, conditions));
  query.order = TRY(read_order(call.request.query_param("orderBy").value_or("")));
  return query;
}

struct Window {
  std::size_t start = 0, limit = 0;
};

// Pages through the database's answer until enough resources fulfil the conditions.
Result<std::vector<std::pair<std::string, Value>>> scan(const Call& call, domain::ResourceKind kind,
                                                        domain::ListQuery query,
                                                        const std::vector<Condition>& conditions,
                                                        const Window& window,
                                                        Value (*wire)(const domain::Resource&)) {
  std::vector<std::pair<std::string, Value>> found;
  query.limit = kScanPage;
  std::size_t fitting = 0;
  for (std::size_t seen = 0; found.size() < window.limit;) {
    const auto page = TRY(call.store().list(call.scope(), kind, query));
    for (const domain::Resource& resource : page.items) {
      Value shown = wire(resource);
      const auto holds = [&shown](const Condition& condition) { return condition(shown); };
      if (!std::all_of(conditions.begin(), conditions.end(), holds)) continue;
      if (fitting++ >= window.start && found.size() < window.limit)
        found.emplace_back(resource.id, std::move(shown));
    }
    seen += page.items.size();
    if (!page.next) break;
    if (seen >= kScanMax && found.size() < window.limit)
      return bad_request("FLOW-1451-400", "property",
                         "This condition would have to be tried on more than " + std::to_string(kScanMax) +
                             " resources: add filters like dataSet, status or createdAfter.");
    query = TRY(domain::parse_continuation_token(*page.next));
    query.limit = kScanPage;
  }
  return found;
}

}  // namespace

std::string lake_tenant(const domain::Tenant& tenant) { return tenant.org.value + "/" + tenant.sandbox_name; }

Object catalog_form(const domain::Resource& resource, std::string_view version) {
  Object out{{"imsOrg", resource.tenant.org.value},
             {"sandboxId", resource.tenant.sandbox.value},
             {"sandboxName", resource.tenant.sandbox_name},
             {"created", resource.created_at_ms},
             {"createdClient", resource.created_client},
             {"createdUser", resource.created_by},
             {"updated", resource.updated_at_ms},
             {"updatedUser", resource.updated_by},
             {"version", version}};
  for (const auto& [name, value] : *resource.body.if_object())
    if (!out.contains(name)) out.set(name, value);
  return out;
}

Value with_properties(const Call& call, Value object) {
  const auto names = call.request.query_param("properties");
  if (!names || names->empty()) return object;
  Object out;
  std::string_view rest = *names;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const std::string_view name = rest.substr(0, comma);
    if (const Value* value = object.find(name)) out.set(name, *value);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return out;
}

Result<http::Response> answer_catalog_list(const Call& call, domain::ResourceKind kind,
                                           Value (*wire)(const domain::Resource&)) {
  const auto limit_sent = TRY(number_param(call, "limit"));
  const auto start_sent = TRY(number_param(call, "start"));
  const auto limit =
      static_cast<std::size_t>(std::clamp<std::int64_t>(limit_sent.value_or(kLimitDefault), 1, kLimitMax));
  const auto start = static_cast<std::size_t>(std::min<std::int64_t>(start_sent.value_or(0), 1'000'000));
  std::vector<Condition> conditions;
  auto query = TRY(read_query(call, conditions));
  Object out;
  if (!conditions.empty()) {
    for (auto& [id, shown] : TRY(scan(call, kind, query, conditions, {start, limit}, wire)))
      out.set(id, with_properties(call, std::move(shown)));
    return http::Response::json(200, out);
  }
  query.limit = start + limit;
  const auto page = TRY(call.store().list(call.scope(), kind, query));
  for (std::size_t index = start; index < page.items.size(); ++index)
    out.set(page.items[index].id, with_properties(call, wire(page.items[index])));
  return http::Response::json(200, out);
}

}  // namespace headwater::api
