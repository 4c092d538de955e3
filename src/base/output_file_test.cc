#include "base/output_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

namespace headwater {
namespace {

namespace fs = std::filesystem;

class OutputFileTest : public ::testing::Test {
 protected:
  fs::path path(const std::string& name) const { return folder_.path() / name; }
  void put(const std::string& name, const std::string& text, mode_t mode = 0644) const {
    EXPECT_TRUE(write_file_durably(path(name), text, mode));
  }
  mode_t mode_of(const std::string& name) const {
    struct stat status{};
    EXPECT_EQ(::lstat(path(name).c_str(), &status), 0) << name;
    return status.st_mode & 07777;
  }
  std::size_t count() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_.path()), {}));
  }

  TemporaryFolder folder_ = *TemporaryFolder::make("headwater-output-");
};

TEST_F(OutputFileTest, AFileIsReplacedWholeAndKeepsItsMode) {
  put("secret", "old", 0600);
  put("shared", "old", 0664);
  for (const auto* name : {"secret", "shared"}) {
    auto file = OutputFile::open(path(name), OutputForm::file);
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_TRUE(write_all(file->fd(), "new", name));
    EXPECT_TRUE(file->appears_whole());
    EXPECT_EQ(*read_file(path(name)), "old");
    ASSERT_TRUE(file->keep());
    EXPECT_EQ(*read_file(path(name)), "new");
  }
  EXPECT_EQ(mode_of("secret"), 0600U);
  EXPECT_EQ(mode_of("shared"), 0664U);
  EXPECT_EQ(count(), 2U);
}

TEST_F(OutputFileTest, AFileThatOnlyItsOwnerReadsIsNotShownWhileItIsReplaced) {
  put("secret", "old", 0600);
  auto file = OutputFile::open(path("secret"), OutputForm::file);
  ASSERT_TRUE(file);
  EXPECT_EQ(mode_of(file->draft().filename()), 0600U);
}

TEST_F(OutputFileTest, ANewFileObeysTheUmask) {
  const mode_t before = ::umask(027);
  EXPECT_TRUE(write_output_file(path("new"), "x"));
  EXPECT_TRUE(write_output_file(path("key"), "x", 0600));
  ::umask(before);
  EXPECT_EQ(mode_of("new"), 0640U);
  EXPECT_EQ(mode_of("key"), 0600U);
}

TEST_F(OutputFileTest, NothingIsLeftOfWhatIsNotKept) {
  put("old", "old");
  for (const auto* name : {"old", "new"}) {
    auto file = OutputFile::open(path(name), OutputForm::file);
    ASSERT_TRUE(file);
    ASSERT_TRUE(write_all(file->fd(), "half", name));
    auto moved = std::move(*file);
  }
  EXPECT_EQ(count(), 1U);
  EXPECT_EQ(*read_file(path("old")), "old");
}

TEST_F(OutputFileTest, ALinkIsFollowedToItsFile) {
  fs::create_directory(path("away"));
  put("away/there", "old", 0640);
  fs::create_symlink("away/there", path("link"));
  fs::create_symlink("link", path("twice"));
  fs::create_symlink("away/not-yet", path("dangling"));
  ASSERT_TRUE(write_output_file(path("twice"), "new"));
  ASSERT_TRUE(write_output_file(path("dangling"), "made"));
  for (const auto* name : {"link", "twice", "dangling"}) EXPECT_TRUE(fs::is_symlink(path(name))) << name;
  EXPECT_EQ(*read_file(path("away/there")), "new");
  EXPECT_EQ(mode_of("away/there"), 0640U);
  EXPECT_EQ(*read_file(path("away/not-yet")), "made");
  OutputFile::remove(path("twice"));
  EXPECT_FALSE(fs::exists(path("away/there")));
  EXPECT_TRUE(fs::is_symlink(path("twice")));
}

TEST_F(OutputFileTest, APipeIsWrittenThrough) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  std::string got;
  std::thread reader([&] { got = *read_file(path("pipe")); });
  {
    auto file = OutputFile::open(path("pipe"), OutputForm::stream);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_FALSE(file->appears_whole());
    EXPECT_TRUE(write_all(file->fd(), "through", "a pipe"));
    EXPECT_TRUE(file->keep());
  }
  reader.join();
  EXPECT_EQ(got, "through");
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
  OutputFile::remove(path("pipe"));
  EXPECT_TRUE(fs::is_fifo(path("pipe")));
}

TEST_F(OutputFileTest, WaitingForAReaderCanBeStopped) {
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  std::stop_source stop;
  std::thread stopper([&] { stop.request_stop(); });
  const auto file = OutputFile::open(path("pipe"), OutputForm::stream, OutputFile::kMode, stop.get_token());
  stopper.join();
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, ErrorKind::cancelled);
}

TEST_F(OutputFileTest, ADeviceAndWhatLeadsToOneAreNeverReplaced) {
  fs::create_symlink("/dev/null", path("null"));
  for (const auto& device : {fs::path("/dev/null"), path("null")}) {
    EXPECT_TRUE(OutputFile::is_written_through(device));
    EXPECT_TRUE(OutputFile::open(device, OutputForm::stream)) << device;
    for (const auto& refused :
         {OutputFile::check(device, OutputForm::file), write_output_file(device, "x")}) {
      ASSERT_FALSE(refused) << device;
      EXPECT_EQ(refused.error().kind, ErrorKind::invalid_argument);
      EXPECT_NE(refused.error().message.find("no regular file"), std::string::npos);
    }
    OutputFile::remove(device);
    EXPECT_TRUE(fs::is_character_file(device));
  }
}

// What the shell has opened with >> goes on where it is, and whoever has it open sees what comes.
TEST_F(OutputFileTest, AnOwnDescriptorIsWrittenThroughWhateverStandsBehindIt) {
  put("log", "first ");
  const UniqueFd log(::open(path("log").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  const auto name = "/dev/fd/" + std::to_string(log.get());
  EXPECT_TRUE(OutputFile::is_written_through(name));
  {
    auto file = OutputFile::open(name, OutputForm::stream);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_FALSE(file->appears_whole());
    ASSERT_TRUE(write_all(file->fd(), "second", name));
    ASSERT_TRUE(file->keep());
  }
  EXPECT_EQ(*read_file(path("log")), "first second");
  EXPECT_FALSE(OutputFile::open("/dev/fd/9999", OutputForm::stream));
}

TEST_F(OutputFileTest, WhatIsNoPlaceForAFileIsToldBeforehand) {
  fs::create_symlink("round", path("round"));
  put("plain", "");
  for (const auto& place : {fs::path(), folder_.path(), folder_.path() / "", path("no/such"), path("round"),
                            path("plain/below")}) {
    const auto checked = OutputFile::check(place, OutputForm::stream);
    ASSERT_FALSE(checked) << place;
    EXPECT_EQ(checked.error().kind, ErrorKind::invalid_argument) << checked.error().message;
    EXPECT_NE(checked.error().message.find(place.native()), std::string::npos) << checked.error().message;
  }
}

}  // namespace
}  // namespace headwater
