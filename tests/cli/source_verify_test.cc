// `headwater source verify`: the whole walk through a server of its own, against a mock and against an API
// whose answers are recorded and played again.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "base/file.h"
#include "json/value.h"
#include "support/child_process.h"
#include "support/mock_specs.h"
#include "support/page_source.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kBinary = HEADWATER_BINARY;

class SourceVerify : public ::testing::Test {
 protected:
  SourceVerify() : folder_(*TemporaryFolder::make("headwater-verify-test-")) {}

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  static Finished verify(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {kBinary, "source", "verify"});
    return run_program(arguments);
  }

  TemporaryFolder folder_;
};

TEST_F(SourceVerify, IsGreenAgainstAMockOfTheTemplate) {
  const auto made = run_program({kBinary, "source", "init", "orders", "--dir", path("repo")});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  const auto done =
      verify({path("repo/Sources/orders"), "--against", "mock", "--report", "json", path("report.json"),
              "--report", "junit", path("report.xml"), "--report", "html", path("report.html")});
  EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
  EXPECT_THAT(done.output, HasSubstr("green: "));
  EXPECT_THAT(done.output, HasSubstr("all 250 of the mock's records in 3 pages"));
  EXPECT_THAT(done.output, HasSubstr("3 records new, and nothing else was fetched"));
  for (const char* fault : {"429", "5xx", "truncate", "slow"})
    EXPECT_THAT(done.output, HasSubstr(std::string("Under fault ") + fault));
  EXPECT_THAT(done.output, HasSubstr("landed nothing, as it must"));
  EXPECT_THAT(done.output, HasSubstr("resources deleted"));

  const auto report = json::parse(*read_file(path("report.json")));
  ASSERT_TRUE(report);
  EXPECT_EQ(*report->find("green")->if_boolean(), true);
  EXPECT_EQ(report->find("steps")->if_array()->size(), 20U);
  EXPECT_THAT(*read_file(path("report.xml")), HasSubstr("<testsuite name=\"headwater source verify orders\" "
                                                        "tests=\"20\" failures=\"0\""));
  EXPECT_THAT(*read_file(path("report.html")), HasSubstr("<h1>Verification of orders</h1>"));
}

TEST_F(SourceVerify, IsGreenForTokensWithoutASchedule) {
  const auto spec = write("spec.json", mock_spec(kTokenPaging, kRefreshAuth, R"("scheduleParams":{})"));
  const auto done = verify({spec, "--against", "mock"});
  EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
  EXPECT_THAT(done.output, HasSubstr("skipped Incremental run"));
}

TEST_F(SourceVerify, IsRedAtTheStepThatABrokenSpecFails) {
  const auto linted =
      verify({write("broken.json", R"({"name":"x","sourceSpec":{}})"), "--against", "source"});
  EXPECT_EQ(linted.exit_code, 1) << linted.output << linted.errors;
  EXPECT_THAT(linted.output, HasSubstr("FAILED  Spec"));
  EXPECT_THAT(linted.output, HasSubstr("skipped Registration"));

  // The API says where its records are; the spec looks elsewhere.
  ChildProcess api({kBinary, "mock",
                    write("good.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule)), "--write",
                    path("at")});
  ASSERT_NE(api.wait_for_line("Ctrl-C"), "");
  auto spec = *read_file(path("at/connectionSpec.json"));
  spec.replace(spec.find("$.orders"), 8, "$.items");
  const auto done = verify({write("elsewhere.json", spec), "--auth", path("at/account.json"), "--param",
                            "storeId=1", "--report", "json", path("report.json")});
  EXPECT_EQ(done.exit_code, 1) << done.output << done.errors;
  EXPECT_THAT(done.output, HasSubstr("FAILED  Explore"));
  EXPECT_THAT(done.output, HasSubstr("to do: Compare urlParams"));
  EXPECT_THAT(done.output, HasSubstr("ok      Deletion"));
  const auto report = json::parse(*read_file(path("report.json")));
  EXPECT_EQ(*report->find("green")->if_boolean(), false);
}

TEST_F(SourceVerify, LeavesNothingOnANamedServer) {
  ChildProcess server({kBinary, "serve", "--data-dir", path("data"), "--listen", "127.0.0.1:0", "--log-level",
                       "error", "--allow-network", "127.0.0.0/8"});
  const auto url = server.wait_for_line("listening on ").substr(std::string("listening on ").size());
  const auto spec = write("spec.json", mock_spec(kPagePaging, kHeaderKeyAuth, kAdvanceSchedule));
  const std::vector<std::string> there{"--server", url, "--data-dir", path("data")};
  std::vector<std::string> arguments{spec, "--against", "mock"};
  arguments.insert(arguments.end(), there.begin(), there.end());
  const auto done = verify(arguments);
  EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
  for (const char* resource : {"connections", "source-connections", "target-connections", "flows", "datasets",
                               "schemas", "mapping-sets", "connection-specs"}) {
    std::vector<std::string> list{kBinary, resource, "list", "--all", "--output", "json"};
    list.insert(list.end(), there.begin(), there.end());
    const auto left = run_program(list);
    EXPECT_EQ(left.exit_code, 0) << left.errors;
    EXPECT_THAT(left.output, Not(HasSubstr("acme"))) << resource;
  }

  // Kept when asked for; their names tell what they are.
  arguments.emplace_back("--keep");
  const auto kept = verify(arguments);
  EXPECT_EQ(kept.exit_code, 0) << kept.output;
  std::vector<std::string> list{kBinary, "flows", "list", "--output", "json"};
  list.insert(list.end(), there.begin(), there.end());
  EXPECT_THAT(run_program(list).output, HasSubstr("verify acme-orders"));
}

// The published spec was verified in the place of the folder's.
TEST_F(SourceVerify, AFolderThatDiffersFromWhatIsPublishedIsVerifiedAsItIs) {
  ChildProcess server({kBinary, "serve", "--data-dir", path("data"), "--listen", "127.0.0.1:0", "--log-level",
                       "error", "--allow-network", "127.0.0.0/8"});
  const auto url = server.wait_for_line("listening on ").substr(std::string("listening on ").size());
  ChildProcess api({kBinary, "mock",
                    write("good.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule)), "--write",
                    path("at")});
  ASSERT_NE(api.wait_for_line("Ctrl-C"), "");
  const std::vector<std::string> there{"--server", url, "--data-dir", path("data")};
  const auto with = [&there](std::vector<std::string> words) {
    words.insert(words.end(), there.begin(), there.end());
    return words;
  };
  const std::string id = "5a3b6f52-9c3d-4f47-b1a4-0c5cf6a3a201";
  auto spec = *json::parse(*read_file(path("at/connectionSpec.json")));
  spec.if_object()->set("id", id);
  const auto added =
      run_program(with({kBinary, "connection-specs", "create", write("own.json", spec.dump())}));
  ASSERT_EQ(added.exit_code, 0) << added.output << added.errors;
  const auto verified = [&](const json::Value& folder) {
    return verify(with(
        {write("folder.json", folder.dump()), "--auth", path("at/account.json"), "--param", "storeId=1"}));
  };
  auto same = spec;
  same.find("sourceSpec")->find("attributes")->if_object()->set("uiAttributes", json::Object{{"label", "x"}});
  const auto published = verified(same);
  EXPECT_EQ(published.exit_code, 0) << published.output << published.errors;
  EXPECT_THAT(published.output, HasSubstr("published already as " + id));
  auto other = spec;
  other.find("sourceSpec")
      ->find("attributes")
      ->find("contentPath")
      ->if_object()
      ->set("path", json::Value("$.nowhere"));
  const auto edited = verified(other);
  EXPECT_EQ(edited.exit_code, 1) << edited.output;
  EXPECT_THAT(edited.output, HasSubstr("; the published one, " + id +
                                       ", differs at /sourceSpec/attributes/contentPath/path"));
  EXPECT_THAT(edited.output, HasSubstr("FAILED  Explore"));
  const auto kept = run_program(with({kBinary, "connection-specs", "get", id, "--output", "json"}));
  EXPECT_THAT(kept.output, HasSubstr("$.orders"));
}

TEST_F(SourceVerify, ARunThatTakesTooLongIsCancelled) {
  ChildProcess server({kBinary, "serve", "--data-dir", path("data"), "--listen", "127.0.0.1:0", "--log-level",
                       "error", "--allow-network", "127.0.0.0/8"});
  const auto url = server.wait_for_line("listening on ").substr(std::string("listening on ").size());
  support::PageSource api({.records = 1'000'000});
  auto spec = api.spec(10, {{"delayRequestMillis", 200}});
  spec.if_object()->set("providerId", "0ed90a81-07f4-4586-8190-b40eccef1c5a");
  spec.if_object()->set("version", "1.0");
  const auto done = verify(
      {write("spec.json", spec.dump()), "--server", url, "--data-dir", path("data"), "--timeout", "2"});
  EXPECT_EQ(done.exit_code, 1) << done.output << done.errors;
  EXPECT_THAT(done.output, HasSubstr("FAILED  Run   "));
  EXPECT_THAT(done.output, HasSubstr("ok      Deletion"));
  const auto asked = api.requests().size();
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_EQ(api.requests().size(), asked);
}

TEST_F(SourceVerify, SaysThatItIsTheAccountWhenTheSourceRefusesIt) {
  ChildProcess api({kBinary, "mock",
                    write("good.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule)), "--write",
                    path("at")});
  ASSERT_NE(api.wait_for_line("Ctrl-C"), "");
  const auto account = write("wrong.json", R"({"username":"mock-username","password":"guessed-it"})");
  const auto done = verify({path("at/connectionSpec.json"), "--auth", account, "--param", "storeId=1"});
  EXPECT_EQ(done.exit_code, 1) << done.output << done.errors;
  EXPECT_THAT(done.output, HasSubstr("without the source's parameters it cannot be tried"));
  EXPECT_THAT(done.output, HasSubstr("FAILED  Explore"));
  EXPECT_THAT(done.output, HasSubstr("to do: Check --auth FILE"));
  EXPECT_THAT(done.output + done.errors, Not(HasSubstr("guessed-it")));
}

class Recorded : public SourceVerify,
                 public ::testing::WithParamInterface<std::pair<const char*, const char*>> {};

TEST_P(Recorded, PlaysAgainWithoutNetworkOrCredentials) {
  const auto [paging, auth] = GetParam();
  const auto spec = write("spec.json", mock_spec(paging, auth, kSimpleSchedule));
  auto api = std::make_unique<ChildProcess>(
      std::vector<std::string>{kBinary, "mock", spec, "--records", "45", "--write", path("at")});
  ASSERT_NE(api->wait_for_line("Ctrl-C"), "");
  const auto recorded = verify({path("at/connectionSpec.json"), "--auth", path("at/account.json"), "--param",
                                "storeId=1", "--allow-network", "127.0.0.0/8", "--record", path("c.json")});
  ASSERT_EQ(recorded.exit_code, 0) << recorded.output << recorded.errors;
  api->signal(SIGINT);
  EXPECT_EQ(api->wait(), 0);
  EXPECT_THAT(api->output(), HasSubstr(" 0 refused"));

  // No credential that was given or got stands in the file.
  const auto cassette = *read_file(path("c.json"));
  EXPECT_THAT(cassette, Not(HasSubstr("mock-")));
  EXPECT_THAT(cassette, Not(HasSubstr("Authorization")));
  EXPECT_THAT(cassette, Not(HasSubstr("access_token")));

  for (const std::vector<std::string>& given : {{"--param", "storeId=1"}, std::vector<std::string>{}}) {
    std::vector<std::string> words{path("at/connectionSpec.json"), "--replay", path("c.json")};
    words.insert(words.end(), given.begin(), given.end());
    const auto played = verify(words);
    EXPECT_EQ(played.exit_code, 0) << played.output << played.errors;
    EXPECT_THAT(played.output, HasSubstr("45 records in the dataset"));
    EXPECT_THAT(played.output, HasSubstr("every request was answered from it"));
  }
  // A cassette that was recorded before it held them.
  auto without = *json::parse(cassette);
  without.if_object()->erase("params");
  const auto unknown =
      verify({path("at/connectionSpec.json"), "--replay", write("old.json", without.dump())});
  EXPECT_EQ(unknown.exit_code, 2) << unknown.output;
  EXPECT_THAT(unknown.errors, HasSubstr("--param storeId=VALUE"));

  const auto other =
      verify({path("at/connectionSpec.json"), "--param", "storeId=2", "--replay", path("c.json")});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_THAT(other.output, HasSubstr("it has no answer to GET /v2/stores/2/orders?"));
}

TEST_F(SourceVerify, LeavesNothingWhenItIsInterruptedWithinARun) {
  ChildProcess walk({kBinary, "source", "verify",
                     write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule)), "--against",
                     "mock"});
  ASSERT_NE(walk.wait_for_line("ok      Under fault truncate"), "") << walk.output();
  std::this_thread::sleep_for(std::chrono::milliseconds(400));  // the slow page is on its way
  walk.signal(SIGINT);
  EXPECT_EQ(walk.wait(), 130) << walk.output();
  EXPECT_THAT(walk.output(), HasSubstr("ok      Deletion"));
}

TEST_F(SourceVerify, PlaysAgainWhereTheAccountSaysTheHost) {
  ChildProcess api({kBinary, "mock",
                    write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule)), "--write",
                    path("at")});
  ASSERT_NE(api.wait_for_line("Ctrl-C"), "");
  auto spec = *json::parse(*read_file(path("at/connectionSpec.json")));
  auto* url = spec.find("sourceSpec")->find("attributes")->find("urlParams")->if_object();
  const std::string host(*url->find("host")->if_string());
  ASSERT_TRUE(host.ends_with("/v2")) << host;
  url->erase("host");
  const auto hostless = write("hostless.json", spec.dump());
  const auto account = write(
      "account.json", R"({"username":"mock-username","password":"mock-password","host":")" + host + "\"}");
  const auto unreached =
      verify({hostless, "--auth", account, "--param", "storeId=1", "--record", path("c.json")});
  EXPECT_EQ(unreached.exit_code, 1);
  EXPECT_THAT(unreached.output, HasSubstr("not written: no answer came. Calls to 127.0.0.1 are refused"));
  // The account was blamed, and an address that nobody had written.
  EXPECT_THAT(unreached.output, HasSubstr("The source was not reached: Calls to 127.0.0.1 are refused"));
  EXPECT_THAT(unreached.output, HasSubstr("to do: Check the source's host, and give --allow-network"));
  EXPECT_THAT(unreached.output, Not(HasSubstr("answered 424")));
  EXPECT_THAT(unreached.output, Not(HasSubstr("--auth")));
  EXPECT_FALSE(std::filesystem::exists(path("c.json")));
  const auto recorded = verify({hostless, "--auth", account, "--param", "storeId=1", "--allow-network",
                                "127.0.0.0/8", "--record", path("c.json")});
  ASSERT_EQ(recorded.exit_code, 0) << recorded.output << recorded.errors;
  EXPECT_THAT(*read_file(path("c.json")), HasSubstr("\"hostPath\": \"/v2\""));
  const auto played = verify({hostless, "--param", "storeId=1", "--replay", path("c.json")});
  EXPECT_EQ(played.exit_code, 0) << played.output << played.errors;
}

INSTANTIATE_TEST_SUITE_P(Styles, Recorded,
                         ::testing::Values(std::pair(kOffsetPaging, kBasicAuth),
                                           std::pair(kPointerPaging, kQueryKeyAuth),
                                           std::pair(kTokenPaging, kRefreshAuth)));

// What a process that was killed has left goes with the next one; what somebody still has does not.
TEST_F(SourceVerify, TheFolderOfAKilledOneGoesWithTheNext) {
  namespace fs = std::filesystem;
  const auto temporary = folder_.path() / "tmp";
  fs::create_directories(temporary / "headwater-server-in-use");
  fs::create_directories(temporary / "somebody-elses");
  const UniqueFd in_use(::open((temporary / "headwater-server-in-use").c_str(), O_RDONLY | O_DIRECTORY));
  ASSERT_EQ(::flock(in_use.get(), LOCK_EX | LOCK_NB), 0);
  const auto servers = [&] {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(temporary))
      if (entry.path().filename().string().starts_with("headwater-server-")) found.push_back(entry.path());
    return found;
  };
  const ChildProcess::Options options{
      .folder = {}, .error_file = {}, .environment = {"TMPDIR=" + temporary.string()}};
  ASSERT_EQ(run_program({kBinary, "source", "init", "orders", "--dir", path("repo")}).exit_code, 0);
  {
    ChildProcess killed({kBinary, "source", "verify", path("repo/Sources/orders"), "--against", "mock"},
                        options);
    ASSERT_NE(killed.wait_for_line("Verifying"), "");
    killed.signal(SIGKILL);
    killed.wait();
  }
  const auto left = servers();
  ASSERT_EQ(left.size(), 2U);
  // Its server ends after it, by itself.
  for (const auto& folder : left) {
    if (folder.filename() == "headwater-server-in-use") continue;
    const UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY));
    ASSERT_EQ(::flock(fd.get(), LOCK_EX), 0);
  }
  const auto next = run_program(
      {kBinary, "source", "verify", write("broken.json", R"({"name":"x","sourceSpec":{}})")}, options);
  EXPECT_THAT(next.output, HasSubstr("FAILED  Spec")) << next.errors;
  EXPECT_THAT(servers(), ::testing::ElementsAre(temporary / "headwater-server-in-use"));
  EXPECT_TRUE(fs::exists(temporary / "somebody-elses"));
}

TEST_F(SourceVerify, AReportGoesWhereALinkLeadsAndKeepsTheFilesMode) {
  const auto own = write("own.json", "{}");
  std::filesystem::permissions(own, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::create_symlink(own, path("link.json"));
  // The walk ends at the spec, for the report alone matters.
  const auto done = verify(
      {write("broken.json", R"({"name":"x","sourceSpec":{}})"), "--report", "json", path("link.json")});
  EXPECT_EQ(done.exit_code, 1) << done.errors;
  EXPECT_TRUE(std::filesystem::is_symlink(path("link.json")));
  EXPECT_THAT(*read_file(own), HasSubstr("\"steps\""));
  EXPECT_EQ(static_cast<unsigned>(std::filesystem::status(own).permissions()), 0600U);
}

TEST_F(SourceVerify, AReportThatHasNoPlaceIsToldBeforeTheWalk) {
  const auto spec = write("spec.json", mock_spec(kTokenPaging, kRefreshAuth, R"("scheduleParams":{})"));
  for (const auto& place : {path("nowhere/report.json"), folder_.path().string(), std::string("/dev/null")}) {
    const auto done = verify({spec, "--against", "mock", "--report", "json", place});
    EXPECT_EQ(done.exit_code, 2) << place;
    EXPECT_EQ(done.output, "") << place;
    EXPECT_THAT(done.errors, HasSubstr(place.starts_with("/dev") ? place : folder_.path().string()));
  }
  // Nor is what a link leads to, when that is no file: /dev/stdout is one.
  std::filesystem::create_symlink("/dev/null", path("null.json"));
  for (const auto& place : {path("null.json"), std::string("/dev/stdout"), std::string()}) {
    const auto done = verify({spec, "--against", "mock", "--report", "json", place});
    EXPECT_EQ(done.exit_code, 2) << place;
    EXPECT_EQ(done.output, "") << place;
  }
  EXPECT_TRUE(std::filesystem::is_symlink(path("null.json")));
  const auto cassette = verify({spec, "--record", path("nowhere/cassette.json")});
  EXPECT_EQ(cassette.output, "");
  EXPECT_THAT(cassette.errors, HasSubstr("nowhere"));
}

}  // namespace
}  // namespace headwater::testing
