#include "catalog/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/file.h"

namespace headwater::catalog {
namespace {

using ::testing::HasSubstr;

Program shell(const std::string& script) {
  Program program;
  program.file = "/bin/sh";
  program.arguments = {"-c", script};
  program.environment = {"ONLY=this"};
  return program;
}

TEST(ProgramTest, GivesCodeOutputAndErrors) {
  const auto end = run(shell("echo out; echo err >&2; exit 3"), {});
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->exit_code, 3);
  EXPECT_EQ(end->output, "out\n");
  EXPECT_EQ(end->errors, "err\n");
  EXPECT_EQ(run(shell("kill -TERM $$"), {})->exit_code, 128 + 15);
}

TEST(ProgramTest, GetsItsEnvironmentAndNoInput) {
  EXPECT_EQ(run(shell("echo $ONLY$HOME; cat"), {})->output, "this\n");
}

TEST(ProgramTest, HasItsBounds) {
  auto endless = shell("while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done");
  endless.output_max = 1000;
  EXPECT_EQ(run(endless, {}).error().kind, ErrorKind::too_large);
  auto slow = shell("sleep 60");
  slow.time_max = std::chrono::milliseconds(100);
  EXPECT_EQ(run(slow, {}).error().kind, ErrorKind::timeout);
  const auto folder = *TemporaryFolder::make("headwater-program-");
  const auto file = folder.path() / "large";
  auto large = shell("head -c 100000 /dev/zero > " + file.string());
  large.file_bytes_max = 5000;
  EXPECT_NE(run(large, {})->exit_code, 0);
  EXPECT_LE(std::filesystem::file_size(file), 5000U);
}

// What it has started ends with it.
TEST(ProgramTest, LeavesNobodyBehind) {
  const auto folder = *TemporaryFolder::make("headwater-program-");
  const auto mark = folder.path() / "mark";
  auto parent = shell("(sleep 1; touch " + mark.string() + ") & sleep 60");
  parent.time_max = std::chrono::milliseconds(100);
  EXPECT_EQ(run(parent, {}).error().kind, ErrorKind::timeout);
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
}  // namespace headwater::catalog
