#include "authoring/openapi_body.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "authoring/openapi_parameters.h"
#include "authoring/parameter_names.h"
#include "authoring/placeholders.h"
#include "authoring/request_parts.h"
#include "authoring/secret_scan.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;
using Place = ObservedCredential::Place;

constexpr int kDepthMax = 7;
constexpr int kLimit = 100;

// "type: [string, null]" is a text.
std::string_view type_of(const Value& schema) {
  const Value* types = schema.find("type");
  if (types != nullptr && types->is_array())
    for (const Value& each : *types->if_array())
      if (each.is_string() && *each.if_string() != "null") return *each.if_string();
  return schema.string_at("type");
}

// What the description gives as a member's value, of the kind that it has.
std::optional<Value> given_value(const OpenApiSchemas& schemas, const Value& property) {
  for (const char* name : {"example", "default", "const"})
    if (const Value* value = property.find(name); value != nullptr && !value->is_null())
      return schemas.copied(*value);
  if (const Value* list = property.find("examples");
      list != nullptr && list->is_array() && !list->if_array()->empty())
    return schemas.copied(list->if_array()->front());
  const Value* choices = property.find("enum");
  if (choices != nullptr && choices->is_array() && choices->if_array()->size() == 1)
    return schemas.copied(choices->if_array()->front());
  return std::nullopt;
}

class JsonBody {
 public:
  JsonBody(const OpenApiSchemas& schemas, ObservedRequest& request) : schemas_(schemas), request_(request) {}

  void describe(const Value& schema) {
    request_.body = object(schema, "", Part::whole, 0);
    if (!request_.body.if_object()->empty())
      request_.notes.emplace_back("The body is what the description requires: check bodyParams.");
    if (!left_out_.empty())
      request_.notes.push_back("Optional members of the body were left out: " + left_out_ +
                               ". Put those you need into bodyParams.");
  }

 private:
  // The body itself, a member that holds what pages and nothing else that is needed, or any other.
  enum class Part : std::uint8_t { whole, paging, inner };

  Value object(const Value& raw, const std::string& before, Part part, int depth) {
    Object out;
    const auto members = schemas_.members_of(branch(raw));
    const std::set<std::string_view> names(members.required.begin(), members.required.end());
    for (const auto& [name, described] : members.properties) {
      if (nodes_left_ == 0) break;
      --nodes_left_;
      const Value& property = *described;
      if (const Value* answers = property.find("readOnly");
          answers != nullptr && answers->as_bool_lenient() == true)
        continue;
      const bool required = names.contains(name);
      const Value& schema = branch(property);
      const bool scalar = type_of(schema) != "array" && !describes_object(schemas_, schema);
      if (scalar && part != Part::inner &&
          (is_of_paging_or_window(name) || is_of_paging_or_window(before + name)))
        add_paging(name, schema, required, before, out);
      else if (part != Part::paging)
        add(name, schema, required, scalar, before, depth, out);
    }
    return out;
  }

  void add(const std::string& name, const Value& schema, bool required, bool scalar,
           const std::string& before, int depth, Object& out) {
    auto given = given_value(schemas_, schema);
    if (scalar && sounds_secret(name)) {
      if (required) add_key(name, before, out);
    } else if (given) {
      out.set(name, *std::move(given));
    } else if (required && depth < kDepthMax) {
      out.set(name, required_value(name, schema, before + name, depth));
    } else if (before.empty() && may_hold_paging(name) && describes_object(schemas_, schema)) {
      Value holder = object(schema, name + ".", Part::paging, depth + 1);
      if (!holder.if_object()->empty()) out.set(name, std::move(holder));
    } else {
      leave_out(before + name);
    }
  }

  Value required_value(const std::string& name, const Value& schema, const std::string& place, int depth) {
    if (describes_object(schemas_, schema)) {
      const bool pages = depth == 0 && may_hold_paging(name);
      return object(schema, place + ".", pages ? Part::whole : Part::inner, depth + 1);
    }
    if (type_of(schema) == "array") {
      const Value* items = schemas_.member(schema, "items");
      if (items == nullptr) return Array{};
      const Value& item = branch(*items);
      if (auto given = given_value(schemas_, item)) return Array{*std::move(given)};
      if (depth + 1 >= kDepthMax) return Array{};
      return Array{required_value(singular_of(name), item, singular_of(place), depth + 1)};
    }
    const std::string input = input_name_of(place);
    add_described_input(schemas_, input, schema, schema, request_);
    return "${" + input + "}";
  }

  // Paging and the window fill in what is left out here; a limit is sent whatever pages.
  void add_paging(const std::string& name, const Value& schema, bool required, const std::string& before,
                  Object& out) {
    const auto type = type_of(schema);
    const auto is = [&](ParameterKind kind) {  // "page.number" is one where "number" is none
      return is_called(name, kind) || is_called(before + name, kind);
    };
    auto given = given_value(schemas_, schema);
    if (is(ParameterKind::limit)) {
      const Value* most = schema.find("maximum");
      const auto limit = std::min<std::int64_t>(
          kLimit, most == nullptr ? kLimit : std::max<std::int64_t>(most->as_int64().value_or(kLimit), 1));
      if (!given) given = type == "string" ? Value(std::to_string(limit)) : Value(limit);
      out.set(name, *std::move(given));
    } else if (!required && name.find('.') == std::string::npos) {
      request_.query.push_back({before + name, given ? scalar_text(*given) : "",
                                format_of_parameter(name, schema, schema), true, true});
    } else if (given) {
      out.set(name, *std::move(given));
    } else if (is(ParameterKind::offset) || is(ParameterKind::page)) {
      const int first = is(ParameterKind::page) ? 1 : 0;
      out.set(name, type == "string" ? Value(std::to_string(first)) : Value(first));
    } else {
      if (required) out.set(name, required_value(name, schema, before + name, kDepthMax));
    }
  }

  // Below the body's own members a key has no name that an account could send it by.
  void add_key(const std::string& name, const std::string& before, Object& out) {
    if (before.empty())
      add_described_key(key_at(Place::body, name, ""), request_);
    else
      out.set(name, key_reference("", request_));
  }

  // Of several choices the first that is something.
  const Value& branch(const Value& raw) const {
    const Value* at = &schemas_.resolved(raw);
    for (int i = 0; i < kDepthMax; ++i) {
      const Value* next = nullptr;
      for (const char* choice : {"oneOf", "anyOf"})
        if (const Value* list = at->find(choice); list != nullptr && list->is_array() && next == nullptr)
          for (const Value& each : *list->if_array())
            if (next == nullptr && each.string_at("type") != "null") next = &schemas_.resolved(each);
      if (next == nullptr || at->find("properties") != nullptr) break;
      at = next;
    }
    return *at;
  }

  void leave_out(const std::string& name) {
    constexpr std::size_t kNamesMax = 300;
    if (left_out_.size() > kNamesMax) return;
    left_out_ += (left_out_.empty() ? "" : ", ") + name;
    if (left_out_.size() > kNamesMax) left_out_ += ", ...";
  }

  static constexpr std::size_t kNodesMax = 5'000;

  const OpenApiSchemas& schemas_;
  ObservedRequest& request_;
  std::string left_out_;
  std::size_t nodes_left_ = kNodesMax;
};

}  // namespace

bool describes_object(const OpenApiSchemas& schemas, const Value& schema) {
  const auto is_object = [](const Value& one) {
    return type_of(one) == "object" || one.find("properties") != nullptr;
  };
  const Value& own = schemas.resolved(schema);
  if (is_object(own)) return true;
  for (const char* parts : {"allOf", "oneOf", "anyOf"})
    if (const Value* list = own.find(parts); list != nullptr && list->is_array())
      for (const Value& part : *list->if_array())
        if (const Value& one = schemas.resolved(part); is_object(one) || one.find("allOf") != nullptr)
          return true;
  return false;
}

void describe_json_body(const OpenApiSchemas& schemas, const Value& schema, ObservedRequest& request) {
  JsonBody(schemas, request).describe(schema);
}

}  // namespace headwater::authoring
