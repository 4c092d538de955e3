// Credentials: sent, fetched, rotated, probed.
#include <atomic>
#include <thread>

#include "engine/extract/extractor_test.h"

namespace headwater::extract::test {
namespace {

TEST_F(ExtractorTest, SendsEveryKindOfCredential) {
  auth_spec =
      R"({"name":"B","type":"BasicAuthentication","spec":{}},{"name":"K","type":"KeyBased","spec":{"properties":{
    "k1":{"restAttributes":{"headerParamName":"X-Auth-Key1"}},"k2":{"restAttributes":{"headerParamName":"X-Auth-Key2"}},"q":{"restAttributes":{"queryParamName":"api_key"}}}}})";
  auth = R"({"specName":"b","params":{"username":"ada","password":"open s\u00e9same"}})";
  EXPECT_EQ(run(inputs("/basic/offset?n=5", kOffset)).ids, upto(5));
  auth = R"({"specName":"B","params":{"username":"ada","password":"wrong"}})";
  EXPECT_NE(run(inputs("/basic/offset?n=5", kOffset)).error.find("401"), std::string::npos);
  auth = R"({"specName":"K","params":{"k1":"key-one","k2":"key-two"}})";
  EXPECT_EQ(run(inputs("/key-header/offset?n=5&two_keys=1", kOffset)).ids, upto(5));
  auth = R"({"specName":"K","params":{"q":"key one&more"}})";
  EXPECT_EQ(run(inputs("/key-query/offset?n=5", kOffset)).ids, upto(5));
}

TEST_F(ExtractorTest, RotatesTokensOnceForAllRunsAndKeepsThemBeforeUse) {
  auth_spec = R"({"name":"O","type":"OAuth2RefreshCode","spec":{}})";
  auth =
      R"({"specName":"O","params":{"accessToken":"access-0","refreshToken":"refresh-0","clientId":"client-1","clientSecret":"client secret 1","accessTokenUrl":")" +
      source().origin + R"(/oauth/token"}})";
  connection_key = "c1";
  source().call("POST", "/_expire");
  std::atomic<int> saved = 0;
  persist = [&saved](const json::Value& changed, const json::Value&) -> Result<void> {
    EXPECT_NE(changed.string_at("accessToken"), "access-0");
    EXPECT_FALSE(changed.string_at("refreshToken").empty());
    ++saved;
    return {};
  };
  std::vector<Outcome> outcomes(6);
  {
    std::vector<std::jthread> threads;
    threads.reserve(outcomes.size());
    for (auto& outcome : outcomes)
      threads.emplace_back([this, &outcome] { outcome = run(inputs("/bearer/offset?n=45", kOffsetTotal)); });
  }
  for (const auto& outcome : outcomes) {
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.ids, upto(45));
  }
  EXPECT_EQ(calls("/oauth/token"), 1U) << "six runs, one refresh";
  EXPECT_EQ(saved, 1);
  persist = [](const json::Value&, const json::Value&) -> Result<void> {
    return Error{ErrorKind::storage, "disk full"};
  };
  source().call("POST", "/_expire");
  EXPECT_NE(run(inputs("/bearer/offset?n=45", kOffsetTotal)).error.find("disk full"), std::string::npos)
      << "tokens that are not kept are not used";
  persist = nullptr;
  EXPECT_EQ(run(inputs("/bearer/offset?n=45", kOffsetTotal)).ids, upto(45)) << "and are not lost either";
}

// Whoever began with the tokens that an account had before goes on with what became of them.
TEST_F(ExtractorTest, OtherTokensOfAConnectionBeginAChainOfTheirOwn) {
  auth_spec = R"({"name":"O","type":"OAuth2RefreshCode","spec":{}})";
  const auto account = [this](const std::string& number) {
    return R"({"specName":"O","params":{"accessToken":"access-)" + number + R"(","refreshToken":"refresh-)" +
           number + R"(","clientId":"client-1","clientSecret":"client secret 1","accessTokenUrl":")" +
           source().origin + R"(/oauth/token"}})";
  };
  connection_key = "c2";
  source().call("POST", "/_expire");
  auth = account("0");
  EXPECT_EQ(run(inputs("/bearer/offset?n=5", kOffsetTotal)).ids, upto(5));
  for (int refreshes = 2; refreshes < 40; ++refreshes) {
    source().call("POST", "/_expire");
    ASSERT_EQ(run(inputs("/bearer/offset?n=5", kOffsetTotal)).error, "") << refreshes;
  }
  auth = account("other");
  EXPECT_NE(run(inputs("/bearer/offset?n=5", kOffsetTotal)).error, "");
  const auto asked = calls("/oauth/token");
  auth = account("0");
  EXPECT_EQ(run(inputs("/bearer/offset?n=5", kOffsetTotal)).ids, upto(5));
  EXPECT_EQ(calls("/oauth/token"), asked) << "no spent token is sent again";
}

TEST_F(ExtractorTest, GetsTokensWithClientCredentials) {
  auth_spec = R"({"name":"CC","type":"OAuth2ClientCredential","spec":{}})";
  auth =
      R"({"specName":"CC","params":{"clientId":"client-1","clientSecret":"client secret 1","tokenEndpoint":")" +
      source().origin + R"(/oauth/token?uses=2"}})";
  const auto outcome = run(inputs("/bearer/offset?n=45&no_total=1", kOffset));
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.ids, upto(45)) << "a token that dies in mid-run is replaced";
}

TEST_F(ExtractorTest, ErrorsHoldNoParamThatIsAPassword) {
  const std::string spec =
      R"({"authSpec":[],"sourceSpec":{"attributes":{"urlParams":{"host":")" + source().origin +
      R"(","path":"/nowhere/${key}"},"paginationParams":)" + kNone +
      R"(},"spec":{"type":"object","properties":{"key":{"type":"string","format":"password"}}}}})";
  const auto outcome = run(read_inputs(parsed(spec), json::Value(), parsed(R"({"key":"p4ram/key"})"), {}));
  EXPECT_NE(outcome.error.find("/nowhere/***: the source answered 404"), std::string::npos) << outcome.error;
}

TEST_F(ExtractorTest, ProbesCredentialsAndSources) {
  auth_spec = R"({"name":"B","type":"BasicAuthentication","spec":{}})";
  auth =
      R"({"specName":"B","params":{"username":"ada","password":"open s\u00e9same","authorizationTestUrl":")" +
      source().origin + R"(/basic/offset?limit=1"}})";
  const Services services{clock, credentials, budgets};
  const auto good = inputs("/basic/offset", kOffset);
  const auto probe = probe_credentials(services, good->auth, loopback(), {});
  ASSERT_TRUE(probe) << probe.error().message;
  EXPECT_TRUE(probe->called && probe->accepted);
  EXPECT_TRUE(probe_source(services, *good, loopback(), {})->accepted);
  auth = R"({"specName":"B","params":{"username":"ada","password":"no","authorizationTestUrl":")" +
         source().origin + R"(/basic/offset"}})";
  const auto bad = probe_credentials(services, inputs("/basic/offset", kOffset)->auth, loopback(), {});
  ASSERT_TRUE(bad);
  EXPECT_FALSE(bad->accepted);
  EXPECT_EQ(bad->status, 401);
}

}  // namespace
}  // namespace headwater::extract::test
