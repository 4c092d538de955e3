#include "api/internal/catalog.h"

#include <algorithm>

namespace headwater::api {
namespace {

using domain::FilterOp;
using json::Object;
using json::Value;

constexpr std::int64_t kLimitDefault = 20;
constexpr std::int64_t kLimitMax = 100;

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

Result<void> add_time_filter(const Call& call, std::string_view param, FilterOp op,
                             domain::ListQuery& query) {
  const auto bound = TRY(number_param(call, param));
  if (bound) query.filters.push_back({{{"createdAt", false}}, op, {std::to_string(*bound)}});
  return {};
}

Result<domain::ListQuery> read_query(const Call& call) {
  domain::ListQuery query;
  for (const EqualParam& param : kEqualParams) {
    const auto value = call.request.query_param(param.name);
    if (!value) continue;
    domain::FieldPath path;
    if (!param.parent.empty()) path.push_back({std::string(param.parent), false});
    path.push_back({std::string(param.member), false});
    query.filters.push_back({std::move(path), FilterOp::equal, {std::string(*value)}});
  }
  if (const auto dataset = call.request.query_param("dataSet"))
    query.filters.push_back(
        {{{"relatedObjects", true}, {"id", false}}, FilterOp::equal, {std::string(*dataset)}});
  TRY(add_time_filter(call, "createdAfter", FilterOp::greater, query));
  TRY(add_time_filter(call, "createdBefore", FilterOp::less, query));
  for (const auto& [name, text] : call.request.query)
    if (name == "property") query.filters.push_back(TRY(domain::parse_filter(text)));
  query.order = TRY(read_order(call.request.query_param("orderBy").value_or("")));
  return query;
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
  auto query = TRY(read_query(call));
  query.limit = start + limit;
  const auto page = TRY(call.store().list(call.scope(), kind, query));
  Object out;
  for (std::size_t index = start; index < page.items.size(); ++index)
    out.set(page.items[index].id, with_properties(call, wire(page.items[index])));
  return http::Response::json(200, out);
}

}  // namespace headwater::api
