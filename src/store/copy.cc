#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "store/internal/database.h"
#include "store/internal/list_sql.h"
#include "store/internal/table_list.h"
#include "store/internal/tables.h"
#include "store/maintenance.h"

namespace headwater::store {
namespace {

using internal::Connection;
using internal::DbValue;
using internal::Dialect;
using internal::TableDescription;

constexpr std::size_t kRowsAtOnce = 500;

using TableRow = std::vector<DbValue>;
using OnRows = std::function<Result<void>(const std::vector<TableRow>&)>;

std::string list_of(const std::vector<std::string_view>& columns, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i > 0 ? ", " : "") + std::string(columns[i]);
  return out;
}

/// Reads a table along its key, some rows at a time: it may be larger than the memory.
Result<void> read_table(Connection& connection, const TableDescription& table, const OnRows& on_rows) {
  const auto key = list_of(table.columns, table.key_columns);
  const auto rows_behind = [&](const std::vector<DbValue>& position) {
    internal::Statement select;
    std::string where;
    for (const auto& value : position) where += (where.empty() ? "" : ", ") + select.param(value);
    if (!where.empty()) where = " WHERE (" + key + ") > (" + where + ")";
    select.sql = "SELECT " + list_of(table.columns, table.columns.size()) + " FROM " + table.name + where +
                 " ORDER BY " + key + " LIMIT " + std::to_string(kRowsAtOnce);
    return select;
  };
  std::vector<DbValue> after;
  for (;;) {
    const auto select = rows_behind(after);
    std::vector<TableRow> rows;
    TRY(connection.run(select.sql, select.params, [&](const internal::Row& row) {
      TableRow values;
      for (std::size_t i = 0; i < table.columns.size(); ++i) values.push_back(row.value(static_cast<int>(i)));
      rows.push_back(std::move(values));
    }));
    if (rows.empty()) return {};
    TRY(on_rows(rows));
    const auto& last = rows.back();
    after.assign(last.begin(), last.begin() + static_cast<std::ptrdiff_t>(table.key_columns));
  }
}

/// How many rows, and a hash of all of them in order.
struct Content {
  std::int64_t rows = 0;
  std::string hash;
  bool operator==(const Content&) const = default;

  void add(const std::vector<TableRow>& more) {
    std::string text = hash;
    for (const auto& row : more) {
      for (const auto& value : row) {
        if (const auto* words = std::get_if<std::string>(&value))
          text += "t" + std::to_string(words->size()) + ":" + *words;
        else if (const auto* whole = std::get_if<std::int64_t>(&value))
          text += "i" + std::to_string(*whole) + ";";
        else
          text += "n";
      }
      text += "\n";
    }
    rows += static_cast<std::int64_t>(more.size());
    hash = crypto::sha256(text);
  }
};

Result<void> write_row(Connection& connection, const TableDescription& table, TableRow row) {
  internal::Statement insert;
  std::string values;
  for (auto& value : row) values += (values.empty() ? "" : ", ") + insert.param(value);
  std::string columns = list_of(table.columns, table.columns.size());
  if (table.kind && connection.dialect() == Dialect::postgres) {
    const auto& body = std::get<std::string>(row.back());
    const auto document = json::parse(body);
    if (!document)
      return Error{ErrorKind::storage, "A document in " + table.name + " cannot be read: " +
                                           document.error().message + " Nothing was copied."};
    columns += ", doc";
    values += ", " + insert.param(internal::searchable_document(*document)) + "::jsonb";
  }
  TRY(connection.run("INSERT INTO " + table.name + " (" + columns + ") VALUES (" + values + ")",
                     insert.params));
  return {};
}

Result<void> check_empty(Connection& connection) {
  for (const auto& table : internal::table_list()) {
    bool used = false;
    TRY(connection.run("SELECT 1 FROM " + table.name + " LIMIT 1", {},
                       [&](const internal::Row&) { used = true; }));
    if (used)
      return Error{ErrorKind::conflict, "The target holds something already (table " + table.name +
                                            "): copy into a new database. Nothing was changed."};
  }
  return {};
}

Result<TableRows> copy_table(Connection& from, Connection& to, const TableDescription& table) {
  Content sent;
  const auto write = [&](const std::vector<TableRow>& rows) -> Result<void> {
    sent.add(rows);
    for (const auto& row : rows) TRY(write_row(to, table, row));
    return {};
  };
  TRY(read_table(from, table, write));
  Content stored;
  const auto add = [&](const std::vector<TableRow>& rows) -> Result<void> {
    stored.add(rows);
    return {};
  };
  TRY(read_table(to, table, add));
  if (sent != stored)
    return Error{ErrorKind::storage, "The table " + table.name + " arrived otherwise than it was sent (" +
                                         std::to_string(sent.rows) + " rows, " + std::to_string(stored.rows) +
                                         " there). Nothing was copied."};
  return TableRows{table.name, sent.rows};
}

Result<void> check_source(Connection& connection) {
  const auto version = TRY(internal::stored_version(connection));
  if (version == internal::latest_version()) return {};
  if (version == 0)
    return Error{ErrorKind::not_found, "The source holds no tables of Headwater: there is nothing to copy."};
  return Error{ErrorKind::unsupported,
               "The source has tables of version " + std::to_string(version) +
                   ", this program copies version " + std::to_string(internal::latest_version()) +
                   (version < internal::latest_version() ? ": run `headwater store migrate` on it first."
                                                         : ": use the newer Headwater that wrote it.")};
}

}  // namespace

Result<std::vector<TableRows>> copy_store(std::string_view from, std::string_view to,
                                          const std::filesystem::path& data_dir) {
  const auto file = internal::sqlite_file(from, data_dir);
  if (!file.empty() && !std::filesystem::exists(file))
    return Error{ErrorKind::not_found, "There is no store " + file.native() + " to copy from."};
  const auto source = TRY(internal::open_database(from, data_dir));
  TRY(source->query(check_source));
  const auto target = TRY(internal::open_database(to, data_dir));
  TRY(internal::migrate(*target));
  std::vector<TableRows> copied;
  const auto copy_all = [&](Connection& reading, Connection& writing) -> Result<void> {
    copied.clear();
    TRY(check_empty(writing));
    for (const auto& table : internal::table_list())
      copied.push_back(TRY(copy_table(reading, writing, table)));
    return {};
  };
  const auto read = [&](Connection& reading) {
    return target->write([&](Connection& writing) { return copy_all(reading, writing); });
  };
  TRY(source->read(read));
  return copied;
}

}  // namespace headwater::store
