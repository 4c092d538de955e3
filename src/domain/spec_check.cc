#include "domain/spec_check.h"

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/severity.h"
#include "base/text.h"
#include "base/time.h"
#include "domain/internal/spec_reader.h"
#include "domain/source_spec.h"
#include "domain/text_template.h"
#include "json/json_path.h"
#include "schema/validator.h"

namespace headwater::domain {

namespace {

constexpr std::size_t kProblemsMax = 200;

// What two spellings of one name have in common: "list-id", "list_id", "listId".
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == ' ' || c == '.') continue;
    plain += ascii_lower(c);
  }
  return plain;
}

std::string pointer_token(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~')
      token += "~0";
    else if (c == '/')
      token += "~1";
    else
      token += c;
  }
  return token;
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [text](std::string_view ending) { return text.ends_with(ending); });
}

constexpr std::array<std::string_view, 4> kAuthTypes = {"OAuth2RefreshCode", "OAuth2ClientCredential",
                                                        "BasicAuthentication", "KeyBased"};

constexpr std::string_view kStreamingProvider = "521eee4d-8cbe-4906-bb48-fb6bd4450033";

class SpecCheck {
 public:
  explicit SpecCheck(const json::Value& spec) : spec_(spec) {}

  std::vector<Problem> run() {
    if (!spec_.is_object()) {
      error("", "A connection spec must be a JSON object.", "Send the whole document.");
      return std::move(problems_);
    }
    check_identity();
    check_member_kinds();
    check_auth_specs();
    check_schemas();
    if (!needs_no_requests(spec_)) check_source();
    scan(spec_, "", 0);
    if (problems_.size() > kProblemsMax) problems_.resize(kProblemsMax);
    return std::move(problems_);
  }

 private:
  void error(std::string pointer, std::string reason, std::string hint) {
    problems_.push_back({std::move(pointer), std::move(reason), std::move(hint), Severity::error});
  }
  void warning(std::string pointer, std::string reason, std::string hint) {
    const auto same = [&](const Problem& each) { return each.pointer == pointer && each.reason == reason; };
    if (std::none_of(problems_.begin(), problems_.end(), same))
      problems_.push_back({std::move(pointer), std::move(reason), std::move(hint), Severity::warning});
  }

  void check_identity() {
    for (const auto& [member, hint] :
         {std::pair{"name", "Give the source a name."},
          std::pair{"providerId",
                    "REST sources use 0ed90a81-07f4-4586-8190-b40eccef1c5a, streaming "
                    "sources 521eee4d-8cbe-4906-bb48-fb6bd4450033."}}) {
      const auto* value = spec_.find(member);
      const std::string pointer = std::string("/") + member;
      if (!value || value->is_null() || (value->is_string() && value->if_string()->empty()))
        error(pointer, std::string("\"") + member + "\" is missing.", hint);
      else if (!value->is_string())
        error(pointer, std::string("\"") + member + "\" must be a text.", hint);
    }
  }

  void check_kind(std::string_view dotted, json::Kind kind, std::string_view what) {
    const auto* value = spec_.find_path(dotted);
    if (!value || value->is_null() || value->kind() == kind) return;
    std::string pointer(1, '/');
    for (const char c : dotted) pointer += c == '.' ? '/' : c;
    error(pointer, "This must be " + std::string(what) + ".", "See the published template for the shape.");
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
        error(pointer, "An entry of authSpec must be an object.", "Write {\"name\", \"type\", \"spec\"}.");
        continue;
      }
      check_auth_entry(entry, pointer);
      const std::string name(entry.string_at("name"));
      if (name.empty())
        error(pointer + "/name", "The authentication has no name.",
              "Connections choose it by auth.specName.");
      else if (!names.insert(plain_name(name)).second)
        warning(pointer + "/name", "Another authentication has (nearly) the same name \"" + name + "\".",
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
        warning(pointer + "/type", "The type \"" + type + "\" is read as \"" + std::string(*meant) + "\".",
                "Write it so.");
      else if (spec_.string_at("providerId") != kStreamingProvider)  // a streaming source calls nobody
        error(pointer + "/type",
              type.empty() ? "The authentication type is missing."
                           : "Unknown authentication type \"" + type + "\".",
              "Use OAuth2RefreshCode, OAuth2ClientCredential, BasicAuthentication or KeyBased.");
    }
    const auto* schema = entry.find("spec");
    if (schema && !schema->is_object() && !schema->is_null()) {
      error(pointer + "/spec", "The authentication's spec must be a JSON schema.",
            "Describe auth.params as an object schema.");
      return;
    }
    const auto* properties = schema ? schema->find("properties") : nullptr;
    const auto* declared = properties ? properties->if_object() : nullptr;
    if (!declared) return;
    bool has_key = false;
    for (const auto& [name, property] : *declared) {
      const std::string place = pointer + "/spec/properties/" + pointer_token(name);
      check_secret_format(name, property, place);
      const auto* rest = property.find("restAttributes");
      if (!rest) continue;
      has_key = true;
      const bool known_member =
          rest->find("headerParamName") || rest->find("queryParamName") || rest->find("bodyParamName");
      if (!known_member)
        warning(place + "/restAttributes", "restAttributes has no member that is known.",
                "Use headerParamName (or our queryParamName, bodyParamName).");
    }
    const auto is_placed = [this](const auto& member) { return uses(member.name); };
    if (plain_name(type) == "keybased" && !has_key &&
        std::none_of(declared->begin(), declared->end(), is_placed))
      warning(pointer + "/spec/properties", "No key says where it is sent.",
              "Give a key restAttributes: {\"headerParamName\": \"X-Api-Key\"}.");
  }

  // Whether a text of the spec puts an input where it belongs: "Bearer ${accessToken}".
  bool uses(const std::string& input) const {
    const auto* attributes = spec_.find_path("sourceSpec.attributes");
    const std::string text = attributes == nullptr ? std::string() : attributes->dump();
    return text.find("${" + input + "}") != std::string::npos ||
           text.find("{{" + input + "}}") != std::string::npos;
  }

  void check_secret_format(std::string_view name, const json::Value& property, const std::string& pointer) {
    const std::string plain = plain_name(name);
    const bool sounds_secret =
        ends_with_any(plain, {"password", "secret", "token", "apikey", "privatekey", "passphrase"}) ||
        plain.starts_with("authkey");
    const std::string_view type = property.string_at("type");
    if (!sounds_secret || (!type.empty() && type != "string") || property.string_at("format") == "password")
      return;
    warning(pointer,
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
      for (const auto& each : compiled->warnings()) warning(pointer + each.pointer, each.reason, each.hint);
      return;
    }
    const auto& failure = compiled.error();
    if (failure.problems.empty())
      error(pointer + failure.where, "This is no usable JSON schema: " + failure.message,
            "Write a draft-07 schema.");
    for (const auto& each : failure.problems)
      error(pointer + each.pointer, each.reason, each.hint.empty() ? "Write a draft-07 schema." : each.hint);
  }

  void check_source() {
    collect_declared();
    const SourceSpec source = read_source_spec(spec_, nullptr, problems_);
    check_slips();
    check_texts(source);
    check_paths(source);
    check_schedule(source);
    if (!source.paging.declared && !SpecReader(spec_, nullptr, scratch_).find("paginationParams").from_user)
      warning("/sourceSpec/attributes/paginationParams",
              "The spec says nothing about paging; one request is made.",
              "Give paginationParams; {\"type\": \"NONE\"} says so on purpose.");
    if (!SpecReader(spec_, nullptr, scratch_).find("urlParams").value &&
        !SpecReader(spec_, nullptr, scratch_).find("urlParams").from_user)
      warning("/sourceSpec/attributes/urlParams", "The spec does not say which URL to call.",
              "Give urlParams with host, path and method.");
  }

  void declare(const json::Value* schema, std::set<std::string>& names) {
    if (!schema) return;
    if (const auto* properties = schema->find("properties"); properties && properties->is_object())
      for (const auto& [name, value] : *properties->if_object())
        if (!is_execution_attribute(name)) names.insert(name);
    if (const auto* required = schema->find("required"); required && required->is_array())
      for (const auto& name : *required->if_array())
        if (const auto* text = name.if_string()) names.insert(*text);
  }

  void collect_declared() {
    declare(spec_.find_path("sourceSpec.spec"), inputs_);
    declare(spec_.find_path("sourceSpec.attributes.spec"), inputs_);
    const auto* auth = spec_.find("authSpec");
    if (const auto* entries = auth ? auth->if_array() : nullptr)
      for (const auto& entry : *entries) {
        std::set<std::string> names;
        declare(entry.find("spec"), names);
        auth_names_.insert(names.begin(), names.end());
        per_auth_.push_back(std::move(names));
      }
  }

  bool is_declared(const std::string& name) const {
    return inputs_.contains(name) || auth_names_.contains(name);
  }

  void check_name(const std::string& name, const std::string& pointer) {
    const std::string head = name.substr(0, name.find('.'));
    if (is_declared(name) || is_declared(head)) {
      if (inputs_.contains(name) || inputs_.contains(head)) return;
      const auto lacks = [&](const auto& names) { return !names.contains(name) && !names.contains(head); };
      if (std::any_of(per_auth_.begin(), per_auth_.end(), lacks))
        warning(pointer, "Not every authentication declares \"" + name + "\".",
                "With the others this text cannot be filled.");
      return;
    }
    std::string hint = "Declare \"" + name + "\" in sourceSpec.spec.properties or in the authSpec's schema.";
    for (const auto* names : {&inputs_, &auth_names_})
      for (const auto& each : *names)
        if (plain_name(each) == plain_name(name)) hint = "Did you mean \"" + each + "\"?";
    error(pointer, "The placeholder \"" + name + "\" is no declared parameter.", std::move(hint));
  }

  void check_text(const std::string& text, const std::string& pointer, const ScheduleParams& schedule,
                  TextTemplate::Braces braces = TextTemplate::Braces::literal) {
    using Kind = TextTemplate::PartKind;
    const auto parsed = TextTemplate::parse(text, braces);
    if (!parsed) {
      error(pointer, parsed.error().message, "Placeholders are ${name}, {{name}} and @{expression}.");
      return;
    }
    for (const auto& part : parsed->parts()) {
      if (part.kind == Kind::name) check_name(part.text, pointer);
      if (part.kind == Kind::brace_name && is_declared(part.text))
        warning(pointer, "\"{" + part.text + "}\" is read as \"${" + part.text + "}\".", "Write it so.");
      if (part.kind == Kind::schedule_query && !schedule.advance)
        error(pointer, "{SCHEDULE_QUERY} stands here, but scheduleParams is not of type ADVANCE.",
              "Give scheduleParams type ADVANCE, incremental and backfill.");
      if ((part.kind == Kind::start_time || part.kind == Kind::end_time) && schedule.empty())
        warning(pointer, "A time of the window stands here, but there are no scheduleParams.",
                "The default format is used.");
      if (part.kind != Kind::expression || !part.expression) continue;
      for (const auto& use : part.expression->parameters())
        if (!use.safe && use.name != "ingestionStart" && use.name != "ingestionEnd")
          check_name(use.name, pointer);
    }
  }

  void check_texts(const SourceSpec& source) {
    SpecReader reader(spec_, nullptr, scratch_);
    const std::string url = reader.find("urlParams").pointer;
    const auto& schedule = source.schedule;
    if (!reader.find("urlParams").from_user) {
      check_text(source.url.host, url + "/host", schedule, TextTemplate::Braces::may_be_names);
      if (reader.find("urlParams").value && source.url.host.empty() && !is_declared("host"))
        warning(url + "/host", "There is no host, and no authentication declares \"host\".",
                "Write https://${domain}.example.com");
    }
    check_text(source.url.path, url + "/path", schedule);
    for (const auto& [name, value] : source.url.query)
      check_text(value, url + "/queryParams/" + pointer_token(name), schedule);
    const std::string headers = reader.find("headerParams").pointer;
    for (const auto& [name, value] : source.headers)
      check_header(name, value, headers + "/" + pointer_token(name), schedule);
    check_body(source.body, reader.find("bodyParams").pointer, schedule, 0);
    check_text(source.paging.limit_value, reader.find("paginationParams").pointer + "/limitValue", schedule);
    if (!source.body.is_null() && source.url.method == "GET")
      warning(reader.find("bodyParams").pointer, "A GET request has no body; bodyParams is not used.",
              "Set method to POST.");
  }

  void check_header(const std::string& name, const std::string& value, const std::string& pointer,
                    const ScheduleParams& schedule) {
    constexpr std::string_view kTokenChars = "!#$%&'*+-.^_`|~";
    const bool good = !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             kTokenChars.find(c) != std::string_view::npos;
    });
    if (!good) error(pointer, "\"" + name + "\" is no header name.", "Use letters, digits and hyphens.");
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      error(pointer, "A header value cannot hold line breaks.", "Remove them.");
    check_text(value, pointer, schedule);
  }

  void check_body(const json::Value& body, const std::string& pointer, const ScheduleParams& schedule,
                  int depth) {
    if (depth > 100) return;
    if (const auto* text = body.if_string()) check_text(*text, pointer, schedule);
    if (const auto* object = body.if_object())
      for (const auto& [name, value] : *object)
        check_body(value, pointer + "/" + pointer_token(name), schedule, depth + 1);
    if (const auto* list = body.if_array())
      for (std::size_t i = 0; i < list->size(); ++i)
        check_body((*list)[i], pointer + "/" + std::to_string(i), schedule, depth + 1);
  }

  void check_paths(const SourceSpec& source) {
    SpecReader reader(spec_, nullptr, scratch_);
    for (const auto& [name, path] :
         {std::pair{"contentPath", &source.content}, std::pair{"explodeEntityPath", &source.explode}}) {
      if (!*path || (*path)->dotted) continue;
      const auto found = reader.find(name);
      const std::string pointer = found.pointer + (found.value && found.value->is_object() ? "/path" : "");
      const auto compiled = json::JsonPath::compile((*path)->path);
      if (!compiled && (*path)->path.starts_with('$'))
        error(pointer, "\"" + (*path)->path + "\" is no JSONPath: " + compiled.error().message,
              "Write a dotted path such as $.data.items.");
      else if (compiled)
        warning(pointer,
                "\"" + (*path)->path +
                    "\" is more than a dotted path: each selected element becomes a record without siblings.",
                "The vendor's service accepts dotted paths only (error 1314).");
    }
    if (source.explode && source.content && source.explode->dotted && source.explode->names.size() > 1 &&
        source.content->dotted && !source.content->names.empty() &&
        source.explode->names.front() != first_name(*source.content))
      warning(reader.find("explodeEntityPath").pointer,
              "The path does not start with the record's \"" + first_name(*source.content) + "\".",
              "It is written against the record, with the wrapper's name: $." + first_name(*source.content) +
                  "." + source.explode->names.back());
    if (source.explode && source.explode->dotted && source.explode->names.empty())
      error(reader.find("explodeEntityPath").pointer, "explodeEntityPath needs the path of a nested array.",
            "Write $.item.lines.");
  }

  static std::string first_name(const EntityPath& content) {
    return content.names.size() > 1 ? content.names.front() : content.wrapper;
  }

  void check_schedule(const SourceSpec& source) {
    SpecReader reader(spec_, nullptr, scratch_);
    const auto found = reader.find("scheduleParams");
    if (!found.value) return;
    const auto& schedule = source.schedule;
    for (const auto& [name, format] : {std::pair{"scheduleStartParamFormat", &schedule.start_format},
                                       std::pair{"scheduleEndParamFormat", &schedule.end_format},
                                       std::pair{"paramFormat", &schedule.param_format}}) {
      const auto formatted = format_dotnet(from_epoch_seconds(0), *format);
      if (!formatted && found.value->find(name))
        error(found.pointer + "/" + name, "Bad date format \"" + *format + "\": " + formatted.error().message,
              "Use tokens such as yyyy-MM-ddTHH:mm:ssK.");
      else if (found.value->find(name) && format->find("YYYY") != std::string::npos)
        warning(found.pointer + "/" + name, "\"YYYY\" is literal text in this format language.",
                "Years are yyyy, days dd.");
    }
    if (!schedule.advance) {
      const std::string type = std::string(found.value->string_at("type"));
      if (!type.empty() && plain_name(type) != "simple")
        warning(found.pointer + "/type", "The type \"" + type + "\" is read as simple scheduling.",
                "ADVANCE is the only other type.");
      return;
    }
    check_schedule_text(schedule.incremental, found.pointer + "/incremental", true);
    check_schedule_text(schedule.backfill, found.pointer + "/backfill", false);
    check_schedule_use(source, found.pointer);
  }

  void check_schedule_text(const std::string& text, const std::string& pointer, bool has_start) {
    using Kind = TextTemplate::PartKind;
    const auto parsed = TextTemplate::parse(text);
    if (!parsed) {
      error(pointer, parsed.error().message, "Use {START_TIME} and {END_TIME}.");
      return;
    }
    for (const auto& part : parsed->parts()) {
      if (part.kind == Kind::name) check_name(part.text, pointer);
      if (part.kind == Kind::schedule_query)
        error(pointer, "{SCHEDULE_QUERY} stands for this very text.", "Use {START_TIME} and {END_TIME}.");
    }
    if (!has_start && parsed->uses(Kind::start_time))
      error(pointer, "{START_TIME} has no value when everything is read.",
            "backfill may use {END_TIME} only.");
    if (has_start && !text.empty() && !parsed->uses(Kind::start_time))
      warning(pointer, "The text does not use {START_TIME}: every run reads the same again.",
              "Write ... > {START_TIME}.");
  }

  void check_schedule_use(const SourceSpec& source, const std::string& pointer) {
    const auto uses = [](std::string_view text) {
      return text.find("{SCHEDULE_QUERY}") != std::string_view::npos;
    };
    bool used = uses(source.url.path) || uses(source.url.host) || uses(source.body.dump());
    for (const auto& [name, value] : source.url.query) used = used || uses(value);
    for (const auto& [name, value] : source.headers) used = used || uses(value);
    if (!used)
      warning(pointer, "Nothing uses {SCHEDULE_QUERY}: the window never reaches the source.",
              "Put it into a query parameter.");
  }

  // A known name written with other letter case, hyphens or underscores is not read: say so.
  void check_slips() {
    static constexpr std::string_view kAttributeNames[] = {
        "urlParams",         "headerParams",     "bodyParams",    "contentPath",
        "explodeEntityPath", "paginationParams", "scheduleParams"};
    static constexpr std::string_view kPagingNames[] = {"type",
                                                        "limitName",
                                                        "limitValue",
                                                        "offSetName",
                                                        "offsetName",
                                                        "pointerPath",
                                                        "pointerName",
                                                        "continuationTokenPath",
                                                        "parameterType",
                                                        "parameterName",
                                                        "delayRequestMillis",
                                                        "initialPageIndex",
                                                        "endPageIndex",
                                                        "pageParamName",
                                                        "maximumRequest",
                                                        "endConditionName",
                                                        "endConditionValue",
                                                        "totalPath",
                                                        "recordKey",
                                                        "paginationType"};
    static constexpr std::string_view kUrlNames[] = {"host",        "hostname",     "path",      "method",
                                                     "queryParams", "headerParams", "bodyParams"};
    static constexpr std::string_view kEntityNames[] = {"path", "skipAttributes", "keepAttributes",
                                                        "overrideWrapperAttribute", "recordKey"};
    static constexpr std::string_view kScheduleNames[] = {"type",
                                                          "paramFormat",
                                                          "incremental",
                                                          "backfill",
                                                          "scheduleStartParamName",
                                                          "scheduleEndParamName",
                                                          "scheduleStartParamFormat",
                                                          "scheduleEndParamFormat"};
    SpecReader reader(spec_, nullptr, scratch_);
    slips(spec_.find_path("sourceSpec.attributes"), "/sourceSpec/attributes", kAttributeNames);
    const auto inside = [&](std::string_view name, std::span<const std::string_view> known) {
      const auto found = reader.find(name);
      if (found.value) slips(found.value, found.pointer, known);
    };
    inside("urlParams", kUrlNames);
    inside("paginationParams", kPagingNames);
    inside("contentPath", kEntityNames);
    inside("explodeEntityPath", kEntityNames);
    inside("scheduleParams", kScheduleNames);
  }

  void slips(const json::Value* holder, const std::string& pointer, std::span<const std::string_view> known) {
    const auto* object = holder ? holder->if_object() : nullptr;
    if (!object) return;
    for (const auto& [name, value] : *object) {
      const auto exact = std::find(known.begin(), known.end(), name);
      if (exact != known.end()) continue;
      for (const auto each : known)
        if (plain_name(each) == plain_name(name)) {
          warning(pointer + "/" + pointer_token(name), "\"" + name + "\" is not read.",
                  "Did you mean \"" + std::string(each) + "\"?");
          break;
        }
    }
  }

  // Unfilled {BRACES} and odd "$schema" values, wherever they stand.
  void scan(const json::Value& value, const std::string& pointer, int depth) {
    if (depth > 100) return;
    if (const auto* text = value.if_string()) scan_text(*text, pointer);
    if (const auto* list = value.if_array())
      for (std::size_t i = 0; i < list->size(); ++i)
        scan((*list)[i], pointer + "/" + std::to_string(i), depth + 1);
    const auto* object = value.if_object();
    if (!object) return;
    for (const auto& [name, member] : *object) {
      const std::string place = pointer + "/" + pointer_token(name);
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
    for (const auto& each : problems_)
      if (each.pointer == pointer) return;
    warning(pointer, "\"$schema\" does not name draft-07; the schema is read as draft-07.",
            "Write \"http://json-schema.org/draft-07/schema#\".");
  }

  void scan_text(std::string_view text, const std::string& pointer) {
    for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
      const std::size_t close = text.find('}', at);
      if (close == std::string_view::npos) return;
      const std::string_view name = text.substr(at + 1, close - at - 1);
      const bool prefixed = at > 0 && (text[at - 1] == '$' || text[at - 1] == '{' || text[at - 1] == '@');
      const bool capitals = !name.empty() && name[0] >= 'A' && name[0] <= 'Z' &&
                            std::all_of(name.begin(), name.end(), [](char c) {
                              return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == ' ';
                            });
      if (prefixed || !capitals || name == "START_TIME" || name == "END_TIME" || name == "SCHEDULE_QUERY")
        continue;
      warning(pointer, "\"{" + std::string(name) + "}\" looks like a place to fill in.",
              "Replace it with your own text.");
      return;
    }
  }

  const json::Value& spec_;
  std::vector<Problem> problems_;
  std::vector<Problem> scratch_;
  std::set<std::string> inputs_;
  std::set<std::string> auth_names_;
  std::vector<std::set<std::string>> per_auth_;
};

}  // namespace

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
