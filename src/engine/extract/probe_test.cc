// What a source's answer to a check of credentials means.
#include <gmock/gmock.h>

#include "engine/extract/extractor_test.h"
#include "http/server.h"

namespace headwater::extract::test {
namespace {

class ProbeTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto handler = [this](const http::Request& request) {
      ++asked_;
      return answer_(request);
    };
    router_.add(http::Method::get, "/{path...}", handler);
    http::ServerOptions options;
    options.port = 0;
    server_ = *http::Server::make(options, router_);
    server_->start();
    origin_ = "http://127.0.0.1:" + std::to_string(server_->port());
  }
  void TearDown() override { server_->stop(std::chrono::milliseconds(200)); }

  // What probing `origin`/me gives.
  Probe probe(const std::string& origin) {
    asked_ = 0;
    const auto auth = read_auth(
        parsed(R"({"authSpec":[{"name":"B","type":"BasicAuthentication","spec":{}}]})"),
        parsed(R"({"specName":"B","params":{"username":"u","password":"p","authorizationTestUrl":")" +
               origin + R"(/me"}})"));
    EXPECT_TRUE(auth);
    auto outcome = probe_credentials({clock_, credentials_, budgets_}, *auth, loopback(), {});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return outcome ? *std::move(outcome) : Probe{};
  }
  Probe probe_status(int status, const std::string& retry_after = {}) {
    answer_ = [status, retry_after](const http::Request&) {
      auto response = http::Response::text(status, "", "text/plain");
      if (!retry_after.empty()) response.headers.emplace_back("Retry-After", retry_after);
      return response;
    };
    return probe(origin_);
  }

  SystemClock clock_;
  CredentialBroker credentials_{clock_};
  RateBudgets budgets_{clock_};
  http::Router::Handler answer_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::string origin_;
  std::atomic<int> asked_ = 0;
};

TEST_F(ProbeTest, OnlyARefusalIsTheCredentialsFault) {
  EXPECT_TRUE(probe_status(200).accepted);
  for (const int status : {401, 403}) {
    const auto refused = probe_status(status);
    EXPECT_FALSE(refused.accepted);
    EXPECT_EQ(refused.fault, ErrorKind::unauthorized) << status;
  }
  for (const int status : {302, 404, 405, 500, 503}) {
    const auto failed = probe_status(status);
    EXPECT_FALSE(failed.accepted) << status;
    EXPECT_EQ(failed.fault, ErrorKind::upstream) << status;
    EXPECT_NE(failed.message.find("/me answered " + std::to_string(status)), std::string::npos)
        << failed.message;
    EXPECT_EQ(asked_, 1) << status;
  }
  const auto nobody = probe("http://127.0.0.1:1");
  EXPECT_FALSE(nobody.accepted);
  EXPECT_EQ(nobody.fault, ErrorKind::unavailable);
}

TEST_F(ProbeTest, WhoAsksToWaitALittleIsAskedAgain) {
  const auto limited = probe_status(429, "0");
  EXPECT_FALSE(limited.accepted);
  EXPECT_EQ(limited.fault, ErrorKind::rate_limited);
  EXPECT_EQ(asked_, 3);
  probe_status(503, "0");
  EXPECT_EQ(asked_, 3);
  probe_status(429, "3600");
  EXPECT_EQ(asked_, 1) << "nobody waits for an hour";
  answer_ = [this](const http::Request&) {
    auto response = http::Response::text(asked_ < 2 ? 429 : 200, "", "text/plain");
    response.headers.emplace_back("Retry-After", "0");
    return response;
  };
  EXPECT_TRUE(probe(origin_).accepted);
}

TEST_F(ProbeTest, APageToSignInIsNoConsent) {
  answer_ = [](const http::Request& request) {
    if (request.path == "/login") return http::Response::text(200, "<html>", "text/html; charset=utf-8");
    auto response = http::Response::text(302, "", "text/plain");
    response.headers.emplace_back("Location", "/login");
    return response;
  };
  const auto login = probe(origin_);
  EXPECT_FALSE(login.accepted);
  EXPECT_EQ(login.fault, ErrorKind::upstream);
  answer_ = [](const http::Request& request) {
    if (request.path == "/moved") return http::Response::text(200, "{}", "application/json");
    auto response = http::Response::text(301, "", "text/plain");
    response.headers.emplace_back("Location", "/moved");
    return response;
  };
  EXPECT_TRUE(probe(origin_).accepted) << "a source that has moved";
}

}  // namespace
}  // namespace headwater::extract::test
