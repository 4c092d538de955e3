#include <atomic>
#include <chrono>

#include "api/internal/catalog.h"
#include "api/internal/handlers.h"
#include "api/internal/rows.h"

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
  lake::QueryOptions options;
  options.tenant = lake_tenant(call.caller.tenant);
  options.rows_max = static_cast<std::uint64_t>(limit);
  options.time_max = std::chrono::minutes(1);
  RowText rows(RowText::Form::arrays);
  const auto report = TRY(lake::run_query(call.services.lake, sql, options, rows.sink()));
  std::string text = "{\"columns\":" + rows.columns_text() + ",\"rows\":";
  text += std::move(rows).text();
  text += ",\"rowCount\":" + std::to_string(report.rows);
  text += std::string(",\"truncated\":") + (report.truncated ? "true" : "false") + "}";
  return http::Response::text(200, std::move(text), "application/json");
}

}  // namespace headwater::api::queries
