#include "api/internal/spec_lookup.h"

#include <cctype>

#include "schema/validator.h"

namespace headwater::api {
namespace {

using domain::ResourceKind;
using json::Object;
using json::Value;

std::string folded(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '-' && c != '_')
      out.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
  return out;
}

Result<Value> resolve(const Call& call, Value& document, ResourceKind kind, std::string_view member) {
  const std::string where = "/" + std::string(member) + "/id";
  Value* reference = document.find(member);
  const std::string id(reference == nullptr ? std::string_view() : reference->string_at("id"));
  if (id.empty())
    return bad_request("FLOW-1413-400", where,
                       "Please provide a valid spec id: " + where.substr(1) + " is missing.");
  const auto spec = TRY(call.store().find(call.scope(), kind, id));
  if (!spec)
    return bad_request("FLOW-1413-400", where,
                       "Please provide a valid spec id: there is no " + std::string(member) + " " + id + ".");
  const Value* version = reference->find("version");
  if (version == nullptr || version->is_null()) {
    const std::string_view own = spec->body.string_at("version");
    reference->if_object()->set("version", own.empty() ? std::string_view("1.0") : own);
  }
  return spec->body;
}

}  // namespace

Result<Value> resolve_connection_spec(const Call& call, Value& document) {
  return resolve(call, document, ResourceKind::connection_spec, "connectionSpec");
}

Result<Value> resolve_flow_spec(const Call& call, Value& document) {
  return resolve(call, document, ResourceKind::flow_spec, "flowSpec");
}

const Value* find_auth_spec(const Value& connection_spec, std::string_view spec_name) {
  const Value* list = connection_spec.find("authSpec");
  const json::Array* entries = list == nullptr ? nullptr : list->if_array();
  if (entries == nullptr) return nullptr;
  for (const Value& entry : *entries)
    if (entry.string_at("name") == spec_name) return &entry;
  for (const Value& entry : *entries)
    if (folded(entry.string_at("name")) == folded(spec_name)) return &entry;
  return nullptr;
}

Result<void> check_against(const Value& schema, const Value& document, std::string_view prefix,
                           std::string_view what, std::string_view code) {
  auto validator = schema::Validator::compile(schema);
  if (!validator) {
    Error error = std::move(validator).error();
    error.message =
        "The connection spec's schema of " + std::string(what) + " cannot be used: " + error.message;
    error.code = "FLOW-1413-400";
    return error;
  }
  auto problems = validator->validate(document);
  if (problems.empty()) return {};
  for (Problem& problem : problems) problem.pointer = std::string(prefix) + problem.pointer;
  Error error =
      bad_request(code, problems.front().pointer, "The " + std::string(what) + " do not match the spec.");
  error.problems = std::move(problems);
  return error;
}

}  // namespace headwater::api
