#include "schema/coerce.h"

#include <algorithm>
#include <array>

#include "schema/internal/decimal.h"

namespace headwater::schema {
namespace {

constexpr int kRefsMax = 32;

// Follows a chain of "#/definitions/x"; other references are left alone.
const json::Value& dereferenced(const json::Value& schema, const json::Value& root) {
  const auto* at = &schema;
  for (int i = 0; i < kRefsMax; ++i) {
    const auto ref = at->string_at("$ref");
    if (!ref.starts_with("#/")) break;
    const json::Value* target = &root;
    for (std::size_t begin = 2; target != nullptr && begin <= ref.size();) {
      const auto end = std::min(ref.find('/', begin), ref.size());
      target = target->find(ref.substr(begin, end - begin));
      begin = end + 1;
    }
    if (target == nullptr) break;
    at = target;
  }
  return *at;
}

std::vector<std::string_view> declared_types(const json::Value& schema) {
  std::vector<std::string_view> types;
  const auto* type = schema.find("type");
  if (type == nullptr) return types;
  if (const auto* name = type->if_string()) types.push_back(*name);
  if (const auto* list = type->if_array())
    for (const auto& entry : *list)
      if (const auto* name = entry.if_string()) types.push_back(*name);
  return types;
}

// The text as a value of that type, or nothing when it is none.
std::optional<json::Value> as_type(std::string_view text, std::string_view type) {
  if (type == "string") return json::Value(text);
  auto parsed = json::parse(text);
  if (type == "boolean") {
    const auto value = json::Value(text).as_bool_lenient();
    return value ? std::optional<json::Value>(*value) : std::nullopt;
  }
  if (!parsed) return std::nullopt;
  const bool fits =
      (type == "null" && parsed->is_null()) || (type == "number" && parsed->is_number()) ||
      (type == "integer" && parsed->is_number() && is_whole_number(parsed->if_number()->text)) ||
      (type == "array" && parsed->is_array()) || (type == "object" && parsed->is_object());
  return fits ? std::optional<json::Value>(*std::move(parsed)) : std::nullopt;
}

Result<json::Value> coerce(std::string_view text, const json::Value& schema) {
  const auto types = declared_types(schema);
  if (types.empty()) return json::Value(text);
  constexpr std::array<std::string_view, 7> kOrder = {"null",  "boolean", "integer", "number",
                                                      "array", "object",  "string"};
  std::string wanted;
  for (const auto type : kOrder) {
    if (std::find(types.begin(), types.end(), type) == types.end()) continue;
    if (auto value = as_type(text, type)) return *std::move(value);
    wanted.append(wanted.empty() ? "" : " or ").append(type);
  }
  const bool secret = schema.string_at("format") == "password";
  const auto shown = secret ? std::string("The value") : "\"" + std::string(text.substr(0, 80)) + "\"";
  return Error{ErrorKind::invalid_argument,
               shown + " is no valid " + (wanted.empty() ? "value" : wanted) + "."};
}

struct Target {
  std::vector<std::string> names;  // where the value goes
  const json::Value* schema;       // or null
};

// A property of that whole name first; otherwise dots reach into nested objects that are declared.
Target find_target(std::string_view name, const json::Value& schema, const json::Value& root) {
  static const json::Value nothing;
  Target target{{}, &nothing};
  const auto* object = &dereferenced(schema, root);
  while (true) {
    const auto* properties = object->find("properties");
    const auto* whole = properties == nullptr ? nullptr : properties->find(name);
    const auto dot = name.find('.');
    const auto* first = properties == nullptr || dot == std::string_view::npos
                            ? nullptr
                            : properties->find(name.substr(0, dot));
    if (whole != nullptr || first == nullptr) {
      target.names.emplace_back(name);
      if (whole != nullptr) target.schema = &dereferenced(*whole, root);
      return target;
    }
    target.names.emplace_back(name.substr(0, dot));
    name.remove_prefix(dot + 1);
    object = &dereferenced(*first, root);
  }
}

void place(json::Object& object, const std::vector<std::string>& names, json::Value value) {
  auto* at = &object;
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    auto& next = (*at)[names[i]];
    if (!next.is_object()) next = json::Object{};
    at = next.if_object();
  }
  at->set(names.back(), std::move(value));
}

}  // namespace

Result<json::Value> coerce_text(std::string_view text, const json::Value& schema) {
  return coerce(text, schema);
}

Result<json::Object> coerce_params(const std::vector<std::pair<std::string, std::string>>& params,
                                   const json::Value& schema) {
  json::Object object;
  std::vector<Problem> problems;
  for (const auto& [name, text] : params) {
    const auto target = find_target(name, schema, schema);
    auto value = coerce(text, *target.schema);
    if (value)
      place(object, target.names, *std::move(value));
    else
      problems.push_back(Problem{"/" + name, "Parameter \"" + name + "\": " + value.error().message, ""});
  }
  if (problems.empty()) return object;
  Error error{ErrorKind::invalid_argument, problems.front().reason};
  error.where = problems.front().pointer;
  error.problems = std::move(problems);
  return error;
}

}  // namespace headwater::schema
