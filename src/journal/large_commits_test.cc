// Segments whose space is reserved, not written: what large commits get.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <future>
#include <string>
#include <vector>

#include "base/file.h"
#include "journal/journal.h"

namespace headwater::journal {
namespace {

constexpr std::uint64_t kSegment = 1U << 20U;
constexpr std::size_t kCommits = 40;
constexpr std::size_t kEvents = 200;  // of 1 KB: more than 128 KB a commit

std::string value_of(std::size_t number) {
  std::string value = std::to_string(number);
  value.resize(1000, 'v');
  return value;
}

TEST(LargeCommits, TakeReservedSegmentsAndComeBack) {
  const auto folder = *TemporaryFolder::make("headwater-journal-");
  Options options;
  options.folder = folder.path() / "journal";
  options.segment_bytes = kSegment;
  {
    const auto journal = *Journal::open(options);
    for (std::size_t i = 0; i < kCommits; ++i) {
      std::vector<std::string> values;
      values.reserve(kEvents);
      for (std::size_t k = 0; k < kEvents; ++k) values.push_back(value_of(i * kEvents + k));
      const std::vector<Message> messages = [&] {
        std::vector<Message> out;
        out.reserve(values.size());
        for (const auto& value : values) out.push_back({"k", value});
        return out;
      }();
      std::promise<Result<std::uint64_t>> told;
      ASSERT_TRUE(journal->append(0, messages, 1,
                                  [&](const Result<std::uint64_t>& first) { told.set_value(first); }));
      ASSERT_EQ(*told.get_future().get(), i * kEvents);
    }
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(options.folder / "0"))
    if (entry.path().extension() == ".journal") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  ASSERT_GT(files.size(), 5U);
  for (const auto& file : files) {
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(static_cast<std::uint64_t>(status.st_size), kSegment);
    EXPECT_GE(static_cast<std::uint64_t>(status.st_blocks) * 512, kSegment) << "a full disk is met before";
  }
  const auto journal = *Journal::open(options);
  ASSERT_EQ(journal->end(0), kCommits * kEvents);
  const auto reader = journal->read(0, 0);
  Batch batch;
  std::size_t number = 0;
  while (true) {
    ASSERT_TRUE(reader->next(1U << 20U, batch));
    if (batch.empty()) break;
    for (const auto& event : batch.events()) ASSERT_EQ(event.value, value_of(number++));
  }
  EXPECT_EQ(number, kCommits * kEvents);
}

}  // namespace
}  // namespace headwater::journal
