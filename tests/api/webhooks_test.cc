// Webhooks: settings of an organisation. How they are told: src/webhook and tests/e2e/webhooks_told_test.cc.
#include <gmock/gmock.h>

#include "api_fixture.h"
#include "support/hook_receiver.h"

namespace headwater::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kWebhooks = fs("/webhooks");

class WebhooksTest : public ApiFixture {
 protected:
  std::string body(const std::string& more = "") {
    return R"({"name":"Pager","url":")" + receiver_.url() + "\"" + more + "}";
  }
  std::string create(const std::string& more = "") {
    const auto made = post(kWebhooks, body(more));
    EXPECT_EQ(made.status, 201) << made.text;
    return made.id();
  }
  std::string at(const std::string& id) { return kWebhooks + "/" + id; }
  std::string sealed(const std::string& id) {
    std::string names;
    EXPECT_TRUE(store->read([&](store::Transaction& transaction) -> Result<void> {
      names.clear();
      for (const auto& [name, bytes] : TRY(transaction.secrets_of(id))) names += name + "=" + bytes;
      return {};
    }));
    return names;
  }
  support::HookReceiver receiver_;
};

TEST_F(WebhooksTest, AreCreatedFoundReplacedAndDeleted) {
  const auto made = post(kWebhooks, body());
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(made.header("location"), at(made.id()));
  const auto found = get(at(made.id()));
  EXPECT_EQ(found.header("etag"), made.etag());
  EXPECT_EQ(found.item().string_at("url"), receiver_.url());
  EXPECT_EQ(found.item().find("sandboxName"), nullptr) << "it is the organisation's";
  EXPECT_EQ(found.item().find("pending")->as_int64(), 0);
  EXPECT_EQ(found.item().find("lastDelivery"), nullptr);
  EXPECT_EQ(call("GET", kWebhooks, {}, {{"x-sandbox-name", "nowhere"}}).item().string_at("id"), made.id());

  EXPECT_EQ(put(at(made.id()), body(), "\"0-0\"").status, 412);
  EXPECT_EQ(get(at(made.id())).header("etag"), made.etag());
  const auto changed = put(at(made.id()), body(R"(,"events":["run.late"],"enabled":false)"), made.etag());
  EXPECT_EQ(changed.status, 200) << changed.text;
  EXPECT_EQ(get(at(made.id())).item().find("events")->dump(), R"(["run.late"])");
  EXPECT_EQ(get(at(made.id())).item().find("enabled")->dump(), "false");

  EXPECT_EQ(del(at(made.id())).status, 204);
  EXPECT_EQ(get(at(made.id())).status, 404);
  EXPECT_EQ(del(at(made.id())).status, 404);
}

TEST_F(WebhooksTest, AnotherOrganisationsIsNotThere) {
  const auto id = create();
  EXPECT_EQ(call_as_stranger("GET", at(id)).status, 404);
  EXPECT_EQ(call_as_stranger("PUT", at(id), body()).status, 404);
  EXPECT_EQ(call_as_stranger("POST", at(id) + "/test").status, 404);
  EXPECT_EQ(call_as_stranger("DELETE", at(id)).status, 404);
  EXPECT_THAT(call_as_stranger("GET", kWebhooks).text, Not(HasSubstr(id)));
  EXPECT_TRUE(receiver_.told().empty());
}

TEST_F(WebhooksTest, TheSecretIsWrittenOnly) {
  const auto made = post(kWebhooks, body(R"(,"secret":"correct-horse-battery")"));
  ASSERT_EQ(made.status, 201);
  const auto found = get(at(made.id()));
  for (const auto& answer : {made, found, get(kWebhooks)})
    EXPECT_THAT(answer.text, Not(HasSubstr("battery")));
  EXPECT_EQ(found.item().find("signed")->dump(), "true");
  EXPECT_THAT(sealed(made.id()), HasSubstr("/secret="));
  EXPECT_THAT(sealed(made.id()), Not(HasSubstr("battery")));
  const auto before = sealed(made.id());

  ASSERT_EQ(put(at(made.id()), body()).status, 200);
  EXPECT_EQ(get(at(made.id())).item().find("signed")->dump(), "true") << "left out: it stays";
  ASSERT_EQ(post(at(made.id()) + "/test", "").status, 200);
  EXPECT_THAT(receiver_.told().at(0).signature, ::testing::StartsWith("sha256="));
  ASSERT_EQ(put(at(made.id()), body(R"(,"secret":null)")).status, 200);
  EXPECT_EQ(get(at(made.id())).item().find("signed")->dump(), "false");
  EXPECT_EQ(sealed(made.id()), "");
  ASSERT_EQ(post(at(made.id()) + "/test", "").status, 200);
  EXPECT_EQ(receiver_.told().at(1).signature, "");
  EXPECT_NE(before, "");

  const auto again = put(at(made.id()), body(R"(,"secret":"battery-battery-battery")"));
  ASSERT_EQ(again.status, 200);
  ASSERT_EQ(del(at(made.id())).status, 204);
  EXPECT_EQ(sealed(made.id()), "") << "it goes with its webhook";
}

TEST_F(WebhooksTest, ATestTellsWhatBecameOfIt) {
  const auto id = create(R"(,"enabled":false)");
  const auto told = post(at(id) + "/test", "");
  EXPECT_EQ(told.status, 200) << told.text;
  EXPECT_EQ(told.at("status"), "delivered");
  EXPECT_EQ(told.at("httpStatus"), "200");
  EXPECT_EQ(receiver_.told().at(0).type(), "webhook.test");
  EXPECT_EQ(get(at(id)).item().find_path("lastDelivery.status")->dump(), "\"delivered\"");
  EXPECT_EQ(get(at(id)).header("etag"), get(kWebhooks).item().string_at("etag"));
  receiver_.answer(500);
  const auto refused = post(at(id) + "/test", "");
  EXPECT_EQ(refused.status, 200);
  EXPECT_EQ(refused.at("status"), "failed");
  EXPECT_THAT(refused.at("error"), HasSubstr("answered 500"));
  EXPECT_EQ(get(at(id)).item().find_path("lastDelivery.status")->dump(), "\"failed\"");
}

TEST_F(WebhooksTest, WhatIsWrongIsNamed) {
  EXPECT_EQ(post(kWebhooks, R"({"name":"x"})").at("report.pointer"), "/url");
  EXPECT_EQ(post(kWebhooks, R"({"url":"http://10.0.0.1/"})").at("report.pointer"), "/url");
  EXPECT_EQ(post(kWebhooks, body(R"(,"events":["nothing"])")).at("report.pointer"), "/events/0");
  EXPECT_EQ(post(kWebhooks, "[]").status, 400);
  for (int i = 0; i < 20; ++i) create();
  EXPECT_EQ(post(kWebhooks, body()).status, 409);
}

}  // namespace
}  // namespace headwater::tests
