// Walks of `headwater source verify` that somebody ends early, and those of sources that are posted to.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "cli/verify_test.h"
#include "support/mock_specs.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using VerifyWalks = VerifyFindings;

std::string bare_spec(const std::string& host) {
  return R"({"name":"walks","type":"generic-rest","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a","version":"1.0","authSpec":[],"sourceSpec":{"attributes":{"urlParams":{"host":")" +
         host + R"(","path":"/items","method":"GET"},)" + kBare + R"(,"paginationParams":)" + kOffsetPaging +
         R"(},"spec":{"type":"object","properties":{}}},"exploreSpec":{"name":"Resource","type":"Resource"}})";
}

TEST_F(VerifyWalks, AnInterruptedWalkIsNotGreen) {
  ChildProcess walk({kBinary, "source", "verify",
                     write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule)), "--against",
                     "mock", "--report", "json", path("report.json"), "--report", "junit", path("report.xml"),
                     "--report", "html", path("report.html")});
  ASSERT_NE(walk.wait_for_line("ok      Registration"), "") << walk.output();
  walk.signal(SIGINT);
  EXPECT_EQ(walk.wait(), 130) << walk.output();
  EXPECT_THAT(walk.output(), HasSubstr("interrupted: not verified: "));
  EXPECT_THAT(walk.output(), Not(HasSubstr("green")));
  EXPECT_EQ(*report().find("green")->if_boolean(), false);
  EXPECT_EQ(*report().find("interrupted")->if_boolean(), true);
  EXPECT_THAT(*read_file(path("report.xml")), HasSubstr("errors=\"1\""));
  EXPECT_THAT(*read_file(path("report.xml")), HasSubstr("<error message=\"interrupted: not verified\"/>"));
  EXPECT_THAT(*read_file(path("report.html")),
              HasSubstr("<p class=\"failed\"><strong>interrupted: not verified"));
}

TEST_F(VerifyWalks, AStreamingSourceIsPostedTo) {
  ASSERT_EQ(
      run_program({kBinary, "source", "init", "events", "--template", "streaming", "--dir", path("repo")})
          .exit_code,
      0);
  const auto verify = [this](const std::vector<std::string>& more) {
    std::vector<std::string> command{kBinary, "source", "verify", path("repo/Sources/events")};
    command.insert(command.end(), more.begin(), more.end());
    return run_program(command);
  };
  const auto green = verify({"--report", "json", path("report.json")});
  EXPECT_EQ(green.exit_code, 0) << green.output << green.errors;
  for (const std::string said :
       {"3 events taken", "3 records in the dataset, as many as were posted", "refused with 400",
        "taken and landed with a signature, refused with 401 without", "7 resources deleted"})
    EXPECT_THAT(green.output, HasSubstr(said));
  EXPECT_EQ(report().find("steps")->if_array()->size(), 12U);

  const auto own = write("own.json", R"([{"order":{"id":"a","sum":1.5}},
      {"order":{"id":"b","sum":2}, "gift":true}, {"order":{"id":"c","sum":3}}, {"order":{"id":"d","sum":4}}])");
  const auto with_own = verify({"--events", own});
  EXPECT_EQ(with_own.exit_code, 0) << with_own.output << with_own.errors;
  EXPECT_THAT(with_own.output, HasSubstr("4 records in the dataset"));
  const auto one = verify({"--events", write("one.json", "{\n  \"id\": \"a\"\n}\n")});
  EXPECT_EQ(one.exit_code, 0) << one.output << one.errors;

  for (const auto& [text, said] :
       std::vector<std::pair<std::string, std::string>>{{"{\"a\":1}\n{\"a\":\n", "line 2: "},
                                                        {"[{\"a\":1},7]", "event 2 is no JSON object"},
                                                        {"", "from 1 to 1000"}}) {
    const auto wrong = verify({"--events", write("wrong.json", text)});
    EXPECT_EQ(wrong.exit_code, 2) << wrong.output;
    EXPECT_THAT(wrong.errors, HasSubstr(said));
  }
  for (const auto& words : {std::vector<std::string>{"--against", "mock"}, {"--record", path("c.json")}}) {
    const auto refused = verify(words);
    EXPECT_EQ(refused.exit_code, 2) << refused.errors;
    EXPECT_EQ(refused.output, "");
    EXPECT_THAT(refused.errors, HasSubstr("--events FILE"));
  }
}

TEST_F(VerifyWalks, ASecondCtrlCLeavesNoFolder) {
  namespace fs = std::filesystem;
  const auto temporary = folder_.path() / "tmp";
  fs::create_directories(temporary);
  ChildProcess walk(
      {kBinary, "source", "verify", write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule)),
       "--against", "mock"},
      {.folder = {}, .error_file = {}, .environment = {"TMPDIR=" + temporary.string()}});
  ASSERT_NE(walk.wait_for_line("ok      Registration"), "") << walk.output();
  walk.signal(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  walk.signal(SIGINT);
  EXPECT_EQ(walk.wait(), 130) << walk.output();
  EXPECT_TRUE(fs::is_empty(temporary)) << run_program({"/usr/bin/find", temporary.string()}).output;
}

TEST_F(VerifyWalks, ASecondCtrlCTellsWhatIsLeftOnANamedServer) {
  ChildProcess server({kBinary, "serve", "--data-dir", path("data"), "--listen", "127.0.0.1:0", "--log-level",
                       "error", "--allow-network", "127.0.0.0/8"});
  const auto url = server.wait_for_line("listening on ").substr(std::string("listening on ").size());
  ChildProcess walk(
      {kBinary, "source", "verify", write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule)),
       "--against", "mock", "--server", url, "--data-dir", path("data")},
      {.folder = {}, .error_file = path("errors"), .environment = {}});
  ASSERT_NE(walk.wait_for_line("ok      Under fault truncate"), "") << walk.output();
  std::this_thread::sleep_for(std::chrono::milliseconds(400));  // the slow page is on its way, and goes on
  walk.signal(SIGINT);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  walk.signal(SIGINT);
  EXPECT_EQ(walk.wait(), 130) << walk.output();
  // How much of it has gone by the second one is a matter of luck.
  const bool all_gone = walk.output().find("ok      Deletion") != std::string::npos;
  const auto told = *read_file(path("errors"));
  EXPECT_EQ(told.find("Left on " + url) == std::string::npos, all_gone) << told;
  EXPECT_EQ(told.find(" /data/foundation/") == std::string::npos, all_gone) << told;
}

// It was written over by what an interrupted walk had seen, and the call under way was waited for.
TEST_F(VerifyWalks, AnInterruptedWalkLeavesTheCassetteAndTheCallUnderWay) {
  constexpr std::chrono::seconds kAnswer{15};
  std::mutex mutex;
  std::condition_variable_any changed;
  std::stop_source over;
  std::atomic<bool> asked{false};
  const PageSource api({.records = 0, .record = {}, .instead = [&](const auto&, std::size_t offset) {
                          std::unique_lock lock(mutex);
                          if (offset > 0) {
                            asked = true;
                            changed.wait_for(lock, over.get_token(), kAnswer, [] { return false; });
                          }
                          return std::optional(items(offset, offset + 20));
                        }});
  ChildProcess walk({kBinary, "source", "verify", write("spec.json", bare_spec(api.origin())),
                     "--allow-network", "127.0.0.0/8", "--record", write("c.json", "good")});
  ASSERT_NE(walk.wait_for_line("ok      Flow"), "") << walk.output();
  while (!asked) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const auto begin = std::chrono::steady_clock::now();
  walk.signal(SIGINT);
  EXPECT_EQ(walk.wait(), 130) << walk.output();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, kAnswer / 2);
  over.request_stop();
  EXPECT_THAT(walk.output(),
              HasSubstr("not written, since the walk was interrupted; " + path("c.json") + " is as it was"));
  EXPECT_EQ(*read_file(path("c.json")), "good");
}

TEST_F(VerifyWalks, ARedWalkLeavesTheCassette) {
  const PageSource api({.records = 0, .record = {}, .instead = [](const auto&, std::size_t offset) {
                          const auto end = std::min<std::size_t>(offset + 20, 50);
                          return std::optional(
                              items(std::min<std::size_t>(offset, 50), end, R"(,"total":70)"));
                        }});
  const auto red = run_program({kBinary, "source", "verify", write("spec.json", bare_spec(api.origin())),
                                "--allow-network", "127.0.0.0/8", "--record", write("c.json", "good")});
  EXPECT_EQ(red.exit_code, 1) << red.output << red.errors;
  EXPECT_THAT(red.output, HasSubstr("skipped Cassette"));
  EXPECT_THAT(red.output,
              HasSubstr("not written, since the walk is red; " + path("c.json") + " is as it was"));
  EXPECT_EQ(*read_file(path("c.json")), "good");
}

// Those of a file alone were taken.
TEST_F(VerifyWalks, AMockHasTheParametersThatAreGiven) {
  ChildProcess server({kBinary, "serve", "--data-dir", path("data"), "--listen", "127.0.0.1:0", "--log-level",
                       "error", "--allow-network", "127.0.0.0/8"});
  const auto url = server.wait_for_line("listening on ").substr(std::string("listening on ").size());
  const std::vector<std::string> there{"--server", url, "--data-dir", path("data")};
  const auto run = [&](std::vector<std::string> words, const std::vector<std::string>& more) {
    words.insert(words.begin(), kBinary);
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), there.begin(), there.end());
    return run_program(words);
  };
  const std::vector<std::string> verify{
      "source",    "verify", write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule)),
      "--against", "mock",   "--keep"};
  const auto done =
      run(verify, {"--params", write("params.json", R"({"storeId":7})"), "--param", "storeId=4711"});
  EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
  EXPECT_THAT(run({"source-connections", "list", "--output", "json"}, {}).output,
              HasSubstr("\"storeId\": 4711"));
  const auto wrong = run(verify, {"--param", "storeId=none"});
  EXPECT_EQ(wrong.exit_code, 2) << wrong.output;
  EXPECT_THAT(wrong.errors, HasSubstr("storeId"));
}

}  // namespace
}  // namespace headwater::testing
