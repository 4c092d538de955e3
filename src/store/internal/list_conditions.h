#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/list_query.h"
#include "store/internal/list_sql.h"
#include "store/internal/tables.h"

namespace headwater::store::internal {

/// One side of a range: "<=" and the SQL of a value. Without a value: none.
struct Bound {
  std::string op;
  std::string value;
};

/// Rows that stand together in an index.
struct Range {
  std::string where;  // what holds beside the bounds of the key; never empty
  Bound above{};      // ">" or ">="
  Bound below{};      // "<" or "<="
};
/// All of it as one condition.
std::string text_of(const Range& range, const std::string& key);

/// How an index gives exactly the rows that one filter holds for: each range is a condition on one index.
struct Access {
  std::vector<Range> ranges;  // no row is in two of them, unless `of_elements`
  std::string key;  // what a range runs along; empty: all of it has one key, and it runs along the change
  std::string constant_key;  // that one key
  bool of_elements = false;  // the index is the table of array elements
  bool of_ids = false;       // a handful of rows, whatever else
  std::size_t rank = 0;      // smaller ones are expected to be more selective
};

/// Writes filters as SQL conditions. Confined to one statement.
class ConditionWriter {
 public:
  ConditionWriter(Statement& statement, Dialect dialect) : statement_(statement), dialect_(dialect) {}

  /// The filter on a row that something else has found: spelled so that no index serves it, and the planner,
  /// who knows nothing about members of documents, has nothing to guess.
  std::string condition(domain::ResourceKind kind, const domain::Filter& filter);
  /// nullopt, when no index serves the filter.
  std::optional<Access> access(domain::ResourceKind kind, const domain::Filter& filter);

 private:
  /// What a condition compares: the SQL of a value and, on SQLite, of its JSON type.
  struct Operand {
    std::string value;
    std::string type;
    std::string text_lower;  // lower(...) of the value as text
  };

  std::string in_list(const std::string& operand, std::vector<DbValue> values, std::string_view cast = "");
  /// The column, spelled so that no index serves it.
  std::string plain(const Column& column) const;
  std::string on_column(const Column& column, const std::string& name, const domain::Filter& filter);
  std::string on_body(const domain::Filter& filter);
  std::string within(const std::string& base, const domain::FieldPath& path, std::size_t from,
                     const domain::Filter& filter);
  Operand member(const std::string& base, const domain::FieldPath& path) const;
  std::string comparison(const Operand& operand, const domain::Filter& filter);
  std::string equality_ignoring_case(const Operand& operand, const domain::Filter& filter);
  std::string equality_sqlite(const Operand& operand, const domain::Filter& filter);
  std::string equality_postgres(const Operand& operand, const domain::Filter& filter);
  std::string order_sqlite(const Operand& operand, const domain::Filter& filter);
  std::string order_postgres(const Operand& operand, const domain::Filter& filter);

  std::optional<Access> column_access(const Column& column, const domain::Filter& filter);
  std::optional<Access> element_access(std::size_t path, const domain::Filter& filter);
  std::optional<Access> equality_access(const domain::Filter& filter);
  std::optional<Access> range_access(const domain::Filter& filter);

  Statement& statement_;
  Dialect dialect_;
  int elements_ = 0;
};

inline constexpr std::size_t kSearchableStringMax = 800;  // A row of a PostgreSQL index holds 2,700 bytes.

/// The number that a filter's text is, within the range both databases hold.
std::optional<json::Number> number_from(const std::string& text);
DbValue sqlite_number(const json::Number& number);
/// A string as PostgreSQL's index holds it.
std::string searchable_string(const std::string& text);
std::string without_nul(std::string text);
/// What PostgreSQL's headwater_key answers for them: text whose bytes have the order of SQLite's values.
std::string key_of_string(const std::string& text);
std::string key_of_number(const json::Number& number);
bool is_equality(domain::FilterOp op);
std::string_view sign_of(domain::FilterOp op);

}  // namespace headwater::store::internal
