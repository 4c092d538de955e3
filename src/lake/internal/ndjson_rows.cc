#include "lake/internal/ndjson_rows.h"

#include <string_view>

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

std::string pointer_to(const std::string& name) { return sql_string("/" + json::escape_pointer_token(name)); }

std::string names_of(const std::vector<Column>& columns) {
  std::string list;
  for (const auto& column : columns) list += (list.empty() ? "" : ", ") + sql_string(column.name);
  return "[" + list + "]";
}

std::string fits(const std::string& raw, const ColumnType& type, int depth);

std::string fits_structure(const std::string& raw, const ColumnType& type, int depth) {
  const auto key = "k" + std::to_string(depth);
  std::string text = "json_type(" + raw + ") = 'OBJECT' AND len([" + key + " FOR " + key + " IN json_keys(" +
                     raw + ") IF NOT list_contains(" + names_of(type.children) + ", " + key + ")]) = 0";
  for (const auto& child : type.children)
    text +=
        " AND " + fits("json_extract(" + raw + ", " + pointer_to(child.name) + ")", child.type, depth + 1);
  return text;
}

std::string fits_list(const std::string& raw, const ColumnType& type, int depth) {
  const auto element = "x" + std::to_string(depth);
  return "json_type(" + raw + ") = 'ARRAY' AND len([" + element + " FOR " + element + " IN json_extract(" +
         raw + ", '$[*]') IF NOT " + fits(element, type.children.front().type, depth + 1) + "]) = 0";
}

/// True when the column has the whole of a value: no fraction cut off, no text read as a number, no member
/// left out.
std::string fits_value(const std::string& raw, const ColumnType& type, int depth) {
  const std::string kind = "json_type(" + raw + ")";
  const std::string whole = kind + " IN ('BIGINT', 'UBIGINT')";
  switch (type.kind) {
    case Kind::boolean:
      return kind + " = 'BOOLEAN'";
    case Kind::integer:
      return whole + " AND TRY_CAST(" + raw + " AS BIGINT) IS NOT NULL";
    case Kind::number:
      return "CASE WHEN " + whole + " THEN CAST(CAST(" + raw + " AS DOUBLE) AS HUGEINT) = CAST(" + raw +
             " AS HUGEINT) ELSE " + kind + " = 'DOUBLE' AND isfinite(TRY_CAST(" + raw + " AS DOUBLE)) END";
    case Kind::decimal:
      return kind + " IN ('BIGINT', 'UBIGINT', 'DOUBLE') AND coalesce(CAST(TRY_CAST(" + raw + " AS " +
             sql_type(type) + ") AS DOUBLE) = TRY_CAST(" + raw + " AS DOUBLE), false)";
    case Kind::text:
      return kind + " = 'VARCHAR'";
    case Kind::structure:
      return fits_structure(raw, type, depth);
    case Kind::list:
      return fits_list(raw, type, depth);
    case Kind::json:
    case Kind::date:  // of schemas only
    case Kind::timestamp:
      break;
  }
  return "true";
}

std::string fits(const std::string& raw, const ColumnType& type, int depth) {
  if (type.kind == Kind::json) return "true";
  return "(" + raw + " IS NULL OR json_type(" + raw + ") = 'NULL' OR (" + fits_value(raw, type, depth) + "))";
}

std::string raw_of(std::size_t index) { return "raw[" + std::to_string(index + 1) + "]"; }

/// What no column has of a record: names and values.
std::string others_of(const std::vector<Column>& columns) {
  std::string misfits;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].type.kind == Kind::json) continue;
    misfits += (misfits.empty() ? "" : ", ") +
               ("{'k': " + sql_string(columns[i].name) + ", 'v': CASE WHEN NOT ") +
               fits(raw_of(i), columns[i].type, 0) + " THEN " + raw_of(i) + " END}";
  }
  const std::string unknown =
      "[{'k': k, 'v': json_extract(json, '/' || replace(replace(k, '~', '~0'), '/', '~1'))} FOR k IN "
      "list_distinct(json_keys(json)) IF NOT list_contains(" +
      names_of(columns) + ", k)]";
  if (misfits.empty()) return unknown;
  return "list_concat([e FOR e IN [" + misfits + "] IF e.v IS NOT NULL], " + unknown + ")";
}

std::string records_of(const std::string& files) {
  return "read_ndjson_objects(" + files + ", maximum_object_size = 33554432)";
}

std::string pointers_to(const std::vector<Column>& columns) {
  std::string list;
  for (const auto& column : columns) list += (list.empty() ? "" : ", ") + pointer_to(column.name);
  return "[" + list + "]";
}

/// Each record with its members of the layout as they were written: `raw`.
std::string with_raw(const std::string& files, const std::vector<Column>& columns, const std::string& more) {
  return "SELECT json, json_extract(json, " + pointers_to(columns) + ") AS raw" + more + " FROM " +
         records_of(files);
}

}  // namespace

std::string NdjsonRows::select(bool with_other) const {
  json::Object members;
  for (const auto& column : layout.columns) members.set(column.name, transform_of(column.type));
  const std::string typed =
      "json_transform(json, " + sql_string(json::Value(std::move(members)).dump()) + ")";
  // A schema's records were checked when they landed.
  if (layout.strict) return "SELECT unnest(" + typed + ") FROM " + records_of(files);
  std::string columns;
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    const auto name = sql_name(layout.columns[i].name);
    columns += (columns.empty() ? "CASE WHEN " : ", CASE WHEN ") +
               fits(raw_of(i), layout.columns[i].type, 0) + " THEN val." + name + " END AS " + name;
  }
  std::string rows = "SELECT " + columns;
  if (with_other)
    rows += ", CASE WHEN len(others) > 0 THEN to_json(map_from_entries(others)) END AS " +
            sql_name(std::string(kOtherColumn));
  rows += " FROM (SELECT *" + (with_other ? ", " + others_of(layout.columns) + " AS others" : std::string()) +
          " FROM (" + with_raw(files, layout.columns, ", " + typed + " AS val") + "))";
  return rows;
}

std::string NdjsonRows::any_other() const {
  return "SELECT 1 FROM (" + with_raw(files, layout.columns, "") + ") WHERE len(" +
         others_of(layout.columns) + ") > 0 LIMIT 1";
}

}  // namespace headwater::lake
