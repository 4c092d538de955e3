#include "authoring/openapi_body.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authoring/member_secrets.h"
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
constexpr std::int64_t kLimit = 100;

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

// A whole number that the schema's bounds allow, as near to the wanted one as they let it be.
std::int64_t within_bounds(const Value& schema, std::int64_t wanted) {
  // "exclusiveMinimum" says true beside a minimum, or is one itself.
  const auto bound = [&schema](const char* name, const char* exclusive, int step) {
    const Value* itself = schema.find(name);
    const Value* beyond = schema.find(exclusive);
    auto value = itself == nullptr ? std::nullopt : itself->as_int64();
    if (beyond != nullptr && beyond->is_number())
      value = beyond->as_int64();
    else if (beyond == nullptr || beyond->as_bool_lenient() != true)
      return value;
    constexpr std::int64_t kLargest = std::int64_t{1} << 53;
    if (value && *value > -kLargest && *value < kLargest) *value += step;
    return value;
  };
  if (const auto most = bound("maximum", "exclusiveMaximum", -1)) wanted = std::min(wanted, *most);
  if (const auto least = bound("minimum", "exclusiveMinimum", 1)) wanted = std::max(wanted, *least);
  return wanted;
}

const Value* first_choice(const Value& schema) {
  const Value* choices = schema.find("enum");
  const auto* list = choices == nullptr ? nullptr : choices->if_array();
  return list == nullptr || list->empty() ? nullptr : &list->front();
}

class JsonBody {
 public:
  JsonBody(const OpenApiSchemas& schemas, ObservedRequest& request) : schemas_(schemas), request_(request) {}

  void describe(const Value& schema) {
    request_.body = object(schema, "", Part::whole, 0);
    take_inner_keys(request_.body, request_);
    if (!request_.body.if_object()->empty())
      request_.notes.emplace_back("The body is what the description requires: check bodyParams.");
    if (!made_up_.empty())
      request_.notes.push_back("The body needs " + made_up_ +
                               ", of which the description gives no value: numbers and truths were made up, "
                               "put yours into bodyParams.");
    if (!left_out_.empty())
      request_.notes.push_back("Optional members of the body were left out: " + left_out_ +
                               ". Put those you need into bodyParams.");
  }

 private:
  // The body itself, a member that holds what pages and nothing else that is needed, or any other.
  enum class Part : std::uint8_t { whole, paging, inner };

  struct Property {
    const std::string& name;
    const Value& schema;         // of its kind
    std::optional<Value> given;  // as its value
    bool required = false, scalar = false;
  };

  Value object(const Value& raw, const std::string& before, Part part, int depth) {
    Object out;
    const auto members = schemas_.members_of(branch(raw));
    const std::set<std::string_view> names(members.required.begin(), members.required.end());
    const auto pages_before = request_.query.size();
    std::vector<Property> needed;  // in a member that is sent only when it pages
    for (const auto& [name, described] : members.properties) {
      if (nodes_left_ == 0) break;
      --nodes_left_;
      if (const Value* answers = described->find("readOnly");
          answers != nullptr && answers->as_bool_lenient() == true)
        continue;
      const Value& schema = branch(*described);
      const bool scalar = type_of(schema) != "array" && !describes_object(schemas_, schema);
      Property property{name, schema, given_along(*described), names.contains(name), scalar};
      if (scalar && part != Part::inner && may_page(schema) &&
          (is_of_paging_or_window(name) || is_of_paging_or_window(before + name)))
        add_paging(std::move(property), before, out);
      else if (part != Part::paging)
        add(property, before, depth, out);
      else if (property.required)
        needed.push_back(std::move(property));
    }
    if (!out.empty() || request_.query.size() > pages_before)
      for (const Property& property : needed) add(property, before, depth, out);
    return out;
  }

  // A truth and a number are no key, whatever they are called; a password of digits is one.
  static bool is_key(const Property& property) {
    if (!property.scalar || !sounds_secret(property.name)) return false;
    const auto type = type_of(property.schema);
    return type.empty() || type == "string" ||
           (property.given && secrecy_of_member(property.name, *property.given) == Secrecy::surely);
  }

  void add(const Property& property, const std::string& before, int depth, Object& out) {
    const auto& [name, schema, given, required, scalar] = property;
    if (is_key(property)) {
      if (required) add_key(name, before, out);
    } else if (given) {
      out.set(name, *given);
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
      if (auto given = given_along(*items)) return Array{*std::move(given)};
      if (depth + 1 >= kDepthMax) return Array{};
      return Array{required_value(singular_of(name), item, singular_of(place), depth + 1)};
    }
    if (auto literal = made_up(schema)) {
      add_name(made_up_, place);
      return *std::move(literal);
    }
    const std::string input = input_name_of(place);
    add_described_input(schemas_, input, schema, schema, request_);
    return "${" + input + "}";
  }

  // An input is sent as a text, which is neither a number nor a truth.
  std::optional<Value> made_up(const Value& schema) const {
    const auto type = type_of(schema);
    const Value* choice = first_choice(schema);
    if (choice != nullptr && (choice->is_number() || choice->is_boolean())) return schemas_.copied(*choice);
    if (type == "boolean") return Value(true);
    if (type == "integer" || type == "number") return Value(within_bounds(schema, 1));
    return std::nullopt;
  }

  // Paging and the window fill in what is left out here; a limit is sent whatever pages.
  void add_paging(Property property, const std::string& before, Object& out) {
    auto& [name, schema, given, required, scalar] = property;
    const auto is = [&](ParameterKind kind) {  // "page.number" is one where "number" is none
      return is_called(name, kind) || is_called(before + name, kind);
    };
    if (is(ParameterKind::limit)) {
      out.set(name, given ? *std::move(given) : paging_number(schemas_, schema, kLimit));
    } else if (!required && name.find('.') == std::string::npos) {
      request_.query.push_back({before + name, given ? scalar_text(*given) : "",
                                format_of_parameter(name, schema, schema), true, true});
    } else if (given) {
      out.set(name, *std::move(given));
    } else if (is(ParameterKind::offset) || is(ParameterKind::page)) {
      out.set(name, paging_number(schemas_, schema, is(ParameterKind::page) ? 1 : 0));
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

  // The schema that one goes on in, or null: of several choices the first that is something, and of what
  // allOf says of a scalar the first part that tells its kind. An object's parts are one.
  const Value* next_of(const Value& schema) const {
    if (schema.find("properties") != nullptr || schema.find("enum") != nullptr) return nullptr;
    if (const Value* parts = schema.find("allOf"); parts != nullptr && parts->is_array()) {
      if (describes_object(schemas_, schema)) return nullptr;
      for (const Value& part : *parts->if_array())
        for (const char* kind : {"type", "enum", "allOf", "oneOf", "anyOf"})
          if (const Value& one = schemas_.resolved(part); one.find(kind) != nullptr) return &one;
    }
    for (const char* choice : {"oneOf", "anyOf"})
      if (const Value* list = schema.find(choice); list != nullptr && list->is_array())
        for (const Value& each : *list->if_array())
          if (each.string_at("type") != "null") return &schemas_.resolved(each);
    return nullptr;
  }

  const Value& branch(const Value& raw) const {
    const Value* at = &schemas_.resolved(raw);
    for (int i = 0; i < kDepthMax; ++i) {
      const Value* next = next_of(*at);
      if (next == nullptr) break;
      at = next;
    }
    return *at;
  }

  // What stands beside a choice goes before what it says itself.
  std::optional<Value> given_along(const Value& raw) const {
    const Value* at = &schemas_.resolved(raw);
    for (int i = 0; at != nullptr && i <= kDepthMax; ++i) {
      if (auto given = given_value(schemas_, *at)) return given;
      const Value* parts = at->find("allOf");
      const auto* list = parts == nullptr ? nullptr : parts->if_array();
      // One of several parts of an object has not all of its members.
      if (list != nullptr && (list->size() == 1 || !describes_object(schemas_, *at)))
        for (const Value& part : *list)
          if (auto given = given_value(schemas_, schemas_.resolved(part))) return given;
      at = next_of(*at);
    }
    return std::nullopt;
  }

  void leave_out(const std::string& name) { add_name(left_out_, name); }

  static void add_name(std::string& names, const std::string& name) {
    constexpr std::size_t kNamesMax = 300;
    if (names.size() > kNamesMax) return;
    names += (names.empty() ? "" : ", ") + name;
    if (names.size() > kNamesMax) names += ", ...";
  }

  static constexpr std::size_t kNodesMax = 5'000;

  const OpenApiSchemas& schemas_;
  ObservedRequest& request_;
  std::string left_out_, made_up_;
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

bool may_page(const Value& schema) {
  const auto type = type_of(schema);
  if (const Value* choice = first_choice(schema); choice != nullptr && !choice->as_int64_lenient())
    return false;
  return type.empty() || type == "integer" || type == "number" || type == "string";
}

Value paging_number(const OpenApiSchemas& schemas, const Value& schema, std::int64_t wanted) {
  if (const Value* choice = first_choice(schema)) return schemas.copied(*choice);
  const auto number = within_bounds(schema, wanted);
  return type_of(schema) == "string" ? Value(std::to_string(number)) : Value(number);
}

void describe_json_body(const OpenApiSchemas& schemas, const Value& schema, ObservedRequest& request) {
  JsonBody(schemas, request).describe(schema);
}

}  // namespace headwater::authoring
