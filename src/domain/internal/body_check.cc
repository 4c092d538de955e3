#include "domain/internal/body_check.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "domain/internal/plain_name.h"
#include "json/pointer.h"

namespace headwater::domain {
namespace {

constexpr const char* kHint = "Set urlParams.method to POST, or send it elsewhere.";

bool goes_beside_the_body(const json::Value& property) {
  const auto* rest = property.find("restAttributes");
  return rest && (!rest->string_at("headerParamName").empty() || !rest->string_at("queryParamName").empty());
}

void check_keys(const json::Value& auth_spec, const std::string& pointer, ProblemList& problems) {
  const auto* properties = auth_spec.find_path("spec.properties");
  if (plain_name(auth_spec.string_at("type")) != "keybased" || !properties || !properties->is_object())
    return;
  const auto& members = *properties->if_object();
  // With a key that is sent elsewhere the source may do without the other.
  const bool has_other = std::any_of(members.begin(), members.end(),
                                     [](const auto& member) { return goes_beside_the_body(member.value); });
  for (const auto& [name, property] : members) {
    const auto* rest = property.find("restAttributes");
    if (!rest || rest->string_at("bodyParamName").empty() || goes_beside_the_body(property)) continue;
    std::string place =
        pointer + "/spec/properties/" + json::escape_pointer_token(name) + "/restAttributes/bodyParamName";
    std::string reason = "A GET request has no body: the key \"" + name + "\" is never sent.";
    std::string hint = "Set urlParams.method to POST, or name a headerParamName.";
    if (has_other)
      problems.warning(std::move(place), std::move(reason), std::move(hint));
    else
      problems.error(std::move(place), std::move(reason), std::move(hint));
  }
}

}  // namespace

void check_body_use(const json::Value& spec, const SourceSpec& source, const SpecReader& places,
                    ProblemList& problems) {
  const auto url = places.find("urlParams");
  // A method that the user supplies may be any.
  if (source.url.method != "GET" || !url.value || url.from_user) return;
  const auto paging = places.find("paginationParams");
  if (source.paging.token_place == ParameterPlace::body && source.paging.type != PagingType::none &&
      source.paging.type != PagingType::pointer)
    problems.error(paging.pointer + "/parameterType",
                   "A GET request has no body: the parameters of the next page are never sent.", kHint);
  const auto* list = spec.find("authSpec");
  const auto* entries = list ? list->if_array() : nullptr;
  if (!entries) return;
  for (std::size_t i = 0; i < entries->size(); ++i)
    check_keys((*entries)[i], "/authSpec/" + std::to_string(i), problems);
}

}  // namespace headwater::domain
