#include <algorithm>
#include <cctype>

#include "api/internal/change.h"
#include "api/internal/handlers.h"
#include "base/crypto.h"
#include "json/patch.h"
#include "schema/validator.h"

namespace headwater::api::schemas {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kNamespace = "https://ns.adobe.com/";
// Classes and field groups that the vendor's registry carries and this one does not: kept as names.
constexpr std::string_view kGlobal = "https://ns.adobe.com/xdm/";
constexpr std::string_view kServerOwned[] = {"$id",          "meta:altId",       "meta:resourceType",
                                             "version",      "imsOrg",           "meta:registryMetadata",
                                             "meta:extends", "meta:containerId", "meta:sandboxId"};

// One name per organisation, as short as the vendor's.
std::string tenant_name(const Call& call) {
  return "hw" + crypto::hex(crypto::sha256(call.caller.org().value)).substr(0, 10);
}

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

void strip(Value& value, bool titles, bool descriptions) {
  if (Object* members = value.if_object()) {
    // A property may be called "title": only texts are annotations.
    for (const std::string_view name : {std::string_view("title"), std::string_view("description")}) {
      const bool wanted = name == "title" ? titles : descriptions;
      const Value* text = members->find(name);
      if (wanted && text != nullptr && text->is_string()) members->erase(name);
    }
    for (auto& [name, member] : *members) strip(member, titles, descriptions);
  } else if (json::Array* items = value.if_array()) {
    for (Value& item : *items) strip(item, titles, descriptions);
  }
}

Value full_form(const Resource& schema) {
  Object out = *schema.body.if_object();
  const Value* extends = out.find("meta:extends");
  if (const Array* names = extends == nullptr ? nullptr : extends->if_array()) {
    Array all_of;
    for (const Value& name : *names)
      all_of.emplace_back(Object{{"$ref", name}, {"type", "object"}, {"meta:xdmType", "object"}});
    if (const Value* own = out.find("allOf"))
      for (const Value& entry : *own->if_array()) all_of.push_back(entry);
    out.set("allOf", std::move(all_of));
  }
  out.set("imsOrg", schema.tenant.org.value);
  out.set("meta:xdmType", "object");
  out.set("meta:registryMetadata", Object{{"repo:createdDate", schema.created_at_ms},
                                          {"repo:lastModifiedDate", schema.updated_at_ms},
                                          {"xdm:createdClientId", schema.created_client},
                                          {"xdm:lastModifiedClientId", schema.updated_client},
                                          {"xdm:createdUserId", schema.created_by},
                                          {"xdm:lastModifiedUserId", schema.updated_by},
                                          {"eTag", schema.etag.value}});
  out.set("meta:containerId", "tenant");
  out.set("meta:sandboxId", schema.tenant.sandbox.value);
  return out;
}

Value summary(const Resource& schema) {
  Object out;
  for (const std::string_view name : {std::string_view("$id"), std::string_view("meta:altId"),
                                      std::string_view("version"), std::string_view("title")})
    if (const Value* value = schema.body.find(name)) out.set(name, *value);
  return out;
}

struct Accept {
  bool vendor = false;  // one of the registry's media types; anything else is taken as "whatever you have"
  std::string form;     // "xed", "xed-full", "xed-id", ...
  std::string version;  // "" when not given
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return out;
}

Accept read_accept(const Call& call) {
  constexpr std::string_view kVendor = "application/vnd.adobe.";
  const std::string text = lower(call.request.header("accept").value_or(""));
  Accept accept;
  accept.vendor = text.starts_with(kVendor);
  if (!accept.vendor) return accept;
  const auto end = text.find("+json");
  if (end != std::string::npos) accept.form = text.substr(kVendor.size(), end - kVendor.size());
  // "xdm" is the older name of the same forms; "flat" and "deprecated" ask for what is no different here.
  if (accept.form.starts_with("xdm")) accept.form.replace(0, 3, "xed");
  for (const std::string_view word : {std::string_view("-flat"), std::string_view("-deprecated")})
    if (const auto at = accept.form.find(word); at != std::string::npos) accept.form.erase(at, word.size());
  if (const auto at = text.find("version="); at != std::string::npos) accept.version = text.substr(at + 8);
  return accept;
}

bool known_lookup_form(std::string_view form) {
  constexpr std::string_view kForms[] = {"xed",      "xed-full",     "xed-notext", "xed-full-notext",
                                         "xed-desc", "xed-full-desc"};
  return std::find(std::begin(kForms), std::end(kForms), form) != std::end(kForms);
}

Error invalid_accept(const Call& call, std::string_view code, std::string_view wanted) {
  return refused(code, "The supplied Accept header is not valid: " +
                           std::string(call.request.header("accept").value_or("")) +
                           " - a valid value looks like " + std::string(wanted));
}

std::string next_version(const Value& body) {
  const std::string now(body.string_at("version"));
  const auto dot = now.find('.');
  const auto minor = dot == std::string::npos ? std::nullopt : Value(now.substr(dot + 1)).as_int64_lenient();
  return minor ? now.substr(0, dot + 1) + std::to_string(*minor + 1) : std::string("1.1");
}

Result<http::Response> store_changed(const Call& call, const Resource& current, const Value& body) {
  const auto change = [&call, &body](Resource resource) -> Result<Resource> {
    resource.body = body;
    domain::touch(resource, call.caller.actor, call.now_ms());
    return resource;
  };
  const auto stored = TRY(call.store().update(call.scope(), current.kind, current.id, change, current.etag));
  return http::Response::json(200, full_form(stored)).with_header("ETag", stored.etag.value);
}

Result<Resource> get(const Call& call) {
  return call.store().get(call.scope(), ResourceKind::schema, id_of(call.id()));
}

}  // namespace

Result<http::Response> list(const Call& call) {
  const Accept accept = read_accept(call);
  if (accept.vendor && ((accept.form != "xed" && accept.form != "xed-id") || !accept.version.empty()))
    return invalid_accept(call, "XDM-1006-400", "application/vnd.adobe.xed-id+json");
  QueryParams known;
  for (const auto& [name, text] : call.request.query)
    if (name == "property" || name == "orderby" || name == "limit" || name == "start")
      known.emplace_back(name == "start" ? "continuationToken" : name, text);
  const auto query = TRY(domain::parse_list_query(known));
  Array results;
  Value next;
  if (call.request.path_param("container") == "tenant") {
    const auto page = TRY(call.store().list(call.scope(), ResourceKind::schema, query));
    for (const Resource& schema : page.items)
      results.emplace_back(accept.form == "xed" ? full_form(schema) : summary(schema));
    if (page.next) next = *page.next;
  } else if (call.request.path_param("container") != "global") {
    return Error{ErrorKind::not_found, "There are the containers global and tenant.", "", "XDM-1404-404"};
  }
  Value href;
  if (!next.is_null()) href = Object{{"href", "/tenant/schemas?start=" + *next.if_string()}};
  Object paging{{"orderby", "updated"}, {"next", next}, {"count", static_cast<std::int64_t>(results.size())}};
  return http::Response::json(200, Object{{"results", std::move(results)},
                                          {"_page", std::move(paging)},
                                          {"_links", Object{{"next", std::move(href)}}}});
}

// What clients ask first: the name below which a tenant's own fields stand.
Result<http::Response> stats(const Call& call) {
  domain::ListQuery all;
  all.count_only = true;
  const auto schemas = TRY(call.store().count(call.scope(), ResourceKind::schema, all));
  return http::Response::json(200, Object{{"imsOrg", call.caller.org().value},
                                          {"tenantId", tenant_name(call)},
                                          {"counts", Object{{"schemas", schemas}}},
                                          {"recentlyCreatedResources", Array{}},
                                          {"recentlyUpdatedResources", Array{}}});
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
  if (accept.vendor && (!known_lookup_form(accept.form) || accept.version.empty()))
    return invalid_accept(call, "XDM-1007-400", "application/vnd.adobe.xed+json; version=1");
  const auto schema = TRY(get(call));
  const std::string major = accept.version.substr(0, accept.version.find('.'));
  if (accept.vendor && major != "1")
    return refused("XDM-1406-406", "The schema has no version " + accept.version + ": ask for version=1.");
  Value full = full_form(schema);
  const bool no_text = accept.form.ends_with("-notext");
  const bool only_descriptions = accept.form.ends_with("-desc");
  if (no_text || only_descriptions) strip(full, true, no_text);
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
  const std::string id = id_of(call.id());
  const auto work = [&call, &id](store::Transaction& transaction) -> Result<void> {
    const auto datasets =
        TRY(count_where(transaction, call.scope(), ResourceKind::dataset, "schemaRef.id", id));
    if (datasets > 0)
      return refused("XDM-1400-400", "The schema is in use by " + std::to_string(datasets) + " dataset(s).");
    return transaction.remove(call.scope(), ResourceKind::schema, id, if_match(call));
  };
  TRY(call.store().transact(work));
  return http::Response::empty(204);
}

}  // namespace headwater::api::schemas
