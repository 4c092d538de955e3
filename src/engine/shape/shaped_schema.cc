#include <string>
#include <utility>
#include <vector>

#include "domain/entity_path.h"
#include "engine/shape/shaper.h"

namespace headwater::shape {
namespace {

// The names that `required` may still list after the siblings went and the array got its wrapper's name.
void adjust_required(json::Value& object_schema, const domain::EntityPath& path) {
  auto* required = object_schema.find("required");
  if (required == nullptr || !required->is_array()) return;
  json::Array kept;
  for (const auto& entry : *required->if_array()) {
    const auto* name = entry.if_string();
    if (name == nullptr) continue;
    if (*name == path.names.back())
      kept.emplace_back(path.wrapper);
    else if (domain::keeps_sibling(path, *name))
      kept.push_back(entry);
  }
  *required = json::Value(std::move(kept));
}

// Replaces the array schema at the path by its element's schema.
void unwrap(json::Value& schema, const domain::EntityPath& path) {
  if (!path.dotted) return;
  if (path.names.empty()) {
    if (schema.string_at("type") == "array")
      schema =
          schema.find("items") != nullptr ? json::Value(*schema.find("items")) : json::Value(json::Object{});
    return;
  }
  auto* parent = &schema;
  for (std::size_t i = 0; i + 1 < path.names.size(); ++i) {
    auto* properties = parent->find("properties");
    parent = properties == nullptr ? nullptr : properties->find(path.names[i]);
    if (parent == nullptr) return;
  }
  auto* properties = parent->find("properties");
  if (properties == nullptr || !properties->is_object()) return;
  json::Object kept;
  for (const auto& [name, member] : *properties->if_object()) {
    if (name == path.names.back()) {
      const auto* items = member.find("items");
      kept.set(path.wrapper, items != nullptr ? *items : member);
    } else if (domain::keeps_sibling(path, name)) {
      kept.set(name, member);
    }
  }
  *properties = json::Value(std::move(kept));
  adjust_required(*parent, path);
}

}  // namespace

json::Value shaped_schema(const json::Value& raw_schema, const std::optional<domain::EntityPath>& content,
                          const std::optional<domain::EntityPath>& explode) {
  auto schema = raw_schema;
  if (schema.string_at("type") == "array")
    unwrap(schema, domain::EntityPath{});
  else if (content)
    unwrap(schema, *content);
  if (explode) unwrap(schema, *explode);
  return schema;
}

}  // namespace headwater::shape
