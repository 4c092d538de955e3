#include "api/internal/spec_lookup.h"

#include <algorithm>

#include "api/shipped_specs.h"
#include "base/folded_name.h"
#include "domain/param_check.h"
#include "domain/source_spec.h"

namespace headwater::api {
namespace {

using domain::ResourceKind;
using json::Value;

constexpr std::string_view kStreamingProvider = "521eee4d-8cbe-4906-bb48-fb6bd4450033";

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

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const auto c = static_cast<unsigned char>(text[i]);
    if (dash ? c != '-' : std::isxdigit(c) == 0 || std::isupper(c) != 0) return false;
  }
  return true;
}

}  // namespace

Result<Value> resolve_connection_spec(const Call& call, Value& document) {
  return resolve(call, document, ResourceKind::connection_spec, "connectionSpec");
}

Result<Value> resolve_flow_spec(const Call& call, Value& document) {
  return resolve(call, document, ResourceKind::flow_spec, "flowSpec");
}

Result<std::string> own_spec_id(const Call& call, ResourceKind kind, const Value& spec) {
  std::string id(spec.string_at("id"));
  if (!is_uuid(id)) return std::string();
  const auto taken = TRY(call.store().find(call.scope(), kind, id));
  return taken ? std::string() : id;
}

Result<void> check_owns_spec(const Call& call, const domain::Resource& spec) {
  if (spec.tenant.org == call.caller.org()) return {};
  return Error{ErrorKind::forbidden,
               "The spec belongs to another organisation: create one of your own from it.", "",
               "FLOW-2120-403"};
}

bool is_shipped(const domain::Resource& spec) {
  const auto all = shipped_specs();
  return std::any_of(all.begin(), all.end(), [&spec](const ShippedSpec& shipped) {
    const auto read = shipped.kind == spec.kind ? json::parse(shipped.text) : Result<Value>(Value());
    return read && read->string_at("id") == spec.id;
  });
}

Result<void> check_same_id(const Call& call, const Value& spec) {
  const Value* id = spec.find("id");
  if (id == nullptr || id->is_null() || *id == Value(call.id())) return {};
  return bad_request("CONNECTOR-1302-400", "/id",
                     "The body is a spec with the id " + id->dump() + ", the path names " +
                         std::string(call.id()) + ": put it there, or leave the id out.");
}

bool is_streaming(const Value& connection_spec) {
  return connection_spec.string_at("providerId") == kStreamingProvider;
}

const Value* find_auth_spec(const Value& connection_spec, std::string_view spec_name) {
  const Value* list = connection_spec.find("authSpec");
  const json::Array* entries = list == nullptr ? nullptr : list->if_array();
  if (entries == nullptr) return nullptr;
  for (const Value& entry : *entries)
    if (entry.string_at("name") == spec_name) return &entry;
  for (const Value& entry : *entries)
    if (folded_name(entry.string_at("name")) == folded_name(spec_name)) return &entry;
  return nullptr;
}

Result<void> check_against(const Value& schema, const Value& document, std::string_view prefix,
                           std::string_view what, std::string_view code) {
  auto problems = TRY(domain::param_problems(schema, document, prefix, what));
  if (problems.empty()) return {};
  Error error =
      bad_request(code, problems.front().pointer, "The " + std::string(what) + " do not match the spec.");
  error.problems = std::move(problems);
  return error;
}

Result<void> check_source_params(const Value& spec, const Value& params, std::string_view what) {
  const auto source = TRY(domain::read_source_spec(spec, params));
  if (!source.inputs.is_object()) return {};
  return check_against(source.inputs, params, "/" + std::string(what), what, "CONNECTOR-1302-400");
}

}  // namespace headwater::api
