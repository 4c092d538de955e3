// Where `headwater run` writes, what it leaves alone, and what it says of records that it rejects.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/file.h"
#include "e2e/serving.h"
#include "json/value.h"
#include "support/child_process.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

class RunOutput : public ::testing::Test {
 protected:
  RunOutput()
      : folder_(*TemporaryFolder::make("headwater-run-output-")),
        source_({kSourceServer, "--records", "300"}) {
    url_ = source_.wait_for_line(std::string(kListening)).substr(kListening.size());
  }

  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
    return path(name);
  }
  std::vector<std::string> command(const std::string& to, const std::vector<std::string>& more = {},
                                   const std::string& query = "") const {
    const std::string spec =
        R"({"name":"s","type":"generic-rest","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a","version":"1.0",)"
        R"("authSpec":[],"sourceSpec":{"attributes":{"urlParams":{"host":")" +
        url_ + R"(","path":"/offset","queryParams":{)" + query +
        R"(}},"contentPath":{"path":"$.items","keepAttributes":[]},)"
        R"("paginationParams":{"type":"OFFSET","limitName":"limit","limitValue":"100","offSetName":"offset"}},)"
        R"("spec":{"type":"object","properties":{}}},"exploreSpec":{"name":"Resource","type":"Resource"}})";
    std::vector<std::string> words{kBinary, "run", write("spec.json", spec), "--allow-network",
                                   "127.0.0.0/8"};
    if (!to.empty()) words.insert(words.end(), {"--to", to});
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Finished run(const std::string& to, const std::vector<std::string>& more = {},
               const std::string& query = "") const {
    return run_program(command(to, more, query));
  }
  static std::ptrdiff_t lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }
  void wait_for_pages(std::size_t count) const {
    for (int i = 0; i < 600 && lines_of_log() < count; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  std::size_t lines_of_log() const {
    const auto log = json::parse(ask_plainly(url_ + "/_log"));
    return log && log->is_array() ? log->if_array()->size() : 0;
  }
  // The names beside the spec's.
  std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path()))
      if (entry.path().filename() != "spec.json") names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  TemporaryFolder folder_;
  ChildProcess source_;
  std::string url_;
};

TEST_F(RunOutput, ALinkLeadsToTheFileThatIsWritten) {
  fs::create_directory(path("away"));
  for (const std::string name : {"out.ndjson", "out.parquet"}) {
    write("away/" + name, "old");
    fs::create_symlink("away/" + name, path(name));
    const auto done = run(path(name));
    ASSERT_EQ(done.exit_code, 0) << done.errors;
    EXPECT_TRUE(fs::is_symlink(path(name)));
    EXPECT_GT(fs::file_size(path("away/" + name)), 1000U);
  }
  EXPECT_EQ(lines(*read_file(path("away/out.ndjson"))), 300);
}

TEST_F(RunOutput, AFileKeepsItsModeAndANewOneObeysTheUmask) {
  for (const std::string name : {"out.ndjson", "out.parquet"}) {
    fs::permissions(write(name, "old"), fs::perms::owner_read | fs::perms::owner_write);
    ASSERT_EQ(run(path(name)).exit_code, 0);
    EXPECT_EQ(static_cast<unsigned>(fs::status(path(name)).permissions()), 0600U) << name;
    const mode_t before = ::umask(027);
    const auto done = run(path("new-" + name));
    ::umask(before);
    ASSERT_EQ(done.exit_code, 0) << done.errors;
    EXPECT_EQ(static_cast<unsigned>(fs::status(path("new-" + name)).permissions()), 0640U) << name;
  }
}

TEST_F(RunOutput, APipeIsWrittenThroughAndStaysAPipe) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = *read_file(path("pipe")); });
  const auto done = run(path("pipe"));
  // When the run did not open it, the reader still waits.
  const UniqueFd end(::open(path("pipe").c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  reader.join();
  EXPECT_EQ(done.exit_code, 0) << done.errors;
  EXPECT_EQ(lines(got), 300);
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
  EXPECT_THAT(left(), ::testing::ElementsAre("pipe"));
}

TEST_F(RunOutput, WaitingForAPipesReaderEndsWithASignal) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  ChildProcess waiting(command(path("pipe")));
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  waiting.signal(SIGINT);
  EXPECT_EQ(waiting.wait(), 130);
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
}

// Links to devices: a mistake would replace the link and not this machine's device.
TEST_F(RunOutput, WhatIsNoFileIsWrittenThroughAndNotReplaced) {
  for (const auto& [name, device] : std::vector<std::pair<std::string, std::string>>{
           {"out", "/dev/stdout"}, {"null", "/dev/null"}, {"full", "/dev/full"}})
    fs::create_symlink(device, path(name));
  const auto out = run(path("out"));
  EXPECT_EQ(out.exit_code, 0) << out.errors;
  EXPECT_EQ(lines(out.output), 300);
  const auto null = run(path("null"));
  EXPECT_EQ(null.exit_code, 0) << null.errors;
  const auto full = run(path("full"));
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.errors, HasSubstr("No space left on device"));
  for (const auto* name : {"out", "null", "full"}) EXPECT_TRUE(fs::is_symlink(path(name))) << name;
  EXPECT_EQ(left().size(), 3U) << "nothing beside them";
}

TEST_F(RunOutput, ParquetNeedsAFile) {
  fs::create_symlink("/dev/null", path("out.parquet"));
  const auto done = run(path("out.parquet"));
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.errors, HasSubstr("out.parquet' is there and no regular file"));
  EXPECT_TRUE(fs::is_symlink(path("out.parquet")));
}

TEST_F(RunOutput, AnExtensionThatNoFormatHasIsRefused) {
  for (const auto* name : {"out.csv", "out.ndjson.gz", "out.xlsx"}) {
    const auto done = run(path(name));
    EXPECT_EQ(done.exit_code, 2) << name;
    for (const auto* known : {".parquet", ".ndjson", ".jsonl", ".json"})
      EXPECT_THAT(done.errors, HasSubstr(known)) << name;
  }
  EXPECT_EQ(lines_of_log(), 0U) << "nobody was asked";
  for (const auto* name : {"out", "out.jsonl", "out.json", "OUT.NDJSON"}) {
    ASSERT_EQ(run(path(name)).exit_code, 0) << name;
    EXPECT_EQ(lines(*read_file(path(name))), 300) << name;
  }
}

TEST_F(RunOutput, RejectedRecordsAreKeptBesideAFileAndNowhereElse) {
  const std::string bad = R"("fault":"bad_token:record=150")";
  const auto streamed = run("-", {}, bad);
  EXPECT_EQ(streamed.exit_code, 1);
  EXPECT_THAT(streamed.errors, HasSubstr("1 of 300 records"));
  EXPECT_THAT(streamed.errors, HasSubstr("First of 1: Page 2, record"));
  EXPECT_THAT(streamed.errors, Not(HasSubstr("records are kept.")));
  EXPECT_THAT(streamed.errors, Not(HasSubstr("Nothing was committed")));
  EXPECT_THAT(streamed.errors, HasSubstr("--to FILE"));
  EXPECT_GT(lines(streamed.output), 100) << "those before went out";
  EXPECT_TRUE(left().empty());
  const auto kept = run(path("out.ndjson"), {}, bad);
  EXPECT_EQ(kept.exit_code, 1);
  EXPECT_THAT(kept.errors, HasSubstr("kept in " + path("out.ndjson.rejected.ndjson")));
  EXPECT_THAT(left(), ::testing::ElementsAre("out.ndjson.rejected.ndjson"));
}

TEST_F(RunOutput, AHangupLeavesNoFile) {
  for (const std::string name : {"out.ndjson", "out.parquet"}) {
    ask_plainly(url_ + "/_reset", "POST");
    // Under nohup, or in a test that runs so, a hangup is ignored; here it is not.
    const auto before = ::signal(SIGHUP, SIG_DFL);
    ChildProcess running(command(path(name), {}, R"("fault":"drip:page=2:size=64:seconds=1")"));
    ::signal(SIGHUP, before);
    wait_for_pages(3);
    running.signal(SIGHUP);
    running.signal(SIGHUP);  // the shell's, after the terminal's
    EXPECT_EQ(running.wait(), 130) << name;
    EXPECT_TRUE(left().empty()) << name;
  }
}

TEST_F(RunOutput, UnderNohupAHangupIsIgnored) {
  const auto before = ::signal(SIGHUP, SIG_IGN);
  ChildProcess running(
      command(path("out.ndjson"), {}, R"("fault":"drip:page=2:size=4096:seconds=0.02:times=1")"));
  ::signal(SIGHUP, before);
  wait_for_pages(1);
  running.signal(SIGHUP);
  EXPECT_EQ(running.wait(), 0);
  EXPECT_THAT(left(), ::testing::ElementsAre("out.ndjson"));
}

TEST_F(RunOutput, ALimitOfPagesIsAPositiveNumber) {
  for (const auto* limit : {"0", "-1", "1.5", "many"}) {
    const auto done = run("-", {"--max-pages", limit});
    EXPECT_EQ(done.exit_code, 2) << limit;
    EXPECT_THAT(done.errors, HasSubstr("--max-pages")) << limit;
    EXPECT_EQ(done.output, "") << limit;
  }
  EXPECT_EQ(lines_of_log(), 0U);
}

}  // namespace
}  // namespace headwater::testing
