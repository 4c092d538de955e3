#include "lake/internal/statement_check.h"

#include <algorithm>
#include <array>

#include "json/record.h"
#include "lake/internal/duckdb_api.h"
#include "lake/internal/infer.h"

namespace headwater::lake {
namespace {

// Of all table functions those that compute from their arguments.
constexpr std::array<std::string_view, 7> kTableFunctions{
    "unnest", "range", "generate_series", "json_each", "json_tree", "repeat", "repeat_row"};
// Scalar functions that tell of the server, write, or run text as SQL.
constexpr std::array<std::string_view, 8> kForbidden{"current_setting", "getenv",
                                                     "pg_get_viewdef",  "pg_get_constraintdef",
                                                     "pg_get_expr",     "json_execute_serialized_sql",
                                                     "write_log",       "parse_duckdb_log_message"};
constexpr std::array<std::string_view, 3> kInformation{"tables", "columns", "schemata"};
// DuckDB's own views can be named without their schema.
constexpr std::array<std::string_view, 4> kSystemPrefixes{"duckdb_", "pragma_", "sqlite_", "pg_"};

template <std::size_t count>
bool contains(const std::array<std::string_view, count>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error refused(std::string_view what, const std::string& name) {
  return Error{ErrorKind::invalid_argument,
               "The " + std::string(what) + " \"" + name +
                   "\" is not available here: a query reads datasets, by their name or quoted id.",
               "/sql"};
}

class Checker {
 public:
  Checker(const json::Record& statement, const std::set<std::string>& datasets)
      : statement_(statement), datasets_(datasets) {}

  Result<void> check() {
    // Every object of the document, whatever it hangs on: a constant that looks like one is refused at worst.
    for (std::uint32_t i = 0; i < statement_.node_count; ++i) {
      const json::Node& node = statement_.nodes[i];
      if (node.kind != json::Kind::object) continue;
      if (text_of(node, "type") == "TABLE_FUNCTION") TRY(check_table_function(node));
      if (text_of(node, "type") == "BASE_TABLE") TRY(check_table(node));
      if (text_of(node, "class") == "FUNCTION" &&
          contains(kForbidden, folded(text_of(node, "function_name"))))
        return refused("function", text_of(node, "function_name"));
    }
    return {};
  }

 private:
  std::string text_of(const json::Node& object, std::string_view name) const {
    const json::Node* value = statement_.find(object, name);
    if (value == nullptr || value->kind != json::Kind::string) return "";
    std::string scratch;
    return std::string(statement_.characters(*value, scratch));
  }

  Result<void> check_table_function(const json::Node& node) const {
    const json::Node* function = statement_.find(node, "function");
    const bool plain = function != nullptr && function->kind == json::Kind::object;
    const auto name = plain ? text_of(*function, "function_name") : std::string();
    if (contains(kTableFunctions, folded(name))) return {};
    return refused("table function", name);
  }

  Result<void> check_table(const json::Node& node) const {
    const auto name = text_of(node, "table_name");
    const auto table = folded(name);
    const auto schema = folded(text_of(node, "schema_name"));
    const auto catalog = folded(text_of(node, "catalog_name"));
    const bool own_catalog = catalog.empty() || catalog == "memory";
    if (own_catalog && schema == "information_schema" && contains(kInformation, table)) return {};
    if (!own_catalog || !(schema.empty() || schema == "main" || schema == "memory"))
      return refused("table", (catalog.empty() ? "" : catalog + ".") + schema + "." + name);
    const bool system = std::any_of(kSystemPrefixes.begin(), kSystemPrefixes.end(),
                                    [&table](std::string_view prefix) { return table.starts_with(prefix); });
    if (system && !datasets_.contains(table)) return refused("table", name);
    return {};
  }

  const json::Record& statement_;
  const std::set<std::string>& datasets_;
};

// The one text that a statement of ours answers.
Result<std::string> answer_of(const DuckDbSession& session, const std::string& sql) {
  const DuckDb& api = session.api();
  duckdb_result result{};
  if (api.query(session.connection(), sql.c_str(), &result) != DuckDBSuccess) return error_of(api, result);
  std::string text;
  if (auto chunk = api.fetch_chunk(result); chunk != nullptr) {
    if (api.data_chunk_get_size(chunk) > 0) {
      auto* cells = static_cast<duckdb_string_t*>(api.vector_get_data(api.data_chunk_get_vector(chunk, 0)));
      const std::uint32_t length = cells->value.inlined.length;
      const char* bytes = length <= sizeof(cells->value.inlined.inlined) ? cells->value.inlined.inlined
                                                                         : cells->value.pointer.ptr;
      text.assign(bytes, length);
    }
    api.destroy_data_chunk(&chunk);
  }
  api.destroy_result(&result);
  return text;
}

}  // namespace

Result<void> check_serialized(std::string_view serialized, const std::set<std::string>& datasets) {
  json::RecordGroup group;
  group.append(serialized);
  json::RecordParser parser({.depth_max = 20'000});
  const auto document = parser.parse(group[0]);
  if (!document)
    return Error{ErrorKind::invalid_argument, "The statement is nested too deeply to be checked.", "/sql"};
  const json::Node* failed = document->find(document->root(), "error");
  if (failed == nullptr || document->raw(*failed) != "false")
    return Error{ErrorKind::invalid_argument,
                 "Only queries are allowed here: SELECT, FROM, WITH, DESCRIBE or SHOW.", "/sql"};
  return Checker(*document, datasets).check();
}

Result<void> check_statement(const DuckDbSession& session, std::string_view sql,
                             const std::set<std::string>& datasets) {
  const auto serialized =
      TRY(answer_of(session, "SELECT json_serialize_sql(" + sql_string(sql) +
                                 ", skip_null := true, skip_empty := true, skip_default := true)::VARCHAR"));
  return check_serialized(serialized, datasets);
}

}  // namespace headwater::lake
