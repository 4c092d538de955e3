#include "webhook/deliverer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/crypto.h"
#include "base/file.h"
#include "base/time.h"
#include "secrets/vault.h"
#include "support/hook_receiver.h"
#include "webhook/events.h"
#include "webhook/settings.h"

namespace headwater::webhook {
namespace {

using domain::Resource;
using domain::ResourceKind;
using json::Object;
using json::Value;
using support::HookReceiver;
using testing::HasSubstr;
using testing::Not;

const domain::Tenant kTenant{OrgId("A@AdobeOrg"), SandboxId("s"), "prod"};
constexpr std::string_view kSecret = "correct-horse-battery";

http::EgressPolicy loopback() {
  http::EgressPolicy policy;
  policy.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
  return policy;
}

class DelivererTest : public ::testing::Test {
 protected:
  DelivererTest()
      : folder_(*TemporaryFolder::make("headwater-webhook")),
        store_(*store::Store::open("sqlite", folder_.path())),
        vault_(*secrets::Vault::open(folder_.path() / "key")),
        credentials_(*store_, vault_) {
    flow_ = domain::new_resource(ResourceKind::flow, "f", kTenant, {"u", "c"}, epoch_millis(clock_.now()),
                                 Object{{"name", "Orders"}});
  }

  DelivererOptions options(const std::string& owner = "here") {
    DelivererOptions options;
    options.client.egress = loopback();
    options.owner = owner;
    options.look_every = std::chrono::milliseconds(10);
    return options;
  }
  void make_known(const std::string& owner) {
    ASSERT_TRUE(store_->transact([&](store::Transaction& t) { return t.put_server({owner, "host", 1}); }));
  }
  Resource add_webhook(const std::string& url, const std::string& more = "", const OrgId& org = kTenant.org) {
    const auto settings = read_settings(*json::parse(R"({"url":")" + url + "\"" + more + "}"), loopback());
    EXPECT_TRUE(settings) << settings.error().message;
    auto webhook = *store_->insert(
        domain::new_resource(ResourceKind::webhook, "", owner_of(org), {"u", "c"}, 1, settings->document));
    if (settings->secret) {
      EXPECT_TRUE(credentials_.put(webhook.id, {{std::string(kSecretName), *settings->secret}}));
    }
    return webhook;
  }
  void end_run(const std::string& id, std::string_view state, std::string_view before = "") {
    const auto run = domain::new_resource(ResourceKind::run, id, kTenant, {"u", "c"}, 1,
                                          *json::parse(R"({"state":")" + std::string(state) +
                                                       R"(","trigger":"schedule","metrics":{"statusSummary":
          {"errors":[{"code":"CONNECTOR-1001-500","message":"The source is away."}]}}})"));
    ASSERT_TRUE(store_->transact(
        [&](store::Transaction& t) { return tell_run_ended(t, flow_, run, before, clock_.now()); }));
  }
  std::int64_t waiting(const Resource& webhook) {
    std::int64_t count = -1;
    EXPECT_TRUE(store_->read([&](store::Transaction& t) -> Result<void> {
      count = TRY(t.count_events_of(webhook.id));
      return {};
    }));
    return count;
  }
  /// What lastDelivery says once it says `status`.
  Value delivery(const Resource& webhook, std::string_view status) {
    Value last;
    for (int i = 0; i < 2000 && last.string_at("status") != status; ++i) {
      EXPECT_TRUE(store_->read([&](store::Transaction& t) -> Result<void> {
        if (const auto text = TRY(t.delivery(webhook.id))) last = *json::parse(*text);
        return {};
      }));
      if (last.string_at("status") != status) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(last.string_at("status"), status) << last.dump();
    return last;
  }
  void until_told(const Resource& webhook) {
    for (int i = 0; i < 2000 && waiting(webhook) > 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  static std::int64_t number(const Value& object, std::string_view name) {
    const Value* value = object.find(name);
    return value == nullptr ? -1 : value->as_int64().value_or(-1);
  }

  TemporaryFolder folder_;
  ManualClock clock_{*parse_rfc3339("2024-03-05T00:00:00Z")};
  std::unique_ptr<store::Store> store_;
  secrets::Vault vault_;
  store::Credentials credentials_;
  Resource flow_;
  HookReceiver receiver_;
};

TEST_F(DelivererTest, AFailureIsToldOnceSigned) {
  make_known("here");
  const auto webhook = add_webhook(receiver_.url(), R"(,"secret":"correct-horse-battery")");
  add_webhook(receiver_.url("other"), "", OrgId("B@AdobeOrg"));
  add_webhook(receiver_.url("off"), R"(,"enabled":false)");
  add_webhook(receiver_.url("late"), R"(,"events":["run.late"])");
  end_run("r1", "failed");
  end_run("r1", "failed");  // a transaction that was made again
  Deliverer deliverer(*store_, credentials_, clock_, options());
  deliverer.start();
  delivery(webhook, "delivered");
  end_run("r2", "success", "failed");
  end_run("r3", "success", "success");
  end_run("r4", "partialSuccess");
  const auto told = receiver_.wait_for(2);
  until_told(webhook);
  deliverer.stop();
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(receiver_.told().size(), 2U);
  EXPECT_EQ(told[0].name, "a");
  EXPECT_EQ(told[0].type(), "run.failed");
  EXPECT_EQ(told[0].id, told[0].document.string_at("id"));
  EXPECT_EQ(told[0].time, std::to_string(epoch_seconds(clock_.now())));
  EXPECT_EQ(told[0].signature, "sha256=" + crypto::hex(crypto::hmac_sha256(kSecret, told[0].body)));
  EXPECT_EQ(told[0].document.string_at("imsOrgId"), "A@AdobeOrg");
  EXPECT_EQ(told[0].document.string_at("sandboxName"), "prod");
  EXPECT_EQ(told[0].document.find_path("flow.name")->dump(), "\"Orders\"");
  EXPECT_EQ(told[0].document.find_path("run.errors")->dump(),
            R"([{"code":"CONNECTOR-1001-500","message":"The source is away."}])");
  EXPECT_EQ(told[1].type(), "run.recovered");
  EXPECT_NE(told[1].id, told[0].id);
  EXPECT_EQ(waiting(webhook), 0);
}

TEST_F(DelivererTest, WhatFailsIsTriedAgainLaterEachTime) {
  make_known("here");
  const auto webhook = add_webhook(receiver_.url());
  receiver_.answer(503);
  end_run("r1", "failed");
  Deliverer deliverer(*store_, credentials_, clock_, options());
  deliverer.start();
  const auto now = epoch_millis(clock_.now());
  auto last = delivery(webhook, "retrying");
  EXPECT_EQ(number(last, "httpStatus"), 503);
  EXPECT_EQ(number(last, "attempts"), 1);
  EXPECT_EQ(number(last, "nextAttempt"), now + 2000);
  EXPECT_THAT(last.string_at("error"), HasSubstr("answered 503"));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_EQ(receiver_.told().size(), 1U) << "it was tried before its time";
  receiver_.answer(429, {{"Retry-After", "100"}});
  clock_.advance(std::chrono::seconds(2));
  receiver_.wait_for(2);
  for (int i = 0; i < 1000 && number(last, "attempts") != 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    last = delivery(webhook, "retrying");
  }
  EXPECT_EQ(number(last, "nextAttempt"), now + 2000 + 100'000);
  receiver_.answer(200);
  clock_.advance(std::chrono::seconds(100));
  last = delivery(webhook, "delivered");
  EXPECT_EQ(number(last, "attempts"), 3);
  EXPECT_EQ(last.find("error"), nullptr);
  const auto told = receiver_.told();
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[0].id, told[2].id);
  EXPECT_EQ(told[0].body, told[2].body);
  EXPECT_EQ(waiting(webhook), 0);
}

TEST_F(DelivererTest, AReceiverThatStaysAwayIsGivenUpAndThatIsSaid) {
  make_known("here");
  const auto webhook = add_webhook("http://127.0.0.1:1/");
  end_run("r1", "failed");
  auto few = options();
  few.kept = std::chrono::seconds(5);
  Deliverer deliverer(*store_, credentials_, clock_, few);
  deliverer.start();
  delivery(webhook, "retrying");
  clock_.advance(std::chrono::seconds(4));
  const auto last = delivery(webhook, "failed");
  EXPECT_THAT(last.string_at("error"), HasSubstr("Given up after 2 attempt(s)"));
  EXPECT_EQ(last.find("nextAttempt"), nullptr);
  EXPECT_EQ(waiting(webhook), 0);
}

TEST_F(DelivererTest, OneThatHangsOrIsSwitchedOffHoldsUpNobodyElse) {
  make_known("here");
  const auto away = add_webhook("http://127.0.0.1:1/");
  const auto webhook = add_webhook(receiver_.url());
  for (int i = 0; i < 20; ++i) end_run("r" + std::to_string(i), "failed");
  ASSERT_TRUE(store_->update(owner_of(kTenant.org), ResourceKind::webhook, away.id,
                             [](Resource current) -> Result<Resource> {
                               current.body.if_object()->set("enabled", false);
                               return current;
                             }));
  Deliverer deliverer(*store_, credentials_, clock_, options());
  deliverer.start();
  EXPECT_EQ(receiver_.wait_for(20).size(), 20U);
  until_told(away);
  EXPECT_EQ(waiting(away), 0) << "what waited for one that is switched off is left";
}

TEST_F(DelivererTest, WhatADeadServerHadIsTakenOnAndALivingOnesIsNot) {
  const auto webhook = add_webhook(receiver_.url());
  end_run("r1", "failed");
  make_known("other");
  ASSERT_TRUE(store_->transact([&](store::Transaction& t) -> Result<void> {
    EXPECT_TRUE(TRY(t.claim_event(epoch_millis(clock_.now()), "other")));
    EXPECT_FALSE(TRY(t.claim_event(epoch_millis(clock_.now()), "here")));
    return {};
  }));
  make_known("here");
  Deliverer deliverer(*store_, credentials_, clock_, options());
  deliverer.start();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_TRUE(receiver_.told().empty());
  ASSERT_TRUE(store_->transact([&](store::Transaction& t) { return t.remove_server("other"); }));
  delivery(webhook, "delivered");
  EXPECT_EQ(receiver_.told().size(), 1U);
}

TEST_F(DelivererTest, SeveralServersTellEachThingOnce) {
  add_webhook(receiver_.url("a"));
  add_webhook(receiver_.url("b"));
  make_known("one");
  make_known("two");
  Deliverer one(*store_, credentials_, clock_, options("one"));
  Deliverer two(*store_, credentials_, clock_, options("two"));
  one.start();
  two.start();
  for (int i = 0; i < 30; ++i) end_run("r" + std::to_string(i), "failed");
  EXPECT_EQ(receiver_.wait_for(60).size(), 60U);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(receiver_.told().size(), 60U);
}

TEST_F(DelivererTest, PlainHttpReachesAllowedNetworksOnly) {
  const auto name = add_webhook("http://localhost:" + std::to_string(receiver_.port()) + "/hook/a");
  Deliverer deliverer(*store_, credentials_, clock_, options());
  const auto told = deliverer.test(name);
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->string_at("status"), "delivered") << told->dump();
  EXPECT_EQ(receiver_.told().at(0).type(), "webhook.test");
  auto elsewhere = options();
  elsewhere.client.egress.allowed = {*http::Network::parse("10.0.0.0/8")};
  Deliverer strict(*store_, credentials_, clock_, elsewhere);
  const auto refused = strict.test(name);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->string_at("status"), "failed");
  EXPECT_THAT(refused->string_at("error"), HasSubstr("--allow-network"));
  EXPECT_EQ(receiver_.told().size(), 1U);
}

TEST_F(DelivererTest, ARedirectIsNotFollowed) {
  const auto webhook = add_webhook(receiver_.url());
  receiver_.answer(307, {{"Location", receiver_.url("b")}});
  Deliverer deliverer(*store_, credentials_, clock_, options());
  const auto told = deliverer.test(webhook);
  ASSERT_TRUE(told);
  EXPECT_THAT(told->string_at("error"), HasSubstr("redirect"));
  EXPECT_EQ(receiver_.told().size(), 1U);
}

TEST_F(DelivererTest, LateIsWhatNeitherItsDueTimeNorTheFlowsLastChangeExcuses) {
  const auto grace = std::chrono::seconds(300);
  const auto changed = clock_.now();
  EXPECT_FALSE(is_late(flow_, changed - std::chrono::hours(1), grace, changed + grace));
  EXPECT_TRUE(
      is_late(flow_, changed - std::chrono::hours(1), grace, changed + grace + std::chrono::seconds(1)));
  EXPECT_FALSE(
      is_late(flow_, changed + std::chrono::hours(1), grace, changed + std::chrono::hours(1) + grace));
}

}  // namespace
}  // namespace headwater::webhook
