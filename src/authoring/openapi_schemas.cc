#include "authoring/openapi_schemas.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "authoring/observed_request.h"
#include "authoring/secret_scan.h"
#include "base/url.h"
#include "json/pointer.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr int kReferencesMax = 12;  // one behind another
constexpr int kDepthMax = 7;        // an example is as deep as records may lie

// The pointer of a value that is a part of the document; nullopt when it is none.
std::optional<std::string> pointer_of(const Value& part, const Value& document) {
  if (&part == &document) return "";
  if (const auto* list = document.if_array())
    for (std::size_t i = 0; i < list->size(); ++i)
      if (const auto found = pointer_of(part, (*list)[i])) return "/" + std::to_string(i) + *found;
  if (const auto* members = document.if_object())
    for (const auto& [name, member] : *members)
      if (const auto found = pointer_of(part, member)) return "/" + json::escape_pointer_token(name) + *found;
  return std::nullopt;
}

}  // namespace

std::string scalar_text(const Value& value) {
  return value.is_string() ? *value.if_string() : value.is_null() ? "" : value.dump();
}

std::string OpenApiSchemas::given_in(const Value& schema) {
  for (const char* name : {"default", "example", "const"})
    if (const Value* value = schema.find(name); value != nullptr && !value->is_object() && !value->is_array())
      return scalar_text(*value);
  const Value* choices = schema.find("enum");
  const bool one = choices != nullptr && choices->is_array() && choices->if_array()->size() == 1;
  return one ? scalar_text(choices->if_array()->front()) : "";
}

OpenApiSchemas::Members OpenApiSchemas::members_of(const Value& schema) const {
  Members out;
  Places places;
  add_members(schema, 0, out, places);
  return out;
}

void OpenApiSchemas::add_members(const Value& raw, int depth, Members& out, Places& places) const {
  if (depth > kDepthMax || members_left_ == 0) return;
  --members_left_;
  const Value& schema = resolved(raw);
  if (const Value* parts = schema.find("allOf"); parts != nullptr && parts->is_array())
    for (const Value& part : *parts->if_array()) add_members(part, depth + 1, out, places);
  if (const Value* properties = schema.find("properties"); properties != nullptr && properties->is_object())
    for (const auto& [name, property] : *properties->if_object()) {
      if (members_left_ == 0) return;
      --members_left_;
      const auto [place, is_new] = places.emplace(name, out.properties.size());
      if (is_new) out.properties.emplace_back(name, nullptr);
      out.properties[place->second].second = &resolved(property);
    }
  if (const Value* names = schema.find("required"); names != nullptr && names->is_array())
    for (const Value& name : *names->if_array())
      if (name.is_string()) out.required.push_back(*name.if_string());
}

bool OpenApiSchemas::may_copy(const Value& value) const {
  const bool may = copies_.take(value);
  if (!may && too_much_ == nullptr) too_much_ = &value;
  return may;
}

Value OpenApiSchemas::copied(const Value& value) const { return may_copy(value) ? value : Value(); }

Result<void> OpenApiSchemas::check_size() const {
  if (too_much_ == nullptr) return {};
  const auto pointer = pointer_of(*too_much_, document_);
  return Error{ErrorKind::too_large, "What the operation refers to, written out, has more than " +
                                         std::to_string(kCopiedBytesMax >> 20U) + " MB with #" +
                                         pointer.value_or("") + "."};
}

const Value& OpenApiSchemas::resolved(const Value& value) const {
  if (value.find("$ref") == nullptr) return followed(value);
  const auto [known, is_new] = resolved_.emplace(&value, nullptr);
  if (is_new) known->second = &followed(value);
  return *known->second;
}

const Value& OpenApiSchemas::followed(const Value& value) const {
  const Value* at = &value;
  for (int i = 0; i < kReferencesMax; ++i) {
    const auto reference = at->string_at("$ref");
    constexpr std::size_t kShownMax = 80;
    if (!reference.empty() && !reference.starts_with('#')) other_file_ = reference.substr(0, kShownMax);
    if (!reference.starts_with('#')) return *at;
    const auto pointer = json::Pointer::parse(percent_decode(reference.substr(1)));
    const Value* target = pointer ? pointer->find(document_) : nullptr;
    if (target == nullptr) {
      if (dangling_.empty()) dangling_ = reference.substr(0, kShownMax);
      return *at;
    }
    at = target;
  }
  return *at;
}

const Value* OpenApiSchemas::member(const Value& value, std::string_view name) const {
  const Value* found = value.find(name);
  return found == nullptr ? nullptr : &resolved(*found);
}

Value OpenApiSchemas::example_in(const Value& media) const {
  if (const Value* example = media.find("example")) return copied(*example);
  if (const Value* examples = media.find("examples"); examples != nullptr && examples->is_object())
    for (const auto& [name, example] : *examples->if_object())
      if (const Value* value = resolved(example).find("value")) return copied(*value);
  const Value* schema = media.find("schema");
  return schema == nullptr ? Value() : example_of(*schema, "", 0);
}

// A document that the schema allows, for the names and kinds of its members; of records little more than
// that they are objects.
Value OpenApiSchemas::example_of(const Value& raw, std::string_view name, int depth) const {
  const Value& schema = resolved(raw);
  const bool circle = std::find(open_.begin(), open_.end(), &schema) != open_.end();
  if (circle || depth > kDepthMax || nodes_left_ == 0) return {};
  --nodes_left_;
  open_.push_back(&schema);
  Value example = example_within(schema, name, depth);
  open_.pop_back();
  return example;
}

// Those of its properties, and before them those of its parts; of two examples of one name the last.
Value OpenApiSchemas::merged_example(const Array& parts, const Value& schema, std::string_view name,
                                     int depth) const {
  std::vector<json::Member> members;
  for (const Value& part : parts)
    if (Value one = example_of(part, name, depth + 1); one.is_object())
      std::move(one.if_object()->begin(), one.if_object()->end(), std::back_inserter(members));
  auto own = property_examples(schema, depth);
  std::move(own.begin(), own.end(), std::back_inserter(members));
  return Object::from_members(std::move(members));
}

std::vector<json::Member> OpenApiSchemas::property_examples(const Value& schema, int depth) const {
  std::vector<json::Member> members;
  if (const Value* properties = schema.find("properties"); properties != nullptr && properties->is_object())
    for (const auto& [key, value] : *properties->if_object()) {
      if (nodes_left_ == 0) break;
      members.push_back({key, example_of(value, key, depth + 1)});
    }
  return members;
}

Value OpenApiSchemas::example_within(const Value& schema, std::string_view name, int depth) const {
  for (const char* given : {"example", "default", "const"})
    if (const Value* value = schema.find(given)) return copied(*value);
  if (const Value* parts = schema.find("allOf"); parts != nullptr && parts->is_array())
    return merged_example(*parts->if_array(), schema, name, depth);
  for (const char* choice : {"oneOf", "anyOf"})
    if (const Value* list = schema.find(choice); list != nullptr && list->is_array())
      for (const Value& each : *list->if_array())
        if (each.string_at("type") != "null") return example_of(each, name, depth + 1);
  if (const Value* values = schema.find("enum");
      values != nullptr && values->is_array() && !values->if_array()->empty())
    return copied(values->if_array()->front());
  return example_of_type(schema, name, depth);
}

Value OpenApiSchemas::example_of_type(const Value& schema, std::string_view name, int depth) const {
  std::string type(schema.string_at("type"));
  if (const Value* types = schema.find("type"); types != nullptr && types->is_array())
    for (const Value& each : *types->if_array())
      if (each.is_string() && *each.if_string() != "null" && type.empty()) type = *each.if_string();
  if (type == "array" || (type.empty() && schema.find("items") != nullptr)) {
    const Value* items = schema.find("items");
    return items == nullptr
               ? Array{}
               : Array{example_of(*items, singular_of(name), std::max(depth + 1, kDepthMax - 1))};
  }
  if (type == "object" || schema.find("properties") != nullptr)
    return Object::from_members(property_examples(schema, depth));
  if (type == "integer" || type == "number") return 1;
  if (type == "boolean") return true;
  const std::string plain = plain_name(name);
  const auto format = schema.string_at("format");
  const bool link = format.starts_with("ur") || plain.ends_with("url") || plain.ends_with("link") ||
                    plain.ends_with("href") || plain.ends_with("uri");
  return link ? "https://example.test/link" : "text";
}

}  // namespace headwater::authoring
