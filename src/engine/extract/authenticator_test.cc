#include "engine/extract/authenticator.h"

#include <gtest/gtest.h>

#include "base/time.h"
#include "engine/extract/neighbours.h"
#include "engine/extract/page_spool.h"
#include "engine/extract/rate_budget.h"

namespace headwater::extract {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text;
  return value ? *value : json::Value();
}

constexpr std::string_view kSpec = R"({"authSpec":[
  {"name":"OAuth2 Refresh Code","type":"OAuth2RefreshCode","spec":{"properties":{"accessToken":{"format":"password"}},"required":["accessToken"]}},
  {"name":"Basic Authentication","type":"BasicAuthentication","spec":{"properties":{},"required":["username","password"]}},
  {"name":"Keys","type":"KeyBased","spec":{"properties":{
     "a":{"format":"password","restAttributes":{"headerParamName":"X-A"}},"b":{"restAttributes":{"queryParamName":"b_key"}},
     "c":{"restAttributes":{"bodyParamName":"cKey"}},"d":{}},"required":["a"]}},
  {"name":"old","type":"apiKey","attributes":{"authParams":{"addTo":"header"}},"spec":{"required":["value"]}}]})";

std::string chosen(std::string_view auth) {
  const auto settings = read_auth(parsed(kSpec), parsed(auth));
  return settings ? settings->spec_name
                  : "! " + std::string(settings.error().code) + " " + settings.error().where;
}

TEST(AuthSettings, SpecIsChosenByNameExactlyOrNearly) {
  EXPECT_EQ(chosen(R"({"specName":"Basic Authentication","params":{}})"), "Basic Authentication");
  EXPECT_EQ(chosen(R"({"specName":"oAuth2-refresh_code","params":{}})"), "OAuth2 Refresh Code");
  EXPECT_EQ(chosen(R"({"specName":"Kerberos","params":{}})"), "! CONNECTOR-1301-400 /auth/specName");
  EXPECT_EQ(chosen(R"({"username":"u","password":"p"})"), "Basic Authentication");
  EXPECT_EQ(chosen(R"({"params":{"a":"1"}})"), "Keys");
  EXPECT_EQ(chosen(R"({"params":{"a":"1","value":"2"}})"), "! CONNECTOR-1301-400 /auth/specName");
  EXPECT_EQ(chosen("null"), "");
}

TEST(AuthSettings, KeysGoWhereTheSpecSays) {
  const auto settings =
      read_auth(parsed(kSpec), parsed(R"({"specName":"Keys","params":{"a":"1","b":"2","c":"3","d":"4"}})"));
  ASSERT_TRUE(settings);
  ASSERT_EQ(settings->keys.size(), 3U);
  EXPECT_EQ(settings->keys[0].name + settings->keys[1].name + settings->keys[2].name, "X-Ab_keycKey");
  EXPECT_EQ(settings->keys[1].place, KeyPlacement::Place::query);
  const auto old = read_auth(parsed(kSpec), parsed(R"({"specName":"old","params":{"value":"s"}})"));
  ASSERT_TRUE(old);
  ASSERT_EQ(old->keys.size(), 1U);
  EXPECT_EQ(old->keys[0].name, "apiKey");
}

TEST(AuthSettings, OfACredentialThatBeginsWithAnotherNothingStays) {
  const auto settings = read_auth(
      parsed(kSpec), parsed(R"({"specName":"Keys","params":{"a":"abc123","b":"abc123-and-more"}})"));
  ASSERT_TRUE(settings);
  EXPECT_EQ(without_credentials("GET /abc123-and-more/abc123", *settings), "GET /***/***");
}

TEST(AuthSettings, TextsForReadersHoldNoCredential) {
  const auto settings = read_auth(
      parsed(kSpec), parsed(R"({"specName":"Keys","params":{"a":"se/cret","b":"k3y","d":"plain"}})"));
  ASSERT_TRUE(settings);
  EXPECT_EQ(without_credentials("GET /bot-se%2Fcret/plain?k=k3y: se/cretse/cret", *settings),
            "GET /bot-***/plain?k=***: ******");
}

TEST(AuthSettings, TextsAreCutBehindTheMask) {
  const auto settings =
      read_auth(parsed(kSpec), parsed(R"({"specName":"Keys","params":{"a":"0123456789"}})"));
  ASSERT_TRUE(settings);
  EXPECT_EQ(shown_part("token=0123456789", 12, *settings), "token=***");
  EXPECT_EQ(shown_part("token=0123456789&more", 12, *settings), "token=***&mo");
  EXPECT_EQ(shown_part("a\u00e9", 2, *settings), "a") << "no half of a character";
  EXPECT_EQ(shown_part("a\u00e9", 3, *settings), "a\u00e9");
}

AuthSettings oauth(std::string_view params) {
  auto settings =
      read_auth(parsed(kSpec),
                json::Value(json::Object{{"specName", "OAuth2 Refresh Code"}, {"params", parsed(params)}}));
  EXPECT_TRUE(settings);
  return *settings;
}

TEST(TokenRequest, FollowsRequestParameterOverride) {
  const auto plain = token_request(
      oauth(
          R"({"accessToken":"a","clientId":"i","clientSecret":"s&","accessTokenUrl":"https://t.test/token"})"),
      Secret("r"));
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->method, "POST");
  EXPECT_EQ(plain->body, "grant_type=refresh_token&refresh_token=r&client_id=i&client_secret=s%26");
  const auto settings = oauth(
      R"({"accessToken":"a","clientId":"i","clientSecret":"s","accessTokenUrl":"https://t.test/token?v=2",
    "requestParameterOverride":{"authenticationMethod":"GET","clientId":"app","clientSecret":"key","accessTokenField":"at","refreshTokenField":"rt","expireInField":"ttl"}})");
  const auto overridden = token_request(settings, Secret("r"));
  ASSERT_TRUE(overridden);
  EXPECT_EQ(overridden->method, "GET");
  EXPECT_EQ(overridden->url.query, "v=2&grant_type=refresh_token&refresh_token=r&app=i&key=s");
  const auto now = from_epoch_seconds(1000);
  const auto tokens = read_token_answer(settings, 200, R"({"at":"A","rt":"R","ttl":"60"})", now);
  ASSERT_TRUE(tokens);
  EXPECT_EQ(tokens->access.reveal() + tokens->refresh.reveal(), "AR");
  EXPECT_EQ(tokens->expires_at, now + std::chrono::seconds(60));
  EXPECT_EQ(tokens->margin, std::chrono::seconds(15));
  EXPECT_EQ(read_token_answer(settings, 200, R"({"at":"A","ttl":3600})", now)->margin,
            std::chrono::seconds(30));
}

TEST(TokenRequest, IsMadeByGetOrByPostAndNothingElse) {
  const auto read = [](const std::string& method) {
    return read_auth(parsed(R"({"authSpec":[{"name":"o","type":"OAuth2RefreshCode","spec":{}}]})"),
                     parsed(R"({"specName":"o","params":{"accessToken":"a","accessTokenUrl":"https://t.test/",
          "requestParameterOverride":{"authenticationMethod":)" +
                            method + "}}}"));
  };
  EXPECT_EQ(token_request(*read(R"("get")"), Secret("r"))->method, "GET");
  EXPECT_EQ(token_request(*read(R"("Post")"), Secret("r"))->method, "POST");
  EXPECT_EQ(token_request(*read("null"), Secret("r"))->method, "POST");
  for (const std::string method : {R"("PUT")", R"("BASIC")", "7", "{}"}) {
    const auto refused = read(method);
    ASSERT_FALSE(refused) << method;
    EXPECT_EQ(refused.error().where, "/auth/params/requestParameterOverride/authenticationMethod");
    EXPECT_NE(refused.error().message.find("by GET or by POST"), std::string::npos);
  }
}

TEST(AuthSettings, AKeyIsNeverAHeaderThatHttpSets) {
  const auto refused = read_auth(parsed(R"({"authSpec":[{"name":"k","type":"KeyBased","spec":{"properties":{
        "key":{"type":"string","restAttributes":{"headerParamName":"content-length"}}}}}]})"),
                                 parsed(R"({"specName":"k","params":{"key":"5"}})"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("as the header \"content-length\", which HTTP itself sets"),
            std::string::npos)
      << refused.error().message;
}

TEST(TokenAnswer, RefusalsNameTheCauseAndNoSecret) {
  const auto settings = oauth(R"({"accessToken":"a"})");
  const auto refused = read_token_answer(
      settings, 400, R"({"error":"invalid_grant","error_description":"token r-secret"})", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unauthorized);
  EXPECT_NE(refused.error().message.find("(invalid_grant)"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("r-secret"), std::string::npos);
  EXPECT_EQ(read_token_answer(settings, 503, "busy", {}).error().kind, ErrorKind::upstream);
  EXPECT_EQ(read_token_answer(settings, 200, "{}", {}).error().kind, ErrorKind::upstream);
}

TEST(RateBudget, HoldsEverybodyBackAndSpacesRequests) {
  ManualClock clock(from_epoch_seconds(0));
  RateBudgets budgets(clock);
  const auto budget = budgets.of("https://a.test", "k");
  EXPECT_EQ(budgets.of("https://a.test", "k"), budget);
  EXPECT_NE(budgets.of("https://a.test", "other"), budget);
  EXPECT_EQ(budget->acquire({})->count(), 0);
  budget->hold_until(clock.now() + std::chrono::seconds(5));
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_FALSE(budget->acquire(stopped.get_token()));
  clock.advance(std::chrono::seconds(5));
  EXPECT_TRUE(budget->acquire(stopped.get_token()));
  budget->limit_rate(2);
  EXPECT_TRUE(budget->acquire(stopped.get_token()));
  EXPECT_FALSE(budget->acquire(stopped.get_token())) << "the next slot is half a second away";
  clock.advance(std::chrono::milliseconds(500));
  EXPECT_TRUE(budget->acquire(stopped.get_token()));
}

TEST(RateBudget, IsKeptWhileASourceHoldsUsBack) {
  ManualClock clock(from_epoch_seconds(0));
  RateBudgets budgets(clock);
  budgets.of("h", "k")->hold_until(clock.now() + std::chrono::seconds(60));
  std::stop_source stopped;
  stopped.request_stop();
  EXPECT_FALSE(budgets.of("h", "k")->acquire(stopped.get_token()));
}

TEST(PageSpool, GivesTextsBackFromMemoryAndFromAFile) {
  for (const std::size_t memory_max : {std::size_t{100}, std::size_t{16} << 20}) {
    PageSpool spool(memory_max, "/tmp");
    std::vector<std::string> texts;
    texts.reserve(3001);
    for (std::size_t i = 0; i < 3000; ++i) texts.push_back(std::string(i % 700, 'x') + std::to_string(i));
    texts.push_back(std::string(2U << 20, 'y'));
    for (const auto& text : texts) ASSERT_TRUE(spool.append(text));
    ASSERT_TRUE(spool.seal());
    EXPECT_EQ(spool.is_on_disk(), memory_max == 100);
    for (int round = 0; round < 2; ++round) {
      std::string_view text;
      for (const auto& want : texts) {
        ASSERT_TRUE(*spool.next(text));
        ASSERT_EQ(text, want);
      }
      EXPECT_FALSE(*spool.next(text));
      spool.rewind();
    }
  }
}

TEST(Neighbours, NamesRecordsThatComeAgain) {
  Neighbours neighbours;
  neighbours.advance({{1, 11}, {2, 12}, {3, 13}});
  const auto overlap = neighbours.compare({{3, 13}, {9, 12}, {4, 14}, {5, 14}});
  EXPECT_EQ(overlap.repeated, std::vector<std::uint64_t>{0});
  EXPECT_EQ(overlap.changed, 1U);
  EXPECT_EQ(overlap.within, 1U);
  Neighbours without_keys;
  without_keys.advance({{1, 0}, {2, 0}, {3, 0}});
  EXPECT_EQ(without_keys.compare({{2, 0}, {3, 0}, {4, 0}}).at_border, 2U);
  EXPECT_EQ(without_keys.compare({{1, 0}, {4, 0}}).at_border, 0U);
  Neighbours restored;
  restored.restore(neighbours.state());
  EXPECT_EQ(restored.compare({{3, 13}}).repeated.size(), 1U);
}

}  // namespace
}  // namespace headwater::extract
