#include <chrono>
#include <thread>

#include "api/internal/catalog.h"
#include "api/internal/handlers.h"
#include "api/query_task.h"
#include "base/shared_places.h"

namespace headwater::api::queries {
namespace {

constexpr std::int64_t kRowsDefault = 100'000;
constexpr std::int64_t kRowsMax = 1'000'000;

// Each may take its share of memory, and a worker thread for its minute. Of the whole process: it is its
// memory.
constexpr std::size_t kAtOnce = 4;
SharedPlaces running(kAtOnce, kAtOnce - 1);

QueryTask task_of(const Call& call, std::string sql, std::uint64_t rows_max) {
  return {call.services.lake.options().root, lake_tenant(call.caller.tenant), std::move(sql), rows_max};
}

Result<std::string> answer(const Call& call, const QueryTask& task, std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kLookEvery{25};
  const auto latest = std::chrono::steady_clock::now() + patience;
  const auto left = [&call] { return call.request.caller != nullptr && call.request.caller->has_left(); };
  while (true) {
    if (const auto place = running.take(call.caller.tenant.org.value))
      return call.services.query_program.empty()
                 ? answer_query(call.services.lake, task)
                 : answer_query_apart(call.services.query_program, task, left);
    if (std::chrono::steady_clock::now() >= latest) break;
    std::this_thread::sleep_for(kLookEvery);
  }
  Error busy{ErrorKind::rate_limited, "Too many queries at once; ask again in a moment."};
  busy.retry_after = std::chrono::seconds(1);
  return busy;
}

}  // namespace

Result<std::string> first_rows(const Call& call, const DatasetId& dataset, const BatchId& batch,
                               std::uint64_t rows_max) {
  constexpr std::chrono::seconds kPatience{5};
  auto task =
      task_of(call, "SELECT * FROM \"" + dataset.value + "\" LIMIT " + std::to_string(rows_max), rows_max);
  task.batch = batch;
  task.objects = true;
  return answer(call, task, kPatience);
}

// POST /headwater/query, our extension: {"sql", "limit"?} -> {"columns", "rows", "rowCount", "truncated"}.
Result<http::Response> run(const Call& call) {
  const auto body = TRY(object_body(call));
  const std::string_view sql = body.string_at("sql");
  if (sql.empty()) return bad_request("CONNECTOR-1304-400", "/sql", "sql is required: one SELECT statement.");
  std::int64_t limit = kRowsDefault;
  if (const json::Value* given = body.find("limit"); given != nullptr && !given->is_null()) {
    const auto number = given->as_int64_lenient();
    if (!number || *number < 1 || *number > kRowsMax)
      return bad_request("FLOW-1451-400", "/limit",
                         "limit must be a number from 1 to " + std::to_string(kRowsMax) + ".");
    limit = *number;
  }
  auto text = TRY(answer(call, task_of(call, std::string(sql), static_cast<std::uint64_t>(limit)),
                         std::chrono::milliseconds(0)));
  return http::Response::text(200, std::move(text), "application/json");
}

}  // namespace headwater::api::queries
