// Two servers on one PostgreSQL and one data directory: one is killed, the other goes on.
#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <thread>

#include "e2e/serving.h"
#include "servers/postgres_fixture.h"

namespace headwater::testing {
namespace {

class SharedStore : public ServingTest {
 protected:
  SharedStore() : store_url_(tests::PostgresServer::shared().new_database()) {
    store_ = {"HEADWATER_STORE=" + store_url_};
    serving_ = std::make_unique<Serving>(data_, flags());
    other_ = std::make_unique<Serving>(data_, flags());
  }
  std::vector<std::string> flags() {
    return {"--store", store_url_, "--server-lease", "3s", "--runs-max", "2"};
  }
  std::size_t pages_read() {
    const auto log = json::parse(ask_plainly(source_url_ + "/_log"));
    return log && log->is_array() ? log->if_array()->size() : 0;
  }
  std::string store_url_;
  std::unique_ptr<Serving> other_;
};

TEST_F(SharedStore, AKilledServersRunIsTakenOver) {
  const auto flow = create_flow({.delay_millis = "40"});
  const auto begun = run_past(flow, 500);
  ASSERT_FALSE(is_over(begun));
  // Whoever runs it: the client goes on with the other one.
  serving_->kill();
  std::swap(serving_, other_);
  const auto after_one = run_past(flow, begun.read + 500);
  EXPECT_EQ(after_one.id, begun.id);
  if (!is_over(after_one)) {
    serving_->kill();
    serving_ = std::make_unique<Serving>(data_, flags());
  }
  const auto ended = end_of(flow);
  EXPECT_EQ(ended.id, begun.id);
  EXPECT_EQ(ended.status, "success") << log_text();
  EXPECT_EQ(counted(), "3000,3000");
  EXPECT_LE(pages_read(), 61U + 4U) << "more than the pages in flight were fetched again";
}

TEST_F(SharedStore, AServerThatHangsLosesItsRunsAfterTheLease) {
  other_->kill();
  const auto flow = create_flow({.delay_millis = "100"});
  const auto begun = run_past(flow, 300);
  ASSERT_FALSE(is_over(begun));
  serving_->process().signal(SIGSTOP);
  other_ = std::make_unique<Serving>(data_, flags());
  std::swap(serving_, other_);
  // Its batch is locked as long as the process stands, so nothing is written twice; killed, it lets go.
  std::this_thread::sleep_for(std::chrono::seconds(5));
  EXPECT_THAT(log_text(), ::testing::HasSubstr("took over the run"));
  EXPECT_EQ(runs_of(flow).at(0).status, "inProgress");
  other_->process().signal(SIGCONT);  // it finds its claim gone and lets the batch go
  const auto ended = end_of(flow);
  EXPECT_EQ(ended.id, begun.id);
  EXPECT_EQ(ended.status, "success");
  EXPECT_EQ(counted(), "3000,3000");
}

TEST_F(SharedStore, FlowsAndRunsAreSharedByBoth) {
  std::map<std::string, std::string> datasets;
  for (int i = 0; i < 6; ++i) {
    const auto flow = create_flow({.delay_millis = "", .query = "n=400"});
    datasets[flow] = dataset_;
    std::swap(serving_, other_);
  }
  for (const auto& [flow, dataset] : datasets) {
    EXPECT_EQ(end_of(flow).status, "success");
    dataset_ = dataset;
    EXPECT_EQ(counted(), "400,400");
  }
  // A run is cancelled through the server that does not run it, whichever that is.
  const auto slow = create_flow({.delay_millis = "100"});
  const auto begun = run_past(slow, 100);
  const auto cancelled = ask({"runs", "cancel", begun.id});
  std::swap(serving_, other_);
  EXPECT_EQ(cancelled.exit_code, 0) << cancelled.errors;
  EXPECT_EQ(end_of(slow).status, "failed");
  const auto other = create_flow({.delay_millis = "100"});
  const auto running = run_past(other, 100);
  std::swap(serving_, other_);
  const auto again = ask({"runs", "cancel", running.id});
  EXPECT_EQ(again.exit_code, 0) << again.errors;
  EXPECT_EQ(end_of(other).status, "failed");
}

TEST_F(SharedStore, AServerWithAnotherLakeIsRefused) {
  const auto key = data_ + "/key";
  const auto done =
      run_program({kBinary, "serve", "--listen", "127.0.0.1:0", "--data-dir",
                   (folder_.path() / "elsewhere").string(), "--store", store_url_, "--key-file", key});
  EXPECT_EQ(done.exit_code, 2) << done.errors;
  EXPECT_THAT(done.errors, ::testing::HasSubstr("another lake"));
}

TEST_F(SharedStore, RevokedTokensAreRefusedByBothServers) {
  const auto token = [this] {
    auto printed = headwater({"token", "--headers"}).output;
    return write("token-headers", printed);
  };
  const auto status = [](const Serving& serving, const std::string& headers) {
    return run_program({"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "@" + headers,
                        serving.url() + "/data/foundation/flowservice/flows"})
        .output;
  };
  const auto headers = token();
  EXPECT_EQ(status(*serving_, headers), "200");
  EXPECT_EQ(status(*other_, headers), "200");
  const auto revoked = headwater({"token", "--revoke"});
  EXPECT_EQ(revoked.exit_code, 0) << revoked.errors;
  EXPECT_THAT(revoked.output, ::testing::HasSubstr("revoked all tokens of client "));
  // What a server has just checked is believed for five seconds.
  for (const auto* serving : {serving_.get(), other_.get()}) {
    for (int i = 0; i < 150 && status(*serving, headers) != "401"; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_EQ(status(*serving, headers), "401");
  }
  const auto renewed = token();
  EXPECT_EQ(status(*serving_, renewed), "200");
  EXPECT_EQ(status(*other_, renewed), "200");
}

}  // namespace
}  // namespace headwater::testing
