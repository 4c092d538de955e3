#include "lake/internal/ndjson_rows.h"

#include <algorithm>
#include <utility>

#include "json/pointer.h"
#include "json/value.h"
#include "lake/internal/duckdb_api.h"

namespace headwater::lake {
namespace {

using Kind = ColumnType::Kind;

/// The structure that json_transform reads records with; what does not fit it reads as null.
json::Value transform_of(const ColumnType& type) {
  if (type.kind == Kind::json) return "JSON";
  if (type.kind == Kind::list) return json::Array{transform_of(type.children.front().type)};
  if (type.kind != Kind::structure) return sql_type(type);
  json::Object members;
  for (const auto& child : type.children) members.set(child.name, transform_of(child.type));
  return members;
}

std::string list_of(const std::vector<std::string>& texts) {
  std::string list;
  for (const auto& text : texts) list += (list.empty() ? "" : ", ") + sql_string(text);
  return "[" + list + "]";
}

std::string names_of(const std::vector<Column>& columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const auto& column : columns) names.push_back(column.name);
  return list_of(names);
}

/// What is asked of an object: each JSON function parses it anew, so one call asks for all of it. In SQL it
/// is a structure of lists: `t` types, `v` values, `k` member names, each as long as the paths here.
class Look {
 public:
  /// `name` is the structure's, `depth` tells apart those of elements within elements.
  Look(std::string name, int depth) : name_(std::move(name)), depth_(depth) {}

  /// True in SQL when the column has the whole of a value: no fraction cut off, no text read as a number, no
  /// member left out.
  std::string fits(const std::string& path, const ColumnType& type) {
    if (type.kind == Kind::json) return "true";
    const auto kind = type_at(path);
    return "(" + kind + " IS NULL OR " + kind + " = 'NULL' OR (" + fits_value(path, kind, type) + "))";
  }

  std::string value(const std::string& path) { return name_ + ".v" + index(values_, path); }

  /// The structure of `object`, once all has been asked for.
  std::string of(const std::string& object) const {
    return "{'t': json_type(" + object + ", " + list_of(types_) + "), 'v': json_extract(" + object + ", " +
           list_of(values_) + "), 'k': json_keys(" + object + ", " + list_of(keys_) + ")}";
  }

  static std::string pointer(const std::string& parent, const std::string& name) {
    return parent + "/" + json::escape_pointer_token(name);
  }

 private:
  static std::string index(std::vector<std::string>& paths, const std::string& path) {
    auto found = std::find(paths.begin(), paths.end(), path);
    if (found == paths.end()) found = paths.insert(found, path);
    return "[" + std::to_string(found - paths.begin() + 1) + "]";
  }
  std::string type_at(const std::string& path) { return name_ + ".t" + index(types_, path); }
  std::string keys(const std::string& path) { return name_ + ".k" + index(keys_, path); }

  std::string fits_value(const std::string& path, const std::string& kind, const ColumnType& type) {
    const std::string whole = kind + " IN ('BIGINT', 'UBIGINT')";
    switch (type.kind) {
      case Kind::boolean:
        return kind + " = 'BOOLEAN'";
      case Kind::text:
        return kind + " = 'VARCHAR'";
      case Kind::integer:
        return whole + " AND TRY_CAST(" + value(path) + " AS BIGINT) IS NOT NULL";
      case Kind::number:
        return "CASE WHEN " + whole + " THEN CAST(CAST(" + value(path) + " AS DOUBLE) AS HUGEINT) = CAST(" +
               value(path) + " AS HUGEINT) ELSE " + kind + " = 'DOUBLE' AND isfinite(TRY_CAST(" +
               value(path) + " AS DOUBLE)) END";
      case Kind::decimal:
        return "(" + whole + " OR " + kind + " = 'DOUBLE') AND coalesce(CAST(TRY_CAST(" + value(path) +
               " AS " + sql_type(type) + ") AS DOUBLE) = TRY_CAST(" + value(path) + " AS DOUBLE), false)";
      case Kind::structure: {
        std::string text =
            kind + " = 'OBJECT' AND list_has_all(" + names_of(type.children) + ", " + keys(path) + ")";
        for (const auto& child : type.children) text += " AND " + fits(pointer(path, child.name), child.type);
        return text;
      }
      case Kind::list:
        return kind + " = 'ARRAY' AND " + fits_elements(value(path), type.children.front().type);
      case Kind::json:
      case Kind::date:  // of schemas only
      case Kind::timestamp:
        break;
    }
    return "true";
  }

  // The empty pointer is the element itself.
  std::string fits_elements(const std::string& array, const ColumnType& type) const {
    const auto element = "x" + std::to_string(depth_);
    Look look("y" + std::to_string(depth_), depth_ + 1);
    auto fitting = look.fits("", type);
    if (fitting == "true") return fitting;
    return "len([" + look.name_ + " FOR " + look.name_ + " IN [" + look.of(element) + " FOR " + element +
           " IN json_extract(" + array + ", '$[*]')] IF NOT " + fitting + "]) = 0";
  }

  std::string name_;
  int depth_;
  std::vector<std::string> types_{"$"}, values_{"$"}, keys_{"$"};
};

/// What no column has of a record: names and values.
std::string others_of(const std::vector<Column>& columns, Look& look) {
  std::string misfits;
  for (const auto& column : columns) {
    if (column.type.kind == Kind::json) continue;
    const auto path = Look::pointer("", column.name);
    misfits.append(misfits.empty() ? "" : ", ")
        .append("{'k': ")
        .append(sql_string(column.name))
        .append(", 'v': CASE WHEN NOT ")
        .append(look.fits(path, column.type))
        .append(" THEN ")
        .append(look.value(path))
        .append(" END}");
  }
  std::string unknown =
      "[{'k': k, 'v': json_extract(json, '/' || replace(replace(k, '~', '~0'), '/', '~1'))} FOR k IN "
      "list_distinct(json_keys(json)) IF NOT list_contains(" +
      names_of(columns) + ", k)]";
  if (misfits.empty()) return unknown;
  return "list_concat([e FOR e IN [" + misfits + "] IF e.v IS NOT NULL], " + unknown + ")";
}

std::string records_of(const std::string& files) {
  return "read_ndjson_objects(" + files + ", maximum_object_size = 33554432)";
}

}  // namespace

std::string NdjsonRows::select(bool with_other) const {
  json::Object members;
  for (const auto& column : layout.columns) members.set(column.name, transform_of(column.type));
  const std::string typed =
      "json_transform(json, " + sql_string(json::Value(std::move(members)).dump()) + ")";
  // A schema's records were checked when they landed.
  if (layout.strict) return "SELECT unnest(" + typed + ") FROM " + records_of(files);
  Look look("look", 0);
  std::string columns;
  for (const auto& column : layout.columns) {
    const auto name = sql_name(column.name);
    columns.append(columns.empty() ? "CASE WHEN " : ", CASE WHEN ")
        .append(look.fits(Look::pointer("", column.name), column.type))
        .append(" THEN val.")
        .append(name)
        .append(" END AS ")
        .append(name);
  }
  std::string others = with_other ? ", " + others_of(layout.columns, look) + " AS others" : "";
  if (with_other)
    columns += ", CASE WHEN len(others) > 0 THEN to_json(map_from_entries(others)) END AS " +
               sql_name(std::string(kOtherColumn));
  return "SELECT " + columns + " FROM (SELECT *" + others + " FROM (SELECT json, " + look.of("json") +
         " AS look, " + typed + " AS val FROM " + records_of(files) + "))";
}

std::string NdjsonRows::any_other() const {
  Look look("look", 0);
  const auto others = others_of(layout.columns, look);
  return "SELECT 1 FROM (SELECT json, " + look.of("json") + " AS look FROM " + records_of(files) +
         ") WHERE len(" + others + ") > 0 LIMIT 1";
}

}  // namespace headwater::lake
