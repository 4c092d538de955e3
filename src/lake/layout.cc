#include "lake/layout.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"

namespace headwater::lake {
namespace {

using Kind = ColumnType::Kind;

constexpr std::array<std::string_view, 10> kKindNames{"boolean", "integer", "number",    "decimal",   "text",
                                                      "json",    "date",    "timestamp", "structure", "list"};
constexpr int kSchemaDepthMax = 32;
constexpr int kSchemaColumnsMax = 20'000;  // a schema that refers to itself twice would have 2^32

class SchemaReader {
 public:
  explicit SchemaReader(const json::Value& root) : root_(root) {}

  void members(const json::Value& schema, std::vector<Column>& columns, int depth) const {
    const auto* node = resolved(schema);
    if (node == nullptr || depth > kSchemaDepthMax) return;
    if (const auto* parts = node->find("allOf"); parts != nullptr && parts->is_array())
      for (const auto& part : *parts->if_array()) members(part, columns, depth + 1);
    const auto* properties = node->find("properties");
    if (properties == nullptr || !properties->is_object()) return;
    for (const auto& [name, child] : *properties->if_object()) add(columns, name, type_of(child, depth + 1));
  }

 private:
  // SQL compares names without regard to case: of two that differ only so, the second has no column and
  // its values go to `_other`.
  static void add(std::vector<Column>& columns, const std::string& name, ColumnType type) {
    if (!is_column_name(name)) return;
    for (auto& column : columns) {
      if (lower(column.name) != lower(name)) continue;
      if (column.name == name && column.type.kind == Kind::structure && type.kind == Kind::structure)
        for (auto& child : type.children) add(column.type.children, child.name, std::move(child.type));
      return;
    }
    columns.push_back({name, std::move(type)});
  }

  static bool is_column_name(std::string_view name) {
    return !name.empty() && name.find('\0') == name.npos && lower(name) != kOtherColumn;
  }

  const json::Value* resolved(const json::Value& schema) const {
    const auto* node = &schema;
    for (int hops = 0; hops < kSchemaDepthMax; ++hops) {
      const auto reference = node->string_at("$ref");
      if (reference.empty()) return node;
      if (!reference.starts_with("#/")) return nullptr;
      const auto* target = &root_;
      for (auto rest = reference.substr(2); target != nullptr;) {
        const auto slash = rest.find('/');
        target = target->find(unescaped(rest.substr(0, slash)));
        if (slash == rest.npos) break;
        rest.remove_prefix(slash + 1);
      }
      if (target == nullptr) return nullptr;
      node = target;
    }
    return nullptr;
  }

  static std::string unescaped(std::string_view token) {
    std::string out;
    for (std::size_t i = 0; i < token.size(); ++i) {
      const bool pair = token[i] == '~' && i + 1 < token.size();
      if (pair && (token[i + 1] == '0' || token[i + 1] == '1')) {
        out += token[++i] == '0' ? '~' : '/';
      } else {
        out += token[i];
      }
    }
    return out;
  }

  /// The one type besides "null"; empty when there are several.
  static std::string_view single_type(const json::Value& schema) {
    const auto* type = schema.find("type");
    if (type == nullptr) return schema.find("properties") != nullptr ? "object" : "";
    if (type->is_string()) return *type->if_string();
    std::string_view single;
    if (const auto* names = type->if_array())
      for (const auto& name : *names) {
        if (!name.is_string() || *name.if_string() == "null") continue;
        if (!single.empty()) return "";
        single = *name.if_string();
      }
    return single;
  }

  static bool exceeds_int64(const json::Value& schema) {
    for (const auto* bound : {"maximum", "minimum"}) {
      const auto* value = schema.find(bound);
      if (value == nullptr || value->if_number() == nullptr) continue;
      if (json::compare_numbers(value->if_number()->text, "9223372036854775807") > 0) return true;
      if (json::compare_numbers(value->if_number()->text, "-9223372036854775808") < 0) return true;
    }
    return false;
  }

  // `multipleOf: 0.01` is how a JSON Schema says "two decimals".
  static ColumnType number_type(const json::Value& schema) {
    const auto* step = schema.find("multipleOf");
    if (step == nullptr || step->if_number() == nullptr) return {.kind = Kind::number};
    const std::string& text = step->if_number()->text;
    const auto point = text.find('.');
    const auto scale = point == text.npos ? 0 : text.size() - point - 1;
    if (point == text.npos || text.find_first_of("eE") != text.npos || scale > 30)
      return {.kind = Kind::number};
    return {.kind = Kind::decimal, .width = 38, .scale = static_cast<std::uint8_t>(scale)};
  }

  ColumnType type_of(const json::Value& schema, int depth) const {
    const auto* node = resolved(schema);
    if (node == nullptr || depth > kSchemaDepthMax || ++seen_ > kSchemaColumnsMax)
      return {.kind = Kind::json};
    const auto type =
        node->find("allOf") != nullptr && single_type(*node).empty() ? "object" : single_type(*node);
    if (type == "boolean") return {.kind = Kind::boolean};
    if (type == "integer") {
      if (exceeds_int64(*node)) return {.kind = Kind::decimal, .width = 38, .scale = 0};
      return {.kind = Kind::integer};
    }
    if (type == "number") return number_type(*node);
    if (type == "string") {
      const auto format = node->string_at("format");
      if (format == "date") return {.kind = Kind::date};
      return {.kind = format == "date-time" ? Kind::timestamp : Kind::text};
    }
    if (type == "array") return list_type(*node, depth);
    ColumnType structure{.kind = Kind::structure};
    if (type == "object") members(*node, structure.children, depth);
    return structure.children.empty() ? ColumnType{.kind = Kind::json} : structure;
  }

  ColumnType list_type(const json::Value& schema, int depth) const {
    const auto* items = schema.find("items");
    if (items == nullptr || !items->is_object()) return {.kind = Kind::json};
    auto type = type_of(*items, depth + 1);
    if (type.kind == Kind::json) return type;
    return {.kind = Kind::list, .children = {{"element", std::move(type)}}};
  }

  const json::Value& root_;
  mutable int seen_ = 0;
};

json::Value type_to_json(const ColumnType& type) {
  json::Object out;
  out.set("kind", kKindNames[static_cast<std::size_t>(type.kind)]);
  if (type.kind == Kind::decimal) {
    out.set("width", static_cast<std::int64_t>(type.width));
    out.set("scale", static_cast<std::int64_t>(type.scale));
  }
  json::Array children;
  for (const auto& child : type.children) {
    auto item = type_to_json(child.type);
    item.if_object()->set("name", child.name);
    children.push_back(std::move(item));
  }
  if (!children.empty()) out.set("children", std::move(children));
  return out;
}

Result<Column> column_from_json(const json::Value& document, int depth) {
  Column column;
  column.name = document.string_at("name");
  const auto kind = std::find(kKindNames.begin(), kKindNames.end(), document.string_at("kind"));
  if (kind == kKindNames.end() || depth > kSchemaDepthMax + 2)
    return Error{ErrorKind::invalid_argument, "A stored column is of no known kind.", "/columns"};
  column.type.kind = static_cast<Kind>(kind - kKindNames.begin());
  const auto small = [&document](std::string_view name) {
    const auto* value = document.find(name);
    return static_cast<std::uint8_t>(value == nullptr ? 0 : value->as_int64().value_or(0));
  };
  column.type.width = small("width");
  column.type.scale = small("scale");
  if (const auto* children = document.find("children"); children != nullptr && children->is_array())
    for (const auto& child : *children->if_array())
      column.type.children.push_back(TRY(column_from_json(child, depth + 1)));
  const bool nested = column.type.kind == Kind::structure || column.type.kind == Kind::list;
  if (nested && column.type.children.empty())
    return Error{ErrorKind::invalid_argument, "A stored nested column has no members.", "/columns"};
  return column;
}

void extend(std::vector<Column>& columns, const std::vector<Column>& later);

void extend_type(ColumnType& type, const ColumnType& later) {
  if (type.kind != later.kind) return;
  if (type.kind == Kind::structure) extend(type.children, later.children);
  if (type.kind == Kind::list) extend_type(type.children.front().type, later.children.front().type);
}

void extend(std::vector<Column>& columns, const std::vector<Column>& later) {
  for (const auto& column : later) {
    const auto same = std::find_if(columns.begin(), columns.end(), [&column](const Column& known) {
      return lower(known.name) == lower(column.name);
    });
    if (same == columns.end())
      columns.push_back(column);
    else if (same->name == column.name)
      extend_type(same->type, column.type);
  }
}

}  // namespace

bool ColumnType::operator==(const ColumnType& other) const {
  return kind == other.kind && width == other.width && scale == other.scale && children == other.children;
}

Result<Layout> Layout::from_schema(const json::Value& schema) {
  Layout layout;
  layout.strict = true;
  SchemaReader(schema).members(schema, layout.columns, 0);
  if (layout.columns.empty())
    return Error{ErrorKind::invalid_argument,
                 "The target schema declares no members, so there are no columns.", "/properties"};
  return layout;
}

json::Value Layout::to_json() const {
  json::Array list;
  for (const auto& column : columns) {
    auto item = type_to_json(column.type);
    item.if_object()->set("name", column.name);
    list.push_back(std::move(item));
  }
  json::Object out;
  out.set("strict", strict);
  out.set("columns", std::move(list));
  return out;
}

Result<Layout> Layout::from_json(const json::Value& document) {
  Layout layout;
  if (const auto* strict = document.find("strict"); strict != nullptr && strict->if_boolean() != nullptr)
    layout.strict = *strict->if_boolean();
  const auto* list = document.find("columns");
  if (list == nullptr || !list->is_array())
    return Error{ErrorKind::invalid_argument, "A stored layout has no columns.", "/columns"};
  for (const auto& item : *list->if_array()) layout.columns.push_back(TRY(column_from_json(item, 0)));
  return layout;
}

Layout Layout::extended_by(const Layout& later) const {
  Layout out = *this;
  out.strict = strict || later.strict;
  extend(out.columns, later.columns);
  return out;
}

std::string sql_type(const ColumnType& type) {
  switch (type.kind) {
    case Kind::boolean:
      return "BOOLEAN";
    case Kind::integer:
      return "BIGINT";
    case Kind::number:
      return "DOUBLE";
    case Kind::decimal:
      return "DECIMAL(" + std::to_string(type.width) + "," + std::to_string(type.scale) + ")";
    case Kind::text:
    case Kind::json:
      return "VARCHAR";
    case Kind::date:
      return "DATE";
    case Kind::timestamp:
      return "TIMESTAMP WITH TIME ZONE";
    case Kind::list:
      return sql_type(type.children.front().type) + "[]";
    case Kind::structure:
      break;
  }
  std::string out = "STRUCT(";
  for (const auto& child : type.children) {
    if (&child != &type.children.front()) out += ", ";
    out += '"';
    for (const char c : child.name) out.append(c == '"' ? 2 : 1, c);
    out += "\" " + sql_type(child.type);
  }
  return out + ")";
}

}  // namespace headwater::lake
