#include "domain/record_schema.h"

#include <algorithm>
#include <string_view>

namespace headwater::domain {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr std::string_view kEvents = "https://ns.adobe.com/xdm/context/experienceevent";
constexpr std::string_view kProfiles = "https://ns.adobe.com/xdm/context/profile";

const Array* extended(const Value& document) {
  const Value* names = document.find("meta:extends");
  return names == nullptr ? nullptr : names->if_array();
}

bool is(const Value& name, std::string_view wanted) {
  return name.if_string() != nullptr && *name.if_string() == wanted;
}

bool extends(const Value& document, std::string_view name) {
  const Array* names = extended(document);
  return names != nullptr &&
         std::any_of(names->begin(), names->end(), [name](const Value& one) { return is(one, name); });
}

// The member of that kind, made when there is none; null when something else stands there.
template <class Kind>
Kind* made(Object& object, std::string_view name, Kind* (Value::*as)()) {
  if (object.find(name) == nullptr) object.set(name, Kind{});
  return (object.find(name)->*as)();
}

void add(Object& properties, std::string_view name, Object schema) {
  if (!properties.contains(name)) properties.set(name, std::move(schema));
}

void require(Array& required, std::string_view name) {
  if (std::none_of(required.begin(), required.end(), [name](const Value& one) { return is(one, name); }))
    required.emplace_back(name);
}

}  // namespace

Value record_schema(Value document) {
  const bool events = extends(document, kEvents);
  Object* schema = document.if_object();
  if (schema == nullptr || (!events && !extends(document, kProfiles))) return document;
  Object* properties = made<Object>(*schema, "properties", &Value::if_object);
  if (properties == nullptr) return document;
  add(*properties, "_id", {{"type", "string"}});
  if (!events) return document;
  add(*properties, "timestamp", {{"type", "string"}, {"format", "date-time"}});
  if (Array* required = made<Array>(*schema, "required", &Value::if_array)) {
    require(*required, "_id");
    require(*required, "timestamp");
  }
  return document;
}

bool extends_unknown(const Value& document) {
  const Array* names = extended(document);
  return names != nullptr && std::any_of(names->begin(), names->end(), [](const Value& name) {
           return !is(name, kEvents) && !is(name, kProfiles);
         });
}

}  // namespace headwater::domain
