// `headwater source verify` with an account whose refresh token works once: one chain of tokens, the newest
// of which stand in the account's file whatever becomes of the walk.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

#include "cli/verify_test.h"
#include "http/server.h"
#include "support/mock_specs.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// POST /token takes the refresh token that it gave last, and nothing else; an access token is good for so
// many pages.
class RotatingSource {
 public:
  explicit RotatingSource(int pages_of_a_token) : pages_of_a_token_(pages_of_a_token) {
    router_.add(http::Method::post, "/token", [this](const auto& request) { return token(request); });
    router_.add(http::Method::get, "/items", [this](const auto& request) { return page(request); });
    http::ServerOptions listening;
    listening.port = 0;
    server_ = *http::Server::make(listening, router_);
    server_->start();
  }
  ~RotatingSource() { server_->stop(std::chrono::milliseconds(0)); }
  RotatingSource(const RotatingSource&) = delete;
  RotatingSource& operator=(const RotatingSource&) = delete;

  std::string origin() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  std::string newest() const {
    const std::lock_guard lock(mutex_);
    return "refresh-zq9x7-" + std::to_string(given_);
  }
  /// Of tokens that had been taken before: each of them would have ended the account.
  int spent_twice() const {
    const std::lock_guard lock(mutex_);
    return spent_twice_;
  }
  void fail_pages() {
    const std::lock_guard lock(mutex_);
    fails_ = true;
  }

 private:
  http::Response token(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    const auto fields = parse_query(request.body);
    const bool right = std::any_of(fields.begin(), fields.end(), [this](const auto& field) {
      return field.first == "refresh_token" && field.second == "refresh-zq9x7-" + std::to_string(given_);
    });
    if (!right) {
      ++spent_twice_;
      return http::Response::json(400, json::Object{{"error", "invalid_grant"}});
    }
    ++given_;
    pages_ = 0;
    return http::Response::json(200,
                                json::Object{{"access_token", "access-zq9x7-" + std::to_string(given_)},
                                             {"refresh_token", "refresh-zq9x7-" + std::to_string(given_)},
                                             {"expires_in", 3600}});
  }
  http::Response page(const http::Request& request) {
    const std::lock_guard lock(mutex_);
    if (request.header("Authorization") != "Bearer access-zq9x7-" + std::to_string(given_) ||
        ++pages_ > pages_of_a_token_)
      return http::Response::text(401, "{}", "application/json");
    if (fails_) return http::Response::text(400, "{}", "application/json");
    const auto offset = std::stoul(std::string(request.query_param("offset").value_or("0")));
    return items(std::min<std::size_t>(offset, 50), std::min<std::size_t>(offset + 20, 50));
  }

  const int pages_of_a_token_;
  mutable std::mutex mutex_;
  int given_ = 0, pages_ = 0, spent_twice_ = 0;
  bool fails_ = false;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

class VerifyTokens : public VerifyFindings {
 protected:
  std::string spec() const {
    std::string auth(kRefreshAuth);
    const auto rules = [&auth](const std::string& member, const std::string& more) {
      const auto begin = "\"" + member + "\":{";
      auth.insert(auth.find(begin) + begin.size(), more);
    };
    rules("accessTokenUrl", address_rules_);
    rules("refreshToken", refresh_rules_);
    rules("spec", schema_rules_);
    return write(
        "spec.json",
        R"({"name":"rotating","type":"generic-rest","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a","version":"1.0","authSpec":[)" +
            auth + R"(],"sourceSpec":{"attributes":{"urlParams":{"host":")" + source_.origin() +
            R"(","path":"/items","method":"GET"},)" + kBare + R"(,"paginationParams":)" + kOffsetPaging +
            R"(},"spec":{"type":"object","properties":{}}},"exploreSpec":{"name":"Resource","type":"Resource"}})");
  }
  std::string account() const {
    const auto file = write(
        "account.json",
        R"({"specName":"OAuth2","params":{"clientId":"c","clientSecret":"client-zq9x7","accessToken":"long-dead","refreshToken":")" +
            source_.newest() + R"(","accessTokenUrl":")" + source_.origin() + R"(/token"}})");
    ::chmod(file.c_str(), 0640);
    return file;
  }
  std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{kBinary,    "source",  "verify",           spec(),
                                   "--auth",   account(), "--allow-network",  "127.0.0.0/8",
                                   "--report", "json",    path("report.json")};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  void expect_kept() const {
    const auto file = json::parse(*read_file(path("account.json")));
    ASSERT_TRUE(file);
    EXPECT_EQ(file->find("params")->string_at("refreshToken"), source_.newest());
    EXPECT_EQ(file->find("params")->string_at("accessTokenUrl"), source_.origin() + "/token");
    struct stat status{};
    ASSERT_EQ(::stat(path("account.json").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0640U);
    EXPECT_EQ(source_.spent_twice(), 0);
  }

  RotatingSource source_{7};
  std::string address_rules_, refresh_rules_, schema_rules_;  // of the account, each with a comma behind it
};

TEST_F(VerifyTokens, NoTokenIsSpentTwiceAndTheNewestStandInTheAccountsFile) {
  const auto done = run_program(command());
  EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
  EXPECT_THAT(done.output, HasSubstr("3 pages, then the end: nothing else at offset=60 and offset=80"));
  EXPECT_THAT(done.errors, HasSubstr("the newest stand in " + path("account.json")));
  EXPECT_THAT(done.output + done.errors, Not(HasSubstr("zq9x7")));
  expect_kept();
  // As it is by now, it is good for another walk.
  const auto second = run_program(command());
  EXPECT_EQ(second.exit_code, 0) << second.output << second.errors;
  expect_kept();
}

TEST_F(VerifyTokens, TheNewestAreKeptByAWalkThatIsRecorded) {
  const auto done = run_program(command({"--record", path("c.json")}));
  EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
  expect_kept();
  EXPECT_THAT(*read_file(path("c.json")), Not(HasSubstr("zq9x7")));
}

TEST_F(VerifyTokens, TheNewestAreKeptByAWalkThatFails) {
  source_.fail_pages();
  const auto done = run_program(command());
  EXPECT_EQ(done.exit_code, 1) << done.output << done.errors;
  EXPECT_NE(source_.newest(), "refresh-zq9x7-0");
  expect_kept();
}

TEST_F(VerifyTokens, TheNewestAreKeptByAWalkThatIsInterrupted) {
  ChildProcess walk(command());
  ASSERT_NE(walk.wait_for_line("ok      Explore"), "") << walk.output();
  walk.signal(SIGINT);
  EXPECT_EQ(walk.wait(), 130) << walk.output();
  expect_kept();
}

// What stands in the place of the token endpoint is none of those that the schema names.
TEST_F(VerifyTokens, AnAccountWhoseSchemaNamesItsTokenAddressIsWalked) {
  address_rules_ =
      R"("enum":[")" + source_.origin() + R"(/token","https://eu.acme.test/token"],"format":"uri",)";
  refresh_rules_ = R"("pattern":"^refresh-","maxLength":20,)";
  const auto done = run_program(command());
  EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
  EXPECT_THAT(done.errors, HasSubstr("the newest stand in " + path("account.json")));
  expect_kept();
  const auto recorded = run_program(command({"--record", path("c.json")}));
  EXPECT_EQ(recorded.exit_code, 0) << recorded.output << recorded.errors;
  expect_kept();
  const auto played = run_program({kBinary, "source", "verify", spec(), "--replay", path("c.json")});
  EXPECT_EQ(played.exit_code, 0) << played.output << played.errors;
}

TEST_F(VerifyTokens, AnAccountWhoseSchemaTakesNoRelayIsWalkedWithoutOne) {
  schema_rules_ =
      R"("not":{"properties":{"accessTokenUrl":{"not":{"const":")" + source_.origin() + R"(/token"}}}},)";
  const auto done = run_program(command());
  EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
  EXPECT_EQ(source_.spent_twice(), 0);
  EXPECT_THAT(done.errors, HasSubstr("not written into it, since authSpec takes no other token address"));
}

// They are not shown to this program, which must not spend them a second time either.
TEST_F(VerifyTokens, ANamedServerAloneSpendsThem) {
  ChildProcess server({kBinary, "serve", "--data-dir", path("data"), "--listen", "127.0.0.1:0", "--log-level",
                       "error", "--allow-network", "127.0.0.0/8"});
  const auto url = server.wait_for_line("listening on ").substr(std::string("listening on ").size());
  const auto done = run_program(command({"--server", url, "--data-dir", path("data")}));
  EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
  EXPECT_EQ(source_.spent_twice(), 0);
  EXPECT_THAT(done.errors, HasSubstr("The server refreshes this account's tokens by itself"));
}

}  // namespace
}  // namespace headwater::testing
