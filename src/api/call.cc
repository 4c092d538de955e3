#include "api/internal/call.h"

#include <algorithm>

#include "api/internal/spec_secrets.h"
#include "base/text.h"
#include "base/time.h"
#include "json/value.h"

namespace headwater::api {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kBase = "/data/foundation/flowservice/";

// application/json and its relatives (application/json-patch+json, application/vnd.x+json).
bool is_json_type(std::string_view content_type) {
  const std::string type = lower(content_type.substr(0, content_type.find(';')));
  const auto end = type.find_last_not_of(" \t");
  const std::string_view trimmed = std::string_view(type).substr(0, end == std::string::npos ? 0 : end + 1);
  return trimmed == "application/json" || (trimmed.starts_with("application/") && trimmed.ends_with("+json"));
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

Value id_and_etag(const domain::Resource& resource) {
  return Object{{"id", resource.id}, {"etag", resource.etag.value}};
}

Result<Value> list_body(const Call& call, store::ResourcePage page, const domain::ListQuery& query,
                        std::string_view list_path) {
  Array items;
  Redaction redaction(call);
  for (domain::Resource& item : page.items) {
    TRY(redaction.redact(item));
    Value wire = domain::wire_form(item);
    items.emplace_back(query.projection.empty() ? std::move(wire) : domain::project(wire, query.projection));
  }
  Object links;
  if (page.next)
    links.set("next", Object{{"href", std::string(list_path) + "?continuationToken=" + *page.next}});
  return Value(Object{{"items", std::move(items)}, {"_links", std::move(links)}});
}

Result<http::Response> answer_query(const Call& call, domain::ResourceKind kind,
                                    const domain::ListQuery& query, const std::string& list_path) {
  if (query.count_only) {
    const auto count = TRY(call.store().count(call.scope(), kind, query));
    return http::Response::json(200, Object{{"count", count}});
  }
  auto page = TRY(call.store().list(call.scope(), kind, query));
  return http::Response::json(200, TRY(list_body(call, std::move(page), query, list_path)));
}

}  // namespace

std::int64_t Call::now_ms() const { return epoch_millis(services.clock.now()); }

Error bad_request(std::string_view code, std::string where, std::string message) {
  return Error{ErrorKind::invalid_argument, std::move(message), std::move(where), code};
}

Result<Value> optional_body(const Call& call) {
  if (is_blank(call.request.body)) return Value();
  const auto type = call.request.header("content-type");
  if (!type || !is_json_type(*type))
    return bad_request(kContentTypeCode, "", "A valid content-type must be specified");
  return json::parse(call.request.body, {.depth_max = kBodyDepthMax});
}

Result<Value> json_body(const Call& call) {
  if (is_blank(call.request.body))
    return bad_request("FLOW-1405-400", "", "The request body is empty: send a JSON document.");
  return optional_body(call);
}

Result<Value> object_body(const Call& call) {
  auto body = TRY(json_body(call));
  if (!body.is_object())
    return bad_request("CONNECTOR-1302-400", "", "The request body must be a JSON object.");
  return body;
}

Result<void> check_texts(const Value& document) {
  for (const std::string_view name : {std::string_view("name"), std::string_view("description")}) {
    const Value* text = document.find(name);
    if (text != nullptr && !text->is_string() && !text->is_null())
      return bad_request("CONNECTOR-1302-400", "/" + std::string(name),
                         std::string(name) + " must be a text.");
  }
  return {};
}

std::optional<Etag> if_match(const Call& call) {
  auto value = call.request.header("if-match");
  if (!value)
    for (const auto& [name, text] : call.request.query)
      if (lower(name) == "if-match") value = text;
  if (!value || *value == "*") return std::nullopt;
  return Etag(std::string(*value));
}

Result<std::optional<Etag>> required_if_match(const Call& call) {
  auto etag = if_match(call);
  if (!etag && call.request.header("if-match").value_or("") != "*")
    return Error{ErrorKind::precondition_required,
                 "The If-Match header is required: send the etag of the version you have read.", "",
                 "FLOW-1403-400"};
  return etag;
}

Result<bool> read_draft_mode(const Call& call) {
  const auto mode = call.request.query_param("mode").value_or("");
  if (mode.empty()) return false;
  if (lower(mode) == "draft") return true;
  return bad_request("FLOW-1451-400", "mode", "The query parameter mode can only be draft.");
}

Result<std::string> read_reference(const Value& document, std::string_view member) {
  const Value* id = document.find(member);
  if (id == nullptr || id->is_null()) return std::string();
  if (const std::string* text = id->if_string()) return *text;
  return bad_request("CONNECTOR-1302-400", "/" + std::string(member),
                     std::string(member) + " must be an id as text.");
}

Result<void> check_extent(const Value& document) {
  const std::string text = document.dump();
  if (text.size() > kDocumentBytesMax)
    return Error{ErrorKind::too_large,
                 "The patched document has more than " + std::to_string(kDocumentBytesMax) + " bytes."};
  const auto read = json::parse(text, {.depth_max = kBodyDepthMax});
  if (read) return {};
  return bad_request("CONNECTOR-1302-400", "", "The patched document is nested too deep.");
}

domain::Resource new_resource(const Call& call, domain::ResourceKind kind, Value body, std::string state,
                              std::string id) {
  return domain::new_resource(kind, std::move(id), call.caller.tenant, call.caller.actor, call.now_ms(),
                              std::move(body), std::move(state));
}

std::string location_of(const domain::Resource& resource) {
  return std::string(kBase) + std::string(domain::collection_name(resource.kind)) + "/" + resource.id;
}

http::Response created(const domain::Resource& resource) {
  return http::Response::json(201, id_and_etag(resource))
      .with_header("Location", location_of(resource))
      .with_header("ETag", resource.etag.value);
}

http::Response changed(const domain::Resource& resource) {
  return http::Response::json(200, id_and_etag(resource)).with_header("ETag", resource.etag.value);
}

Result<http::Response> answer_found(const Call& call, domain::ResourceKind kind) {
  if (may_hold_secrets(kind)) {
    auto resource = TRY(call.store().get(call.scope(), kind, call.id()));
    TRY(Redaction(call).redact(resource));
    return http::Response::json(200, Object{{"items", Array{domain::wire_form(resource)}}})
        .with_header("ETag", resource.etag.value);
  }
  const auto resource = TRY(call.store().get_text(call.scope(), kind, call.id()));
  return http::Response::text(200, R"({"items":[)" + resource.text + "]}", "application/json")
      .with_header("ETag", resource.etag.value);
}

Result<http::Response> answer_list(const Call& call, domain::ResourceKind kind,
                                   const domain::ListRules& rules) {
  const auto query = TRY(domain::parse_list_query(call.request.query, rules));
  if (call.services.strict && query.count_only && call.request.query_param("limit"))
    return bad_request("FLOW-1401-400", "limit", "limit and count cannot be used together.");
  return answer_query(call, kind, query, "/" + std::string(domain::collection_name(kind)));
}

Result<http::Response> answer_search(const Call& call, domain::ResourceKind kind) {
  auto body = TRY(optional_body(call));
  if (body.is_null()) body = Object{};
  if (!body.is_object()) return bad_request("CONNECTOR-1302-400", "", "The search must be a JSON object.");
  const auto token = call.request.query_param("continuationToken").value_or("");
  const auto query = TRY(domain::parse_search_query(body, token));
  return answer_query(call, kind, query, "/" + std::string(domain::collection_name(kind)) + "/search");
}

Result<std::int64_t> count_where(store::Transaction& transaction, const store::Scope& scope,
                                 domain::ResourceKind kind, std::string_view path, std::string_view value) {
  domain::ListQuery query;
  domain::FieldPath steps;
  std::string_view rest = path;
  while (!rest.empty()) {
    const auto dot = rest.find('.');
    std::string_view name = rest.substr(0, dot);
    const bool array = name.ends_with("[]");
    if (array) name.remove_suffix(2);
    steps.push_back({std::string(name), array});
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  }
  query.filters.push_back({std::move(steps), domain::FilterOp::equal, {std::string(value)}});
  return transaction.count(scope, kind, query);
}

}  // namespace headwater::api
