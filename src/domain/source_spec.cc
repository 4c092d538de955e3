#include "domain/source_spec.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "domain/internal/spec_reader.h"

namespace headwater::domain {

namespace {

constexpr std::array<std::string_view, 7> kExecutionAttributes = {
    "urlParams",         "headerParams",     "bodyParams",    "contentPath",
    "explodeEntityPath", "paginationParams", "scheduleParams"};

constexpr std::array<std::string_view, 7> kSchemaTypes = {"object", "string",  "array", "integer",
                                                          "number", "boolean", "null"};

bool is_schema_type(const json::Value& type) {
  const auto* name = type.if_string();
  return name && std::find(kSchemaTypes.begin(), kSchemaTypes.end(), *name) != kSchemaTypes.end();
}

// Characters that make a path more than dotted names.
bool is_complex_char(char c) {
  return c == '[' || c == ']' || c == '*' || c == '?' || c == '(' || c == ')' || c == '\'' || c == '"' ||
         c == ',' || static_cast<unsigned char>(c) < 0x20;
}

std::string_view without_root(std::string_view path) {
  if (path.starts_with("$.")) return path.substr(2);
  if (path.starts_with('$') && (path.size() == 1 || path[1] == '[')) return path.substr(1);
  return path;
}

// The characters that a quoted text of a JSONPath stands for: its escapes are JSON's, and that of its quote.
std::optional<std::string> unescaped(std::string_view quoted) {
  if (quoted.find('\\') == std::string_view::npos) return std::string(quoted);
  std::string as_json = "\"";
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] == '"') as_json += '\\';
    if (quoted[i] == '\\' && i + 1 < quoted.size()) {
      ++i;
      if (quoted[i] != '\'') as_json += '\\';
    }
    as_json += quoted[i];
  }
  const auto text = json::parse(as_json + "\"");
  return text && text->is_string() ? std::optional(*text->if_string()) : std::nullopt;
}

// Reads a quoted name in brackets, "['a.b']", from the start of `path`.
std::optional<std::string> take_bracket_name(std::string_view& path) {
  if (path.size() < 5 || path[0] != '[' || (path[1] != '\'' && path[1] != '"')) return std::nullopt;
  const char quote = path[1];
  std::size_t end = 2;
  while (end < path.size() && path[end] != quote) end += path[end] == '\\' ? 2 : 1;
  if (end == 2 || end + 1 >= path.size() || path[end + 1] != ']') return std::nullopt;
  auto name = unescaped(path.substr(2, end - 2));
  path.remove_prefix(end + 2);
  return name;
}

}  // namespace

std::optional<std::vector<std::string>> read_member_path(std::string_view path) {
  std::vector<std::string> names;
  path = without_root(path);
  while (!path.empty()) {
    if (path.front() == '[') {
      auto name = take_bracket_name(path);
      if (!name) return std::nullopt;
      names.push_back(*std::move(name));
    } else {
      const std::size_t end = std::min(path.find_first_of(".["), path.size());
      const std::string_view name = path.substr(0, end);
      if (name.empty() || std::any_of(name.begin(), name.end(), is_complex_char)) return std::nullopt;
      names.emplace_back(name);
      path.remove_prefix(end);
    }
    if (path.starts_with('.')) {
      path.remove_prefix(1);
      if (path.empty() || path.front() == '[') return std::nullopt;
    } else if (!path.empty() && path.front() != '[') {
      return std::nullopt;
    }
  }
  return names;
}

std::optional<std::vector<std::string>> read_dotted_path(std::string_view path) {
  if (path.find('[') != std::string_view::npos) return std::nullopt;
  return read_member_path(path);
}

bool is_execution_attribute(std::string_view name) {
  return std::find(kExecutionAttributes.begin(), kExecutionAttributes.end(), name) !=
         kExecutionAttributes.end();
}

bool is_input_schema(const json::Value& value) {
  const auto* object = value.if_object();
  if (!object) return false;
  if (const auto* properties = object->find("properties"); properties && properties->is_object()) return true;
  if (const auto* reference = object->find("$ref"); reference && reference->is_string()) return true;
  const auto* type = object->find("type");
  if (!type) return false;
  if (const auto* several = type->if_array())
    return !several->empty() && std::all_of(several->begin(), several->end(), is_schema_type);
  return is_schema_type(*type);
}

bool needs_no_requests(const json::Value& connection_spec) {
  const auto* source = connection_spec.find("sourceSpec");
  if (!source || !source->is_object()) return true;
  const auto holds_attributes = [](const json::Value* object) {
    if (!object || !object->is_object()) return false;
    return std::any_of(kExecutionAttributes.begin(), kExecutionAttributes.end(),
                       [object](std::string_view name) { return object->find(name) != nullptr; });
  };
  const bool has_rest_attributes = holds_attributes(source->find("attributes")) ||
                                   holds_attributes(source->find_path("spec.properties")) ||
                                   holds_attributes(source->find_path("attributes.spec.properties"));
  if (has_rest_attributes) return false;
  const std::string type = lower(connection_spec.string_at("type"));
  if (type.find("streaming") != std::string::npos) return true;
  const auto* explore = connection_spec.find("exploreSpec");
  if (explore && lower(explore->string_at("type")) == "streamingconnection") return true;
  return !type.starts_with("generic-rest");
}

SourceSpec read_source_spec(const json::Value& connection_spec, const json::Value* params,
                            std::vector<Problem>& problems) {
  return SpecReader(connection_spec, params, problems).read();
}

Result<SourceSpec> read_source_spec(const json::Value& connection_spec, const json::Value& params) {
  std::vector<Problem> problems;
  auto spec = read_source_spec(connection_spec, &params, problems);
  if (problems.empty()) return spec;
  Error error{ErrorKind::invalid_argument, problems.front().reason, problems.front().pointer};
  if (problems.size() > 1) error.message += " (" + std::to_string(problems.size()) + " problems in all)";
  error.problems = std::move(problems);
  return error;
}

}  // namespace headwater::domain
