// Webhooks of the real binary: a receiver that is away, a server that is killed between a run's end and its
// delivery.
#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <thread>

#include "base/crypto.h"
#include "e2e/serving.h"
#include "support/hook_receiver.h"

namespace headwater::testing {
namespace {

using support::HookReceiver;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kSecret = "correct-horse-battery-staple";

class Webhook : public ServingTest {
 protected:
  Webhook() : receiver_(std::make_unique<HookReceiver>()), port_(receiver_->port()) { start(); }
  void start() {
    serving_ = std::make_unique<Serving>(data_, std::vector<std::string>{"--log-level", "debug"});
  }
  std::string url(const std::string& name = "a") const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/hook/" + name;
  }
  std::string add(const std::string& name = "a") {
    return create_id("webhooks", json::Object{{"url", url(name)}, {"secret", kSecret}});
  }
  std::string last_of(const std::string& id, std::string_view member) {
    const auto webhook = read({"webhooks", "get", id});
    const json::Value* items = webhook.find("items");
    const json::Value& found = items == nullptr ? webhook : items->if_array()->front();
    const json::Value* last = found.find_path("lastDelivery." + std::string(member));
    return last == nullptr ? "" : last->dump();
  }
  void wait_for(const std::string& id, std::string_view member, const std::string& text) {
    for (int i = 0; i < 200 && last_of(id, member) != text; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_EQ(last_of(id, member), text);
  }
  std::unique_ptr<HookReceiver> receiver_;
  std::uint16_t port_;
};

TEST_F(Webhook, AFailureIsTold) {
  const auto id = add();
  source_.signal(SIGKILL);
  source_.wait();
  const auto flow = create_flow({.format = "ndjson", .delay_millis = ""});
  auto told = receiver_->wait_for(1, std::chrono::seconds(60));
  ASSERT_EQ(told.size(), 1U) << log_text();
  EXPECT_EQ(told[0].type(), "run.failed");
  EXPECT_EQ(told[0].document.find_path("flow.id")->dump(), "\"" + flow + "\"");
  EXPECT_EQ(told[0].document.find_path("run.state")->dump(), "\"failed\"");
  EXPECT_EQ(told[0].signature, "sha256=" + crypto::hex(crypto::hmac_sha256(kSecret, told[0].body)));
  wait_for(id, "status", "\"delivered\"");
}

TEST_F(Webhook, AnEventSurvivesAKillBetweenTheRunsEndAndItsDelivery) {
  const auto id = add();
  receiver_.reset();  // nobody is there
  source_.signal(SIGKILL);
  source_.wait();
  create_flow({.format = "ndjson", .delay_millis = ""});
  for (int i = 0; i < 1200 && last_of(id, "status") != "\"retrying\""; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  ASSERT_EQ(last_of(id, "status"), "\"retrying\"") << log_text();
  serving_->kill();
  receiver_ = std::make_unique<HookReceiver>(port_);
  receiver_->answer(503);
  start();
  const auto refused = receiver_->wait_for(1, std::chrono::seconds(60));
  ASSERT_FALSE(refused.empty()) << log_text();
  receiver_->answer(204);
  wait_for(id, "status", "\"delivered\"");
  const auto told = receiver_->told();
  EXPECT_GE(told.size(), 2U) << "a 503 is no end";
  for (const auto& each : told) EXPECT_EQ(each.id, told[0].id) << "an id tells that it is the same thing";
  EXPECT_EQ(told.back().type(), "run.failed");
}

TEST_F(Webhook, TheCommandLineManagesThemAndNothingShowsTheSecret) {
  const auto id = add();
  const auto listed = ask({"webhooks", "list"});
  EXPECT_THAT(listed.output, HasSubstr(url()));
  const auto tested = read({"webhooks", "test", id});
  EXPECT_EQ(tested.string_at("status"), "delivered");
  EXPECT_EQ(receiver_->told().at(0).type(), "webhook.test");
  EXPECT_EQ(
      read({"webhooks", "update", id, write("hook.json", R"({"url":")" + url("b") + "\"}")}).string_at("id"),
      id);
  read({"webhooks", "test", id});
  EXPECT_EQ(receiver_->told().at(1).name, "b");
  EXPECT_NE(receiver_->told().at(1).signature, "") << "the secret was left out and stays";
  receiver_->answer(500);
  EXPECT_THAT(ask({"webhooks", "test", id}).output, HasSubstr("answered 500"));
  EXPECT_THAT(ask({"webhooks", "get", id}).output, Not(HasSubstr("staple")));
  EXPECT_EQ(ask({"webhooks", "delete", id}).exit_code, 0);
  EXPECT_NE(ask({"webhooks", "get", id}).exit_code, 0);
  EXPECT_THAT(log_text(), Not(HasSubstr("staple")));
  EXPECT_THAT(log_text(), HasSubstr("serving"));
}

}  // namespace
}  // namespace headwater::testing
