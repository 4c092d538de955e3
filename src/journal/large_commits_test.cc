// Segments whose space is reserved, not written: what large commits get.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

#include "journal/journal_test.h"

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

TEST_F(JournalTest, LargeCommitsTakeReservedSegmentsAndComeBack) {
  auto large = options();
  large.segment_bytes = kSegment;
  std::vector<std::string> given;
  {
    const auto journal = *Journal::open(large);
    for (std::size_t i = 0; i < kCommits; ++i) {
      std::vector<std::string> values;
      values.reserve(kEvents);
      for (std::size_t k = 0; k < kEvents; ++k) values.push_back(value_of(given.size() + k));
      ASSERT_EQ(*append(*journal, values), given.size());
      given.insert(given.end(), values.begin(), values.end());
    }
  }
  ASSERT_GT(files().size(), 5U);
  for (const auto& file : files()) {
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(static_cast<std::uint64_t>(status.st_size), kSegment);
    EXPECT_GE(static_cast<std::uint64_t>(status.st_blocks) * 512, kSegment) << "a full disk is met before";
  }
  const auto journal = *Journal::open(large);
  EXPECT_EQ(journal->end(0), given.size());
  EXPECT_EQ(read_all(*journal, 0, kSegment), given);
}

}  // namespace
}  // namespace headwater::journal
