#include "mapping/internal/target_type.h"

#include <algorithm>

namespace headwater::mapping {
namespace {

constexpr int kNestedSchemasMax = 64;

TargetType::Kind kind_of(const json::Value& schema) {
  std::string_view type = schema.string_at("type");
  if (const auto* declared = schema.find("type"); declared != nullptr && declared->is_array()) {
    for (const auto& entry : *declared->if_array()) {
      const auto* name = entry.if_string();
      if (name == nullptr || *name == "null") continue;
      if (!type.empty()) return TargetType::Kind::any;
      type = *name;
    }
  }
  const auto format = schema.string_at("format");
  if (type == "string") {
    if (format == "date-time") return TargetType::Kind::date_time;
    return format == "date" ? TargetType::Kind::date : TargetType::Kind::string;
  }
  if (type == "boolean") return TargetType::Kind::boolean;
  if (type == "integer") return TargetType::Kind::integer;
  if (type == "number") return TargetType::Kind::number;
  if (type == "object") return TargetType::Kind::object;
  if (type == "array") return TargetType::Kind::array;
  return TargetType::Kind::any;
}

}  // namespace

TargetTypes::TargetTypes(const json::Value& schema) : root_(&schema) {
  add(schema);
  any_ = static_cast<std::uint32_t>(types_.size());
  types_.emplace_back();
  root_ = nullptr;
  known_.clear();
}

std::uint32_t TargetTypes::add(const json::Value& schema) {
  const auto [place, fresh] = known_.try_emplace(&schema, static_cast<std::uint32_t>(types_.size()));
  const auto index = place->second;
  if (!fresh) return index;
  types_.emplace_back();
  fill(index, schema, 0);
  return index;
}

const json::Value* TargetTypes::local(std::string_view reference) const {
  if (!reference.starts_with("#/")) return nullptr;
  const auto* at = root_;
  for (std::size_t begin = 2; at != nullptr && begin <= reference.size();) {
    const auto end = std::min(reference.find('/', begin), reference.size());
    at = at->find(reference.substr(begin, end - begin));
    begin = end + 1;
  }
  return at;
}

void TargetTypes::fill(std::uint32_t index, const json::Value& schema, int depth) {
  if (!schema.is_object() || depth > kNestedSchemasMax) return;
  if (const auto* referred = local(schema.string_at("$ref"))) return fill(index, *referred, depth + 1);
  if (const auto kind = kind_of(schema); kind != TargetType::Kind::any) types_[index].kind = kind;
  if (const auto* all = schema.find("allOf"); all != nullptr && all->is_array())
    for (const auto& part : *all->if_array()) fill(index, part, depth + 1);
  if (const auto* properties = schema.find("properties"); properties != nullptr && properties->is_object()) {
    types_[index].kind = TargetType::Kind::object;
    for (const auto& [name, member] : *properties->if_object()) {
      const auto type = add(member);
      types_[index].members.insert_or_assign(name, type);
    }
    types_[index].closed = !types_[index].members.empty();
  }
  if (const auto* required = schema.find("required"); required != nullptr && required->is_array())
    for (const auto& name : *required->if_array())
      if (const auto* text = name.if_string()) types_[index].required.push_back(*text);
  if (const auto* additional = schema.find("additionalProperties");
      additional != nullptr && additional->is_object()) {
    const auto type = add(*additional);
    types_[index].additional = type;
    types_[index].closed = false;
  }
  if (const auto* items = schema.find("items"); items != nullptr && items->is_object()) {
    const auto type = add(*items);
    types_[index].items = type;
  }
}

std::uint32_t TargetTypes::member(std::uint32_t object, std::string_view name) const {
  const auto& type = types_[object];
  const auto found = type.members.find(name);
  if (found != type.members.end()) return found->second;
  if (type.closed) return kNone;
  return type.additional != kNone ? type.additional : any_;
}

std::uint32_t TargetTypes::element(std::uint32_t array) const {
  return types_[array].items != kNone ? types_[array].items : any_;
}

}  // namespace headwater::mapping
