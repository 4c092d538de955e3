#include "domain/spec_check.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/header_name.h"
#include "base/next_find.h"
#include "base/severity.h"
#include "domain/internal/body_check.h"
#include "domain/internal/placeholder_check.h"
#include "domain/internal/plain_name.h"
#include "domain/internal/problem_list.h"
#include "domain/internal/slip_check.h"
#include "domain/internal/spec_reader.h"
#include "domain/source_spec.h"
#include "json/json_path.h"
#include "json/pointer.h"
#include "schema/validator.h"

namespace headwater::domain {

namespace {

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [text](std::string_view ending) { return text.ends_with(ending); });
}

constexpr std::size_t kNameMax = 256;  // of a placeholder

constexpr std::array<std::string_view, 4> kAuthTypes = {"OAuth2RefreshCode", "OAuth2ClientCredential",
                                                        "BasicAuthentication", "KeyBased"};

constexpr std::string_view kStreamingProvider = "521eee4d-8cbe-4906-bb48-fb6bd4450033";

class SpecCheck {
 public:
  explicit SpecCheck(const json::Value& spec) : spec_(spec) {}

  std::vector<Problem> run() {
    if (!spec_.is_object()) {
      problems_.error("", "A connection spec must be a JSON object.", "Send the whole document.");
      return problems_.take();
    }
    if (auto unwieldy = find_long_pointer(spec_)) return {*std::move(unwieldy)};
    check_identity();
    check_member_kinds();
    check_auth_specs();
    check_schemas();
    if (!needs_no_requests(spec_)) check_source();
    scan(spec_, "", 0);
    return problems_.take();
  }

 private:
  void check_identity() {
    for (const auto& [member, hint] :
         {std::pair{"name", "Give the source a name."},
          std::pair{"providerId",
                    "REST sources use 0ed90a81-07f4-4586-8190-b40eccef1c5a, streaming "
                    "sources 521eee4d-8cbe-4906-bb48-fb6bd4450033."}}) {
      const auto* value = spec_.find(member);
      const std::string pointer = std::string("/") + member;
      if (!value || value->is_null() || (value->is_string() && value->if_string()->empty()))
        problems_.error(pointer, std::string("\"") + member + "\" is missing.", hint);
      else if (!value->is_string())
        problems_.error(pointer, std::string("\"") + member + "\" must be a text.", hint);
    }
  }

  void check_kind(std::string_view dotted, json::Kind kind, std::string_view what) {
    const auto* value = spec_.find_path(dotted);
    if (!value || value->is_null() || value->kind() == kind) return;
    std::string pointer(1, '/');
    for (const char c : dotted) pointer += c == '.' ? '/' : c;
    problems_.error(pointer, "This must be " + std::string(what) + ".",
                    "See the published template for the shape.");
  }

  void check_member_kinds() {
    for (const std::string_view text : {"type", "version", "description", "id"})
      check_kind(text, json::Kind::string, "a text");
    check_kind("authSpec", json::Kind::array, "a list");
    for (const std::string_view object :
         {"attributes", "sourceSpec", "sourceSpec.attributes", "sourceSpec.attributes.uiAttributes",
          "sourceSpec.spec", "sourceSpec.spec.properties", "sourceSpec.schema", "targetSpec", "exploreSpec",
          "permissionsInfo"})
      check_kind(object, json::Kind::object, "an object");
  }

  void check_auth_specs() {
    const auto* list = spec_.find("authSpec");
    const auto* entries = list ? list->if_array() : nullptr;
    if (!entries) return;
    std::set<std::string> names;
    for (std::size_t i = 0; i < entries->size(); ++i) {
      const auto& entry = (*entries)[i];
      const std::string pointer = "/authSpec/" + std::to_string(i);
      if (!entry.is_object()) {
        problems_.error(pointer, "An entry of authSpec must be an object.",
                        "Write {\"name\", \"type\", \"spec\"}.");
        continue;
      }
      check_auth_entry(entry, pointer);
      const std::string name(entry.string_at("name"));
      if (name.empty())
        problems_.error(pointer + "/name", "The authentication has no name.",
                        "Connections choose it by auth.specName.");
      else if (!names.insert(plain_name(name)).second)
        problems_.warning(pointer + "/name",
                          "Another authentication has (nearly) the same name \"" + name + "\".",
                          "Use different names.");
    }
  }

  void check_auth_entry(const json::Value& entry, const std::string& pointer) {
    const std::string type(entry.string_at("type"));
    const auto same_plain = [&type](std::string_view each) { return plain_name(each) == plain_name(type); };
    const auto* known = std::find(kAuthTypes.begin(), kAuthTypes.end(), type);
    if (known == kAuthTypes.end() && type != "apiKey") {
      const auto* meant = std::find_if(kAuthTypes.begin(), kAuthTypes.end(), same_plain);
      if (meant != kAuthTypes.end())
        problems_.warning(pointer + "/type",
                          "The type \"" + type + "\" is read as \"" + std::string(*meant) + "\".",
                          "Write it so.");
      else if (spec_.string_at("providerId") != kStreamingProvider)  // a streaming source calls nobody
        problems_.error(pointer + "/type",
                        type.empty() ? "The authentication type is missing."
                                     : "Unknown authentication type \"" + type + "\".",
                        "Use OAuth2RefreshCode, OAuth2ClientCredential, BasicAuthentication or KeyBased.");
    }
    const auto* schema = entry.find("spec");
    if (schema && !schema->is_object() && !schema->is_null()) {
      problems_.error(pointer + "/spec", "The authentication's spec must be a JSON schema.",
                      "Describe auth.params as an object schema.");
      return;
    }
    const auto* properties = schema ? schema->find("properties") : nullptr;
    const auto* declared = properties ? properties->if_object() : nullptr;
    if (!declared) return;
    bool has_key = false;
    for (const auto& [name, property] : *declared) {
      const std::string place = pointer + "/spec/properties/" + json::escape_pointer_token(name);
      check_secret_format(name, property, place);
      const auto* rest = property.find("restAttributes");
      if (!rest) continue;
      has_key = true;
      if (const std::string header(rest->string_at("headerParamName")); belongs_to_http(header))
        problems_.error(place + "/restAttributes/headerParamName",
                        "The header \"" + header + "\" is set by HTTP itself, and no key can be sent as it.",
                        "Name the header that the source reads its key from, such as X-Api-Key.");
      const bool known_member =
          rest->find("headerParamName") || rest->find("queryParamName") || rest->find("bodyParamName");
      if (!known_member)
        problems_.warning(place + "/restAttributes", "restAttributes has no member that is known.",
                          "Use headerParamName (or our queryParamName, bodyParamName).");
    }
    const auto is_placed = [this](const auto& member) { return uses(member.name); };
    if (plain_name(type) == "keybased" && !has_key &&
        std::none_of(declared->begin(), declared->end(), is_placed))
      problems_.warning(pointer + "/spec/properties", "No key says where it is sent.",
                        "Give a key restAttributes: {\"headerParamName\": \"X-Api-Key\"}.");
  }

  // Whether a text of the spec puts an input where it belongs: "Bearer ${accessToken}".
  bool uses(const std::string& input) {
    if (!used_) used_ = used_names();
    return used_->contains(input);
  }

  std::set<std::string, std::less<>> used_names() const {
    std::set<std::string, std::less<>> names;
    const auto* attributes = spec_.find_path("sourceSpec.attributes");
    const std::string text = attributes == nullptr ? std::string() : attributes->dump();
    for (const auto& [open, close] : {std::pair{"${", "}"}, std::pair{"{{", "}}"}}) {
      NextFind end(text, close);
      for (auto at = text.find(open); at != std::string::npos; at = text.find(open, at + 1)) {
        const auto begin = at + 2;
        const auto length = std::min(end.from(begin), text.size()) - begin;
        if (length <= kNameMax) names.insert(text.substr(begin, length));
      }
    }
    return names;
  }

  void check_secret_format(std::string_view name, const json::Value& property, const std::string& pointer) {
    const std::string plain = plain_name(name);
    const bool sounds_secret =
        ends_with_any(plain, {"password", "secret", "token", "apikey", "privatekey", "passphrase"}) ||
        plain.starts_with("authkey");
    const std::string_view type = property.string_at("type");
    if (!sounds_secret || (!type.empty() && type != "string") || property.string_at("format") == "password")
      return;
    problems_.warning(
        pointer,
        "\"" + std::string(name) + "\" sounds like a credential but has no \"format\": \"password\".",
        "With that format the value is encrypted and never shown.");
  }

  // Every JSON schema of the document must compile; what the compiler finds odd is a warning.
  void check_schemas() {
    const auto* auth = spec_.find("authSpec");
    if (const auto* entries = auth ? auth->if_array() : nullptr)
      for (std::size_t i = 0; i < entries->size(); ++i)
        check_schema((*entries)[i].find("spec"), "/authSpec/" + std::to_string(i) + "/spec");
    check_schema(spec_.find_path("sourceSpec.spec"), "/sourceSpec/spec");
    check_schema(spec_.find_path("sourceSpec.schema"), "/sourceSpec/schema");
  }

  void check_schema(const json::Value* schema, const std::string& pointer) {
    if (!schema || !schema->is_object()) return;
    // In one generation of documents spec.properties holds the execution attributes themselves: no schemas.
    json::Value without_attributes = *schema;
    if (auto* properties = without_attributes.find("properties"); properties && properties->is_object())
      for (const auto& [name, value] : *schema->find("properties")->if_object())
        if (is_execution_attribute(name) && !is_input_schema(value))
          properties->if_object()->set(name, json::Value(json::Object{}));
    const auto compiled = schema::Validator::compile(without_attributes);
    if (compiled) {
      for (const auto& each : compiled->warnings())
        problems_.warning(pointer + each.pointer, each.reason, each.hint);
      return;
    }
    const auto& failure = compiled.error();
    if (failure.problems.empty())
      problems_.error(pointer + failure.where, "This is no usable JSON schema: " + failure.message,
                      "Write a draft-07 schema.");
    for (const auto& each : failure.problems)
      problems_.error(pointer + each.pointer, each.reason,
                      each.hint.empty() ? "Write a draft-07 schema." : each.hint);
  }

  void check_source() {
    std::vector<Problem> found;
    const SourceSpec source = read_source_spec(spec_, nullptr, found);
    for (auto& each : found) problems_.add(std::move(each));
    check_slips(spec_, places_, problems_);
    PlaceholderCheck placeholders(spec_, places_, problems_);
    placeholders.check_request(source);
    check_paths(source);
    placeholders.check_schedule(source);
    check_body_use(spec_, source, places_, problems_);
    if (!source.paging.declared && !places_.find("paginationParams").from_user)
      problems_.warning("/sourceSpec/attributes/paginationParams",
                        "The spec says nothing about paging; one request is made.",
                        "Give paginationParams; {\"type\": \"NONE\"} says so on purpose.");
    if (!places_.find("urlParams").value && !places_.find("urlParams").from_user)
      problems_.warning("/sourceSpec/attributes/urlParams", "The spec does not say which URL to call.",
                        "Give urlParams with host, path and method.");
  }

  void check_paths(const SourceSpec& source) {
    for (const auto& [name, path] :
         {std::pair{"contentPath", &source.content}, std::pair{"explodeEntityPath", &source.explode}}) {
      if (!*path) continue;
      const auto found = places_.find(name);
      const std::string pointer = found.pointer + (found.value && found.value->is_object() ? "/path" : "");
      if ((*path)->dotted) {
        if (!read_dotted_path((*path)->path))
          problems_.warning(pointer, "\"" + (*path)->path + "\" quotes member names.",
                            "The vendor's service accepts dotted paths only (error 1314).");
        continue;
      }
      const auto compiled = json::JsonPath::compile((*path)->path);
      if (!compiled && (*path)->path.starts_with('$'))
        problems_.error(pointer, "\"" + (*path)->path + "\" is no JSONPath: " + compiled.error().message,
                        "Write a dotted path such as $.data.items.");
      else if (compiled)
        problems_.warning(
            pointer,
            "\"" + (*path)->path +
                "\" is more than a dotted path: each selected element becomes a record without siblings.",
            "The vendor's service accepts dotted paths only (error 1314).");
    }
    if (source.explode && source.content && source.explode->dotted && source.explode->names.size() > 1 &&
        source.content->dotted && !source.content->names.empty() &&
        source.explode->names.front() != first_name(*source.content))
      problems_.warning(places_.find("explodeEntityPath").pointer,
                        "The path does not start with the record's \"" + first_name(*source.content) + "\".",
                        "It is written against the record, with the wrapper's name: $." +
                            first_name(*source.content) + "." + source.explode->names.back());
    if (source.explode && source.explode->dotted && source.explode->names.empty())
      problems_.error(places_.find("explodeEntityPath").pointer,
                      "explodeEntityPath needs the path of a nested array.", "Write $.item.lines.");
  }

  static std::string first_name(const EntityPath& content) {
    return content.names.size() > 1 ? content.names.front() : content.wrapper;
  }

  // Unfilled {BRACES} and odd "$schema" values, wherever they stand.
  void scan(const json::Value& value, const std::string& pointer, int depth) {
    if (depth > 100 || problems_.is_full(Severity::warning)) return;
    if (const auto* text = value.if_string()) scan_text(*text, pointer);
    if (const auto* list = value.if_array())
      for (std::size_t i = 0; i < list->size(); ++i)
        scan((*list)[i], pointer + "/" + std::to_string(i), depth + 1);
    const auto* object = value.if_object();
    if (!object) return;
    for (const auto& [name, member] : *object) {
      const std::string place = pointer + "/" + json::escape_pointer_token(name);
      if (name == "$schema") check_schema_uri(member, place);
      scan(member, place, depth + 1);
    }
  }

  void check_schema_uri(const json::Value& value, const std::string& pointer) {
    static constexpr std::string_view kKnown[] = {"http://json-schema.org/draft-07/schema",
                                                  "https://json-schema.org/draft-07/schema"};
    std::string_view uri = value.is_string() ? std::string_view(*value.if_string()) : std::string_view();
    if (uri.ends_with('#')) uri.remove_suffix(1);
    if (std::find(std::begin(kKnown), std::end(kKnown), uri) != std::end(kKnown)) return;
    for (const auto& each : problems_.all())
      if (each.pointer == pointer) return;
    problems_.warning(pointer, "\"$schema\" does not name draft-07; the schema is read as draft-07.",
                      "Write \"http://json-schema.org/draft-07/schema#\".");
  }

  void scan_text(std::string_view text, const std::string& pointer) {
    NextFind closing(text, "}");
    for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
      const std::size_t close = closing.from(at);
      if (close == std::string_view::npos) return;
      const std::string_view name = text.substr(at + 1, close - at - 1);
      const bool prefixed = at > 0 && (text[at - 1] == '$' || text[at - 1] == '{' || text[at - 1] == '@');
      const bool capitals = !name.empty() && name[0] >= 'A' && name[0] <= 'Z' &&
                            std::all_of(name.begin(), name.end(), [](char c) {
                              return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ' ';
                            });
      if (prefixed || !capitals || name == "START_TIME" || name == "END_TIME" || name == "SCHEDULE_QUERY")
        continue;
      problems_.warning(pointer, "\"{" + std::string(name) + "}\" looks like a place to fill in.",
                        "Replace it with your own text.");
      return;
    }
  }

  const json::Value& spec_;
  std::optional<std::set<std::string, std::less<>>> used_;  // placeholders of the attributes, when asked for
  ProblemList problems_;
  std::vector<Problem> untold_;  // `places_` only looks
  SpecReader places_{spec_, nullptr, untold_};
};

}  // namespace

namespace {

// The pointer of the innermost value around one whose pointer is too long. `length` is that of the value's
// own.
std::optional<std::string> around_long_pointer(const json::Value& value, std::size_t length) {
  const auto within = [length](const json::Value& inner,
                               std::string_view token) -> std::optional<std::string> {
    const auto size = length + 1 + token.size();
    if (size > kPointerBytesMax) return "";
    auto found = around_long_pointer(inner, size);
    if (found) found->insert(0, "/" + json::escape_pointer_token(token));
    return found;
  };
  if (const auto* list = value.if_array())
    for (std::size_t i = 0; i < list->size(); ++i) {
      const auto& inner = (*list)[i];
      if (!inner.is_array() && !inner.is_object()) continue;
      if (auto found = within(inner, std::to_string(i))) return found;
    }
  if (const auto* members = value.if_object())
    for (const auto& [name, inner] : *members)
      if (auto found = within(inner, name)) return found;
  return std::nullopt;
}

}  // namespace

std::optional<Problem> find_long_pointer(const json::Value& connection_spec) {
  auto around = around_long_pointer(connection_spec, 0);
  if (!around) return std::nullopt;
  return Problem{*std::move(around),
                 "A member's name in here, with the names around it, is longer than " +
                     std::to_string(kPointerBytesMax) + " characters.",
                 "Use shorter names; nothing else of the spec was looked at.", Severity::error};
}

std::vector<Problem> check_connection_spec(const json::Value& connection_spec) {
  return SpecCheck(connection_spec).run();
}

bool can_run(const std::vector<Problem>& problems) {
  return std::none_of(problems.begin(), problems.end(),
                      [](const Problem& each) { return each.severity == Severity::error; });
}

json::Array encode(const std::vector<Problem>& problems) {
  json::Array out;
  for (const Problem& each : problems)
    out.emplace_back(json::Object{{"pointer", each.pointer},
                                  {"reason", each.reason},
                                  {"hint", each.hint},
                                  {"severity", word(each.severity)}});
  return out;
}

}  // namespace headwater::domain
