#include "webhook/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headwater::webhook {
namespace {

using testing::HasSubstr;
using testing::Not;

http::EgressPolicy egress() {
  http::EgressPolicy policy;
  policy.allowed.push_back(*http::Network::parse("10.0.0.0/8"));
  return policy;
}

Result<Settings> read(std::string_view text) { return read_settings(*json::parse(text), egress()); }

std::string pointer_of(std::string_view text) {
  const auto settings = read(text);
  return settings ? "" : settings.error().where;
}

TEST(WebhookSettings, DefaultsAreEverythingAndOn) {
  const auto settings = read(R"({"url":"https://hooks.example.com/a?b=c","else":1})");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(
      settings->document.dump(),
      R"({"url":"https://hooks.example.com/a?b=c","events":["run.failed","run.late","run.recovered"],"enabled":true})");
  EXPECT_FALSE(settings->secret);
  EXPECT_FALSE(settings->unsigned_from_now);
}

TEST(WebhookSettings, WhatIsWrongIsNamed) {
  EXPECT_EQ(pointer_of("{}"), "/url");
  for (const auto* url :
       {"7", R"("")", R"("ftp://x.test/")", R"("hooks.example.com")", R"("https://a:b@x.test/")",
        R"("http://127.0.0.1/")", R"("http://8.8.8.8/")", R"("http://[::1]/")"})
    EXPECT_EQ(pointer_of(R"({"url":)" + std::string(url) + "}"), "/url") << url;
  const std::string good = R"({"url":"https://x.test/",)";
  EXPECT_EQ(pointer_of(good + R"("events":[]})"), "/events");
  EXPECT_EQ(pointer_of(good + R"("events":["run.failed","run.begun"]})"), "/events/1");
  EXPECT_EQ(pointer_of(good + R"("enabled":"yes"})"), "/enabled");
  EXPECT_EQ(pointer_of(good + R"("name":1})"), "/name");
  const auto refused = read(good + R"("secret":"tooshort"})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "/secret");
  EXPECT_THAT(refused.error().message, Not(HasSubstr("tooshort")));
}

TEST(WebhookSettings, PlainHttpIsForAllowedNetworks) {
  EXPECT_TRUE(read(R"({"url":"http://10.1.2.3:8080/hook"})"));
  EXPECT_TRUE(read(R"({"url":"http://hooks.internal/"})"))
      << "what it resolves to is judged when it is called";
  EXPECT_FALSE(read_settings(*json::parse(R"({"url":"http://hooks.internal/"})"), {}));
}

TEST(WebhookSettings, ASecretIsNoPartOfTheDocument) {
  const auto settings = read(R"({"url":"https://x.test/","secret":"correct-horse-battery"})");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->secret->reveal(), "correct-horse-battery");
  EXPECT_THAT(settings->document.dump(), Not(HasSubstr("battery")));
  EXPECT_TRUE(read(R"({"url":"https://x.test/","secret":null})")->unsigned_from_now);
}

TEST(WebhookSettings, OnlyWhatIsWantedIsTold) {
  const auto document = *json::parse(R"({"enabled":true,"events":["run.late"]})");
  EXPECT_TRUE(wants(document, kRunLate));
  EXPECT_FALSE(wants(document, kRunFailed));
  EXPECT_FALSE(wants(*json::parse(R"({"enabled":false,"events":["run.late"]})"), kRunLate));
}

}  // namespace
}  // namespace headwater::webhook
