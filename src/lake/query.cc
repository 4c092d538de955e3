#include "lake/query.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "lake/internal/duckdb_api.h"
#include "lake/internal/infer.h"
#include "lake/internal/manifest.h"
#include "lake/internal/ndjson_rows.h"
#include "lake/internal/result_cells.h"
#include "lake/internal/statement_check.h"
#include "lake/internal/table_hint.h"

namespace headwater::lake {
namespace {

/// Interrupts a query at its deadline or when the caller stops it.
class Watchdog {
 public:
  Watchdog(const DuckDbSession& session, const QueryOptions& options)
      : thread_([this, &session, outer = options.stop, time_max = options.time_max](std::stop_token done) {
          const auto deadline = std::chrono::steady_clock::now() + time_max;
          const std::stop_callback on_stop(outer, [this] { changed_.notify_all(); });
          std::unique_lock lock(mutex_);
          const auto stopped = [&outer] { return outer.stop_requested(); };
          const bool cancelled = changed_.wait_until(lock, done, deadline, stopped);
          if (done.stop_requested()) return;
          timed_out_ = !cancelled;
          lock.unlock();
          // Again and again: an interrupt between two pieces of work is forgotten by the next piece.
          while (!done.stop_requested()) {
            session.interrupt();
            std::unique_lock again(mutex_);
            changed_.wait_for(again, done, std::chrono::milliseconds(20), [] { return false; });
          }
        }) {}

  bool timed_out() {
    const std::lock_guard lock(mutex_);
    return timed_out_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool timed_out_ = false;
  std::jthread thread_;  // Last: it uses the others.
};

bool mentions(std::string_view folded_sql, std::string_view name) {
  return !name.empty() && folded_sql.find(folded(name)) != folded_sql.npos;
}

bool is_word_part(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (static_cast<unsigned char>(c) >= 0x80);
}

/// As `mentions`, but for the name within longer words: "nd" is not in "kind".
bool names(std::string_view folded_sql, std::string_view given) {
  const std::string name = folded(given);
  if (name.empty()) return false;
  for (auto at = folded_sql.find(name); at != folded_sql.npos; at = folded_sql.find(name, at + 1)) {
    const auto end = at + name.size();
    const bool goes_on =
        end < folded_sql.size() && is_word_part(name.back()) && is_word_part(folded_sql[end]);
    const bool began = at > 0 && is_word_part(name.front()) && is_word_part(folded_sql[at - 1]);
    if (!goes_on && !began) return true;
  }
  return false;
}

/// Files of a dataset as a list in SQL, all or those that hold a batch; empty when there is none.
Result<std::string> file_list(const std::filesystem::path& data, const Manifest& manifest,
                              const std::optional<BatchId>& batch) {
  std::string list;
  const auto add = [&list, &data](const DataFile& file) {
    list += (list.empty() ? "[" : ", ") + sql_string((data / file.name).string());
    return true;
  };
  if (batch) {
    for (const auto& file : TRY(manifest.files_of(*batch))) add(file);
  } else {
    TRY(manifest.files.each(add));
  }
  return list.empty() ? list : list + "]";
}

std::string empty_rows(const std::vector<Column>& columns) {
  std::string nulls;
  for (const auto& column : columns)
    nulls += (nulls.empty() ? "" : ", ") + ("CAST(NULL AS " + sql_type(column.type) + ") AS ") +
             sql_name(column.name);
  return "SELECT " + nulls + " WHERE false";
}

/// The rows of a dataset. Columns that no file has yet read as null, as do those that older files lack.
std::string select_rows(const std::string& files, const Manifest& manifest, bool with_other) {
  auto layout = manifest.layout;
  auto& columns = layout.columns;
  const bool parquet = manifest.dataset.format == Format::parquet;
  if (parquet && (with_other || columns.empty()))
    columns.push_back({std::string(kOtherColumn), {.kind = ColumnType::Kind::json}});
  if (columns.empty()) columns.push_back({"json", {.kind = ColumnType::Kind::json}});
  if (!parquet && !files.empty()) return NdjsonRows{files, layout}.select(with_other && !layout.strict);
  std::string names;
  for (const auto& column : columns) {
    const auto name = sql_name(column.name);
    names += names.empty() ? "" : ", ";
    if (parquet && column.type.kind == ColumnType::Kind::json)
      names.append("CAST(").append(name).append(" AS JSON) AS ");
    names += name;
  }
  auto rows = empty_rows(columns);
  if (!files.empty())
    rows = "SELECT * FROM read_parquet(" + files + ", union_by_name = true) UNION ALL BY NAME " + rows;
  return "SELECT " + names + " FROM (" + rows + ")";
}

using Names = std::set<std::string>;

/// Owns a prepared statement.
class Statement {
 public:
  explicit Statement(const DuckDb& api) : api_(api) {}
  Statement(const Statement&) = delete;
  ~Statement() {
    if (statement_ != nullptr) api_.destroy_prepare(&statement_);
    if (extracted_ != nullptr) api_.destroy_extracted(&extracted_);
  }

  Result<void> extract(const DuckDbSession& session, const std::string& sql) {
    const auto count = api_.extract_statements(session.connection(), sql.c_str(), &extracted_);
    const char* wrong = count == 0 ? api_.extract_statements_error(extracted_) : nullptr;
    if (wrong != nullptr) return Error{ErrorKind::invalid_argument, wrong};
    if (count != 1)
      return Error{ErrorKind::invalid_argument,
                   "Give exactly one SQL statement; there are " + std::to_string(count) + "."};
    return {};
  }

  Result<void> prepare(const DuckDbSession& session) {
    if (api_.prepare_extracted_statement(session.connection(), extracted_, 0, &statement_) != DuckDBSuccess)
      return Error{ErrorKind::invalid_argument, api_.prepare_error(statement_)};
    if (api_.prepared_statement_type(statement_) != DUCKDB_STATEMENT_TYPE_SELECT)
      return Error{ErrorKind::invalid_argument,
                   "Only queries are allowed here: SELECT, FROM, WITH, DESCRIBE or SHOW."};
    if (api_.nparams(statement_) > 0)
      return Error{ErrorKind::invalid_argument, "The statement has parameters; write the values out."};
    return {};
  }

  duckdb_prepared_statement get() const { return statement_; }

 private:
  const DuckDb& api_;
  duckdb_extracted_statements extracted_ = nullptr;
  duckdb_prepared_statement statement_ = nullptr;
};

/// Owns a result while it is read.
class ResultReader {
 public:
  explicit ResultReader(const DuckDb& api) : api_(api) {}
  ResultReader(const ResultReader&) = delete;
  ~ResultReader() { api_.destroy_result(&result_); }

  Result<void> execute(duckdb_prepared_statement statement) {
    if (api_.execute_prepared_streaming(statement, &result_) == DuckDBSuccess) return {};
    return failure();
  }

  Result<QueryReport> read(const RowSink& sink, std::uint64_t rows_max) {
    std::vector<ResultColumn> columns;
    for (std::uint64_t i = 0; i < api_.column_count(&result_); ++i) {
      types_.push_back(ResultType::of(api_, own(api_, api_.column_logical_type(&result_, i)).get()));
      columns.push_back({api_.column_name(&result_, i), types_.back().text});
      if (types_.back().text.empty())
        return Error{ErrorKind::unsupported, "The type of the column '" + columns.back().name +
                                                 "' cannot be shown; cast it to VARCHAR in the query."};
    }
    if (sink.columns) TRY(sink.columns(columns));
    QueryReport report;
    for (;;) {
      auto chunk = api_.fetch_chunk(result_);
      if (chunk == nullptr) break;
      auto given = give(sink, chunk, rows_max, report);
      api_.destroy_data_chunk(&chunk);
      TRY(std::move(given));
      if (report.truncated) return report;
    }
    if (api_.result_error(&result_) != nullptr) return failure();
    return report;
  }

 private:
  Error failure() {
    const char* message = api_.result_error(&result_);
    return error_of_message(api_.result_error_type(&result_), message == nullptr ? "unknown" : message);
  }

  Result<void> give(const RowSink& sink, duckdb_data_chunk chunk, std::uint64_t rows_max,
                    QueryReport& report) {
    const CellText text(api_);
    std::vector<std::string> texts(types_.size());
    std::vector<Cell> cells(types_.size());
    const auto rows = api_.data_chunk_get_size(chunk);
    for (std::uint64_t row = 0; row < rows; ++row) {
      report.truncated = rows_max > 0 && report.rows == rows_max;
      if (report.truncated) return {};
      for (std::size_t i = 0; i < types_.size(); ++i) {
        texts[i].clear();
        cells[i].kind = text.append(texts[i], types_[i], api_.data_chunk_get_vector(chunk, i), row, false);
        cells[i].text = texts[i];
      }
      TRY(sink.row(cells));
      ++report.rows;
    }
    return {};
  }

  const DuckDb& api_;
  duckdb_result result_{};
  std::vector<ResultType> types_;
};

void remove_all_of(std::string& text, const std::string& part) {
  for (auto at = text.find(part); at != text.npos; at = text.find(part)) text.erase(at, part.size());
}

/// Runs a statement of ours.
Result<bool> has_rows(const DuckDbSession& session, const std::string& sql) {
  Statement statement(session.api());
  TRY(statement.extract(session, sql));
  TRY(statement.prepare(session));
  ResultReader reader(session.api());
  TRY(reader.execute(statement.get()));
  RowSink sink;
  sink.row = [](std::span<const Cell>) -> Result<void> { return {}; };
  return TRY(reader.read(sink, 1)).rows > 0;
}

/// True when which columns there are is to be seen: `*` that is no count's, DESCRIBE, SUMMARIZE, FROM alone.
bool asks_for_columns(std::string folded_sql) {
  remove_all_of(folded_sql, "count(*)");
  return folded_sql.find('*') != folded_sql.npos || !mentions(folded_sql, "select") ||
         mentions(folded_sql, "describe") || mentions(folded_sql, "columns");
}

/// Whether NDJSON files hold what their columns cannot. Parquet's writer has counted that. Of many files it
/// is not found out before every query: they may.
Result<bool> holds_other(const DuckDbSession& session, const std::string& files, const Manifest& manifest) {
  constexpr std::uint64_t kReadBytesMax = 64U << 20;
  if (manifest.dataset.format != Format::ndjson || manifest.layout.strict || files.empty() ||
      manifest.layout.columns.empty())
    return false;
  std::uint64_t bytes = 0;
  TRY(manifest.files.each([&bytes](const DataFile& file) {
    bytes += file.bytes;
    return bytes <= kReadBytesMax;
  }));
  if (bytes > kReadBytesMax) return true;
  // A record too large to be looked at is told to whoever asks for it, not to who merely asks what there is.
  const auto found = has_rows(session, NdjsonRows{files, manifest.layout}.any_other());
  return !found || *found;
}

/// Names in SQL know no case, so one may stand for several datasets: then it stands for none.
std::string select_by_name(const DatasetInfo& dataset, const std::vector<DatasetInfo>& all) {
  std::string ids;
  std::size_t count = 0;
  for (const auto& other : all) {
    if (folded(other.name) != folded(dataset.name)) continue;
    ids.append(++count == 1 ? "" : ", ").append(other.id.value);
  }
  if (count == 1) return "SELECT * FROM " + sql_name(dataset.id.value);
  return "SELECT 1 AS ambiguous WHERE error(" +
         sql_string("The name \"" + dataset.name + "\" stands for " + std::to_string(count) +
                    " datasets, as names in SQL know no case; name them by their ids: " + ids + ".") +
         ")::VARCHAR = ''";
}

/// Those that may be queried.
Result<std::vector<DatasetInfo>> datasets_of(const Lake& lake, const QueryOptions& options) {
  auto datasets = TRY(lake.datasets());
  std::erase_if(datasets,
                [&options](const auto& item) { return options.tenant && item.tenant != *options.tenant; });
  return datasets;
}

/// Makes the views; gives their folded names.
Result<Names> make_views(const Lake& lake, const DuckDbSession& session, std::string_view sql,
                         const QueryOptions& options) {
  const auto folded_sql = folded(sql);
  const auto datasets = TRY(datasets_of(lake, options));
  // Only what the statement can mean: opening every file of a large lake would take longer than it.
  auto wanted = datasets;
  std::erase_if(wanted, [&folded_sql](const DatasetInfo& item) {
    // A quotation mark in a name stands twice in the statement.
    return !names(folded_sql, item.id.value) && !names(folded_sql, item.name) &&
           !names(folded_sql, sql_name(item.name));
  });
  if (wanted.empty() && (mentions(folded_sql, "show") || mentions(folded_sql, "information_schema")))
    wanted = datasets;
  std::string folders;
  Names known;
  const bool asks_other = mentions(folded_sql, kOtherColumn);
  const bool asks_all = asks_for_columns(folded_sql);
  for (const auto& dataset : wanted) {
    const auto manifest = lake.manifest(dataset.id);
    if (!manifest) continue;  // removed meanwhile
    const auto data = lake.options().root / dataset.id.value / kDataFolder;
    const auto files = TRY(file_list(data, **manifest, options.batch));
    const bool any_other =
        (*manifest)->batches.sum() > 0 || (asks_all && TRY(holds_other(session, files, **manifest)));
    const auto id = sql_name(dataset.id.value);
    TRY(session.run("CREATE OR REPLACE VIEW " + id + " AS " +
                    select_rows(files, **manifest, asks_other || any_other)));
    const bool is_an_id = std::any_of(wanted.begin(), wanted.end(), [&dataset](const auto& other) {
      return folded(other.id.value) == folded(dataset.name);
    });
    if (!dataset.name.empty() && !is_an_id)
      TRY(session.run("CREATE OR REPLACE VIEW " + sql_name(dataset.name) + " AS " +
                      select_by_name(dataset, wanted)));
    known.insert(folded(dataset.id.value));
    known.insert(folded(dataset.name));
    folders += (folders.empty() ? "" : ", ") + sql_string(data.string() + "/");
  }
  // From here on the statement reaches these folders and nothing else, and cannot change that.
  TRY(session.run("SET allowed_directories = [" + folders + "]"));
  TRY(session.run("SET enable_external_access = false"));
  TRY(session.run("SET lock_configuration = true"));
  return known;
}

/// The error as the caller may see it: without the server's folders, and with the reason of an interrupt.
Error shown(Error error, const Lake& lake, Watchdog& watchdog, const QueryOptions& options) {
  remove_all_of(error.message, lake.options().root.string() + "/");
  remove_all_of(error.message, lake.options().root.string());
  // Whether the plan or the rows took too much; DuckDB's advice is for who may set its options.
  if (error.message.starts_with("Out of Memory Error"))
    return Error{ErrorKind::too_large,
                 "The query needs more memory than one may take: select less, aggregate "
                 "in smaller parts, or use shorter texts."};
  if (!watchdog.timed_out()) {
    if (options.stop.stop_requested()) return Error{ErrorKind::cancelled, "The query was cancelled."};
    if (const auto datasets = datasets_of(lake, options))
      error.message = with_table_hint(std::move(error.message), *datasets);
    return error;
  }
  const auto seconds = std::chrono::duration<double>(options.time_max).count();
  auto text = std::to_string(seconds);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return Error{ErrorKind::timeout, "The query took longer than " + text + " s."};
}

Result<QueryReport> run_statement(const DuckDbSession& session, std::string_view sql, const Names& views,
                                  const QueryOptions& options, const RowSink& sink) {
  Statement statement(session.api());
  TRY(statement.extract(session, std::string(sql)));
  // Before it is prepared: that alone calls some table functions.
  TRY(check_statement(session, sql, views));
  TRY(statement.prepare(session));
  ResultReader reader(session.api());
  TRY(reader.execute(statement.get()));
  return reader.read(sink, options.rows_max);
}

// `{"id":1,"when":"2024-03-05T00:00:00Z"}`; members that are null are left out.
void append_object(std::string& out, std::span<const ResultColumn> columns, std::span<const Cell> row) {
  out = "{";
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i].kind == Cell::Kind::null) continue;
    if (out.size() > 1) out += ',';
    json::append_quoted(out, columns[i].name);
    out += ':';
    if (row[i].kind == Cell::Kind::text)
      json::append_quoted(out, row[i].text);
    else
      out += row[i].text;
  }
  out += '}';
}

}  // namespace

Result<void> read_parquet_rows(const std::filesystem::path& file, const std::stop_token& stop,
                               const std::function<Result<void>(std::string_view)>& row) {
  const auto session =
      TRY(DuckDbSession::open({.threads = 1, .memory_bytes_max = 512ULL << 20, .keep_order = true}));
  TRY(session.run("SET TimeZone = 'UTC'"));
  std::vector<ResultColumn> columns;
  std::string object;
  RowSink sink;
  sink.columns = [&columns](std::span<const ResultColumn> given) -> Result<void> {
    columns.assign(given.begin(), given.end());
    return {};
  };
  sink.row = [&](std::span<const Cell> cells) -> Result<void> {
    if (stop.stop_requested()) return Error{ErrorKind::cancelled, "Reading was stopped."};
    append_object(object, columns, cells);
    return row(object);
  };
  // The file alone can be reached: what it holds is data, never a path.
  TRY(session.run("SET allowed_paths = [" + sql_string(file.string()) + "]"));
  TRY(session.run("SET enable_external_access = false"));
  const auto sql = "SELECT * FROM read_parquet(" + sql_string(file.string()) + ")";
  const auto read = [&]() -> Result<QueryReport> {
    Statement statement(session.api());
    TRY(statement.extract(session, sql));
    TRY(statement.prepare(session));
    ResultReader reader(session.api());
    TRY(reader.execute(statement.get()));
    return reader.read(sink, 0);
  };
  auto done = read();
  if (done) return {};
  Error error = std::move(done).error();
  // What follows the first line is the statement, which only we have written.
  error.message.resize(std::min(error.message.find('\n'), error.message.size()));
  remove_all_of(error.message, " in file '" + file.string() + "'");
  remove_all_of(error.message, file.string());
  return error;
}

Result<QueryReport> run_query(const Lake& lake, std::string_view sql, const QueryOptions& options,
                              const RowSink& sink) {
  if (sql.size() > kStatementBytesMax)
    return Error{ErrorKind::invalid_argument,
                 "The statement is longer than " + std::to_string(kStatementBytesMax) + " bytes.", "/sql"};
  if (sql.find('\0') != sql.npos)
    return Error{ErrorKind::invalid_argument, "The statement holds a NUL character."};
  const auto session = TRY(DuckDbSession::open(
      {.threads = options.threads, .memory_bytes_max = options.memory_bytes_max, .keep_order = true}));
  TRY(session.run("SET TimeZone = 'UTC'"));
  Watchdog watchdog(session, options);
  const auto views = make_views(lake, session, sql, options);
  if (!views) return shown(views.error(), lake, watchdog, options);
  auto report = run_statement(session, sql, *views, options, sink);
  if (!report) return shown(std::move(report).error(), lake, watchdog, options);
  return report;
}

}  // namespace headwater::lake
