#include "authoring/try_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/draft.h"
#include "support/page_source.h"

namespace headwater::authoring {
namespace {

using json::Value;
using support::PageSource;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class TrySourceTest : public testing::Test {
 protected:
  TrySourceTest() : access_(loopback(), clock_) { access_.defaults().retry.attempts_max = 1; }
  static http::ClientOptions loopback() {
    http::ClientOptions client;
    client.egress.allowed.push_back(*http::Network::parse("127.0.0.0/8"));
    return client;
  }
  Trial tried(const Value& spec, const Value& auth = {},
              const std::vector<std::pair<std::string, std::string>>& params = {}) {
    auto trial = try_source(access_, *make_draft(spec, auth, {}, params), {});
    EXPECT_TRUE(trial) << trial.error().message;
    return *std::move(trial);
  }
  static json::Object& attributes(Value& spec) {
    return *spec.find("sourceSpec")->find("attributes")->if_object();
  }

  SystemClock clock_;
  run::SourceAccess access_;
};

PageSource answering(const char* text) {
  return PageSource({.instead = [text](const http::Request&, std::size_t) {
    return http::Response::text(200, text, "application/json");
  }});
}

// Such a source was tried without a word, and a run fetched its first page.
TEST_F(TrySourceTest, ASourceThatPagesAndASpecThatDoesNotIsTold) {
  for (const auto& [answer, place] : std::vector<std::pair<const char*, const char*>>{
           {R"({"items":[{"id":1}],"has_more":true})", "$.has_more"},
           {R"({"items":[{"id":1}],"page":{"hasNextPage":true}})", "$.page.hasNextPage"},
           {R"({"items":[{"id":1}],"paging":{"next":"https://a.test/x"}})", "$.paging.next"},
           {R"({"items":[{"id":1}],"next_cursor":"abc"})", "$.next_cursor"},
           {R"({"items":[{"id":1}],"IsTruncated":true})", "$.IsTruncated"},
           {R"({"items":[{"id":1}],"end_of_stream":false})", "$.end_of_stream"},
           {R"({"items":[{"id":1}],"offset":"itr/20"})", "$.offset"},
           {R"({"items":[{"id":1}],"offset":0,"end_of_stream":true,"IsTruncated":false})", ""},
           {R"({"items":[{"id":1,"next":"https://a.test"}],"has_more":false,"next_cursor":null})", ""}}) {
    auto source = answering(answer);
    auto spec = source.spec(10);
    attributes(spec).set("paginationParams", json::Object{{"type", "NONE"}});
    const auto trial = tried(spec);
    EXPECT_TRUE(trial.good()) << format(trial);
    if (*place == '\0')
      EXPECT_THAT(trial.notes, IsEmpty()) << answer;
    else
      EXPECT_THAT(trial.notes, Contains(HasSubstr(std::string("says at ") + place))) << answer;
  }
}

constexpr std::string_view kKeyed = R"([{"name":"Key","type":"KeyBased","spec":{"type":"object","properties":{
    "authKey1":{"type":"string","format":"password","restAttributes":{"headerParamName":"X-Key"}}},
    "required":["authKey1"]}}])";

// The call was made without it, and what came back was a 401.
TEST_F(TrySourceTest, AnAccountThatLacksAMemberIsToldBeforeAnythingIsSent) {
  PageSource source({.records = 3});
  auto spec = source.spec(10);
  spec.if_object()->set("authSpec", *json::parse(kKeyed));
  for (const char* auth : {"null", "{}", R"({"authKey1":""})", R"({"specName":"key","params":{}})"}) {
    const auto trial = tried(spec, *json::parse(auth));
    EXPECT_FALSE(trial.good()) << auth;
    EXPECT_THAT(trial.steps[0].problem, HasSubstr("\"authKey1\"")) << auth;
    EXPECT_FALSE(trial.steps[1].reached);
  }
  EXPECT_EQ(source.requests().size(), 0U);
  EXPECT_TRUE(tried(spec, *json::parse(R"({"authKey1":"k"})")).good());
}

TEST_F(TrySourceTest, AParameterThatTheSpecDoesNotDeclareIsTold) {
  PageSource source({.records = 3});
  const auto trial = tried(source.spec(10), {}, {{"nosuch", "1"}});
  EXPECT_TRUE(trial.good());
  EXPECT_THAT(trial.notes, Contains(HasSubstr("no parameter \"nosuch\"")));
}

TEST_F(TrySourceTest, TheNextRequestIsShownWithItsBody) {
  auto source = answering(R"({"items":[{"id":1}],"next":"abc"})");
  auto spec = source.spec(10);
  auto& members = attributes(spec);
  members.find("urlParams")->if_object()->set("method", "POST");
  members.set("bodyParams", json::Object{{"q", "x"}});
  members.set("paginationParams",
              *json::parse(R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.next",
      "parameterType":"BODYPARAM","parameterName":"cursor"})"));
  EXPECT_THAT(format(tried(spec)), HasSubstr(R"({"q":"x","cursor":"<token of page 1>"})"));
}

}  // namespace
}  // namespace headwater::authoring
