#include "schema/internal/resources.h"

#include <array>

#include "base/url.h"
#include "schema/internal/uri.h"

namespace headwater::schema {
namespace {

constexpr std::array<std::string_view, 9> kSchemaKeywords = {"additionalItems",
                                                             "additionalProperties",
                                                             "contains",
                                                             "propertyNames",
                                                             "if",
                                                             "then",
                                                             "else",
                                                             "not",
                                                             "items"};
constexpr std::array<std::string_view, 4> kMapKeywords = {"properties", "patternProperties", "definitions",
                                                          "dependencies"};
constexpr std::array<std::string_view, 4> kListKeywords = {"allOf", "anyOf", "oneOf", "items"};

std::optional<std::size_t> array_index(std::string_view token) {
  if (token.empty() || token.size() > 9 || (token.size() > 1 && token.front() == '0')) return std::nullopt;
  std::size_t value = 0;
  for (const char c : token) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::size_t>(c - '0');
  }
  return value;
}

std::string unescape(std::string_view token) {
  std::string out;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1'))
      out += token[++i] == '0' ? '~' : '/';
    else
      out += token[i];
  }
  return out;
}

// Beside a $ref an $id says nothing (draft-07, section 8.3).
std::string base_by(const json::Value* ref, const json::Value* id, const std::string& base) {
  const auto* text = id == nullptr || ref != nullptr ? nullptr : id->if_string();
  if (text == nullptr || text->empty() || text->front() == '#' || text->size() > Resources::kIdBytesMax)
    return base;
  return std::string(split_fragment(resolve_uri(base, *text)).first);
}

}  // namespace

void append_token(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (const char c : token) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
}

std::string Resources::base_within(const json::Value& schema, const std::string& base) {
  return base_by(schema.find("$ref"), schema.find("$id"), base);
}

std::string Resources::root_base(const json::Value& document, const std::string& uri) const {
  return base_within(document, uri);
}

void Resources::add(const json::Value& document, const std::string& uri) {
  resources_.insert_or_assign(uri, Location{&document, base_within(document, uri), ""});
  walk(document, uri, "");
}

void Resources::walk(const json::Value& schema, const std::string& outer, const std::string& pointer) {
  if (!schema.is_object()) return;
  const auto base = base_within(schema, outer);
  if (base != outer) resources_.insert_or_assign(base, Location{&schema, base, pointer});
  const auto id = schema.find("$ref") == nullptr ? schema.string_at("$id") : std::string_view{};
  if (const auto fragment = split_fragment(id).second; !fragment.empty())
    resources_.insert_or_assign(base + "#" + std::string(fragment), Location{&schema, base, pointer});

  for (const auto name : kSchemaKeywords)
    if (const auto* child = schema.find(name)) walk(*child, base, pointer + "/" + std::string(name));
  for (const auto name : kListKeywords)
    if (const auto* child = schema.find(name)) walk_list(*child, base, pointer + "/" + std::string(name));
  for (const auto name : kMapKeywords) {
    const auto* map = schema.find(name);
    if (map == nullptr || !map->is_object()) continue;
    for (const auto& member : *map->if_object()) {
      auto at = pointer + "/" + std::string(name);
      append_token(at, member.name);
      walk(member.value, base, at);
    }
  }
}

void Resources::walk_list(const json::Value& list, const std::string& base, const std::string& pointer) {
  const auto* items = list.if_array();
  if (items == nullptr) return;
  for (std::size_t i = 0; i < items->size(); ++i) walk((*items)[i], base, pointer + "/" + std::to_string(i));
}

// Many refer to the members of one large object.
const json::Value* Resources::member(const json::Value& holder, const std::string& name) {
  constexpr std::size_t kIndexFrom = 64;
  const auto* object = holder.if_object();
  if (object == nullptr || object->size() < kIndexFrom) return holder.find(name);
  auto& members = members_[object];
  if (members.empty())
    for (const auto& each : *object) members.emplace(each.name, &each.value);
  const auto found = members.find(name);
  return found == members.end() ? nullptr : found->second;
}

std::optional<Location> Resources::find(std::string_view absolute, bool& document_known) {
  const auto [uri, fragment] = split_fragment(absolute);
  const auto resource = resources_.find(std::string(uri));
  document_known = resource != resources_.end();
  if (!document_known) return std::nullopt;
  const auto decoded = percent_decode(fragment);
  if (decoded.empty()) return resource->second;
  if (decoded.front() != '/') {
    const auto anchor = resources_.find(std::string(uri) + "#" + decoded);
    if (anchor == resources_.end()) return std::nullopt;
    return anchor->second;
  }
  auto at = resource->second;
  for (std::size_t begin = 1; begin <= decoded.size();) {
    const auto end = std::min(decoded.find('/', begin), decoded.size());
    const auto token = unescape(std::string_view(decoded).substr(begin, end - begin));
    const json::Value* next = nullptr;
    if (const auto* items = at.value->if_array()) {
      const auto index = array_index(token);
      if (index && *index < items->size()) next = &(*items)[*index];
    } else {
      next = member(*at.value, token);
    }
    if (next == nullptr) return std::nullopt;
    at.value = next;
    append_token(at.pointer, token);
    at.base = base_by(member(*next, "$ref"), member(*next, "$id"), at.base);
    begin = end + 1;
  }
  return at;
}

}  // namespace headwater::schema
