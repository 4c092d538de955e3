#include "api/query_task.h"

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "api/internal/rows.h"
#include "base/file.h"
#include "base/log.h"
#include "base/program.h"
#include "lake/query.h"

namespace headwater::api {
namespace {

using json::Object;
using json::Value;

constexpr auto kTimeMax = std::chrono::minutes(1);
#ifdef __SANITIZE_ADDRESS__
constexpr std::uint64_t kMemoryBytesMax = 0;  // what the sanitizer keeps of each byte counts as data, too
#else
constexpr std::uint64_t kMemoryBytesMax = 1ULL << 30;  // of which DuckDB gives itself half
#endif
constexpr std::size_t kAnswerBytesMax = 80U << 20;  // the rows, and what stands around them
constexpr int kFailed = 3;                          // standard output holds the error

Value encode(const Error& error) {
  return Object{
      {"kind", static_cast<std::int64_t>(error.kind)}, {"message", error.message}, {"where", error.where}};
}

Error decode(const ProgramEnd& end) {
  const auto document = end.exit_code == kFailed ? json::parse(end.output) : Error{ErrorKind::upstream, ""};
  if (!document) {
    log::error("a query's process has ended", {{"exit_code", end.exit_code}, {"errors", end.errors}});
    constexpr int kNotStarted = 127;
    if (end.exit_code == kNotStarted)
      return Error{ErrorKind::storage, "The query could not be run; the server's log says why."};
    return Error{ErrorKind::too_large,
                 "The query's process has ended (" + std::to_string(end.exit_code) +
                     "), as it does when it needs more memory than one may take: select less."};
  }
  const Value* kind = document->find("kind");
  return Error{static_cast<ErrorKind>(kind == nullptr ? 0 : kind->as_int64().value_or(0)),
               std::string(document->string_at("message")), std::string(document->string_at("where"))};
}

Result<std::string> answer_from_input() {
  const auto text = TRY(read_file("/dev/stdin"));
  const auto document = TRY(json::parse(text));
  const auto task = TRY(QueryTask::from_json(document));
  SystemClock clock;
  const auto lake = TRY(lake::Lake::open(lake::Lake::Options::of_a_reader(task.lake), clock));
  return answer_query(*lake, task);
}

}  // namespace

Value QueryTask::to_json() const {
  return Object{{"lake", lake.string()},
                {"tenant", tenant},
                {"sql", sql},
                {"rowsMax", static_cast<std::int64_t>(rows_max)},
                {"batch", batch.value},
                {"objects", objects}};
}

Result<QueryTask> QueryTask::from_json(const Value& document) {
  const Value* rows = document.find("rowsMax");
  const auto rows_max = rows == nullptr ? std::nullopt : rows->as_int64();
  if (!rows_max || *rows_max < 0)
    return Error{ErrorKind::invalid_argument, "A query's task has the number rowsMax.", "/rowsMax"};
  const Value* objects = document.find("objects");
  return QueryTask{std::string(document.string_at("lake")),
                   std::string(document.string_at("tenant")),
                   std::string(document.string_at("sql")),
                   static_cast<std::uint64_t>(*rows_max),
                   BatchId(std::string(document.string_at("batch"))),
                   objects != nullptr && objects->as_bool_lenient().value_or(false)};
}

Result<std::string> answer_query(const lake::Lake& lake, const QueryTask& task) {
  lake::QueryOptions options;
  options.tenant = task.tenant;
  options.rows_max = task.rows_max;
  options.time_max = kTimeMax;
  if (!task.batch.empty()) options.batch = task.batch;
  RowText rows(task.objects ? RowText::Form::objects : RowText::Form::arrays);
  const auto report = TRY(lake::run_query(lake, task.sql, options, rows.sink()));
  if (task.objects) return std::move(rows).text();
  std::string text = "{\"columns\":" + rows.columns_text() + ",\"rows\":";
  text += std::move(rows).text();
  text += ",\"rowCount\":" + std::to_string(report.rows);
  text += std::string(",\"truncated\":") + (report.truncated ? "true" : "false") + "}";
  return text;
}

Result<std::string> answer_query_apart(const std::filesystem::path& program, const QueryTask& task,
                                       const std::function<bool()>& stopped) {
  Program query;
  query.file = program;
  query.arguments = {"query-process"};
  if (const char* library = std::getenv("HEADWATER_DUCKDB"))
    query.environment.push_back(std::string("HEADWATER_DUCKDB=") + library);
  query.input = task.to_json().dump();
  query.time_max = kTimeMax + std::chrono::seconds(5);  // it keeps its own time
  query.output_max = kAnswerBytesMax;
  query.memory_bytes_max = kMemoryBytesMax;
  auto end = TRY(execute(query, stopped));
  if (end.exit_code == 0) return std::move(end.output);
  return decode(end);
}

int serve_query_process() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  const auto answer = answer_from_input();
  const std::string text = answer ? *answer : encode(answer.error()).dump();
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) return 1;
  return answer ? 0 : kFailed;
}

}  // namespace headwater::api
