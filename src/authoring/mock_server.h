#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "authoring/mock_access.h"
#include "authoring/mock_pages.h"
#include "authoring/mock_plan.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/server.h"

namespace headwater::authoring {

/// How a mock misbehaves on demand. The first four pass when the request is repeated; behind a repeated
/// cursor no client can read on, so it must fail; a drifted record must be landed or be told of.
enum class MockFault : std::uint8_t { too_many, server_error, truncate, slow, repeat_cursor, drift };
inline constexpr std::array<std::pair<std::string_view, MockFault>, 6> kMockFaults{
    {{"429", MockFault::too_many},
     {"5xx", MockFault::server_error},
     {"truncate", MockFault::truncate},
     {"slow", MockFault::slow},
     {"repeat-cursor", MockFault::repeat_cursor},
     {"drift", MockFault::drift}}};
/// Errors: invalid_argument, naming those that there are.
Result<MockFault> read_mock_fault(std::string_view name);

/// More than that is no test of a spec.
inline constexpr std::int64_t kMockRecordsMax = 10'000'000;

struct MockCounts {
  std::uint64_t requests = 0, pages = 0, records = 0, tokens = 0;
  std::uint64_t unauthorized = 0;  // 401
  std::uint64_t refused = 0;       // 400, 404, 405: not what the spec describes
  std::uint64_t faults = 0;
  std::string last_refusal;
};

/// A fake API on loopback that behaves as a connection spec says. Thread-safe.
class MockServer {
 public:
  /// Serves at once. Errors: as MockPlan::make; unavailable, when the address is taken.
  static Result<std::unique_ptr<MockServer>> make(const json::Value& connection_spec,
                                                  const MockOptions& options,
                                                  const std::string& address = "127.0.0.1",
                                                  std::uint16_t port = 0);
  ~MockServer();
  MockServer(const MockServer&) = delete;
  MockServer& operator=(const MockServer&) = delete;

  const MockPlan& plan() const { return plan_; }
  const std::string& base() const { return base_; }
  json::Value spec() const { return plan_.spec_at(base_); }
  json::Value params() const { return plan_.params_at(base_); }
  const std::vector<json::Value>& accounts() const { return accounts_; }
  /// What every request for data must have besides credentials, paging and window.
  std::vector<std::string> constants() const { return access_->constants().shown(); }

  void set_faults(std::vector<MockFault> faults);
  /// Further records, as if they had come up since, all at that time.
  void add_records(std::uint64_t count, TimePoint time);
  /// Records that a run over everything gets, after explosion.
  std::uint64_t records() const;
  MockCounts counts() const;

 private:
  explicit MockServer(MockPlan plan) : plan_(std::move(plan)), records_(plan_.shape, plan_.records) {}
  void add_routes();
  http::Response answer(const http::Request& request);
  http::Response data(const http::Request& request);
  http::Response refuse(int status, std::string message);
  /// The answer instead of the page, or how the page is sent.
  http::Response struck(http::Response page, const MockAsk& ask);

  MockPlan plan_;
  std::string base_;
  std::vector<json::Value> accounts_;
  std::unique_ptr<MockAccess> access_;
  mutable std::mutex mutex_;
  MockRecords records_;
  std::vector<MockFault> faults_;
  std::map<std::uint64_t, std::uint64_t> asked_;  // how often each page was, by its start
  MockCounts counts_;
  SystemClock clock_;
  std::stop_source stop_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

/// What a mock serves and takes, for people; one line each.
std::string describe(const MockServer& mock);

}  // namespace headwater::authoring
