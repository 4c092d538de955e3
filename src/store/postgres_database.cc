#include <libpq-fe.h>
#include <poll.h>

#include <charconv>
#include <condition_variable>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/file.h"
#include "store/internal/database.h"

namespace headwater::store::internal {
namespace {

constexpr std::size_t kConnectionsMax = 8;
constexpr std::size_t kStatementsMax = 256;
constexpr int kAttemptsMax = 5;
constexpr std::string_view kConnectTimeoutSeconds = "10";

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Handle = std::unique_ptr<PGconn, FinishConnection>;
using Answer = std::unique_ptr<PGresult, ClearResult>;

/// The statement with $1 for ?1, outside of literals.
std::string dollar_placeholders(std::string_view sql) {
  std::string out;
  out.reserve(sql.size());
  bool quoted = false;
  for (const char c : sql) {
    if (c == '\'') quoted = !quoted;
    out += c == '?' && !quoted ? '$' : c;
  }
  return out;
}

std::string first_line(const char* text) {
  std::string_view line(text == nullptr ? "" : text);
  return std::string(line.substr(0, line.find('\n')));
}

class PostgresRow final : public Row {
 public:
  PostgresRow(const PGresult* answer, int row) : answer_(answer), row_(row) {}
  bool is_null(int column) const override { return PQgetisnull(answer_, row_, column) != 0; }
  std::int64_t integer(int column) const override {
    const std::string_view digits = view(column);
    std::int64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return number;
  }
  std::string text(int column) const override { return std::string(view(column)); }
  DbValue value(int column) const override {
    constexpr Oid kInt8 = 20;
    if (is_null(column)) return std::monostate{};
    if (PQftype(answer_, column) == kInt8) return integer(column);
    return text(column);
  }

 private:
  std::string_view view(int column) const {
    return {PQgetvalue(answer_, row_, column), static_cast<std::size_t>(PQgetlength(answer_, row_, column))};
  }

  const PGresult* answer_;
  int row_;
};

class PostgresConnection final : public Connection {
 public:
  explicit PostgresConnection(Handle handle) : handle_(std::move(handle)) {}
  Dialect dialect() const override { return Dialect::postgres; }
  bool is_usable() const {
    return PQstatus(handle_.get()) == CONNECTION_OK && PQtransactionStatus(handle_.get()) == PQTRANS_IDLE;
  }
  /// Whether the last failure asks for the whole transaction again (serialization failure, deadlock).
  bool wants_retry() const { return wants_retry_; }
  void forget_failure() { wants_retry_ = false; }

  Result<std::int64_t> run(std::string_view sql, const std::vector<DbValue>& params,
                           const OnRow& on_row) override {
    // All parameters go as text; the server infers their types from the statement.
    std::vector<std::string> texts(params.size());
    std::vector<const char*> values(params.size(), nullptr);
    for (std::size_t i = 0; i < params.size(); ++i) values[i] = text_of(params[i], texts[i]);
    const auto name = TRY(prepared(sql));
    const Answer answer = begin_ == nullptr ? execute(name, values) : TRY(begin_with(name, values));
    TRY(check(answer.get()));
    if (on_row)
      for (int row = 0; row < PQntuples(answer.get()); ++row) on_row(PostgresRow(answer.get(), row));
    const std::string_view changed = PQcmdTuples(answer.get());
    std::int64_t count = 0;
    std::from_chars(changed.data(), changed.data() + changed.size(), count);
    return count;
  }

  Result<void> script(const std::string& sql) override {
    if (const char* begin = std::exchange(begin_, nullptr)) TRY(simple(begin));
    return simple(sql.c_str());
  }

  /// Begins a transaction together with its first statement.
  void begin_later(const char* begin) { begin_ = begin; }

  /// A transaction in which a statement failed answers COMMIT with a rollback and no error: said here.
  Result<void> commit() {
    if (std::exchange(begin_, nullptr) != nullptr) return {};  // there was no statement
    ++postgres_round_trips();
    const Answer answer(PQexec(handle_.get(), "COMMIT"));
    TRY(check(answer.get()));
    if (std::string_view(PQcmdStatus(answer.get())) != "COMMIT")
      return Error{ErrorKind::storage, "The metadata store has rolled the transaction back."};
    return {};
  }

  /// False when the server has hung up while the connection was idle: a server says nothing unasked but that.
  bool is_alive() const {
    pollfd socket{PQsocket(handle_.get()), POLLIN, 0};
    return PQstatus(handle_.get()) == CONNECTION_OK && poll(&socket, 1, 0) == 0;
  }

  void roll_back_if_open() {
    begin_ = nullptr;
    if (PQstatus(handle_.get()) == CONNECTION_OK && PQtransactionStatus(handle_.get()) != PQTRANS_IDLE)
      const Answer answer(PQexec(handle_.get(), "ROLLBACK"));
  }

 private:
  using Values = std::vector<const char*>;

  Result<void> simple(const char* sql) {
    ++postgres_round_trips();
    const Answer answer(PQexec(handle_.get(), sql));
    return check(answer.get());
  }

  Answer execute(const std::string& name, const Values& values) {
    ++postgres_round_trips();
    return Answer(PQexecPrepared(handle_.get(), name.c_str(), static_cast<int>(values.size()), values.data(),
                                 nullptr, nullptr, 0));
  }

  /// BEGIN and the statement in one exchange with the server.
  Result<Answer> begin_with(const std::string& name, const Values& values) {
    const char* begin = std::exchange(begin_, nullptr);
    ++postgres_round_trips();
    auto* connection = handle_.get();
    const bool sent = PQenterPipelineMode(connection) == 1 &&
                      PQsendQueryParams(connection, begin, 0, nullptr, nullptr, nullptr, nullptr, 0) == 1 &&
                      PQsendQueryPrepared(connection, name.c_str(), static_cast<int>(values.size()),
                                          values.data(), nullptr, nullptr, 0) == 1 &&
                      PQpipelineSync(connection) == 1;
    if (!sent)
      return Error{ErrorKind::unavailable, "The metadata store has closed the connection; try again."};
    const Answer begun = next_answer();
    Answer answer = next_answer();
    const Answer synchronised(PQgetResult(connection));
    PQexitPipelineMode(connection);
    TRY(check(begun.get()));
    return answer;
  }

  /// The answer to one statement of a pipeline, and the null after it.
  Answer next_answer() {
    Answer answer(PQgetResult(handle_.get()));
    if (answer != nullptr) const Answer end(PQgetResult(handle_.get()));
    return answer;
  }

  Result<std::string> prepared(std::string_view sql) {
    const auto known = statements_.find(std::string(sql));
    if (known != statements_.end()) return known->second;
    if (statements_.size() == kStatementsMax) {  // Filters make statements without end.
      TRY(script("DEALLOCATE ALL"));
      statements_.clear();
    }
    auto name = "s" + std::to_string(statements_.size());
    ++postgres_round_trips();
    const Answer answer(PQprepare(handle_.get(), name.c_str(), dollar_placeholders(sql).c_str(), 0, nullptr));
    TRY(check(answer.get()));
    statements_.emplace(std::string(sql), name);
    return name;
  }

  static const char* text_of(const DbValue& value, std::string& buffer) {
    if (const auto* text = std::get_if<std::string>(&value)) return text->c_str();
    if (const auto* integer = std::get_if<std::int64_t>(&value))
      return (buffer = std::to_string(*integer)).c_str();
    if (const auto* number = std::get_if<double>(&value)) {
      char digits[64];
      const auto end = std::to_chars(digits, digits + sizeof digits, *number).ptr;
      buffer.assign(digits, end);
      return buffer.c_str();
    }
    return nullptr;
  }

  // The primary message names tables and columns; the detail line, which quotes values, is left out.
  Result<void> check(const PGresult* answer) {
    const auto status = PQresultStatus(answer);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return {};
    const char* state = answer == nullptr ? nullptr : PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    const std::string_view code = state == nullptr ? "" : state;
    if (PQstatus(handle_.get()) != CONNECTION_OK || code.starts_with("57P"))
      return Error{ErrorKind::unavailable, "The metadata store has closed the connection; try again."};
    if (code == "23505") return Error{ErrorKind::conflict, "This already exists."};
    wants_retry_ = code == "40001" || code == "40P01";
    if (wants_retry_) return Error{ErrorKind::unavailable, "The metadata store is busy; try again."};
    const char* primary = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
    if (code == "53100" || code == "25006")  // disk full, read-only
      return Error{ErrorKind::storage,
                   "The metadata store takes nothing in: " + first_line(primary) + ".",
                   {},
                   kTakesNothing};
    return Error{ErrorKind::storage,
                 "The metadata store failed in a statement: " + first_line(primary) + "."};
  }

  Handle handle_;
  std::unordered_map<std::string, std::string> statements_;
  bool wants_retry_ = false;
  const char* begin_ = nullptr;  // of a transaction that has no statement yet
};

/// A small pool of connections, opened when needed and dropped when they break.
class PostgresDatabase final : public Database {
 public:
  static Result<std::unique_ptr<Database>> open(const std::string& url) {
    std::unique_ptr<PostgresDatabase> database(new PostgresDatabase(url));  // the constructor is private
    TRY(database->query([](Connection&) { return Result<void>(); }));
    return std::unique_ptr<Database>(std::move(database));
  }

  Result<void> write(const Work& work) override {
    return framed("BEGIN ISOLATION LEVEL READ COMMITTED", work);
  }
  Result<void> read(const Work& work) override {
    return framed("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", work);
  }

  Result<void> query(const Work& work) override {
    auto taken = TRY(take());
    const Borrowed borrowed{*this, std::move(taken)};
    return work(*borrowed.connection);
  }

 private:
  explicit PostgresDatabase(std::string url) : url_(std::move(url)) {}

  struct Borrowed {
    Borrowed(PostgresDatabase& owner, std::unique_ptr<PostgresConnection> taken)
        : database(owner), connection(std::move(taken)) {}
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    ~Borrowed() { database.give_back(std::move(connection)); }
    PostgresDatabase& database;
    std::unique_ptr<PostgresConnection> connection;
  };

  Result<void> framed(const char* begin, const Work& work) {
    auto taken = TRY(take());
    const Borrowed borrowed{*this, std::move(taken)};
    auto& connection = *borrowed.connection;
    for (int attempt = 1;; ++attempt) {
      connection.forget_failure();
      auto outcome = attempt_once(connection, begin, work);
      if (outcome || !connection.wants_retry() || attempt == kAttemptsMax) return outcome;
    }
  }

  static Result<void> attempt_once(PostgresConnection& connection, const char* begin, const Work& work) {
    struct RollbackUnlessDone {
      ~RollbackUnlessDone() { open.roll_back_if_open(); }
      PostgresConnection& open;
    };
    const RollbackUnlessDone transaction{connection};
    connection.begin_later(begin);
    TRY(work(connection));
    return connection.commit();
  }

  Result<std::unique_ptr<PostgresConnection>> take() {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return !idle_.empty() || connections_ < kConnectionsMax; });
    while (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->is_alive()) return connection;
      --connections_;
    }
    ++connections_;
    lock.unlock();
    auto connection = connect();
    if (!connection) {
      lock.lock();
      --connections_;
      freed_.notify_one();
    }
    return connection;
  }

  void give_back(std::unique_ptr<PostgresConnection> connection) {
    const bool usable = connection->is_usable();
    if (!usable) connection.reset();
    {
      const std::lock_guard lock(mutex_);
      if (usable)
        idle_.push_back(std::move(connection));
      else
        --connections_;
    }
    freed_.notify_one();
  }

  Result<std::unique_ptr<PostgresConnection>> connect() const {
    constexpr const char* kNames[] = {"dbname", "connect_timeout", "application_name", "client_encoding",
                                      nullptr};
    const char* values[] = {url_.c_str(), kConnectTimeoutSeconds.data(), "headwater", "UTF8", nullptr};
    Handle handle(PQconnectdbParams(kNames, values, 1));
    // libpq's message names host, database and user; the URL itself may hold a password and stays out.
    if (PQstatus(handle.get()) != CONNECTION_OK)
      return Error{ErrorKind::unavailable,
                   "The metadata store cannot be reached: " + first_line(PQerrorMessage(handle.get())) + "."};
    PQsetNoticeProcessor(handle.get(), [](void*, const char*) {}, nullptr);
    auto connection = std::make_unique<PostgresConnection>(std::move(handle));
    // Every list has its index, and the planner's guesses about members of documents are no reason to read or
    // sort a whole table instead.
    TRY(
        connection->script("SET standard_conforming_strings = on; SET jit = off; SET enable_seqscan = off; "
                           "SET enable_sort = off"));
    return connection;
  }

  const std::string url_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<PostgresConnection>> idle_;
  std::size_t connections_ = 0;
};

}  // namespace

std::atomic<std::uint64_t>& postgres_round_trips() {
  static std::atomic<std::uint64_t> count{0};
  return count;
}

Result<std::unique_ptr<Database>> open_postgres(const std::string& url) {
  return PostgresDatabase::open(url);
}

}  // namespace headwater::store::internal
