#include <atomic>

#include "api/internal/catalog.h"
#include "api/internal/handlers.h"
#include "api/query_task.h"

namespace headwater::api::queries {
namespace {

constexpr std::int64_t kRowsDefault = 100'000;
constexpr std::int64_t kRowsMax = 1'000'000;

// Each may take its share of memory, and a worker thread for its minute.
constexpr int kAtOnce = 4;
std::atomic<int> running = 0;  // of the whole process: it is its memory

class Place {
 public:
  Place() : taken_(++running <= kAtOnce) {}
  ~Place() { --running; }
  Place(const Place&) = delete;
  explicit operator bool() const { return taken_; }

 private:
  bool taken_;
};

}  // namespace

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
  const Place place;
  if (!place) {
    Error busy{ErrorKind::rate_limited, "Too many queries at once; ask again in a moment."};
    busy.retry_after = std::chrono::seconds(1);
    return busy;
  }
  const QueryTask task{call.services.lake.options().root, lake_tenant(call.caller.tenant), std::string(sql),
                       static_cast<std::uint64_t>(limit)};
  const auto left = [&call] { return call.request.caller != nullptr && call.request.caller->has_left(); };
  auto text =
      TRY(call.services.query_program.empty() ? answer_query(call.services.lake, task)
                                              : answer_query_apart(call.services.query_program, task, left));
  return http::Response::text(200, std::move(text), "application/json");
}

}  // namespace headwater::api::queries
