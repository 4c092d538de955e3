#include "authoring/standin_account.h"

#include <array>

#include "domain/param_check.h"

namespace headwater::authoring {
namespace {

using json::Object;
using json::Value;

// A format says of a password that it is one, and of an address what it looks like.
void open_member(Object& schema) {
  for (const char* rule : {"enum", "const", "pattern", "minLength", "maxLength", "$ref", "not", "allOf",
                           "anyOf", "oneOf", "if", "then", "else"})
    schema.erase(rule);
  const auto* format = schema.find("format");
  if (format != nullptr && *format != Value("password")) schema.erase("format");
}

void open_members(Value& schema) {
  constexpr std::array<const char*, 4> kPutInPlace{"accessTokenUrl", "tokenEndpoint", "authorizationTestUrl",
                                                   "refreshToken"};
  if (auto* properties = schema.find("properties"))
    for (const char* name : kPutInPlace)
      if (auto* member = properties->find(name); member != nullptr && member->is_object())
        open_member(*member->if_object());
  for (const char* several : {"allOf", "anyOf", "oneOf"})
    if (auto* parts = schema.find(several); parts != nullptr && parts->is_array())
      for (auto& part : *parts->if_array()) open_members(part);
}

bool takes(const Value& schema, const Value& params) {
  const auto problems = domain::param_problems(schema, params, "", "params");
  return problems && problems->empty();
}

}  // namespace

std::optional<Value> spec_that_takes(Value spec, const Value& account) {
  auto* entries = spec.find("authSpec");
  const auto* params = account.find("params");
  if (entries == nullptr || !entries->is_array() || params == nullptr) return spec;
  for (auto& entry : *entries->if_array()) {
    if (entry.string_at("name") != account.string_at("specName")) continue;
    auto* schema = entry.find("spec");
    if (schema == nullptr || takes(*schema, *params)) return spec;
    open_members(*schema);
    return takes(*schema, *params) ? std::optional(std::move(spec)) : std::nullopt;
  }
  return spec;
}

}  // namespace headwater::authoring
