#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/time.h"
#include "store/store_test.h"

namespace headwater::store {
namespace {

TimePoint at(std::int64_t seconds) { return from_epoch_seconds(seconds) + std::chrono::nanoseconds(7); }

FlowTimer timer(const std::string& flow, std::optional<TimePoint> due) {
  return {FlowId(flow), {OrgId("AAAA@AdobeOrg"), SandboxId("id-of-prod"), "prod"}, due, std::nullopt, {}, {}};
}

TEST_P(StoreContract, DueTimersComeLongestWaitingFirst) {
  const auto done = store_->transact([&](Transaction& transaction) -> Result<void> {
    TRY(transaction.put_timer(timer("later", at(300))));
    TRY(transaction.put_timer(timer("second", at(200))));
    TRY(transaction.put_timer(timer("first", at(100))));
    TRY(transaction.put_timer(timer("never", std::nullopt)));
    const auto due = TRY(transaction.due_timers(at(200), 10));
    EXPECT_EQ(due.size(), 2U);
    EXPECT_EQ(due.at(0).flow.value, "first");
    EXPECT_EQ(due.at(0).due, at(100));
    EXPECT_EQ(due.at(0).tenant, tenant());
    EXPECT_EQ(due.at(1).flow.value, "second");
    EXPECT_EQ(TRY(transaction.due_timers(at(200), 1)).size(), 1U);
    EXPECT_EQ(TRY(transaction.next_due()), at(100));
    EXPECT_TRUE(TRY(transaction.claim(FlowId("first"), tenant(), RunId("run"), "me")));
    EXPECT_EQ(TRY(transaction.next_due()), at(200)) << "a claimed flow is not due";
    TRY(transaction.remove_timer(FlowId("second")));
    EXPECT_EQ(TRY(transaction.next_due()), at(300));
    return {};
  });
  EXPECT_TRUE(done) << done.error().message;
}

TEST_P(StoreContract, AClaimMovesFromTheServerThatHoldsIt) {
  const auto done = store_->transact([&](Transaction& transaction) -> Result<void> {
    const FlowId flow("f");
    EXPECT_FALSE(TRY(transaction.lock_timer(flow)).has_value());
    EXPECT_TRUE(TRY(transaction.claim(flow, tenant(), RunId("r1"), "me")));
    EXPECT_FALSE(TRY(transaction.take_over(flow, RunId("r1"), "you", "third")));
    EXPECT_FALSE(TRY(transaction.take_over(flow, RunId("r2"), "me", "third")));
    EXPECT_TRUE(TRY(transaction.take_over(flow, RunId("r1"), "me", "you")));
    EXPECT_EQ(TRY(transaction.lock_timer(flow))->owner, "you");
    TRY(transaction.put_server({"me", "host", 1}));
    TRY(transaction.put_server({"me", "host", 2}));
    TRY(transaction.put_server({"you", "other", 1}));
    EXPECT_EQ(TRY(transaction.servers()).size(), 2U);
    EXPECT_EQ(TRY(transaction.servers()).front().beat, 2);
    TRY(transaction.remove_server("me"));
    EXPECT_EQ(TRY(transaction.servers()).front().id, "you");
    return {};
  });
  EXPECT_TRUE(done) << done.error().message;
}

TEST_P(StoreContract, AClaimEndsWithItsReleaseOnly) {
  const auto done = store_->transact([&](Transaction& transaction) -> Result<void> {
    const FlowId flow("f");
    TRY(transaction.put_timer(timer("f", at(100))));
    EXPECT_TRUE(TRY(transaction.claim(flow, tenant(), RunId("r1"), "me")));
    EXPECT_FALSE(TRY(transaction.claim(flow, tenant(), RunId("r2"), "me")));
    TRY(transaction.put_timer(timer("f", at(150))));
    EXPECT_EQ(TRY(transaction.timer(flow))->current_run.value, "r1") << "a changed schedule keeps the run";
    EXPECT_EQ(TRY(transaction.claimed_timers("me")).size(), 1U);
    EXPECT_EQ(TRY(transaction.claimed_timers("you")).size(), 0U);
    EXPECT_EQ(TRY(transaction.claimed_timers("")).size(), 1U);
    EXPECT_FALSE(TRY(transaction.release(flow, RunId("r2"), at(200), at(100))));
    EXPECT_TRUE(TRY(transaction.release(flow, RunId("r1"), at(200), at(100))));
    EXPECT_FALSE(TRY(transaction.release(flow, RunId("r1"), at(900), at(900))));
    const auto after = TRY(transaction.timer(flow));
    EXPECT_EQ(after->current_run.value, "");
    EXPECT_EQ(after->due, at(200));
    EXPECT_EQ(after->covered, at(100));
    EXPECT_TRUE(TRY(transaction.claim(flow, tenant(), RunId("r3"), "me")));
    return {};
  });
  EXPECT_TRUE(done) << done.error().message;
}

TEST_P(StoreContract, OneOfManyClaimsAFlow) {
  std::atomic<int> claimed{0};
  std::vector<std::thread> threads;
  threads.reserve(16);
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&, i] {
      bool mine = false;
      const auto claim = [&](Transaction& transaction) -> Result<void> {
        mine =
            TRY(transaction.claim(FlowId("without a timer"), tenant(), RunId("r" + std::to_string(i)), "me"));
        return {};
      };
      EXPECT_TRUE(store_->transact(claim));
      claimed += mine ? 1 : 0;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(claimed, 1);
}

TEST_P(StoreContract, AFlowTakesItsTimerAlong) {
  insert(resource(domain::ResourceKind::flow, "f", "{}"));
  ASSERT_TRUE(
      store_->transact([&](Transaction& transaction) { return transaction.put_timer(timer("f", at(1))); }));
  ASSERT_TRUE(store_->remove(tenant(), domain::ResourceKind::flow, "f"));
  EXPECT_TRUE(store_->read([&](Transaction& transaction) -> Result<void> {
    EXPECT_FALSE(TRY(transaction.timer(FlowId("f"))).has_value());
    return {};
  }));
}

TEST_P(StoreContract, TenantsAndClientsAreAddedOnce) {
  const auto done = store_->transact([&](Transaction& transaction) -> Result<void> {
    const OrgId org("AAAA@AdobeOrg");
    EXPECT_TRUE(TRY(transaction.add_organisation({org, "A", 5})));
    EXPECT_FALSE(TRY(transaction.add_organisation({org, "A again", 6})));
    EXPECT_TRUE(TRY(transaction.add_organisation({OrgId("BBBB@AdobeOrg"), "B", 4})));
    EXPECT_EQ(TRY(transaction.organisation(org))->name, "A");
    EXPECT_EQ(TRY(transaction.organisations()).at(0).name, "B") << "oldest first";

    EXPECT_TRUE(TRY(transaction.add_sandbox({SandboxId("s1"), org, "prod", "Production", "production", 1})));
    EXPECT_FALSE(TRY(transaction.add_sandbox({SandboxId("s2"), org, "prod", "Other", "development", 2})));
    EXPECT_TRUE(TRY(transaction.add_sandbox({SandboxId("s3"), org, "dev", "Dev", "development", 3})));
    EXPECT_EQ(TRY(transaction.sandbox_named(org, "prod"))->id.value, "s1");
    EXPECT_EQ(TRY(transaction.sandbox(org, SandboxId("s3")))->name, "dev");
    EXPECT_FALSE(TRY(transaction.sandbox(OrgId("BBBB@AdobeOrg"), SandboxId("s3"))));
    EXPECT_EQ(TRY(transaction.sandboxes(org)).size(), 2U);

    EXPECT_TRUE(TRY(transaction.add_client({ClientId("c"), org, "hash", "tech", 1})));
    EXPECT_FALSE(TRY(transaction.add_client({ClientId("c"), org, "other", "tech", 1})));
    EXPECT_EQ(TRY(transaction.client(ClientId("c")))->secret_hash, "hash");
    EXPECT_EQ(TRY(transaction.clients(org)).size(), 1U);

    EXPECT_EQ(TRY(transaction.setting_or_put("name", "first")), "first");
    EXPECT_EQ(TRY(transaction.setting_or_put("name", "second")), "first");
    TRY(transaction.put_setting("name", "third"));
    EXPECT_EQ(TRY(transaction.setting("name")), "third");
    EXPECT_EQ(TRY(transaction.setting("none")), std::nullopt);

    const std::string sealed("\0\xff raw", 6);
    TRY(transaction.put_secret("o", "n", sealed));
    EXPECT_EQ(TRY(transaction.secret("o", "n")), sealed);
    TRY(transaction.remove_secret("o", "n"));
    EXPECT_EQ(TRY(transaction.secret("o", "n")), std::nullopt);
    return {};
  });
  EXPECT_TRUE(done) << done.error().message;
}

TEST_P(StoreContract, AnAnswerIsKeptOnceForItsKeyAndTime) {
  const auto keep = [&](const domain::Tenant& owner, const char* answer, std::int64_t now_ms) {
    bool kept = false;
    EXPECT_TRUE(store_->transact([&](Transaction& transaction) -> Result<void> {
      kept =
          TRY(transaction.keep_answer(owner, "POST /flows", "key", {"print", answer, now_ms}, now_ms - 100));
      return {};
    }));
    return kept;
  };
  const auto kept_at = [&](std::int64_t now_ms) {
    std::string answer;
    EXPECT_TRUE(store_->read([&](Transaction& transaction) -> Result<void> {
      const auto kept = TRY(transaction.kept_answer(tenant(), "POST /flows", "key", now_ms - 100));
      answer = kept ? kept->fingerprint + ":" + kept->answer : "none";
      return {};
    }));
    return answer;
  };
  EXPECT_EQ(kept_at(1000), "none");
  EXPECT_TRUE(keep(tenant(), "first", 1000));
  EXPECT_FALSE(keep(tenant(), "second", 1050));
  EXPECT_TRUE(keep(tenant("BBBB@AdobeOrg"), "another tenant's", 1050));
  store_.reset();
  store_ = open();
  EXPECT_EQ(kept_at(1099), "print:first");
  EXPECT_EQ(kept_at(1100), "none");
  EXPECT_TRUE(keep(tenant(), "third", 1100));
  EXPECT_EQ(kept_at(1100), "print:third");
}

}  // namespace
}  // namespace headwater::store
