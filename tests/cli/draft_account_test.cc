// What `run`, `preview` and `explain` do with a source's params and account: they are looked at before
// anybody is called, and tokens that a refresh changes go back into the file they came from.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "e2e/serving.h"
#include "json/value.h"
#include "support/child_process.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class DraftAccount : public ::testing::Test {
 protected:
  DraftAccount()
      : folder_(*TemporaryFolder::make("headwater-account-")), source_({kSourceServer, "--records", "20"}) {
    url_ = source_.wait_for_line(std::string(kListening)).substr(kListening.size());
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  std::string spec(const std::string& place, const std::string& auth, const std::string& inputs) const {
    return write(
        "spec.json",
        R"({"name":"s","type":"generic-rest","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a","version":"1.0",)"
        R"("authSpec":[)" +
            auth + R"(],"sourceSpec":{"attributes":{"urlParams":{"host":")" + url_ + R"(","path":")" + place +
            R"("},"contentPath":{"path":"$.items","keepAttributes":[]},"paginationParams":{"type":"NONE"}},)"
            R"("spec":)" +
            inputs + R"(},"exploreSpec":{"name":"Resource","type":"Resource"}})");
  }
  static Finished headwater(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), kBinary);
    arguments.insert(arguments.end(), {"--allow-network", "127.0.0.0/8"});
    return run_program(arguments);
  }
  std::string refreshing_spec() const {
    return spec("/bearer/offset", R"({"name":"OAuth","type":"OAuth2RefreshCode","spec":{"type":"object"}})",
                R"({"type":"object"})");
  }
  std::string account(const std::string& query) const {
    return R"({"specName":"OAuth","params":{"accessToken":"old","refreshToken":"refresh-0",)"
           R"("expirationDate":"2020-01-01T00:00:00Z","clientId":"client-1","clientSecret":"client secret 1",)"
           R"("accessTokenUrl":")" +
           url_ + "/oauth/token" + query + R"("}})";
  }
  std::size_t token_requests() const {
    const auto stats = json::parse(ask_plainly(url_ + "/_stats"));
    const auto* count = stats ? stats->find_path("by_path") : nullptr;
    const auto* tokens = count == nullptr ? nullptr : count->find("/oauth/token");
    return tokens == nullptr ? 0 : static_cast<std::size_t>(*tokens->as_int64());
  }

  TemporaryFolder folder_;
  ChildProcess source_;
  std::string url_;
};

constexpr const char* kInputs =
    R"({"type":"object","properties":{"shop":{"type":"string","pattern":"^[a-z]+$"},)"
    R"("kind":{"type":"string","enum":["orders","items"]}},"required":["shop"]})";
constexpr const char* kKeyed =
    R"({"name":"Basic","type":"BasicAuthentication","spec":{"type":"object","properties":{)"
    R"("username":{"type":"string"},"password":{"type":"string","format":"password","pattern":"^[0-9]+$"}},)"
    R"("required":["username","password"]}})";

TEST_F(DraftAccount, ParamsThatTheSpecRefusesAreToldAllAtOnce) {
  const auto file = spec("/offset", kKeyed, kInputs);
  const auto auth = write("auth.json", R"({"specName":"Basic","params":{"password":"open-sesame"}})");
  for (const auto* command : {"run", "preview", "explain"}) {
    const auto done = headwater({command, file, "--auth", auth, "--param", "kind=people"});
    EXPECT_EQ(done.exit_code, 2) << command;
    EXPECT_EQ(done.output, "") << command;
    for (const auto* told : {"The params and the auth.params do not match the spec", "/params/kind",
                             "\"shop\"", "/auth/params/password", "\"username\""})
      EXPECT_THAT(done.errors, HasSubstr(told)) << command;
    EXPECT_THAT(done.errors, Not(HasSubstr("sesame"))) << command;
  }
  EXPECT_EQ(ask_plainly(url_ + "/_log"), "[]") << "nobody was called";
}

TEST_F(DraftAccount, ParamsThatNobodyDeclaredMayBeGiven) {
  const auto file = spec("/offset", "", kInputs);
  const auto done = headwater({"run", file, "--param", "shop=a", "--param", "more=1"});
  EXPECT_EQ(done.exit_code, 0) << done.errors;
}

TEST_F(DraftAccount, NewTokensGoThroughALinkAndKeepTheFilesMode) {
  fs::create_directory(path("secrets"));
  const auto real = write("secrets/account.json", account(""));
  fs::permissions(real, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink(real, path("account.json"));
  for (int i = 0; i < 2; ++i) {
    const auto done = headwater({"run", refreshing_spec(), "--auth", path("account.json")});
    ASSERT_EQ(done.exit_code, 0) << done.errors;
  }
  EXPECT_TRUE(fs::is_symlink(path("account.json")));
  EXPECT_THAT(*read_file(real), HasSubstr("\"refresh-1\""));
  EXPECT_EQ(static_cast<unsigned>(fs::status(real).permissions()), 0600U);
  EXPECT_EQ(token_requests(), 1U);
}

TEST_F(DraftAccount, ATokenWithoutALifetimeHasNoStaleDate) {
  const auto auth = write("auth.json", account("?expires_field=elsewhere"));
  for (int i = 0; i < 2; ++i) {
    const auto done = headwater({"run", refreshing_spec(), "--auth", auth});
    ASSERT_EQ(done.exit_code, 0) << done.errors;
  }
  EXPECT_THAT(*read_file(auth), Not(HasSubstr("expirationDate")));
  EXPECT_EQ(token_requests(), 1U) << "the second run takes the token as it is";
}

}  // namespace
}  // namespace headwater::testing
