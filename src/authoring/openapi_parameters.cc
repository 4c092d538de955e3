#include "authoring/openapi_parameters.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "authoring/secret_scan.h"
#include "base/text.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Value;
using Place = ObservedCredential::Place;

// The header that it is sent in; "" for one that goes elsewhere.
std::string header_of(const ObservedCredential& key) {
  switch (key.place) {
    case Place::basic:
    case Place::bearer:
    case Place::user_token:
    case Place::client_credentials:
      return "authorization";
    case Place::header:
      return lower(key.name);
    case Place::query:
    case Place::body:
    case Place::path:
    case Place::text:
      break;
  }
  return "";
}

bool is_same(const ObservedCredential& a, const ObservedCredential& b) {
  const std::string header = header_of(a);
  return header.empty() ? a.place == b.place && a.name == b.name : header == header_of(b);
}

}  // namespace

std::string first_sentence(std::string_view text) {
  const auto end = text.find_first_of(".\n");
  std::string out(text.substr(0, end));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return out;
}

std::string with_reference(const std::string& path, const std::string& name, const std::string& input) {
  const std::string mark = "{" + name + "}";
  std::string out;
  std::size_t done = 0;
  for (auto at = path.find(mark); at != std::string::npos; at = path.find(mark, done)) {
    const bool is_input = at > 0 && path[at - 1] == '$';  // of a server's address
    out.append(path, done, at - done).append(is_input ? mark : "${" + input + "}");
    done = at + mark.size();
  }
  return out.append(path, done);
}

std::string query_text(const Value& value) {
  if (value.is_object()) return "";
  const Array* list = value.if_array();
  if (list == nullptr) return scalar_text(value);
  std::string out;
  for (const Value& each : *list)
    if (!each.is_object() && !each.is_array()) out += (out.empty() ? "" : ",") + scalar_text(each);
  return out;
}

std::string suggested_value(const OpenApiSchemas& schemas, const Value& parameter, const Value& schema) {
  if (const Value* example = parameter.find("example")) return query_text(*example);
  if (const Value* examples = parameter.find("examples"); examples != nullptr && examples->is_object())
    if (!examples->if_object()->empty())
      if (const Value* value = schemas.resolved(examples->if_object()->begin()->value).find("value"))
        return query_text(*value);
  return OpenApiSchemas::given_in(schema);
}

std::string format_of_parameter(std::string_view name, const Value& parameter, const Value& schema) {
  const auto type = schema.string_at("type");
  if (type != "integer" && type != "number") return std::string(schema.string_at("format"));
  const auto says = [](const std::string& text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&text](std::string_view word) { return text.find(word) != std::string::npos; });
  };
  const std::string about = lower(parameter.string_at("description"));
  const bool is_time =
      says(plain_name(name), {"time", "date", "updated", "created", "modified", "changed"}) ||
      says(about, {"unix", "epoch", "timestamp"});
  if (!is_time) return "integer";
  return says(about, {"millisecond"}) ? "epochMillis" : "epoch";
}

void add_described_input(const OpenApiSchemas& schemas, const std::string& name, const Value& parameter,
                         const Value& schema, ObservedRequest& request) {
  const auto same = [&name](const ObservedInput& each) { return each.name == name; };
  if (std::any_of(request.inputs.begin(), request.inputs.end(), same) || !schemas.may_copy(schema)) return;
  const auto type = schema.string_at("type");
  ObservedInput input;
  input.name = name;
  input.description = first_sentence(parameter.string_at("description"));
  input.type = type == "integer" || type == "number" || type == "boolean" ? std::string(type) : "string";
  input.given = suggested_value(schemas, parameter, schema);
  if (const Value* choices = schema.find("enum"); choices != nullptr && choices->is_array()) {
    input.choices = *choices;
    if (input.given.empty() && !choices->if_array()->empty())
      input.given = scalar_text(choices->if_array()->front());
  }
  request.inputs.push_back(std::move(input));
}

void add_described_key(ObservedCredential key, ObservedRequest& request) {
  auto& all = request.credentials;
  const auto known = std::find_if(all.begin(), all.end(),
                                  [&key](const ObservedCredential& each) { return is_same(each, key); });
  if (known == all.end())
    all.push_back(std::move(key));
  else if (known->place == Place::header)
    *known = std::move(key);  // a security scheme says more
}

}  // namespace headwater::authoring
