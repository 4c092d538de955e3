#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "store/internal/database.h"
#include "store/internal/gathered_wal.h"

namespace headwater::store::internal {
namespace {

constexpr int kBusyTimeoutMs =
    15'000;  // Another process (`headwater token`) holds the lock for milliseconds.
// More than there are threads that read at once, so that nobody waits for a reader: an I/O thread may be
// asking.
constexpr std::size_t kReadersMax = 64;
constexpr std::size_t kStatementsMax = 256;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// What SQLite makes of ENOSPC; of EROFS; of EDQUOT, EFBIG and a broken disk.
bool takes_nothing(int code) {
  return (code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_READONLY || code == SQLITE_IOERR_WRITE ||
         code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_SHMSIZE;
}

// SQLite's own messages name tables and columns, never values.
Error sqlite_error(sqlite3* database, std::string_view doing) {
  const int code = sqlite3_extended_errcode(database);
  std::string message = "The metadata store failed ";
  message.append(doing).append(": ").append(sqlite3_errmsg(database)).append(".");
  if (code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_UNIQUE)
    return Error{ErrorKind::conflict, "This already exists."};
  if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
    return Error{ErrorKind::unavailable, "The metadata store is locked by another process; try again."};
  if (takes_nothing(code))
    return Error{ErrorKind::storage,
                 message + " Its disk is full, read-only or broken: nothing can be stored meanwhile.",
                 {},
                 kTakesNothing};
  return Error{ErrorKind::storage, std::move(message)};
}

class SqliteRow final : public Row {
 public:
  explicit SqliteRow(sqlite3_stmt* statement) : statement_(statement) {}
  bool is_null(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  std::int64_t integer(int column) const override { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) const override {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    if (bytes == nullptr) return {};
    return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
  }
  DbValue value(int column) const override {
    switch (sqlite3_column_type(statement_, column)) {
      case SQLITE_INTEGER:
        return integer(column);
      case SQLITE_FLOAT:
        return sqlite3_column_double(statement_, column);
      case SQLITE_NULL:
        return std::monostate{};
      default:
        return text(column);
    }
  }

 private:
  sqlite3_stmt* statement_;
};

class SqliteConnection final : public Connection {
 public:
  explicit SqliteConnection(Handle handle) : handle_(std::move(handle)) {}
  Dialect dialect() const override { return Dialect::sqlite; }

  Result<std::int64_t> run(std::string_view sql, const std::vector<DbValue>& params,
                           const OnRow& on_row) override {
    auto* statement = TRY(prepared(sql));
    // However this ends, the statement is left ready for its next use and keeps no lock.
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> reset(statement, sqlite3_reset);
    for (std::size_t i = 0; i < params.size(); ++i) bind(statement, static_cast<int>(i) + 1, params[i]);
    for (;;) {
      const int code = sqlite3_step(statement);
      if (code == SQLITE_DONE) return sqlite3_changes64(handle_.get());
      if (code != SQLITE_ROW) return failed();
      if (on_row) on_row(SqliteRow(statement));
    }
  }

  Result<void> script(const std::string& sql) override {
    if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failed();
    return {};
  }

  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

  void roll_back_if_open() {
    if (!in_transaction()) return;
    (void)run("ROLLBACK", {}, {}).has_value();
    forget_gathered(handle_.get());
  }

 private:
  // Some errors end the transaction by themselves.
  Error failed() {
    auto error = sqlite_error(handle_.get(), "in a statement");
    if (!in_transaction()) forget_gathered(handle_.get());
    return error;
  }

  Result<sqlite3_stmt*> prepared(std::string_view sql) {
    const auto known = statements_.find(std::string(sql));
    if (known != statements_.end()) return known->second.get();
    if (statements_.size() == kStatementsMax) statements_.clear();  // Filters make statements without end.
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &raw, nullptr) != SQLITE_OK)
      return sqlite_error(handle_.get(), "to prepare a statement");
    statements_.emplace(std::string(sql), Statement(raw));
    return raw;
  }

  // The parameters outlive the step, so nothing is copied.
  static void bind(sqlite3_stmt* statement, int index, const DbValue& value) {
    if (const auto* integer = std::get_if<std::int64_t>(&value))
      sqlite3_bind_int64(statement, index, *integer);
    else if (const auto* number = std::get_if<double>(&value))
      sqlite3_bind_double(statement, index, *number);
    else if (const auto* text = std::get_if<std::string>(&value))
      sqlite3_bind_text64(statement, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
    else
      sqlite3_bind_null(statement, index);
  }

  Handle handle_;
  std::unordered_map<std::string, Statement> statements_;  // destroyed before the handle
};

/// One writer and a few readers over one file in WAL mode: readers never wait for the writer. An in-memory
/// database has the one connection for all.
class SqliteDatabase final : public Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& path) {
    std::unique_ptr<SqliteDatabase> database(new SqliteDatabase(path));  // the constructor is private
    database->writer_ = TRY(database->connect());
    // Ids are random, so a create meets any page of an index: those of a large store stay in memory. Between
    // two checkpoints the same pages are written many times: the longer, the less goes into the file.
    TRY(database->writer_->script("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000;"));
    return std::unique_ptr<Database>(std::move(database));
  }

  // Whoever comes while the disk is busy with a commit waits in a queue; the first of them then runs all that
  // is in it within one transaction, so that many share one sync of the disk. The next one is called before
  // those that are done are told: the disk does not wait until they have all woken up.
  Result<void> write(const Work& work) override {
    // A transaction within a transaction of the same thread would wait for itself.
    assert(writing_thread_.load() != std::this_thread::get_id());
    Pending mine{work};
    std::unique_lock lock(queue_mutex_);
    if (writing_) {
      queue_.push_back(&mine);
      mine.changed.wait(lock, [&mine] { return mine.done || mine.leads; });
    }
    if (!mine.done) {
      writing_ = true;
      std::vector<Pending*> group = std::exchange(queue_, {});
      group.insert(group.begin(), &mine);
      lock.unlock();
      {
        const std::lock_guard writer(writer_mutex_);
        const WritingThread mark(*this);
        write_group(group);
      }
      lock.lock();
      hand_over(group);
    }
    if (mine.exception) std::rethrow_exception(mine.exception);
    return *std::move(mine.outcome);
  }

  Result<void> read(const Work& work) override {
    return with_reader([&](SqliteConnection& connection) { return framed(connection, "BEGIN", work); });
  }

  Result<void> query(const Work& work) override {
    return with_reader([&](SqliteConnection& connection) { return work(connection); });
  }

  bool reads_are_quick() const override { return !in_memory_; }

 private:
  explicit SqliteDatabase(std::string path) : path_(std::move(path)), in_memory_(path_ == ":memory:") {}

  /// A transaction that waits. Its caller waits for `done`, or for `leads`: to run it with all that wait.
  struct Pending {
    explicit Pending(const Work& own) : work(own) {}
    const Work& work;
    std::optional<Result<void>> outcome;
    std::exception_ptr exception;  // a bug of `work`
    std::condition_variable changed;
    bool leads = false;  // these two under queue_mutex_
    bool done = false;
  };

  /// Under queue_mutex_, after `group` was written: its callers may leave.
  void hand_over(const std::vector<Pending*>& group) {
    writing_ = !queue_.empty();
    if (writing_) {
      Pending& next = *queue_.front();
      queue_.erase(queue_.begin());
      next.leads = true;
      next.changed.notify_one();
    }
    for (auto* pending : group) {
      pending->done = true;
      pending->changed.notify_one();
    }
  }

  void write_group(const std::vector<Pending*>& group) {
    if (group.size() > 1 && write_together(group)) return;
    for (auto* pending : group) {
      pending->outcome.reset();
      try {
        // IMMEDIATE: a transaction that read first could no longer get the write lock.
        pending->outcome = framed(*writer_, "BEGIN IMMEDIATE", pending->work);
      } catch (...) {
        pending->exception = std::current_exception();
      }
    }
  }

  /// Each within a savepoint of its own: what one undoes is its own. False when the transaction as a whole is
  /// gone, or one has thrown: nothing is stored then, and each runs alone.
  bool write_together(const std::vector<Pending*>& group) {
    try {
      const auto all = [&](Connection&) -> Result<void> {
        for (auto* pending : group) {
          TRY(writer_->run("SAVEPOINT one", {}, {}));
          pending->outcome = pending->work(*writer_);
          if (!writer_->in_transaction()) return Error{ErrorKind::storage, "The transaction has ended."};
          if (!*pending->outcome) TRY(writer_->run("ROLLBACK TO one", {}, {}));
          TRY(writer_->run("RELEASE one", {}, {}));
        }
        return {};
      };
      return framed(*writer_, "BEGIN IMMEDIATE", all).has_value();
    } catch (...) {
      return false;
    }
  }

  struct WritingThread {
    explicit WritingThread(SqliteDatabase& owner) : database(owner) {
      database.writing_thread_ = std::this_thread::get_id();
    }
    ~WritingThread() { database.writing_thread_ = std::thread::id(); }
    SqliteDatabase& database;
  };

  /// Rolls back what an error (or an exception, which is a bug) has left open.
  struct RollbackUnlessDone {
    ~RollbackUnlessDone() { connection.roll_back_if_open(); }
    SqliteConnection& connection;
  };

  struct BorrowedReader {
    BorrowedReader(SqliteDatabase& owner, std::unique_ptr<SqliteConnection> taken)
        : database(owner), connection(std::move(taken)) {}
    BorrowedReader(const BorrowedReader&) = delete;
    BorrowedReader& operator=(const BorrowedReader&) = delete;
    ~BorrowedReader() {
      {
        const std::lock_guard lock(database.readers_mutex_);
        database.idle_readers_.push_back(std::move(connection));
      }
      database.reader_freed_.notify_one();
    }
    SqliteDatabase& database;
    std::unique_ptr<SqliteConnection> connection;
  };

  Result<std::unique_ptr<SqliteConnection>> connect() {
    if (!in_memory_) {
      // Created by us first, so that nobody else may read what it holds; WAL and index inherit the mode.
      // Never opened when it is there: closing it would drop every lock that this process has on it, and the
      // next process to leave the database would delete the WAL under us.
      const UniqueFd created(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
      if (!created && errno != EEXIST) return errno_error("open", path_);
    }
    const char* files = TRY(gathered_wal_vfs());
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(
        path_.c_str(), &raw,
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, files);
    Handle handle(raw);
    if (code != SQLITE_OK) return sqlite_error(raw, "to open " + path_);
    sqlite3_busy_timeout(raw, kBusyTimeoutMs);
    auto connection = std::make_unique<SqliteConnection>(std::move(handle));
    // FULL: what a commit has answered survives power loss. The gathered log relies on it.
    TRY(
        connection->script("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
                           "PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -8192;"));
    return connection;
  }

  static Result<void> framed(SqliteConnection& connection, std::string_view begin, const Work& work) {
    TRY(connection.run(begin, {}, {}));
    const RollbackUnlessDone transaction{connection};
    TRY(work(connection));
    TRY(connection.run("COMMIT", {}, {}));
    return {};
  }

  Result<void> with_reader(const std::function<Result<void>(SqliteConnection&)>& work) {
    if (in_memory_) {
      assert(writing_thread_.load() != std::this_thread::get_id());
      const std::lock_guard lock(writer_mutex_);
      const WritingThread mark(*this);
      return work(*writer_);
    }
    auto taken = TRY(take_reader());
    const BorrowedReader reader{*this, std::move(taken)};
    return work(*reader.connection);
  }

  Result<std::unique_ptr<SqliteConnection>> take_reader() {
    std::unique_lock lock(readers_mutex_);
    reader_freed_.wait(lock, [&] { return !idle_readers_.empty() || readers_ < kReadersMax; });
    if (!idle_readers_.empty()) {
      auto connection = std::move(idle_readers_.back());
      idle_readers_.pop_back();
      return connection;
    }
    ++readers_;
    lock.unlock();
    auto connection = connect();
    if (!connection) {
      lock.lock();
      --readers_;
      reader_freed_.notify_one();
    }
    return connection;
  }

  const std::string path_;
  const bool in_memory_;
  std::mutex queue_mutex_;
  std::vector<Pending*> queue_;
  bool writing_ = false;  // somebody leads: under queue_mutex_
  std::mutex writer_mutex_;
  std::unique_ptr<SqliteConnection> writer_;
  std::atomic<std::thread::id> writing_thread_;
  std::mutex readers_mutex_;
  std::condition_variable reader_freed_;
  std::vector<std::unique_ptr<SqliteConnection>> idle_readers_;
  std::size_t readers_ = 0;
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path) { return SqliteDatabase::open(path); }

}  // namespace headwater::store::internal
