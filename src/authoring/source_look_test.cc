#include "authoring/source_look.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/draft.h"
#include "support/page_source.h"

namespace headwater::authoring {
namespace {

using json::Value;
using support::PageSource;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kBasic =
    R"([{"name":"Basic Authentication","type":"BasicAuthentication","spec":{"type":"object",
      "properties":{"username":{"type":"string"},"password":{"type":"string","format":"password"}}}}])";

class SourceLookTest : public testing::Test {
 protected:
  SourceLookTest() : access_(loopback(), clock_) { access_.defaults().retry.attempts_max = 1; }
  static http::ClientOptions loopback() {
    http::ClientOptions client;
    client.egress.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
    return client;
  }
  Result<Value> look(const Value& spec, const Value& auth = {}, Value params = {}) {
    return look_at_source(access_, *make_draft(spec, auth, std::move(params), {}), {});
  }
  static std::string at(const Value& document, std::string_view path) {
    const Value* found = document.find_path(path);
    if (found == nullptr) return "-";
    return found->if_string() != nullptr ? *found->if_string() : found->dump();
  }

  SystemClock clock_;
  run::SourceAccess access_;
};

TEST_F(SourceLookTest, ShowsThePageItsRecordsAndWhatFollows) {
  PageSource source({.records = 25});
  const auto seen = look(source.spec(10));
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(at(*seen, "page.status"), "200");
  EXPECT_EQ(at(*seen, "page.cut"), "false");
  EXPECT_THAT(at(*seen, "page.text"), HasSubstr(R"({"id":0,"name":"record 0"})"));
  EXPECT_EQ(at(*seen, "page.bytes"), std::to_string(at(*seen, "page.text").size()));
  EXPECT_EQ(at(*seen, "content"), R"({"path":"$.items","count":10,"complete":true})");
  EXPECT_THAT(at(*seen, "next.url"), HasSubstr("offset=10"));
  EXPECT_EQ(seen->find_path("preview.data")->if_array()->size(), 10U);
  EXPECT_EQ(source.requests().size(), 1U);
}

TEST_F(SourceLookTest, TheLastPageLeadsNowhere) {
  PageSource source({.records = 3});
  const auto seen = look(source.spec(10));
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(at(*seen, "content.count"), "3");
  EXPECT_EQ(seen->find("next"), nullptr);
}

TEST_F(SourceLookTest, APageWithoutTheRecordsIsShownWithTheReason) {
  PageSource source({.records = 3});
  auto spec = source.spec(10);
  spec.find("sourceSpec")->find("attributes")->find("contentPath")->if_object()->set("path", "$.orders");
  const auto seen = look(spec);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_THAT(at(*seen, "page.text"), HasSubstr("record 2"));
  EXPECT_THAT(at(*seen, "failure.message"), HasSubstr("$.orders is not in the answer"));
  EXPECT_EQ(at(*seen, "failure.code"), "CONNECTOR-1313-400");
  EXPECT_EQ(seen->find("preview"), nullptr);
}

TEST_F(SourceLookTest, ARefusalIsShownAsItCame) {
  PageSource source({.instead = [](const http::Request&, std::size_t) -> std::optional<http::Response> {
    return http::Response::text(403, "<h1>Not you</h1>", "text/html");
  }});
  const auto seen = look(source.spec(10));
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(at(*seen, "page.status"), "403");
  EXPECT_EQ(at(*seen, "page.contentType"), "text/html");
  EXPECT_EQ(at(*seen, "page.text"), "<h1>Not you</h1>");
  EXPECT_THAT(at(*seen, "failure.message"), HasSubstr("403"));
}

TEST_F(SourceLookTest, NoAnswerIsAnError) {
  std::optional<PageSource> source(std::in_place, PageSource::Options{});
  const auto spec = source->spec(10);
  source.reset();
  EXPECT_FALSE(look(spec));
}

TEST_F(SourceLookTest, WhatIsSecretIsMaskedHoweverTheSourceSaysIt) {
  const std::string password = R"(hunter"2 söcret)";
  PageSource source({.instead = [&](const http::Request& request, std::size_t) {
    return http::Response::json(
        200, json::Object{{"items", json::Array{json::Object{{"id", 1}, {"said", "p4ram-key"}}}},
                          {"asked", std::string(request.header("authorization").value_or(""))},
                          {"echo", password},
                          {"key", "p4ram-key"},
                          {"link", "https://x.test/?p=hunter%222%20s%C3%B6cret"}});
  }});
  auto spec = source.spec(10);
  spec.if_object()->set("authSpec", *json::parse(kBasic));
  spec.find("sourceSpec")
      ->if_object()
      ->set("spec",
            *json::parse(R"({"type":"object","properties":{"key":{"type":"string","format":"password"}}})"));
  const Value auth = json::Object{{"specName", "Basic Authentication"},
                                  {"params", json::Object{{"username", "ada"}, {"password", password}}}};
  const auto seen = look(spec, auth, json::Object{{"key", "p4ram-key"}});
  ASSERT_TRUE(seen) << seen.error().message;
  const std::string text = at(*seen, "page.text");
  EXPECT_THAT(text, HasSubstr(R"("asked":"Basic ***")"));
  EXPECT_THAT(text, HasSubstr(R"("echo":"***")"));
  EXPECT_THAT(text, HasSubstr(R"("key":"***")"));
  EXPECT_THAT(seen->dump(), Not(HasSubstr("hunter")));
  EXPECT_THAT(seen->dump(), Not(HasSubstr("p4ram")));
}

// A credential across the cut leaves no half of itself; a character neither.
TEST_F(SourceLookTest, ALargePageIsCutWithoutHalves) {
  const std::string password = "correct-horse-battery-staple";
  constexpr std::size_t kShown = 64U << 10;
  const std::string before = R"({"items":[],"text":")";
  const std::string filler(kShown - before.size() - 10, 'x');
  PageSource source({.instead = [&](const http::Request&, std::size_t) {
    return http::Response::text(200, before + filler + password + std::string(100'000, 'y') + "\"}",
                                "application/json");
  }});
  auto spec = source.spec(10);
  spec.if_object()->set("authSpec", *json::parse(kBasic));
  const Value auth = json::Object{{"specName", "Basic Authentication"},
                                  {"params", json::Object{{"username", "ada"}, {"password", password}}}};
  const auto seen = look(spec, auth);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(at(*seen, "page.cut"), "true");
  EXPECT_EQ(at(*seen, "page.text").size(), kShown);
  EXPECT_THAT(at(*seen, "page.text"), EndsWith("x***yyyyyyy"));
  EXPECT_GT(std::stoul(at(*seen, "page.bytes")), 160'000U);
}

// Masked, they take less room, and the end of what was read comes into view.
TEST_F(SourceLookTest, ManyCredentialsBeforeTheCutLeaveNoHalfAtTheEnd) {
  const std::string password = "correct-horse-battery-staple";
  std::string text = R"({"items":[],"text":")";
  while (text.size() < 200'000) text += password;
  PageSource source({.instead = [&](const http::Request&, std::size_t) {
    return http::Response::text(200, text + "\"}", "application/" + std::string(190, 'j') + password);
  }});
  auto spec = source.spec(10);
  spec.if_object()->set("authSpec", *json::parse(kBasic));
  const Value auth = json::Object{{"specName", "Basic Authentication"},
                                  {"params", json::Object{{"username", "ada"}, {"password", password}}}};
  const auto seen = look(spec, auth);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_THAT(at(*seen, "page.text"), HasSubstr("***"));
  EXPECT_THAT(seen->dump(), Not(HasSubstr("corr")));
}

TEST_F(SourceLookTest, BytesThatAreNoTextAreReplaced) {
  PageSource source({.instead = [](const http::Request&, std::size_t) {
    return http::Response::text(500, "caf\xE9 \xC3\xA9", "text/plain");
  }});
  const auto seen = look(source.spec(10));
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(at(*json::parse(seen->dump()), "page.text"), "caf\xEF\xBF\xBD \xC3\xA9");
}

}  // namespace
}  // namespace headwater::authoring
