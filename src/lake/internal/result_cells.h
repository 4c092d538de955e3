#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "lake/internal/duckdb_api.h"
#include "lake/query.h"

namespace headwater::lake {

/// A result column's type, taken apart once.
struct ResultType {
  duckdb_type id = DUCKDB_TYPE_VARCHAR;
  bool is_json = false;                         // text that is JSON
  std::uint8_t scale = 0;                       // decimal
  duckdb_type stored_as = DUCKDB_TYPE_INVALID;  // decimal, enum
  std::uint64_t array_size = 0;
  std::vector<std::string> names;    // structure: members; enum: values
  std::vector<ResultType> children;  // structure: members; list, array: element; map: key, value
  std::string text;                  // "DECIMAL(18,2)"

  static ResultType of(const DuckDb& api, duckdb_logical_type type);
};

/// Appends one value's text: bare at the top of a cell, as JSON inside of nested values.
class CellText {
 public:
  explicit CellText(const DuckDb& api) : api_(api) {}
  Cell::Kind append(std::string& out, const ResultType& type, duckdb_vector vector, std::uint64_t row,
                    bool as_json) const;

 private:
  Cell::Kind append_text(std::string& out, std::string_view text, bool as_json) const;
  Cell::Kind append_nested(std::string& out, const ResultType& type, duckdb_vector vector,
                           std::uint64_t row) const;
  void append_range(std::string& out, const ResultType& type, duckdb_vector child, std::uint64_t from,
                    std::uint64_t count) const;
  const DuckDb& api_;
};

}  // namespace headwater::lake
