#include "cli/event_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace headwater::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class EventReaderTest : public ::testing::Test {
 protected:
  EventReaderTest() : folder_(*TemporaryFolder::make("headwater-events-")) {}
  EventReader open(const std::string& text) {
    const auto file = folder_.path() / "events.ndjson";
    std::ofstream(file) << text;
    return *EventReader::open(file.string());
  }
  static EventLines next(EventReader& reader, std::size_t lines, std::size_t bytes) {
    auto out = reader.next(lines, bytes, {});
    EXPECT_TRUE(out);
    return out ? *std::move(out) : EventLines();
  }
  TemporaryFolder folder_;
};

TEST_F(EventReaderTest, NumbersLinesAndLeavesBlankOnesOut) {
  auto reader = open("{\"a\":1}\n\n  \r\n{\"a\":2}\r\n{\"a\":3}");
  const auto all = next(reader, 10, 1000);
  EXPECT_EQ(all.text, "{\"a\":1}\n{\"a\":2}\r\n{\"a\":3}\n");
  EXPECT_THAT(all.numbers, ElementsAre(1, 4, 5));
  EXPECT_TRUE(next(reader, 10, 1000).empty());
  EXPECT_TRUE(next(reader, 10, 1000).empty());
}

TEST_F(EventReaderTest, CutsByNumberAndByBytes) {
  auto reader = open("1\n2\n3\n44444\n5\n");
  EXPECT_EQ(next(reader, 2, 1000).text, "1\n2\n");
  EXPECT_EQ(next(reader, 9, 8).text, "3\n44444\n");
  EXPECT_EQ(next(reader, 9, 8).text, "5\n");
}

TEST_F(EventReaderTest, LeavesOutWhatIsTooLongWhereverItEnds) {
  const std::string giant(600'000, 'x');
  auto reader = open("1\n" + giant + "\n3\n" + giant);
  const auto first = next(reader, 9, 300'000);
  EXPECT_EQ(first.text, "1\n3\n");
  EXPECT_THAT(first.numbers, ElementsAre(1, 3));
  EXPECT_THAT(first.too_long, ElementsAre(2, 4));
  EXPECT_TRUE(next(reader, 9, 300'000).empty());
}

TEST_F(EventReaderTest, TheLongestLineThatFitsGoesAlone) {
  auto reader = open("123456789\n1\n");
  const auto longest = next(reader, 9, 10);
  EXPECT_EQ(longest.text, "123456789\n");
  EXPECT_THAT(longest.too_long, IsEmpty());
  EXPECT_EQ(next(reader, 9, 10).text, "1\n");
}

TEST_F(EventReaderTest, AFileThatIsNotThereIsNamed) {
  const auto reader = EventReader::open((folder_.path() / "none.ndjson").string());
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace headwater::cli
