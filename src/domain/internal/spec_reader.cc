#include "domain/internal/spec_reader.h"

#include <algorithm>
#include <initializer_list>
#include <limits>

#include "base/header_name.h"
#include "base/text.h"
#include "base/url.h"
#include "domain/expression.h"
#include "json/json_path.h"
#include "json/pointer.h"

namespace headwater::domain {

SpecReader::SpecReader(const json::Value& spec, const json::Value* params, std::vector<Problem>& problems)
    : spec_(spec), params_(params), problems_(problems) {}

void SpecReader::error(std::string pointer, std::string reason, std::string hint) {
  problems_.push_back({std::move(pointer), std::move(reason), std::move(hint), Severity::error});
}

SpecReader::Found SpecReader::find(std::string_view name) const {
  struct Place {
    std::string_view dotted;
    std::string_view pointer;
    bool may_be_schema;
  };
  constexpr Place kPlaces[] = {
      {"sourceSpec.attributes", "/sourceSpec/attributes/", false},
      {"sourceSpec.spec.properties", "/sourceSpec/spec/properties/", true},
      {"sourceSpec.attributes.spec.properties", "/sourceSpec/attributes/spec/properties/", true},
  };
  bool left_to_user = false;
  for (const auto& place : kPlaces) {
    const auto* holder = spec_.find_path(place.dotted);
    const auto* value = holder ? holder->find(name) : nullptr;
    if (!value || value->is_null()) continue;
    if (place.may_be_schema && is_input_schema(*value)) {
      left_to_user = true;
      if (const auto* given = params_ ? params_->find(name) : nullptr)
        return {given, "/params/" + std::string(name), true};
      if (const auto* fallback = value->find("default"))
        return {fallback, std::string(place.pointer) + std::string(name) + "/default", true};
      continue;
    }
    return {value, std::string(place.pointer) + std::string(name), false};
  }
  if (const auto* given = params_ ? params_->find(name) : nullptr; given && !given->is_null())
    return {given, "/params/" + std::string(name), true};
  return {nullptr,
          left_to_user ? "/params/" + std::string(name) : "/sourceSpec/attributes/" + std::string(name),
          left_to_user};
}

std::string SpecReader::text(const json::Value& object, std::string_view name, const std::string& pointer) {
  const auto* value = object.find(name);
  if (!value || value->is_null()) return {};
  if (value->is_object() || value->is_array()) {
    error(pointer + "/" + std::string(name), "This must be a text.", "Write the value as a JSON string.");
    return {};
  }
  return text_of(*value);
}

std::optional<std::int64_t> SpecReader::whole_number(const json::Value& object, std::string_view name,
                                                     const std::string& pointer, std::int64_t least) {
  const auto* value = object.find(name);
  if (!value || value->is_null()) return std::nullopt;
  const auto number = value->as_int64_lenient();
  if (number && *number >= least && *number <= std::numeric_limits<std::int32_t>::max()) return number;
  error(pointer + "/" + std::string(name),
        "This must be a whole number of at least " + std::to_string(least) + ".",
        "Write a number, or a text that holds one: 100 or \"100\".");
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> SpecReader::pairs(const json::Value& value,
                                                                   const std::string& pointer,
                                                                   std::string_view old_separators) {
  std::vector<std::pair<std::string, std::string>> result;
  if (value.is_null()) return result;
  if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) {
      if (member.is_object()) {
        error(std::string(pointer).append("/").append(name),
              "This must be a text, a number, true/false, or a list of those.",
              "Nested objects cannot stand in a query or a header.");
      } else if (const auto* list = member.if_array()) {
        for (const auto& each : *list) result.emplace_back(name, text_of(each));
      } else if (!member.is_null()) {
        result.emplace_back(name, text_of(member));
      }
    }
    return result;
  }
  const auto* old_form = value.if_string();
  if (!old_form) {
    error(pointer, "This must be an object of names and values.", "Write {\"name\": \"value\"}.");
    return result;
  }
  std::string_view rest = *old_form;
  if (rest.starts_with('?')) rest.remove_prefix(1);
  const bool is_query = old_separators == "&";
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(old_separators), rest.size());
    const std::string_view item = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (item.empty()) continue;
    const std::size_t equals = item.find('=');
    std::string_view name = item.substr(0, equals);
    std::string_view content =
        equals == std::string_view::npos ? std::string_view() : item.substr(equals + 1);
    while (name.starts_with(' ')) name.remove_prefix(1);
    if (name.empty()) {
      error(pointer, "A name is missing before \"=\".",
            "The old form is name=value" + std::string(old_separators) + "name2=value2.");
    } else if (is_query) {
      result.emplace_back(percent_decode(name, true), percent_decode(content, true));
    } else {
      result.emplace_back(std::string(name), std::string(content));
    }
  }
  return result;
}

std::vector<std::string> SpecReader::member_path(const json::Value& object, std::string_view name,
                                                 const std::string& pointer) {
  const std::string written = text(object, name, pointer);
  if (written.empty()) return {};
  auto names = read_member_path(written);
  if (names && !names->empty()) return *std::move(names);
  error(pointer + "/" + std::string(name), "\"" + written + "\" is not a path of member names.",
        "Write the member names with dots between them: $.paging.next");
  return {};
}

UrlParams SpecReader::url() {
  UrlParams url;
  const Found found = find("urlParams");
  if (!found.value) {
    if (params_)
      error(found.pointer, "The spec does not say which URL to call.",
            "Give urlParams with host, path and method.");
    return url;
  }
  if (!found.value->is_object()) {
    error(found.pointer, "urlParams must be an object.",
          "Write {\"host\": ..., \"path\": ..., \"method\": \"GET\"}.");
    return url;
  }
  url.host = text(*found.value, "host", found.pointer);
  if (url.host.empty()) url.host = text(*found.value, "hostname", found.pointer);
  url.path = text(*found.value, "path", found.pointer);
  std::string method = text(*found.value, "method", found.pointer);
  for (char& c : method)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (method == "GET" || method == "POST")
    url.method = method;
  else if (!method.empty())
    error(found.pointer + "/method", "The method \"" + method + "\" is not known.", "Use GET or POST.");
  if (const auto* query = found.value->find("queryParams")) {
    url.query = pairs(*query, found.pointer + "/queryParams", "&");
  } else if (const Found old = find_plain("queryParams"); old.value) {
    url.query = pairs(*old.value, old.pointer, "&");
  }
  return url;
}

SpecReader::Found SpecReader::find_plain(std::string_view name) const {
  for (const std::string_view holder : {"sourceSpec.attributes", "sourceSpec"}) {
    const auto* object = spec_.find_path(holder);
    const auto* value = object ? object->find(name) : nullptr;
    if (!value || value->is_null()) continue;
    return {value, (holder == "sourceSpec" ? "/sourceSpec/" : "/sourceSpec/attributes/") + std::string(name),
            false};
  }
  return {};
}

std::vector<std::pair<std::string, std::string>> SpecReader::headers() {
  Found found = find("headerParams");
  if (!found.value) {
    const Found url = find("urlParams");
    found.value = url.value ? url.value->find("headerParams") : nullptr;
    found.pointer = url.pointer + "/headerParams";
  }
  if (!found.value) return {};
  auto headers = pairs(*found.value, found.pointer, ",");
  const bool has_members = found.value->is_object();
  for (const auto& [name, value] : headers)
    check_header_name(name, found.pointer + (has_members ? "/" + json::escape_pointer_token(name) : ""));
  return headers;
}

void SpecReader::check_header_name(const std::string& name, const std::string& pointer) {
  require(!belongs_to_http(name), pointer,
          "The header \"" + name + "\" is set by HTTP itself, and no spec can set it.",
          "Remove it: lengths, encodings and connections are taken care of.");
}

json::Value SpecReader::body() {
  const Found found = find("bodyParams");
  const json::Value* value = found.value;
  const Found url = find("urlParams");
  if (!value && url.value) value = url.value->find("bodyParams");
  if (!value) return {};
  if (value->is_object() || value->is_string() || value->is_null()) return *value;
  error(found.pointer, "bodyParams must be an object or a text.",
        "Write the members of the body as an object.");
  return {};
}

std::optional<EntityPath> SpecReader::entity_path(std::string_view name) {
  const Found found = find(name);
  if (!found.value || found.value->is_null()) return std::nullopt;
  EntityPath path;
  std::string pointer = found.pointer;
  if (const auto* plain = found.value->if_string()) {
    path.path = *plain;
  } else if (found.value->is_object()) {
    path.path = text(*found.value, "path", found.pointer);
    path.skip = names(*found.value, "skipAttributes", found.pointer);
    path.keep = names(*found.value, "keepAttributes", found.pointer);
    path.wrapper = text(*found.value, "overrideWrapperAttribute", found.pointer);
    pointer += "/path";
  } else {
    error(found.pointer, std::string(name) + " must be an object or a text.",
          "Write {\"path\": \"$.items\"}.");
    return std::nullopt;
  }
  read_names(path, pointer);
  return path;
}

// A path of member names, quoted or not, has siblings; any other JSONPath selects arrays.
void SpecReader::read_names(EntityPath& path, const std::string& pointer) {
  std::optional<std::string> last;
  auto names = read_member_path(path.path);
  if (!names) {
    path.dotted = false;
    if (path.path.empty() || path.path.front() != '$')
      error(pointer, "\"" + path.path + "\" is neither a dotted path nor a JSONPath.",
            "A path starts at the root: $.data.items");
    if (const auto query = json::JsonPath::compile(path.path)) {
      path.dotted = query->is_dotted(path.names);
      last = query->last_name();
    }
  } else {
    path.names = *std::move(names);
    if (!path.names.empty()) last = path.names.back();
  }
  if (path.wrapper.empty() && (last || !path.dotted)) path.wrapper = last.value_or("item");
}

std::optional<std::vector<std::string>> SpecReader::names(const json::Value& object, std::string_view name,
                                                          const std::string& pointer) {
  const auto* value = object.find(name);
  if (!value || value->is_null()) return std::nullopt;
  std::vector<std::string> result;
  if (const auto* list = value->if_array()) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      if (const auto* item = (*list)[i].if_string())
        result.push_back(*item);
      else
        error(pointer + "/" + std::string(name) + "/" + std::to_string(i), "This must be a member name.",
              "Write a text.");
    }
    return result;
  }
  error(pointer + "/" + std::string(name), "This must be a list of member names.",
        "Write [\"name\", \"name2\"].");
  return std::nullopt;
}

ScheduleParams SpecReader::schedule() {
  constexpr std::string_view kDefaultFormat = "yyyy-MM-ddTHH:mm:ssZ";
  ScheduleParams schedule;
  const Found found = find("scheduleParams");
  if (!found.value || found.value->is_null()) return schedule;
  if (!found.value->is_object()) {
    error(found.pointer, "scheduleParams must be an object.", "Write {\"scheduleStartParamName\": ...}.");
    return schedule;
  }
  const auto& block = *found.value;
  schedule.advance = lower(text(block, "type", found.pointer)) == "advance";
  schedule.start_name = text(block, "scheduleStartParamName", found.pointer);
  schedule.end_name = text(block, "scheduleEndParamName", found.pointer);
  schedule.start_format = text(block, "scheduleStartParamFormat", found.pointer);
  schedule.end_format = text(block, "scheduleEndParamFormat", found.pointer);
  schedule.param_format = text(block, "paramFormat", found.pointer);
  schedule.incremental = text(block, "incremental", found.pointer);
  schedule.backfill = text(block, "backfill", found.pointer);
  if (schedule.start_format.empty()) schedule.start_format = kDefaultFormat;
  if (schedule.end_format.empty()) schedule.end_format = schedule.start_format;
  if (schedule.param_format.empty()) schedule.param_format = kDefaultFormat;
  if (schedule.advance)
    require(!schedule.incremental.empty() || !schedule.backfill.empty(), found.pointer + "/incremental",
            "ADVANCE needs the texts incremental and backfill.",
            "Write the query with {START_TIME} and {END_TIME}.");
  return schedule;
}

std::vector<std::string> SpecReader::record_key() {
  static constexpr std::string_view kHolders[] = {"sourceSpec.attributes", "sourceSpec",
                                                  "sourceSpec.attributes.paginationParams",
                                                  "sourceSpec.attributes.contentPath"};
  for (const std::string_view dotted : kHolders) {
    const auto* holder = spec_.find_path(dotted);
    if (!holder || !holder->find("recordKey")) continue;
    std::string pointer(1, '/');
    for (const char c : dotted) pointer += c == '.' ? '/' : c;
    return member_path(*holder, "recordKey", pointer);
  }
  for (const std::string_view attribute : {"paginationParams", "contentPath"}) {
    const Found found = find(attribute);
    if (found.value && found.value->find("recordKey"))
      return member_path(*found.value, "recordKey", found.pointer);
  }
  return {};
}

void SpecReader::require(bool holds, std::string pointer, std::string reason, std::string hint) {
  if (!holds) error(std::move(pointer), std::move(reason), std::move(hint));
}

SourceSpec SpecReader::read() {
  SourceSpec result;
  result.url = url();
  result.headers = headers();
  result.body = body();
  result.content = entity_path("contentPath");
  result.explode = entity_path("explodeEntityPath");
  result.paging = paging();
  result.schedule = schedule();
  result.record_key = record_key();
  for (const std::string_view place : {"sourceSpec.schema", "sourceSpec.attributes.schema"})
    if (const auto* schema = spec_.find_path(place); schema && schema->is_object() && result.schema.is_null())
      result.schema = *schema;
  for (const std::string_view place : {"sourceSpec.spec", "sourceSpec.attributes.spec"})
    if (const auto* inputs = spec_.find_path(place); inputs && inputs->is_object() && result.inputs.is_null())
      result.inputs = *inputs;
  return result;
}

}  // namespace headwater::domain
