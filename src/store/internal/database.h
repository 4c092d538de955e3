#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace headwater::store::internal {

enum class Dialect : std::uint8_t { sqlite, postgres };

/// A parameter of a statement. Text is UTF-8 without NUL.
using DbValue = std::variant<std::monostate, std::int64_t, double, std::string>;

/// One row of an answer, valid during the callback. Columns count from 0.
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual std::string text(int column) const = 0;
  /// The value in its own type; PostgreSQL gives text for all but integers.
  virtual DbValue value(int column) const = 0;
};
using OnRow = std::function<void(const Row&)>;

/// One session with a database, confined to one thread at a time. Parameters are written ?1, ?2, ...
class Connection {
 public:
  virtual ~Connection() = default;
  virtual Dialect dialect() const = 0;
  /// Runs one statement; answers how many rows it changed. Statements are prepared once and kept.
  /// Errors: conflict (a unique index), unavailable (busy, connection lost), storage.
  virtual Result<std::int64_t> run(std::string_view sql, const std::vector<DbValue>& params = {},
                                   const OnRow& on_row = {}) = 0;
  /// Runs statements that have no parameters and no answer.
  virtual Result<void> script(const std::string& sql) = 0;
};

using Work = std::function<Result<void>(Connection&)>;

/// Hands out connections and frames transactions. Thread-safe.
class Database {
 public:
  virtual ~Database() = default;
  /// A writing transaction: committed and durable when `work` answers no error, rolled back otherwise. Runs
  /// `work` again when the database asks for it (deadlock).
  virtual Result<void> write(const Work& work) = 0;
  /// A reading transaction over one snapshot.
  virtual Result<void> read(const Work& work) = 0;
  /// A connection for single reading statements, without a transaction around them.
  virtual Result<void> query(const Work& work) = 0;
  /// Whether `read` and `query` wait neither for a network nor for another connection.
  virtual bool reads_are_quick() const { return false; }

  std::atomic<bool> takes_nothing = false;  // a `write` has met kTakesNothing, and no check has written since
};

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path);
Result<std::unique_ptr<Database>> open_postgres(const std::string& url);
/// How often this process has waited for a PostgreSQL server's answer.
std::atomic<std::uint64_t>& postgres_round_trips();

/// See Store::open; brings nothing up to date.
Result<std::unique_ptr<Database>> open_database(std::string_view url, const std::filesystem::path& data_dir);
/// The file that a SQLite URL means; empty for other URLs and in-memory databases.
std::filesystem::path sqlite_file(std::string_view url, const std::filesystem::path& data_dir);

/// The version of the tables, 0 when there are none, and the one that this program writes.
Result<std::int64_t> stored_version(Connection& connection);
std::int64_t latest_version();

/// Brings the tables up to date, under a lock that other processes respect; answers the version that they had
/// before, as the one who has the lock finds it. Fast when nothing is to be done.
Result<std::int64_t> migrate(Database& database);

}  // namespace headwater::store::internal
