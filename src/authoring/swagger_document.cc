#include "authoring/swagger_document.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authoring/copy_budget.h"
#include "base/url.h"
#include "json/pointer.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr int kReferencesMax = 12;  // one behind another
constexpr std::size_t kCopiedBytesMax = 64U << 20;

class Converter {
 public:
  Converter(const Value& document, std::string_view operation) : document_(document), wanted_(operation) {}

  Result<Value> run() {
    Object out = *document_.if_object();
    out.set("openapi", "3.0.3");
    out.set("servers", Array{Object{{"url", address()}}});
    out.set("components", Object{{"securitySchemes", schemes()}});
    Object paths;
    if (const auto* members = object_at(document_, "paths")) {
      std::vector<json::Member> items;
      for (const auto& [path, raw] : *members) items.push_back({path, path_item(path, resolved(raw))});
      paths = Object::from_members(std::move(items));
    }
    out.set("paths", std::move(paths));
    if (!too_large_.empty())
      return Error{ErrorKind::too_large, "What the operation refers to, written out, has more than " +
                                             std::to_string(kCopiedBytesMax >> 20U) + " MB with " +
                                             too_large_ + "."};
    return Value(std::move(out));
  }

 private:
  static const Object* object_at(const Value& holder, std::string_view name) {
    const Value* found = holder.find(name);
    return found == nullptr ? nullptr : found->if_object();
  }
  static const Array* array_at(const Value& holder, std::string_view name) {
    const Value* found = holder.find(name);
    return found == nullptr ? nullptr : found->if_array();
  }

  const Value& resolved(const Value& value) const {
    const Value* at = &value;
    for (int i = 0; i < kReferencesMax; ++i) {
      const auto reference = at->string_at("$ref");
      if (!reference.starts_with('#')) return *at;
      const auto pointer = json::Pointer::parse(percent_decode(reference.substr(1)));
      const Value* target = pointer ? pointer->find(document_) : nullptr;
      if (target == nullptr) return *at;
      at = target;
    }
    return *at;
  }

  std::string address() const {
    std::string base(document_.string_at("basePath"));
    if (document_.string_at("host").empty()) return base;
    std::string scheme = "https";
    if (const auto* schemes = array_at(document_, "schemes"); schemes != nullptr && !schemes->empty()) {
      bool secure = false;
      for (const Value& each : *schemes) secure = secure || each == Value("https");
      if (!secure) scheme = "http";
    }
    return scheme + "://" + std::string(document_.string_at("host")) + base;
  }

  Object schemes() const {
    Object out;
    if (const auto* members = object_at(document_, "securityDefinitions"))
      for (const auto& [name, scheme] : *members) out.set(name, scheme_of(scheme));
    return out;
  }

  static Value scheme_of(const Value& scheme) {
    const auto type = scheme.string_at("type");
    if (type == "basic") return Object{{"type", "http"}, {"scheme", "basic"}};
    if (type != "oauth2") return scheme;
    const auto flow = scheme.string_at("flow");
    Object flows;
    flows.set(flow == "application"  ? "clientCredentials"
              : flow == "accessCode" ? "authorizationCode"
                                     : flow,
              Object{{"tokenUrl", scheme.string_at("tokenUrl")}});
    return Object{{"type", "oauth2"}, {"flows", std::move(flows)}};
  }

  bool is_wanted(std::string_view method, std::string_view path, const Value& operation) const {
    if (wanted_.empty()) return method == "get";
    const std::string called = (method == "get" ? "GET " : "POST ") + std::string(path);
    return operation.string_at("operationId") == wanted_ || called == wanted_;
  }

  Value path_item(std::string_view path, const Value& item) {
    Object out;
    for (const char* method : {"get", "post"})
      if (const Value* operation = item.find(method); operation != nullptr && operation->is_object()) {
        const bool whole = !is_done_ && is_wanted(method, path, *operation);
        is_done_ = is_done_ || whole;
        out.set(method, whole ? operation_of(path, method, item, *operation) : name_of(*operation));
      }
    return out;
  }

  static Value name_of(const Value& operation) {
    Object out;
    if (const Value* id = operation.find("operationId")) out.set("operationId", *id);
    return out;
  }

  Value operation_of(std::string_view path, std::string_view method, const Value& item,
                     const Value& operation) {
    place_ = "#/paths/" + json::escape_pointer_token(path) + "/" + std::string(method);
    Object out = *operation.if_object();
    Array parameters;
    std::vector<json::Member> fields;
    Array required;
    for (const Value* holder : {&item, &operation}) {
      const auto* list = array_at(*holder, "parameters");
      if (list == nullptr) continue;
      for (const Value& raw : *list) {
        const Value& parameter = resolved(raw);
        if (!may_copy(parameter, "parameters")) break;
        const auto in = parameter.string_at("in");
        if (in == "body")
          out.set("requestBody", content(member_of(parameter, "schema"), Value()));
        else if (in == "formData")
          add_field(parameter, fields, required);
        else
          parameters.push_back(with_schema(parameter));
      }
    }
    out.set("parameters", std::move(parameters));
    if (!fields.empty())
      out.set("requestBody", form(operation, Object::from_members(std::move(fields)), std::move(required)));
    out.set("responses", responses_of(operation));
    return out;
  }

  Object responses_of(const Value& operation) {
    std::vector<json::Member> responses;
    if (const auto* members = object_at(operation, "responses"))
      for (const auto& [status, raw] : *members) {
        const Value& response = resolved(raw);
        if (!may_copy(response, "responses")) break;
        const Value* examples = response.find("examples");
        const Value* example = examples == nullptr ? nullptr : examples->find("application/json");
        Value made = content(member_of(response, "schema"), example == nullptr ? Value() : *example);
        if (const Value* headers = response.find("headers")) made.if_object()->set("headers", *headers);
        responses.push_back({status, std::move(made)});
      }
    return Object::from_members(std::move(responses));
  }

  bool may_copy(const Value& value, std::string_view member) {
    if (copies_.take(value)) return true;
    if (too_large_.empty()) too_large_ = place_ + "/" + std::string(member);
    return false;
  }

  // A form's field was a parameter.
  static void add_field(const Value& parameter, std::vector<json::Member>& fields, Array& required) {
    const std::string name(parameter.string_at("name"));
    if (!parameter.is_object() || name.empty()) return;
    Object field = *parameter.if_object();
    const Value* must = field.find("required");
    if (must != nullptr && must->as_bool_lenient().value_or(false)) required.emplace_back(name);
    field.erase("required");  // of an object it is a list
    fields.push_back({name, std::move(field)});
  }

  Value form(const Value& operation, Object fields, Array required) const {
    const Array* types = array_at(operation, "consumes");
    if (types == nullptr) types = array_at(document_, "consumes");
    bool only_parts = types != nullptr && !types->empty();
    if (only_parts)
      for (const Value& type : *types) only_parts = only_parts && type == Value("multipart/form-data");
    Object media{
        {"schema",
         Object{{"type", "object"}, {"properties", std::move(fields)}, {"required", std::move(required)}}}};
    return Object{
        {"content", Object{{only_parts ? "multipart/form-data" : "application/x-www-form-urlencoded",
                            std::move(media)}}}};
  }

  static Value member_of(const Value& holder, std::string_view name) {
    const Value* found = holder.find(name);
    return found == nullptr ? Value() : *found;
  }

  static Value content(Value schema, Value example) {
    Object media;
    if (!schema.is_null()) media.set("schema", std::move(schema));
    if (!example.is_null()) media.set("example", std::move(example));
    if (media.empty()) return Object{};
    return Object{{"content", Object{{"application/json", std::move(media)}}}};
  }

  // Type, default and choices of a parameter stood beside its name.
  static Value with_schema(const Value& parameter) {
    if (!parameter.is_object()) return parameter;
    Object out = *parameter.if_object();
    out.set("schema", parameter);
    return out;
  }

  const Value& document_;
  std::string_view wanted_;
  bool is_done_ = false;
  std::string place_, too_large_;
  CopyBudget copies_{kCopiedBytesMax};
};

}  // namespace

bool is_swagger(const Value& document) {
  // Unquoted in YAML it is a number.
  const Value* version = document.find("swagger");
  const std::string text = version == nullptr     ? ""
                           : version->is_string() ? *version->if_string()
                                                  : version->dump();
  return text == "2.0" || text == "2";
}

Result<Value> swagger_as_openapi(const Value& document, std::string_view operation) {
  return Converter(document, operation).run();
}

}  // namespace headwater::authoring
