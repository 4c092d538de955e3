#include <algorithm>

#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "api/internal/schema_forms.h"
#include "base/crypto.h"
#include "base/url.h"
#include "json/patch.h"
#include "schema/evolution.h"
#include "schema/validator.h"

namespace headwater::api::schemas {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

// The state of a version that was replaced; it is kept under "<id>;version=<its version>".
constexpr std::string_view kReplaced = "replaced";
constexpr std::int64_t kListDefault = 300;
constexpr std::int64_t kListMax = 500;
constexpr std::size_t kRecentMax = 10;
constexpr std::string_view kBase = "/data/foundation/schemaregistry";
constexpr std::string_view kNamespace = "https://ns.adobe.com/";
// Classes and field groups that the vendor's registry carries and this one does not: kept as names.
constexpr std::string_view kGlobal = "https://ns.adobe.com/xdm/";
constexpr std::string_view kServerOwned[] = {"$id",          "meta:altId",       "meta:resourceType",
                                             "version",      "imsOrg",           "meta:registryMetadata",
                                             "meta:extends", "meta:containerId", "meta:sandboxId"};

std::string alt_id(std::string_view id) {
  std::string out = "_";
  for (const char c : id.substr(kNamespace.size())) out.push_back(c == '/' ? '.' : c);
  return out;
}

// Both `$id` and `meta:altId` name a schema; resources are stored under `$id`.
std::string id_of(std::string_view name) {
  if (!name.starts_with("_")) return std::string(name);
  std::string out(kNamespace);
  for (const char c : name.substr(1)) out.push_back(c == '.' ? '/' : c);
  return out;
}

bool is_global_reference(const Value& entry) {
  const std::string_view reference = entry.string_at("$ref");
  return reference.starts_with(kGlobal);
}

// Records are checked against what stands here, so references that lead out of the installation become names
// in meta:extends; they come back as allOf entries in answers.
void split_global_references(Object& schema) {
  Array extends;
  Value* all_of = schema.find("allOf");
  Array* entries = all_of == nullptr ? nullptr : all_of->if_array();
  if (entries == nullptr) return;
  for (const Value& entry : *entries)
    if (is_global_reference(entry)) extends.emplace_back(entry.string_at("$ref"));
  std::erase_if(*entries, is_global_reference);
  if (entries->empty()) schema.erase("allOf");
  if (!extends.empty()) schema.set("meta:extends", std::move(extends));
}

Error refused(std::string_view code, std::string message) {
  return bad_request(code, "", std::move(message));
}

Result<Value> checked_body(const Value& sent, const std::string& id, const std::string& version) {
  if (sent.string_at("title").empty()) return refused("XDM-1400-400", "A schema needs a title.");
  if (const std::string_view type = sent.string_at("type"); !type.empty() && type != "object")
    return refused("XDM-1400-400", "The type of a schema must be object.");
  Object schema{
      {"$id", id}, {"meta:altId", alt_id(id)}, {"meta:resourceType", "schemas"}, {"version", version}};
  for (const auto& [name, value] : *sent.if_object())
    if (std::find(std::begin(kServerOwned), std::end(kServerOwned), name) == std::end(kServerOwned))
      schema.set(name, value);
  schema.set("type", "object");
  split_global_references(schema);
  Value body(std::move(schema));
  auto compiled = schema::Validator::compile(body);
  if (!compiled) {
    Error error = std::move(compiled).error();
    error.code = "XDM-1400-400";
    return error;
  }
  return body;
}

std::string next_version(const Value& body) {
  const std::string now(body.string_at("version"));
  const auto dot = now.find('.');
  const auto minor = dot == std::string::npos ? std::nullopt : Value(now.substr(dot + 1)).as_int64_lenient();
  return minor ? now.substr(0, dot + 1) + std::to_string(*minor + 1) : std::string("1.1");
}

std::string kept_id(const std::string& id, std::string_view version) {
  return id + ";version=" + std::string(version);
}

Result<Resource> get(const Call& call) {
  auto schema = TRY(call.store().get(call.scope(), ResourceKind::schema, id_of(call.id())));
  if (schema.state == kReplaced)
    return Error{ErrorKind::not_found, "Requested resource " + std::string(call.id()) + " is not found."};
  return schema;
}

// "1" is the latest of that major version, "1.3" exactly this one. The global container has no schemas.
Result<Resource> find_version(const Call& call, std::string_view version) {
  if (call.request.path_param("container") != "tenant")
    return Error{ErrorKind::not_found, "Requested resource " + std::string(call.id()) + " is not found."};
  auto schema = TRY(get(call));
  if (version.empty() || version == "1" || version == schema.body.string_at("version")) return schema;
  auto kept = TRY(call.store().find(call.scope(), ResourceKind::schema, kept_id(schema.id, version)));
  if (kept) return *std::move(kept);
  return refused("XDM-1406-406", "The schema has no version " + std::string(version) + "; its latest is " +
                                     std::string(schema.body.string_at("version")) + ".");
}

Result<std::int64_t> datasets_of(const Call& call, store::Transaction& transaction, const std::string& id) {
  return count_where(transaction, call.scope(), ResourceKind::dataset, "schemaRef.id", id);
}

// Records and files of a dataset stand under the schema: only what they can live with is changed.
Result<void> check_evolution(const Value& before, const Value& after, std::int64_t datasets) {
  auto problems = datasets == 0 ? std::vector<Problem>() : schema::breaking_changes(before, after);
  if (problems.empty()) return {};
  Error error =
      refused("XDM-1400-400", "The schema is in use by " + std::to_string(datasets) +
                                  " dataset(s): only optional members can be added, and texts changed.");
  error.problems = std::move(problems);
  return error;
}

Result<http::Response> store_changed(const Call& call, const Resource& current, const Value& body) {
  const auto change = [&call, &body](Resource resource) -> Result<Resource> {
    resource.body = body;
    domain::touch(resource, call.caller.actor, call.now_ms());
    return resource;
  };
  Resource kept = current;
  kept.id = kept_id(current.id, current.body.string_at("version"));
  kept.state = kReplaced;
  Resource stored;
  const auto work = [&](store::Transaction& transaction) -> Result<void> {
    const auto datasets = TRY(datasets_of(call, transaction, current.id));
    TRY(check_evolution(current.body, body, datasets));
    TRY(transaction.insert(kept));
    stored = TRY(transaction.update(call.scope(), current.kind, current.id, change, current.etag));
    return {};
  };
  TRY(call.store().transact(work));
  return http::Response::json(200, full_form(stored)).with_header("ETag", stored.etag.value);
}

Result<std::int64_t> whole_number(const Call& call, std::string_view name, std::int64_t fallback) {
  const auto text = call.request.query_param(name);
  if (!text || text->empty()) return fallback;
  const auto number = Value(*text).as_int64_lenient();
  if (!number || *number < 0)
    return refused("XDM-1400-400", std::string(name) + " must be a whole number from 0.");
  return *number;
}

// Registry fields that are stored under common names.
void rename_order(domain::OrderBy& term) {
  auto& name = term.path.front().name;
  if (name == "updated" || name == "repo:lastModifiedDate") name = "updatedAt";
  if (name == "created" || name == "repo:createdDate") name = "createdAt";
}

struct ListRequest {
  domain::ListQuery query;
  std::string order;  // as it was asked for
  std::size_t limit = 0;
};

/// `start` is the last value of the first order field that the client has seen: the page goes on behind it.
Result<ListRequest> read_list(const Call& call) {
  QueryParams known;
  for (const auto& [name, text] : call.request.query)
    if (name == "property") known.emplace_back(name, text);
  ListRequest request;
  request.query = TRY(domain::parse_list_query(known));
  request.query.filters.push_back(
      {{{"state", false}}, domain::FilterOp::not_equal, {std::string(kReplaced)}});
  request.order = std::string(call.request.query_param("orderby").value_or("updated"));
  request.query.order = TRY(domain::parse_order(request.order));
  if (request.query.order.empty()) return refused("XDM-1400-400", "orderby names no field.");
  for (auto& term : request.query.order) rename_order(term);
  const auto limit = TRY(whole_number(call, "limit", kListDefault));
  request.limit = static_cast<std::size_t>(limit == 0 ? kListDefault : std::min(limit, kListMax));
  request.query.limit = request.limit;
  const auto& first = request.query.order.front();
  if (const auto start = call.request.query_param("start"); start && !start->empty())
    request.query.filters.push_back({first.path,
                                     first.descending ? domain::FilterOp::less : domain::FilterOp::greater,
                                     {std::string(*start)}});
  return request;
}

std::string value_at(const Resource& schema, const domain::FieldPath& path) {
  const Value wire = domain::wire_form(schema);
  const Value* at = &wire;
  for (const auto& step : path)
    if (at != nullptr) at = at->find(step.name);
  if (at == nullptr || at->is_null()) return {};
  return at->is_string() ? *at->if_string() : at->dump();
}

// All that share the last value of the page belong to it: the next page begins behind that value.
Result<store::ResourcePage> whole_page(const Call& call, const domain::ListQuery& query, std::string& next) {
  auto page = TRY(call.store().list(call.scope(), ResourceKind::schema, query));
  if (!page.next || page.items.empty()) return page;
  const auto& path = query.order.front().path;
  next = value_at(page.items.back(), path);
  if (next.empty()) return page;
  domain::ListQuery same = query;
  same.filters.push_back({path, domain::FilterOp::equal, {next}});
  same.limit.reset();
  auto rest = TRY(call.store().list(call.scope(), ResourceKind::schema, same));
  for (Resource& schema : rest.items) {
    const auto is_it = [&schema](const Resource& known) { return known.id == schema.id; };
    if (std::none_of(page.items.begin(), page.items.end(), is_it)) page.items.push_back(std::move(schema));
  }
  return page;
}

Value shown_in_list(const Resource& schema, const Accept& accept, const std::vector<std::string>& members) {
  if (members.empty()) return accept.form == "xed" ? full_form(schema) : summary(schema);
  const Value full = full_form(schema);
  Object out;
  for (const std::string& name : members)
    if (const Value* value = full.find(name)) out.set(name, *value);
  return out;
}

}  // namespace

Result<http::Response> list(const Call& call) {
  const Accept accept = read_accept(call);
  if (accept.vendor && ((accept.form != "xed" && accept.form != "xed-id") || !accept.version.empty()))
    return invalid_accept(call, "XDM-1006-400", "application/vnd.adobe.xed-id+json");
  const std::string_view container = call.request.path_param("container");
  if (container != "tenant" && container != "global")
    return Error{ErrorKind::not_found, "There are the containers global and tenant."};
  const auto request = TRY(read_list(call));
  Array results;
  std::string next;
  if (container == "tenant") {
    const auto page = TRY(whole_page(call, request.query, next));
    for (const Resource& schema : page.items)
      results.push_back(shown_in_list(schema, accept, request.query.projection));
  }
  Object links{{"next", Value()},
               {"global_schemas", Object{{"href", std::string(kBase) + "/global/schemas"}}}};
  if (!next.empty())
    links.set(
        "next",
        Object{{"href", std::string(kBase) + "/tenant/schemas?orderby=" + percent_encode(request.order) +
                            "&start=" + percent_encode(next) + "&limit=" + std::to_string(request.limit)}});
  Object paging{{"orderby", request.order},
                {"next", next.empty() ? Value() : Value(next)},
                {"count", static_cast<std::int64_t>(results.size())}};
  return http::Response::json(
      200,
      Object{{"results", std::move(results)}, {"_page", std::move(paging)}, {"_links", std::move(links)}});
}

// What clients ask first: the name below which a tenant's own fields stand.
Result<http::Response> stats(const Call& call) {
  domain::ListQuery query;
  query.filters.push_back({{{"state", false}}, domain::FilterOp::not_equal, {std::string(kReplaced)}});
  query.order.push_back({{{"updatedAt", false}}, true});
  const auto schemas = TRY(call.store().count(call.scope(), ResourceKind::schema, query));
  query.limit = kRecentMax;
  const auto updated = TRY(call.store().list(call.scope(), ResourceKind::schema, query));
  query.order.front().path.front().name = "createdAt";
  const auto created = TRY(call.store().list(call.scope(), ResourceKind::schema, query));
  const auto shown = [](const store::ResourcePage& page) {
    Array out;
    for (const Resource& schema : page.items) out.push_back(summary(schema));
    return out;
  };
  Object counts{{"schemas", schemas}, {"mixins", 0}, {"datatypes", 0}, {"classes", 0}, {"unions", 0}};
  return http::Response::json(200, Object{{"imsOrg", call.caller.org().value},
                                          {"tenantId", tenant_name(call)},
                                          {"counts", std::move(counts)},
                                          {"recentlyCreatedResources", shown(created)},
                                          {"recentlyUpdatedResources", shown(updated)},
                                          {"classUsage", Array{}}});
}

Result<http::Response> create(const Call& call) {
  const auto sent = TRY(object_body(call));
  const std::string id = std::string(kNamespace) + tenant_name(call) + "/schemas/" + crypto::random_hex(24);
  auto body = TRY(checked_body(sent, id, "1.0"));
  return store_new(
      call, new_resource(call, ResourceKind::schema, std::move(body), {}, id), [](const Resource& stored) {
        return http::Response::json(201, full_form(stored))
            .with_header("Location", "/data/foundation/schemaregistry/tenant/schemas/" + alt_id(stored.id))
            .with_header("ETag", stored.etag.value);
      });
}

Result<http::Response> lookup(const Call& call) {
  const Accept accept = read_accept(call);
  if (accept.vendor && (!is_lookup_form(accept.form) || accept.version.empty()))
    return invalid_accept(call, "XDM-1007-400", "application/vnd.adobe.xed+json; version=1");
  const auto schema = TRY(find_version(call, accept.version));
  Value full = full_form(schema);
  strip_texts(full, accept.form);
  return http::Response::json(200, full).with_header("ETag", schema.etag.value);
}

Result<http::Response> replace(const Call& call) {
  const auto current = TRY(get(call));
  const auto sent = TRY(object_body(call));
  TRY(check_if_match(call, current));
  return store_changed(call, current, TRY(checked_body(sent, current.id, next_version(current.body))));
}

Result<http::Response> patch(const Call& call) {
  const auto current = TRY(get(call));
  const auto body = TRY(json_body(call));
  TRY(check_if_match(call, current));
  const auto operations = TRY(json::Patch::read(body));
  auto patched = operations.apply(full_form(current));
  if (!patched) {
    Error error = std::move(patched).error();
    error.code = "XDM-1400-400";
    return error;
  }
  if (!patched->is_object()) return refused("XDM-1400-400", "The patch leaves no schema.");
  return store_changed(call, current, TRY(checked_body(*patched, current.id, next_version(current.body))));
}

Result<http::Response> remove(const Call& call) {
  const auto schema = TRY(get(call));
  const auto work = [&call, &schema](store::Transaction& transaction) -> Result<void> {
    TRY(transaction.lock(call.scope(), ResourceKind::schema, schema.id));
    const auto datasets = TRY(datasets_of(call, transaction, schema.id));
    if (datasets > 0)
      return refused("XDM-1400-400", "The schema is in use by " + std::to_string(datasets) + " dataset(s).");
    domain::ListQuery versions;
    versions.filters.push_back({{{"state", false}}, domain::FilterOp::equal, {std::string(kReplaced)}});
    versions.filters.push_back({{{"$id", false}}, domain::FilterOp::equal, {schema.id}});
    const auto kept = TRY(transaction.list(call.scope(), ResourceKind::schema, versions));
    for (const Resource& version : kept.items)
      TRY(transaction.remove(call.scope(), ResourceKind::schema, version.id));
    return transaction.remove(call.scope(), ResourceKind::schema, schema.id, if_match(call));
  };
  TRY(call.store().transact(work));
  return http::Response::empty(204);
}

}  // namespace headwater::api::schemas
