#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/time.h"
#include "engine/run/source_access.h"
#include "lake/lake.h"
#include "schedule/run_ledger.h"
#include "schedule/scheduler.h"
#include "secrets/vault.h"
#include "store/credentials.h"
#include "store/store.h"
#include "support/page_source.h"

namespace headwater::schedule::test {

using domain::Resource;
using domain::ResourceKind;
using json::Array;
using json::Object;
using json::Value;
using store::Scope;
using support::PageSource;

inline constexpr std::string_view kStart = "2024-03-05T00:00:00Z";

inline TimePoint at(std::string_view text) { return *parse_rfc3339(text); }

inline http::ClientOptions loopback() {
  http::ClientOptions client;
  client.egress.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
  return client;
}

// Five records; while `broken`, 500 in their place.
inline PageSource::Options failing_while(const std::atomic<bool>& broken) {
  return {.records = 5,
          .instead = [&broken](const http::Request&, std::size_t) -> std::optional<http::Response> {
            if (broken) return http::Response::text(500, "broken");
            return std::nullopt;
          }};
}

// Opens and closes: source handlers wait at it, so that a test decides when a run goes on.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    --waiting_;
  }
  void wait_for_waiting(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::size_t waiting_ = 0;
};

// Fifty records; while `waits`, the page behind the thirtieth comes once the gate is open.
inline PageSource::Options waiting_while(const std::atomic<bool>& waits, Gate& gate) {
  return {.records = 50,
          .instead = [&](const http::Request&, std::size_t offset) -> std::optional<http::Response> {
            if (waits && offset == 30) gate.pass();
            return std::nullopt;
          }};
}

class SchedulerTest : public ::testing::Test {
 protected:
  SchedulerTest()
      : folder_(*TemporaryFolder::make("headwater-schedule")),
        store_(*store::Store::open("sqlite", folder_.path())),
        vault_(*secrets::Vault::open(folder_.path() / "key")),
        credentials_(*store_, vault_),
        access_(loopback(), clock_) {
    lake::Lake::Options options;
    options.root = folder_.path() / "lake";
    lake_ = *lake::Lake::open(options, clock_);
    access_.defaults().fetch_ahead = 1;
    access_.defaults().retry.attempts_max = 1;
    options_.progress_every = std::chrono::milliseconds(0);
  }

  std::string add(ResourceKind kind, Value body, std::string state = "enabled", std::string id = {}) {
    const auto resource = domain::new_resource(kind, std::move(id), tenant_, domain::Actor{"user", "client"},
                                               epoch_millis(clock_.now()), std::move(body), std::move(state));
    const auto stored = store_->insert(resource);
    EXPECT_TRUE(stored) << stored.error().message;
    return resource.id;
  }

  // A flow over the source, with everything that it names; hourly unless `schedule` says otherwise.
  FlowId add_flow(const PageSource& source, Object schedule = {}, Value spec = {}) {
    if (spec.is_null()) spec = source.spec(10);
    const std::string connection_spec = add(ResourceKind::connection_spec, std::move(spec));
    const std::string dataset = "dataset" + std::to_string(++datasets_);
    EXPECT_TRUE(lake_->put_dataset(lake::DatasetInfo{DatasetId{dataset}, dataset, "", lake::Format::ndjson}));
    add(ResourceKind::dataset, Object{{"name", dataset}}, "", dataset);
    const std::string source_connection =
        add(ResourceKind::source_connection,
            Object{{"connectionSpec", Object{{"id", connection_spec}}}, {"params", Object{}}});
    const std::string target_connection =
        add(ResourceKind::target_connection, Object{{"params", Object{{"dataSetId", dataset}}}});
    Object params{{"startTime", epoch_seconds(at(kStart))}, {"frequency", "hour"}, {"interval", 1}};
    for (const auto& [name, value] : schedule) params.set(name, value);
    const std::string flow =
        add(ResourceKind::flow, Object{{"name", "flow"},
                                       {"flowSpec", Object{{"id", "6499120c-0b15-42dc-936e-847ea3c24d72"}}},
                                       {"sourceConnectionIds", Array{Value(source_connection)}},
                                       {"targetConnectionIds", Array{Value(target_connection)}},
                                       {"scheduleParams", std::move(params)}});
    return FlowId{flow};
  }

  void start() {
    scheduler_ = *Scheduler::make({*store_, credentials_, *lake_, access_, clock_}, options_);
    ASSERT_TRUE(scheduler_->start());
  }
  void run_until_idle() {
    scheduler_->wake();
    scheduler_->wait_idle();
  }
  void advance(std::chrono::nanoseconds span) {
    clock_.advance(span);
    run_until_idle();
  }

  // Runs of a flow, oldest first.
  std::vector<Resource> runs(const FlowId& flow) {
    domain::ListQuery query;
    query.filters.push_back(*domain::parse_filter("flowId==" + flow.value));
    query.order = *domain::parse_order("createdAt");
    return store_->list(Scope::all(), ResourceKind::run, query)->items;
  }
  Resource run(const RunId& id) { return *store_->get(Scope::all(), ResourceKind::run, id.value); }
  Resource flow(const FlowId& id) { return *store_->get(Scope::all(), ResourceKind::flow, id.value); }

  static std::string status(const Resource& run) {
    const Value* status = run.body.find_path("metrics.statusSummary.status");
    return status == nullptr ? "" : *status->if_string();
  }
  static std::int64_t number(const Resource& run, std::string_view path) {
    const Value* value = run.body.find_path(path);
    return value == nullptr ? -999 : value->as_int64().value_or(-998);
  }
  static std::string first_error(const Resource& run) {
    const Value* errors = run.body.find_path("metrics.statusSummary.errors");
    if (errors == nullptr || !errors->is_array() || errors->if_array()->empty()) return "";
    return std::string(errors->if_array()->front().string_at("code"));
  }
  std::uint64_t landed(const std::string& dataset) {
    std::uint64_t records = 0;
    const auto manifest = *lake_->manifest(DatasetId{dataset});
    const auto add = [&records](const lake::BatchInfo& batch) {
      records += batch.records;
      return true;
    };
    EXPECT_TRUE(manifest->batches.each(add).has_value());
    return records;
  }
  RunId run_now(const FlowId& flow, Value params = {}) {
    const auto accepted = scheduler_->run_now({flow, std::move(params), domain::Actor{"ada", "app"}});
    EXPECT_TRUE(accepted) << accepted.error().message;
    return accepted ? accepted->id : RunId{};
  }

  ManualClock clock_{at("2024-03-05T00:00:00Z")};
  TemporaryFolder folder_;
  std::unique_ptr<store::Store> store_;
  secrets::Vault vault_;
  store::Credentials credentials_;
  std::unique_ptr<lake::Lake> lake_;
  run::SourceAccess access_;
  domain::Tenant tenant_{OrgId{"0123456789ABCDEF01234567@AdobeOrg"},
                         SandboxId{"11111111-0000-4000-8000-000000000000"}, "prod"};
  SchedulerOptions options_;
  int datasets_ = 0;
  std::unique_ptr<Scheduler> scheduler_;  // last: it is destroyed first
};

}  // namespace headwater::schedule::test
