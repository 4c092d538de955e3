// `headwater source dev` as a program: its link, its server, and that nothing of it is left. What the page
// does with it: tests/browser/source_dev.mjs.
#include <gmock/gmock.h>
#include <signal.h>

#include <filesystem>

#include "e2e/serving.h"

namespace headwater::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class SourceDev : public ::testing::Test {
 protected:
  SourceDev() : folder_(*TemporaryFolder::make("headwater-dev-test-")) {
    fs::create_directory(temporary());
    EXPECT_EQ(run_program({kBinary, "source", "init", "acme", "--dir", folder_.path().string()}).exit_code,
              0);
  }
  fs::path temporary() const { return folder_.path() / "tmp"; }
  std::vector<std::string> command(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words{kBinary, "source", "dev", folder_.path().string()};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  ChildProcess::Options options() const {
    return {.folder = {}, .error_file = {}, .environment = {"TMPDIR=" + temporary().string()}};
  }

  TemporaryFolder folder_;
};

TEST_F(SourceDev, PrintsALinkServesAndLeavesNothing) {
  for (const int signal : {SIGINT, SIGTERM}) {
    ChildProcess dev(command(), options());
    const auto link = dev.wait_for_line("  http://127.0.0.1:");
    EXPECT_THAT(link,
                MatchesRegex("  http://127\\.0\\.0\\.1:[0-9]+/sign-in\\?to=/builder/folder#[-_A-Za-z0-9]+"));
    const auto url = link.substr(2, link.find("/sign-in") - 2);
    EXPECT_THAT(ask_plainly(url + "/readyz"), Not(HasSubstr("error")));
    EXPECT_THAT(ask_plainly(url + "/headwater/source-folder"), Not(HasSubstr("connectionSpec")))
        << "a stranger on the machine learns nothing";
    dev.signal(signal);
    EXPECT_EQ(dev.wait(), 0);
    EXPECT_TRUE(fs::is_empty(temporary()));
    EXPECT_EQ(ask_plainly(url + "/readyz"), "");
  }
}

TEST_F(SourceDev, SaysWhatIsMissing) {
  const auto account = run_program(command({"--auth", "nowhere.json"}), options());
  EXPECT_EQ(account.exit_code, 2);
  EXPECT_THAT(account.errors, HasSubstr("nowhere.json"));
  EXPECT_EQ(run_program({kBinary, "source", "dev", temporary().string()}).exit_code, 2);
  EXPECT_EQ(run_program({kBinary, "source", "init", "other", "--dir", folder_.path().string()}).exit_code, 0);
  const auto several = run_program(command(), options());
  EXPECT_EQ(several.exit_code, 2);
  EXPECT_THAT(several.errors, HasSubstr("acme, other"));
  EXPECT_TRUE(fs::is_empty(temporary()));
}

// A setting that only `source dev` gives its own server.
TEST_F(SourceDev, NoConfigurationFileOpensAFolder) {
  std::ofstream(folder_.path() / "config.toml") << "source_folder = \"" << folder_.path().string() << "\"\n";
  const auto done = run_program({kBinary, "serve", "--listen", "127.0.0.1:0", "--data-dir",
                                 (folder_.path() / "data").string(), "--config",
                                 (folder_.path() / "config.toml").string()});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.errors, HasSubstr("there is no setting \"source_folder\""));
}

}  // namespace
}  // namespace headwater::testing
