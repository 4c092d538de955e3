#pragma once

#include <string>
#include <string_view>

#include "api/internal/call.h"

namespace headwater::api::schemas {

/// What the Accept header asks for.
struct Accept {
  bool vendor = false;  // one of the registry's media types; anything else is taken as "whatever you have"
  std::string form;     // "xed", "xed-full", "xed-id", ...
  std::string version;  // "" when not given
};
Accept read_accept(const Call& call);
bool is_lookup_form(std::string_view form);
Error invalid_accept(const Call& call, std::string_view code, std::string_view wanted);

/// The whole document, references to the vendor's own classes back in allOf.
json::Value full_form(const domain::Resource& schema);
/// `$id`, `meta:altId`, `version`, `title`.
json::Value summary(const domain::Resource& schema);
/// Takes titles and descriptions out, as the form asks for it.
void strip_texts(json::Value& schema, std::string_view form);

/// One name per organisation: what a tenant's own fields stand below.
std::string tenant_name(const Call& call);

}  // namespace headwater::api::schemas
