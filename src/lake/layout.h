#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace headwater::lake {

struct Column;

/// What a column holds. `json` is JSON text as it was written, for objects without declared members,
/// mixed values and members that were only ever null; the Parquet type is a string.
struct ColumnType {
  enum class Kind : std::uint8_t {
    boolean,
    integer,
    number,
    decimal,
    text,
    json,
    date,
    timestamp,
    structure,
    list
  };
  Kind kind = Kind::json;
  std::uint8_t width = 0;        // decimal: digits in all (18 or 38)
  std::uint8_t scale = 0;        // decimal: digits behind the point
  std::vector<Column> children;  // structure: its members; list: one, the element

  bool operator==(const ColumnType&) const;
};

struct Column {
  std::string name;
  ColumnType type;

  bool operator==(const Column&) const = default;
};

/// The member under which Parquet files keep what no column holds.
inline constexpr std::string_view kOtherColumn = "_other";

/// The columns of a dataset, without `_other`.
struct Layout {
  std::vector<Column> columns;
  /// True when the columns are the target schema's: a value that cannot become its column's type is
  /// rejected. Otherwise (columns inferred from records) it is kept in `_other`.
  bool strict = false;

  /// Reads a JSON-Schema-like document: properties, allOf, local $ref; integer -> integer, number ->
  /// number, format date / date-time -> date / timestamp, objects without properties -> json.
  /// Errors: invalid_argument with a pointer when the root declares no members.
  static Result<Layout> from_schema(const json::Value& schema);

  json::Value to_json() const;
  /// Errors: invalid_argument. Reads what `to_json` wrote.
  static Result<Layout> from_json(const json::Value& document);

  /// This layout, with those columns and structure members of `later` that it lacks. What both have keeps
  /// the type it has here, so that every file of a dataset agrees.
  Layout extended_by(const Layout& later) const;

  bool operator==(const Layout&) const = default;
};

/// The type as SQL writes it: "DECIMAL(38,2)", "STRUCT(\"a\" BIGINT)[]".
std::string sql_type(const ColumnType& type);

}  // namespace headwater::lake
