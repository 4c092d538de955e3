#include "api/internal/schema_forms.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"
#include "json/value.h"

namespace headwater::api::schemas {
namespace {

using domain::Resource;
using json::Array;
using json::Object;
using json::Value;

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

}  // namespace

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

void strip_texts(Value& schema, std::string_view form) {
  const bool no_text = form.ends_with("-notext");
  if (no_text || form.ends_with("-desc")) strip(schema, true, no_text);
}

std::string tenant_name(const Call& call) {
  return "hw" + crypto::hex(crypto::sha256(call.caller.org().value)).substr(0, 10);
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

bool is_lookup_form(std::string_view form) {
  constexpr std::string_view kForms[] = {"xed",      "xed-full",     "xed-notext", "xed-full-notext",
                                         "xed-desc", "xed-full-desc"};
  return std::find(std::begin(kForms), std::end(kForms), form) != std::end(kForms);
}

Error invalid_accept(const Call& call, std::string_view code, std::string_view wanted) {
  return bad_request(
      code, "Accept",
      "The supplied Accept header is not valid: " + std::string(call.request.header("accept").value_or("")) +
          " - a valid value looks like " + std::string(wanted));
}

}  // namespace headwater::api::schemas
