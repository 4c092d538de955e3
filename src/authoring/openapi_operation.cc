#include "authoring/openapi_operation.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "authoring/answer_guess.h"
#include "authoring/member_secrets.h"
#include "authoring/openapi_body.h"
#include "authoring/openapi_parameters.h"
#include "authoring/openapi_schemas.h"
#include "authoring/openapi_server.h"
#include "authoring/parameter_names.h"
#include "authoring/placeholders.h"
#include "authoring/request_parts.h"
#include "authoring/secret_scan.h"
#include "authoring/swagger_document.h"
#include "base/text.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;
using Place = ObservedCredential::Place;

struct Operation {
  std::string method, path;
  const Value* item = nullptr;  // of the path: its parameters and servers
  const Value* body = nullptr;
};

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

class Description {
 public:
  explicit Description(const Value& document) : document_(document), schemas_(document) {}

  Result<ObservedRequest> observe(std::string_view wanted) {
    // Unquoted in YAML "3.1" is a number.
    const Value* version = document_.find("openapi");
    if (version == nullptr || !scalar_text(*version).starts_with('3'))
      return Error{ErrorKind::invalid_argument,
                   "This is no description of an API: OpenAPI 3 has a member \"openapi\" that begins with 3, "
                   "Swagger 2 has \"swagger\": \"2.0\"."};
    const Operation operation = TRY(find(wanted));
    request_.method = operation.method;
    if (const auto* info = document_.find("info")) request_.label = info->string_at("title");
    request_.description = first_sentence(operation.body->string_at("summary"));
    if (request_.description.empty())
      request_.description = first_sentence(operation.body->string_at("description"));
    read_server(operation);
    read_parameters(operation);
    read_credentials(operation);
    read_body(operation);
    read_answer(operation);
    TRY(schemas_.check_size());
    if (!schemas_.other_file().empty())
      request_.notes.push_back("The description refers to another file (" + schemas_.other_file() +
                               "), which was not read: bundle it into one for a better beginning.");
    if (!schemas_.dangling().empty()) {
      request_.notes.push_back("The description refers to " + schemas_.dangling() + ", which is not there.");
      if (!find_records(request_.answer)) request_.answer = Value();  // what it would hold is not known
    }
    return std::move(request_);
  }

 private:
  Result<Operation> find(std::string_view wanted) const {
    std::vector<Operation> readable;
    std::string names;
    const Value* paths = document_.find("paths");
    if (paths != nullptr && paths->is_object())
      for (const auto& [path, raw] : *paths->if_object()) {
        const Value& item = schemas_.resolved(raw);
        for (const char* method : {"get", "post"}) {
          const Value* body = item.find(method);
          if (body == nullptr || !body->is_object()) continue;
          Operation operation{upper(method), path, &item, body};
          const auto id = body->string_at("operationId");
          if (!wanted.empty() && (id == wanted || operation.method + " " + path == wanted)) return operation;
          constexpr std::size_t kNamesMax = 400;
          if (names.size() < kNamesMax)
            names += (names.empty() ? "" : ", ") +
                     (id.empty() ? "\"" + operation.method + " " + path + "\"" : std::string(id));
          if (operation.method == "GET") readable.push_back(operation);
        }
      }
    if (wanted.empty() && readable.size() == 1) return readable.front();
    return Error{wanted.empty() ? ErrorKind::invalid_argument : ErrorKind::not_found,
                 (wanted.empty() ? "Say which operation with --operation; there are: "
                                 : "There is no operation \"" + std::string(wanted) + "\"; there are: ") +
                     (names.empty() ? "none that reads" : names) + "."};
  }

  void read_server(const Operation& operation) {
    const Value* server = nullptr;
    for (const Value* holder : {operation.body, operation.item, &document_})
      if (const Value* list = holder->find("servers");
          server == nullptr && list != nullptr && list->is_array() && !list->if_array()->empty())
        server = &list->if_array()->front();
    describe_server(schemas_, server, request_);
    request_.path += operation.path;
  }

  // The operation's own goes before the path's of the same name and place.
  void read_parameters(const Operation& operation) {
    constexpr std::size_t kParametersMax = 2'000;
    std::size_t count = 0;
    std::vector<const Value*> parameters;
    std::map<std::pair<std::string, std::string>, std::size_t> places;
    for (const Value* holder : {operation.item, operation.body}) {
      const Value* list = holder->find("parameters");
      if (list == nullptr || !list->is_array()) continue;
      for (const Value& raw : *list->if_array()) {
        if (++count > kParametersMax) break;
        const Value& parameter = schemas_.resolved(raw);
        const std::string in(parameter.string_at("in"));
        const std::string name(parameter.string_at("name"));
        const auto [at, is_new] =
            places.emplace(std::pair(in, in == "header" ? lower(name) : name), parameters.size());
        if (is_new)
          parameters.push_back(&parameter);
        else
          parameters[at->second] = &parameter;
      }
    }
    if (count > kParametersMax)
      request_.notes.push_back("The operation has more than " + std::to_string(kParametersMax) +
                               " parameters; those behind were not read.");
    for (const Value* parameter : parameters)
      if (schemas_.may_copy(*parameter)) read_parameter(*parameter);
  }

  void read_parameter(const Value& parameter) {
    const std::string name(parameter.string_at("name"));
    const auto in = parameter.string_at("in");
    const Value* flag = parameter.find("required");
    const bool required = flag != nullptr && flag->as_bool_lenient().value_or(false);
    static const Value none{Object{}};
    const Value* found = schemas_.member(parameter, "schema");
    const Value& schema = found == nullptr || !schemas_.may_copy(*found) ? none : *found;
    if (in == "path") {
      add_path_input(name, parameter, schema);
    } else if (in == "query" && sounds_secret(name)) {
      add_key_parameter(Place::query, name, required);
    } else if (in == "query" && parameter.string_at("style") == "deepObject" && read_range(name, schema)) {
      return;
    } else if (in == "query") {
      std::string value = suggested(parameter, schema);
      if (required && value.empty()) {
        const std::string input = input_name_of(name);
        value = "${" + input + "}";
        add_input(input, parameter, schema);
      }
      request_.query.push_back(
          {name, std::move(value), format_of_parameter(name, parameter, schema), !required});
    } else if (in == "header" && sounds_secret(name)) {
      add_key_parameter(Place::header, name, required);
    } else if (in == "header" && required && plain_name(name) != "accept") {
      std::string value = suggested(parameter, schema);
      if (value.empty()) {
        const std::string input = input_name_of(name);
        value = "${" + input + "}";
        add_input(input, parameter, schema);
      }
      request_.headers.emplace_back(name, std::move(value));
    }
  }

  // Stripe's "created": an object of gte, lte and their like, each a parameter "created[gte]".
  bool read_range(const std::string& name, const Value& schema) {
    std::vector<const Value*> branches{&schema};
    for (const char* choice : {"anyOf", "oneOf"})
      if (const Value* list = schema.find(choice); list != nullptr && list->is_array())
        for (const Value& each : *list->if_array()) branches.push_back(&schemas_.resolved(each));
    bool found = false;
    for (const Value* branch : branches)
      for (const char* bound : {"gte", "gt", "lte", "lt"}) {
        const Value* properties = branch->find("properties");
        const Value* property = properties == nullptr ? nullptr : schemas_.member(*properties, bound);
        if (property == nullptr) continue;
        const std::string own = name + "[" + bound + "]";
        request_.query.push_back({own, "", format_of_parameter(own, *property, *property), true});
        found = true;
      }
    return found;
  }

  void add_path_input(const std::string& name, const Value& parameter, const Value& schema) {
    const std::string input = input_name_of(name);
    request_.path = with_reference(request_.path, name, input);
    add_input(input, parameter, schema);
  }

  void add_input(const std::string& name, const Value& parameter, const Value& schema) {
    add_described_input(schemas_, name, parameter, schema, request_);
  }

  std::string suggested(const Value& parameter, const Value& schema) const {
    return suggested_value(schemas_, parameter, schema);
  }

  void add_key(Place place, const std::string& name) { add_described_key(key_at(place, name, ""), request_); }

  // One that need not be sent gives way to what a security scheme says.
  void add_key_parameter(Place place, const std::string& name, bool required) {
    if (required)
      add_key(place, name);
    else
      optional_keys_.push_back(key_at(place, name, ""));
  }

  void read_credentials(const Operation& operation) {
    read_security(operation);
    if (has_scheme_) return leave_out_keys();
    for (auto& key : optional_keys_) add_described_key(std::move(key), request_);
    if (request_.credentials.empty() && asks_for_none_)
      request_.notes.emplace_back("The description asks for no credentials; fill in authSpec if it should.");
  }

  // They may be something else than what the scheme asks for.
  void leave_out_keys() {
    for (const auto& key : optional_keys_) {
      const bool is_sent = std::any_of(request_.credentials.begin(), request_.credentials.end(),
                                       [&key](const ObservedCredential& each) {
                                         return each.place == key.place && each.name == key.name;
                                       });
      if (key.place == Place::query && !is_sent) request_.query.push_back({key.name, "", "", true});
    }
  }

  void read_security(const Operation& operation) {
    const Value* security = operation.body->find("security");
    if (security == nullptr) security = document_.find("security");
    const Array* choices = security == nullptr ? nullptr : security->if_array();
    asks_for_none_ = choices == nullptr || choices->empty();
    if (asks_for_none_) return;
    const Value* schemes = document_.find_path("components.securitySchemes");
    if (schemes == nullptr) return;
    // {} among them says that it works without, too.
    constexpr std::size_t kSchemesMax = 100;  // each is looked for among all that are described
    std::vector<const Object*> asked;
    for (const Value& choice : *choices)
      if (const auto* names = choice.if_object();
          names != nullptr && !names->empty() && names->size() <= kSchemesMax && asked.size() < kSchemesMax)
        asked.push_back(names);
    if (asked.empty()) return;
    const auto usable = std::find_if(asked.begin(), asked.end(), [&](const Object* choice) {
      return std::all_of(choice->begin(), choice->end(), [&](const auto& entry) {
        const Value* scheme = schemas_.member(*schemes, entry.name);
        return scheme == nullptr || cannot(*scheme).empty();
      });
    });
    const Object& chosen = usable == asked.end() ? *asked.front() : **usable;
    for (const auto& [name, scopes] : chosen)
      if (const Value* scheme = schemas_.member(*schemes, name)) read_scheme(*scheme);
    if (asked.size() > 1)
      request_.notes.emplace_back(usable == asked.begin() || usable == asked.end()
                                      ? "The API takes several kinds of credentials; the first is described."
                                      : "The API takes several kinds of credentials; the first that a source "
                                        "can send is described.");
  }

  // Why no account can hold what a scheme asks for; "" when one can.
  static std::string cannot(const Value& scheme) {
    const auto type = scheme.string_at("type");
    const std::string name = plain_name(scheme.string_at("scheme"));
    if (type == "apiKey" && scheme.string_at("in") == "cookie")
      return "The API's key goes into a cookie, which no source sends: check authSpec.";
    if (type == "http" && name != "basic" && name != "bearer")
      return "The API asks for HTTP authentication of the scheme \"" +
             std::string(scheme.string_at("scheme")) +
             "\", which no source does: see what else it takes, and fill in authSpec.";
    if (type == "mutualTLS")
      return "The API asks for a client's certificate (mutual TLS): no input of authSpec was made. Declare "
             "clientCertificate and clientPrivateKey there, PEM texts of the account.";
    return "";
  }

  void read_scheme(const Value& scheme) {
    if (std::string reason = cannot(scheme); !reason.empty()) {
      request_.notes.push_back(std::move(reason));
      return;
    }
    ObservedCredential credential;
    credential.name = "Authorization";
    const auto type = scheme.string_at("type");
    if (type == "http" && plain_name(scheme.string_at("scheme")) == "basic") {
      credential.place = Place::basic;
    } else if (type == "apiKey") {
      credential.name = scheme.string_at("name");
      credential.place = scheme.string_at("in") == "query" ? Place::query : Place::header;
    } else if (const Value* flow = scheme.find_path("flows.clientCredentials"); flow != nullptr) {
      credential.place = Place::client_credentials;
      credential.token_url = flow->string_at("tokenUrl");
    } else if (type == "http") {
      credential.place = Place::bearer;
    } else {
      credential.place = Place::user_token;  // OAuth 2, OpenID Connect
      for (const char* name : {"flows.authorizationCode", "flows.password"})
        if (const Value* known = scheme.find_path(name); known != nullptr && credential.token_url.empty())
          credential.token_url = known->string_at("tokenUrl");
    }
    has_scheme_ = true;
    add_described_key(std::move(credential), request_);
  }

  const Value* content_of(const Value& holder, std::string_view wanted) const {
    const Value* content = holder.find("content");
    if (content == nullptr || !content->is_object()) return nullptr;
    for (const auto& [type, media] : *content->if_object())
      if (type.find(wanted) != std::string::npos) return &schemas_.resolved(media);
    return nullptr;
  }

  const Value* json_content(const Value& holder) const {
    const Value* content = holder.find("content");
    if (content == nullptr || !content->is_object()) return nullptr;
    for (const auto& [type, media] : *content->if_object())
      if (type.find("json") != std::string::npos || type == "*/*") return &schemas_.resolved(media);
    return nullptr;
  }

  void read_body(const Operation& operation) {
    if (request_.method != "POST") return;
    const Value* body = schemas_.member(*operation.body, "requestBody");
    if (body == nullptr) return;
    if (const Value* media = content_of(*body, "x-www-form-urlencoded");
        media != nullptr && json_content(*body) == nullptr)
      return read_form(*media);
    const Value* media = json_content(*body);
    if (media == nullptr) {
      if (const Value* content = body->find("content"); content != nullptr && content->is_object())
        for (const auto& [type, other] : *content->if_object())
          return request_.notes.push_back("The body is " + type +
                                          ", of which no example was made: fill in "
                                          "bodyParams, and the header Content-Type.");
      return;
    }
    const Value* schema = media->find("schema");
    const bool has_example = media->find("example") != nullptr || media->find("examples") != nullptr ||
                             schema == nullptr || given_to(*schema);
    if (!has_example && describes_object(schemas_, *schema))
      return describe_json_body(schemas_, *schema, request_);
    request_.body = schemas_.example_in(*media);
    take_keys(request_.body);
    if (!request_.body.is_null())
      request_.notes.emplace_back("The body is an example of what the description says: check bodyParams.");
  }

  bool given_to(const Value& raw) const {
    const Value& schema = schemas_.resolved(raw);
    return schema.find("example") != nullptr || schema.find("default") != nullptr ||
           schema.find("const") != nullptr;
  }

  void take_keys(Value& body) {
    auto* members = body.if_object();
    if (members == nullptr) return;
    std::vector<std::string> keys;
    for (const auto& [name, value] : *members)
      if (secrecy_of_member(name, value) == Secrecy::surely) keys.push_back(name);
    for (const auto& name : keys) {
      members->erase(name);
      add_key(Place::body, name);
    }
    take_inner_keys(body, request_);
  }

  // What must be sent, and what pages or asks for changes.
  void read_form(const Value& media) {
    static const Value none{Object{}};
    const Value* schema = media.find("schema");
    const auto members = schemas_.members_of(schema == nullptr ? none : *schema);
    const Value* example = media.find("example");
    Object form;
    std::string left_out;
    const std::set<std::string, std::less<>> names(members.required.begin(), members.required.end());
    constexpr std::size_t kFieldsMax = 2'000;
    std::size_t fields = 0;
    for (const auto& [name, described] : members.properties) {
      if (++fields > kFieldsMax || !schemas_.may_copy(*described)) break;
      const Value& property = *described;
      const bool required = names.contains(name);
      const Value* given = example == nullptr ? nullptr : example->find(name);
      std::string value = given == nullptr ? suggested(property, property) : query_text(*given);
      if (sounds_secret(name)) {
        if (required) add_key(Place::body, name);
      } else if (is_of_paging_or_window(name) && may_page(property)) {
        constexpr int kLimit = 100;
        if (value.empty() && is_called(name, ParameterKind::limit))
          value = scalar_text(paging_number(schemas_, property, kLimit));
        if (required || given != nullptr || is_called(name, ParameterKind::limit))
          form.set(name, std::move(value));
        else
          request_.query.push_back({name, value, format_of_parameter(name, property, property), true, true});
      } else if (required || given != nullptr) {
        if (value.empty()) {
          const std::string input = input_name_of(name);
          value = "${" + input + "}";
          add_input(input, property, property);
        }
        form.set(name, std::move(value));
      } else {
        left_out += (left_out.empty() ? "" : ", ") + name;
      }
    }
    request_.body = std::move(form);
    request_.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    if (!left_out.empty())
      request_.notes.push_back("Optional fields of the form were left out: " + left_out +
                               ". Put those you need into bodyParams.");
  }

  void read_answer(const Operation& operation) {
    const Value* responses = operation.body->find("responses");
    if (responses == nullptr) return;
    for (const char* status : {"200", "2XX", "206", "default"}) {
      const Value* response = schemas_.member(*responses, status);
      const Value* media = response == nullptr ? nullptr : json_content(*response);
      if (media == nullptr) continue;
      request_.answer = schemas_.example_in(*media);
      if (const Value* headers = response->find("headers"); headers != nullptr && headers->is_object())
        for (const auto& [name, header] : *headers->if_object())
          request_.answer_headers.emplace_back(name, "");
      return;
    }
  }

  const Value& document_;
  ObservedRequest request_;
  std::vector<ObservedCredential> optional_keys_;  // that are described as parameters
  bool has_scheme_ = false;
  bool asks_for_none_ = false;
  OpenApiSchemas schemas_;
};

}  // namespace

Result<ObservedRequest> observe_operation(const Value& document, std::string_view operation) {
  if (!is_swagger(document)) return Description(document).observe(operation);
  const Value converted = TRY(swagger_as_openapi(document, operation));
  return Description(converted).observe(operation);
}

}  // namespace headwater::authoring
