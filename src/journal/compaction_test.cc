#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "journal/journal.h"
#include "journal/journal_test.h"

namespace headwater::journal {
namespace {

class CompactionTest : public JournalTest {
 protected:
  CompactionTest() : journal_(open()) {
    std::vector<std::string> together;
    for (std::uint64_t i = 0; i < kEvents; ++i) {
      together.push_back(numbered(i));
      if (wanted(i) == wanted(i + 1) && i + 1 < kEvents) continue;
      EXPECT_EQ(*append(*journal_, together, wanted(i) ? "waits" : "landed"), i + 1 - together.size());
      together.clear();
    }
  }
  static bool wanted(std::uint64_t offset) { return offset % 97 == 5; }
  Result<void> compact(std::uint64_t before) {
    return journal_->compact(0, before, [](const Event& event) { return event.key == "waits"; });
  }
  /// What must be read: all that is wanted, and all from `kept` on.
  static std::vector<std::string> expected(std::uint64_t from, std::uint64_t kept) {
    std::vector<std::string> out;
    for (std::uint64_t i = from; i < kEvents; ++i)
      if (i >= kept || wanted(i)) out.push_back(numbered(i));
    return out;
  }
  /// The first offset of the last segment: it is never compacted.
  std::uint64_t active() const { return std::stoull(files().back().stem().string()); }

  static constexpr std::uint64_t kEvents = 6000;
  std::unique_ptr<Journal> journal_;
};

TEST_F(CompactionTest, OnlyWhatIsWantedStaysAndOffsetsStayTheirs) {
  const auto bytes = journal_->stored_bytes();
  const auto before = files().size();
  ASSERT_GT(before, 12U);
  ASSERT_TRUE(compact(kEvents));
  const auto kept = active();
  EXPECT_LT(journal_->stored_bytes(), bytes / 5);
  EXPECT_LT(files().size(), before / 2);
  EXPECT_EQ(read_all(*journal_), expected(0, kept));
  for (const std::uint64_t from : {1U, 5U, 6U, 777U, 3000U, 5999U})
    EXPECT_EQ(read_all(*journal_, from, 5000), expected(from, kept)) << from;

  const auto reader = journal_->read(0, 90);
  Batch batch;
  ASSERT_TRUE(reader->next(1, batch));
  EXPECT_EQ(batch.events().front().offset, 102U);
  EXPECT_EQ(*append(*journal_, {"more"}), kEvents);
  journal_.reset();
  journal_ = open();
  EXPECT_EQ(journal_->first(0), 0U);
  EXPECT_EQ(journal_->end(0), kEvents + 1);
  auto all = expected(0, kept);
  all.emplace_back("more");
  EXPECT_EQ(read_all(*journal_), all);
  ASSERT_TRUE(journal_->trim(0, kEvents));
  EXPECT_EQ(files().size(), 1U);
}

TEST_F(CompactionTest, AReaderUnderWayMissesNothing) {
  for (const std::uint64_t read : {1U, 300U, 2000U}) {
    std::vector<std::string> seen;
    const auto reader = journal_->read(0, 0);
    Batch batch;
    const auto next = [&] {
      const auto more = reader->next(1000, batch);
      ASSERT_TRUE(more) << more.error().message;
      for (const auto& event : batch.events())
        if (event.key == "waits") seen.emplace_back(event.value);
    };
    while (seen.size() * 97 < read) next();
    ASSERT_TRUE(compact(read * 3));
    do next();
    while (!batch.empty());
    EXPECT_EQ(seen, expected(0, kEvents)) << read;
  }
}

TEST_F(CompactionTest, FewSegmentsAreNotWorthIt) {
  const auto before = files();
  ASSERT_TRUE(compact(std::stoull(before[7].stem().string())));
  EXPECT_EQ(files(), before);
  ASSERT_TRUE(compact(std::stoull(before[8].stem().string())));
  EXPECT_LT(files().size(), before.size());
}

// A pass that keeps meeting its own output makes one file of it, not one for each pass.
TEST_F(CompactionTest, PassesLeaveFewFiles) {
  const auto all = files();
  for (const auto& file : all) ASSERT_TRUE(compact(std::stoull(file.stem().string())));
  EXPECT_LT(files().size(), all.size() / 2);
  EXPECT_LT(files().size(), 12U);
}

// Killed between the rename and the removal of the other files.
TEST_F(CompactionTest, FilesThatACrashLeftBehindAreDropped) {
  const auto copies = folder_.path() / "copies";
  std::filesystem::copy(options().folder / "0", copies);
  ASSERT_TRUE(compact(kEvents));
  const auto kept = active();
  const auto compacted = files();
  journal_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(copies))
    if (entry.path().extension() == ".journal")
      std::filesystem::copy(entry.path(), options().folder / "0" / entry.path().filename(),
                            std::filesystem::copy_options::skip_existing);
  ASSERT_GT(files().size(), compacted.size());
  journal_ = open();
  EXPECT_EQ(files(), compacted);
  EXPECT_EQ(read_all(*journal_), expected(0, kept));
}

TEST_F(CompactionTest, AMissingFileIsDamageStill) {
  ASSERT_TRUE(compact(3000));
  journal_.reset();
  std::filesystem::remove(files()[2]);
  EXPECT_FALSE(Journal::open(options()));
}

}  // namespace
}  // namespace headwater::journal
