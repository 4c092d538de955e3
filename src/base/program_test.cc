#include "base/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"

namespace headwater {
namespace {

using ::testing::HasSubstr;

const auto kNeverStopped = [] { return false; };

Program shell(const std::string& script) {
  Program program;
  program.file = "/bin/sh";
  program.arguments = {"-c", script};
  program.environment = {"ONLY=this"};
  return program;
}

TEST(ProgramTest, GivesCodeOutputAndErrors) {
  const auto end = execute(shell("echo out; echo err >&2; exit 3"), kNeverStopped);
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->exit_code, 3);
  EXPECT_EQ(end->output, "out\n");
  EXPECT_EQ(end->errors, "err\n");
  EXPECT_EQ(execute(shell("kill -TERM $$"), kNeverStopped)->exit_code, 128 + 15);
}

TEST(ProgramTest, GetsItsEnvironmentAndItsInput) {
  EXPECT_EQ(execute(shell("echo $ONLY$HOME; cat"), kNeverStopped)->output, "this\n");
  auto reader = shell("cat");
  reader.input = std::string(300'000, 'x');  // more than a pipe holds
  EXPECT_EQ(execute(reader, kNeverStopped)->output, reader.input);
}

TEST(ProgramTest, HasItsBounds) {
  auto endless = shell("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done");
  endless.output_max = 1000;
  EXPECT_EQ(execute(endless, kNeverStopped).error().kind, ErrorKind::too_large);
  auto slow = shell("sleep 60");
  slow.time_max = std::chrono::milliseconds(100);
  EXPECT_EQ(execute(slow, kNeverStopped).error().kind, ErrorKind::timeout);
  const auto folder = *TemporaryFolder::make("headwater-program-");
  const auto file = folder.path() / "large";
  auto large = shell("head -c 100000 /dev/zero > " + file.string());
  large.file_bytes_max = 5000;
  EXPECT_NE(execute(large, kNeverStopped)->exit_code, 0);
  EXPECT_LE(std::filesystem::file_size(file), 5000U);
  auto hungry = shell("x=x; while :; do x=$x$x; done");
  hungry.memory_bytes_max = 64U << 20;
  EXPECT_NE(execute(hungry, kNeverStopped)->exit_code, 0);
  EXPECT_EQ(execute(shell("sleep 60"), [] { return true; }).error().kind, ErrorKind::cancelled);
}

// What it has started ends with it.
TEST(ProgramTest, LeavesNobodyBehind) {
  const auto folder = *TemporaryFolder::make("headwater-program-");
  const auto mark = folder.path() / "mark";
  auto parent = shell("(sleep 1; touch " + mark.string() + ") & sleep 60");
  parent.time_max = std::chrono::milliseconds(100);
  EXPECT_EQ(execute(parent, kNeverStopped).error().kind, ErrorKind::timeout);
  ::sleep(2);
  EXPECT_FALSE(std::filesystem::exists(mark));
}

TEST(ProgramTest, IsFoundByPathOnly) {
  EXPECT_TRUE(find_program("sh"));
  const auto missing = find_program("no-such-program-here");
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("no-such-program-here"));
}

}  // namespace
}  // namespace headwater
