// What the metadata store reaches: lists over many runs, durable creates.
// Usage: store_bench lists URL [runs]         fills the store first when it holds no runs
//        store_bench creates URL [seconds [threads]]
// URL as for `headwater serve --store`, of a store that nothing else uses.
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/crypto.h"
#include "store/internal/database.h"
#include "store/store.h"

namespace {

using namespace headwater;
namespace internal = store::internal;
using SteadyClock = std::chrono::steady_clock;

constexpr int kPages = 1000;
constexpr std::int64_t kFirst = 1'650'000'000'000;

const domain::Tenant kTenant{OrgId("0123456789ABCDEF01234567@AdobeOrg"), SandboxId("sandbox-1"), "prod"};

template <class T>
T checked(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

double seconds_since(SteadyClock::time_point started) {
  return std::chrono::duration<double>(SteadyClock::now() - started).count();
}

// Run i of 200 flows started at kFirst + i seconds; one in 1,000 has failed; about 1 KB as a real one.
std::string document(const std::string& i, bool sqlite) {
  const std::string status = "(CASE WHEN " + i + " % 1000 = 0 THEN 'failed' ELSE 'success' END)";
  const auto text = [&](const std::string& number) { return "(" + number + (sqlite ? ")" : ")::text"); };
  return "'{\"flowId\":\"flow-' || " + text(i + " % 200") +
         " || '\",\"flowSpec\":{\"id\":\"6499120c-0b15-42dc-936e-"
         "847ea3c24d72\",\"version\":\"1.0\"},\"metrics\":{\"durationSummary\":{\"startedAtUTC\":' || " +
         text(std::to_string(kFirst) + " + " + i + " * 1000") +
         " || ',\"completedAtUTC\":1},\"sizeSummary\":{\"inputBytes\":1024,\"outputBytes\":2048},"
         "\"recordSummary\":{\"inputRecordCount\":100,\"outputRecordCount\":100},\"statusSummary\":{"
         "\"status\":\"' || " +
         status + " || '\"}},\"activities\":[\"" + std::string(500, 'x') + "\"]}'";
}

void fill(const std::string& url, std::int64_t runs) {
  const auto started = SteadyClock::now();
  const auto database = checked(internal::open_database(url, "."));
  const auto scope = kTenant.org.value + "/" + kTenant.sandbox.value;
  const auto part = [&](std::int64_t from, std::int64_t to) {
    checked(database->write([&](internal::Connection& connection) -> Result<void> {
      const bool sqlite = connection.dialect() == internal::Dialect::sqlite;
      const auto body = document("i", sqlite);
      const auto time = std::to_string(kFirst) + " + i * 1000";
      std::string sql =
          "INSERT INTO runs SELECT 'run-' || i, '" + scope + "', '" + kTenant.org.value + "', '" +
          kTenant.sandbox.value + "', 'prod', " + time + ", " + time +
          " + 500, 'u', 'u', 'c', 'c', CASE WHEN i % 1000 = 0 THEN 'failed' ELSE 'success' END, "
          "'\"etag\"', " +
          body;
      if (!sqlite) sql += ", (" + body + ")::jsonb";
      sql += sqlite ? " FROM (WITH RECURSIVE n(i) AS (SELECT " + std::to_string(from) +
                          " UNION ALL SELECT i + 1 FROM n WHERE i + 1 < " + std::to_string(to) +
                          ") SELECT i FROM n)"
                    : " FROM generate_series(" + std::to_string(from) + "::bigint, " +
                          std::to_string(to - 1) + ") AS n(i)";
      return connection.script(sql);
    }));
  };
  constexpr std::int64_t kPart = 50'000;
  for (std::int64_t from = 0; from < runs; from += kPart) part(from, std::min(from + kPart, runs));
  checked(database->query([](internal::Connection& connection) -> Result<void> {
    if (connection.dialect() == internal::Dialect::postgres) return connection.script("VACUUM ANALYZE runs");
    return connection.script("PRAGMA wal_checkpoint(TRUNCATE)");
  }));
  std::printf("filled with %lld runs in %.0f s\n", static_cast<long long>(runs), seconds_since(started));
}

/// The median of five readings of one page.
double page_ms(store::Store& store, const domain::ListQuery& query) {
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) {
    const auto started = SteadyClock::now();
    checked(store.list(kTenant, domain::ResourceKind::run, query));
    times.push_back(seconds_since(started) * 1e3);
  }
  std::sort(times.begin(), times.end());
  return times[2];
}

void time_list(store::Store& store, const char* name, const QueryParams& params) {
  auto query = checked(domain::parse_list_query(params));
  const double first = page_ms(store, query);
  int pages = 1;
  for (; pages < kPages; ++pages) {
    const auto page = checked(store.list(kTenant, domain::ResourceKind::run, query));
    if (!page.next) break;
    query = checked(domain::parse_list_query({{"continuationToken", *page.next}}));
  }
  std::printf("%-52s %8.2f %8.2f  (page %d)\n", name, first, page_ms(store, query), pages);
  std::fflush(stdout);
}

void time_lists(const std::string& url, std::int64_t runs) {
  auto store = checked(store::Store::open(url, "."));
  const auto held = checked(store->count(kTenant, domain::ResourceKind::run, {}));
  if (held == 0) fill(url, runs);
  const std::string started = "metrics.durationSummary.startedAtUTC";
  const auto middle = std::to_string(kFirst + (held == 0 ? runs : held) / 2 * 1000);
  const auto late = std::to_string(kFirst + ((held == 0 ? runs : held) - 50) * 1000);
  const struct {
    const char* name;
    QueryParams params;
  } kLists[] = {
      {"all", {}},
      {"all, limit=100", {{"limit", "100"}}},
      {"flowId", {{"property", "flowId==flow-7"}}},
      {"two flowIds", {{"property", "flowId==flow-7,flow-8"}}},
      {"state==success", {{"property", "state==success"}}},
      {"status==failed", {{"property", "metrics.statusSummary.status==Failed"}}},
      {"status==success", {{"property", "metrics.statusSummary.status==success"}}},
      {"status==failed,success", {{"property", "metrics.statusSummary.status==failed,success"}}},
      {"startedAtUTC > the middle", {{"property", started + ">" + middle}}},
      {"startedAtUTC < the middle", {{"property", started + "<" + middle}}},
      {"startedAtUTC > all but 50", {{"property", started + ">" + late}}},
      {"flowId, startedAtUTC > the middle",
       {{"property", "flowId==flow-7"}, {"property", started + ">" + middle}}},
      {"orderby createdAt", {{"orderby", "createdAt"}}},
      {"orderby -startedAtUTC", {{"orderby", "-" + started}}},
      {"orderby id", {{"orderby", "id"}}},
      {"orderby flowId", {{"orderby", "flowId"}}},
      {"orderby state", {{"orderby", "state"}}},
      {"flowId, orderby -startedAtUTC", {{"property", "flowId==flow-7"}, {"orderby", "-" + started}}},
      {"flowId, orderby createdAt", {{"property", "flowId==flow-7"}, {"orderby", "createdAt"}}},
      {"status==success, orderby createdAt",
       {{"property", "metrics.statusSummary.status==success"}, {"orderby", "createdAt"}}},
      {"status==failed, orderby createdAt",
       {{"property", "metrics.statusSummary.status==failed"}, {"orderby", "createdAt"}}},
  };
  std::printf("%-52s %8s %8s\n", "list of runs, ms", "first", "1000th");
  for (const auto& [name, params] : kLists) time_list(*store, name, params);
  const auto count_started = SteadyClock::now();
  checked(store->count(kTenant, domain::ResourceKind::run,
                       checked(domain::parse_list_query({{"property", "flowId==flow-7"}}))));
  std::printf("%-52s %8.2f\n", "count of a flow's runs", seconds_since(count_started) * 1e3);
}

/// Creates from some threads at once; how many a second. Time goes on from one call to the next, as a
/// server's does: what is created later is behind what was there in every index.
double creates_per_second(store::Store& store, int threads, double seconds) {
  static std::atomic<std::int64_t> now_ms{kFirst};
  std::atomic<std::int64_t> created{0};
  const auto started = SteadyClock::now();
  std::vector<std::jthread> workers;
  for (int i = 0; i < threads; ++i)
    workers.emplace_back([&] {
      const auto body = *json::parse(R"({"name":"Acme account","description":"of the bench",
        "auth":{"specName":"Basic Authentication","params":{"host":"https://api.example.test","username":"u",
        "password":"********"}},"connectionSpec":{"id":"4e98f16f-87d6-4ef0-bdc6-7a2b0fe76e62","version":"1.0"}})");
      while (seconds_since(started) < seconds) {
        checked(store.insert(domain::new_resource(domain::ResourceKind::connection, "", kTenant, {"u", "c"},
                                                  now_ms++, body, "enabled")));
        ++created;
      }
    });
  workers.clear();
  return static_cast<double>(created) / seconds_since(started);
}

/// SQLite's own rate: one row of the same size into a table without indexes, WAL, synchronous FULL.
double plain_per_second(const std::string& path, double seconds) {
  sqlite3* database = nullptr;
  if (sqlite3_open(path.c_str(), &database) != SQLITE_OK) std::exit(1);
  sqlite3_exec(database,
               "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
               "CREATE TABLE IF NOT EXISTS plain (id TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO plain VALUES (?1, ?2)", -1, &insert, nullptr);
  const std::string body(400, 'x');
  std::int64_t rows = 0;
  const auto started = SteadyClock::now();
  while (seconds_since(started) < seconds) {
    const auto id = crypto::uuid();
    sqlite3_bind_text(insert, 1, id.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(insert, 2, body.c_str(), -1, SQLITE_TRANSIENT);
    if (sqlite3_step(insert) != SQLITE_DONE) std::exit(1);
    sqlite3_reset(insert);
    ++rows;
  }
  const double rate = static_cast<double>(rows) / seconds_since(started);
  sqlite3_finalize(insert);
  sqlite3_close(database);
  return rate;
}

void time_creates(const std::string& url, double seconds, const std::vector<int>& threads_of) {
  const auto store = checked(store::Store::open(url, "."));
  const auto file = internal::sqlite_file(url, ".");
  for (int round = 0; round < 3; ++round) {
    const double plain = file.empty() ? 0 : plain_per_second(file.native() + ".plain", seconds);
    if (!file.empty()) std::printf("SQLite alone          %8.0f rows/s\n", plain);
    for (const int threads : threads_of) {
      const double rate = creates_per_second(*store, threads, seconds);
      std::printf("creates, %2d threads   %8.0f /s", threads, rate);
      if (plain > 0) std::printf("  %4.0f %%", 100 * rate / plain);
      std::printf("\n");
      std::fflush(stdout);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  if (what == "lists") {
    time_lists(argv[2], argc > 3 ? std::atoll(argv[3]) : 1'000'000);
  } else if (what == "creates") {
    time_creates(argv[2], argc > 3 ? std::atof(argv[3]) : 3,
                 argc > 4 ? std::vector{std::atoi(argv[4])} : std::vector{1, 2, 8, 32});
  } else {
    std::fprintf(stderr, "usage: store_bench lists URL [runs] | creates URL [seconds [threads]]\n");
    return 2;
  }
}
