#include "inlet/sync_validation.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "domain/record_schema.h"
#include "engine/map/mapper.h"
#include "engine/run/run_inputs.h"
#include "json/pointer.h"
#include "json/value.h"
#include "lake/layout.h"
#include "schema/keywords.h"
#include "schema/validator.h"

namespace headwater::inlet {
namespace {

using json::Array;
using json::Object;
using json::Value;
using lake::ColumnType;
using schema::Keyword;
using schema::Violation;

constexpr std::size_t kViolationsMax = 5;

struct Found {
  std::string pointer;  // into the record
  std::string keyword;
  std::string message;
};

std::string_view type_name(const Value& value) {
  switch (value.kind()) {
    case json::Kind::null:
      return "Null";
    case json::Kind::boolean:
      return "Boolean";
    case json::Kind::string:
      return "String";
    case json::Kind::array:
      return "JSONArray";
    case json::Kind::object:
      return "JSONObject";
    case json::Kind::number:
      break;
  }
  const auto whole = value.as_int64();
  if (!whole) return "Number";
  return *whole >= INT32_MIN && *whole <= INT32_MAX ? "Integer" : "Long";
}

// The type that the schema wants, by the column that it makes.
std::string_view type_name(const ColumnType& type) {
  switch (type.kind) {
    case ColumnType::Kind::boolean:
      return "Boolean";
    case ColumnType::Kind::integer:
      return "Integer";
    case ColumnType::Kind::number:
    case ColumnType::Kind::decimal:
      return "Number";
    case ColumnType::Kind::text:
    case ColumnType::Kind::date:
    case ColumnType::Kind::timestamp:
      return "String";
    case ColumnType::Kind::structure:
    case ColumnType::Kind::json:
      return "JSONObject";
    case ColumnType::Kind::list:
      return "JSONArray";
  }
  return "";
}

// The columns of a record as one structure.
ColumnType root_type(const lake::Layout& layout) {
  ColumnType root;
  root.kind = ColumnType::Kind::structure;
  root.children = layout.columns;
  return root;
}

const ColumnType* child_of(const ColumnType& type, std::string_view token) {
  if (type.kind == ColumnType::Kind::list) return &type.children.front().type;
  if (type.kind != ColumnType::Kind::structure) return nullptr;
  const auto found = std::find_if(type.children.begin(), type.children.end(),
                                  [&](const lake::Column& column) { return column.name == token; });
  return found == type.children.end() ? nullptr : &found->type;
}

// Members that no column holds, the deepest path that is known first.
void find_unknown(const Value& value, const ColumnType& type, const std::string& pointer,
                  std::vector<Found>& found) {
  if (found.size() >= kViolationsMax) return;
  if (const Array* items = value.if_array(); items != nullptr && type.kind == ColumnType::Kind::list) {
    for (std::size_t i = 0; i < items->size(); ++i)
      find_unknown((*items)[i], type.children.front().type, pointer + "/" + std::to_string(i), found);
    return;
  }
  const Object* members = value.if_object();
  if (members == nullptr || type.kind != ColumnType::Kind::structure) return;
  for (const auto& [name, member] : *members) {
    if (found.size() >= kViolationsMax) return;
    if (const ColumnType* column = child_of(type, name))
      find_unknown(member, *column, pointer + "/" + json::escape_pointer_token(name), found);
    else
      found.push_back({pointer, "additionalProperties", "extraneous key [" + name + "] is not permitted"});
  }
}

std::string type_message(const Violation& violation, const Value& found, const ColumnType& root) {
  const ColumnType* type = &root;
  if (const auto pointer = json::Pointer::parse(violation.pointer))
    for (const std::string& token : pointer->tokens())
      if (type != nullptr) type = child_of(*type, token);
  if (type == nullptr) return violation.reason;
  return "expected type: " + std::string(type_name(*type)) + ", found: " + std::string(type_name(found));
}

// The reference's words for a violation; our own where it has none.
std::string message_of(const Violation& violation, const Value& record, const ColumnType& root) {
  if (violation.keyword == Keyword::required) return "required key [" + violation.member + "] not found";
  const auto pointer = json::Pointer::parse(violation.pointer);
  const Value* value = pointer ? pointer->find(record) : nullptr;
  if (value == nullptr) return violation.reason;
  if (violation.keyword == Keyword::type) return type_message(violation, *value, root);
  const std::string text = value->is_string() ? *value->if_string() : value->dump();
  if (violation.keyword == Keyword::enumeration) return text + " is not a valid enum value";
  // Our reasons name the bound or the pattern behind these words.
  const auto after = [&violation](std::string_view words) -> std::optional<std::string> {
    std::string_view reason = violation.reason;
    if (!reason.starts_with(words)) return std::nullopt;
    reason.remove_prefix(words.size());
    if (reason.ends_with('.')) reason.remove_suffix(1);
    return std::string(reason);
  };
  if (const auto pattern = after("does not match the pattern "))
    return "string [" + text + "] does not match pattern " + *pattern;
  if (const auto bound = after("must be at least "); bound && value->is_number())
    return text + " is not greater or equal to " + *bound;
  if (const auto bound = after("must be at most "); bound && value->is_number())
    return text + " is not less or equal to " + *bound;
  return text + ": " + violation.reason;
}

std::string schema_location(std::string_view pointer) {
  std::string out = "#";
  while (!pointer.empty()) {
    const std::size_t end = pointer.find('/', 1);
    const auto token = pointer.substr(1, end == std::string_view::npos ? end : end - 1);
    const bool index = !token.empty() && token.find_first_not_of("0123456789") == std::string_view::npos;
    out += index ? std::string("/items") : "/properties/" + std::string(token);
    pointer = end == std::string_view::npos ? std::string_view() : pointer.substr(end);
  }
  return out;
}

Object encode(const Found& found) {
  return Object{{"schemaLocation", schema_location(found.pointer)},
                {"pointerToViolation", "#" + found.pointer},
                {"causingExceptions", Array{}},
                {"keyword", found.keyword},
                {"message", found.message}};
}

std::string encode(const std::vector<Found>& found) {
  if (found.size() == 1) return Value(encode(found.front())).dump();
  Array causes;
  for (const Found& one : found) causes.emplace_back(encode(one));
  return Value(Object{{"schemaLocation", "#"},
                      {"pointerToViolation", "#"},
                      {"causingExceptions", std::move(causes)},
                      {"message", std::to_string(found.size()) + " schema violations found"}})
      .dump();
}

// The record as its flow's mapping set makes it.
Result<Value> mapped_record(const run::RunInputs& inputs, std::string_view record) {
  if (!inputs.mapping) return json::parse(record);
  auto mapping = TRY(mapping::Mapping::compile(*inputs.mapping, inputs.target_schema));
  map::Mapper mapper(std::move(mapping), std::nullopt);
  json::RecordGroup group;
  group.append(record);
  map::Mapped mapped;
  mapper.map(group, mapped);
  if (!mapped.rejected.empty()) return Error{ErrorKind::invalid_argument, mapped.rejected.front().message};
  return json::parse(mapped.accepted[0]);
}

}  // namespace

Result<std::optional<std::string>> validate_now(store::Store& store, store::Credentials& credentials,
                                                const FlowId& flow, std::string_view record) {
  const auto inputs = TRY(run::read_run_inputs(store, credentials, flow));
  const auto value = TRY(mapped_record(inputs, record));
  if (inputs.target_schema.is_null()) return std::optional<std::string>();
  const auto validator = TRY(schema::Validator::compile(inputs.target_schema));
  const auto layout = lake::Layout::from_schema(inputs.target_schema);
  const ColumnType root = layout ? root_type(*layout) : ColumnType();
  std::vector<Found> found;
  if (layout && !domain::extends_unknown(inputs.target_schema)) find_unknown(value, root, "", found);
  for (const Violation& violation : validator.violations(value, kViolationsMax)) {
    if (found.size() >= kViolationsMax) break;
    if (layout && violation.keyword == Keyword::additional_properties) continue;
    found.push_back(
        {violation.pointer, std::string(word(violation.keyword)), message_of(violation, value, root)});
  }
  if (found.empty()) return std::optional<std::string>();
  return std::optional<std::string>(encode(found));
}

}  // namespace headwater::inlet
