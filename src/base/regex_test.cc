#include "base/regex.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace headwater {
namespace {

using Outcome = Regex::Outcome;
using Group = Regex::Group;

TEST(Regex, SearchesMatchesAndReportsErrors) {
  const auto regex = Regex::make("a(?=b)b+");
  ASSERT_TRUE(regex);
  EXPECT_TRUE(regex->search("xxabb"));
  EXPECT_FALSE(regex->matches("xxabb"));
  EXPECT_TRUE(regex->matches("abb"));
  EXPECT_NE(Regex::make("a(b").error().message.find("position 3"), std::string::npos);
}

TEST(Regex, CatastrophicPatternsEnd) {
  const auto regex = Regex::make("^(a+)+$");
  ASSERT_TRUE(regex);
  EXPECT_FALSE(regex->search(std::string(60, 'a') + "!"));
}

TEST(Regex, FindGivesTheGroups) {
  const auto regex = Regex::make(R"((\d+)-(?:(x)|(\w+)))");
  ASSERT_TRUE(regex);
  EXPECT_EQ(regex->group_count(), 3U);
  const std::string_view text = "SKU-42-red 7-x";
  std::array<Group, 5> groups;
  ASSERT_EQ(regex->find(text, 0, groups), Outcome::match);
  EXPECT_EQ(groups[0].in(text), "42-red");
  EXPECT_EQ(groups[1].in(text), "42");
  EXPECT_FALSE(groups[2].matched());
  EXPECT_EQ(groups[3].in(text), "red");
  EXPECT_FALSE(groups[4].matched());

  ASSERT_EQ(regex->find(text, groups[0].end, groups), Outcome::match);
  EXPECT_EQ(groups[0].begin, 11U);
  EXPECT_EQ(groups[2].in(text), "x");
  EXPECT_FALSE(groups[3].matched());

  EXPECT_EQ(regex->find(text, groups[0].end, groups), Outcome::no_match);
  EXPECT_FALSE(groups[0].matched());
  EXPECT_EQ(regex->find(text, text.size() + 1, groups), Outcome::no_match);
  EXPECT_EQ(regex->find(text, 0, std::span(groups).first(1)), Outcome::match);
  EXPECT_EQ(groups[0].in(text), "42-red");
  EXPECT_EQ(regex->find(text, 0, {}), Outcome::match);
}

TEST(Regex, FindHasRoomForManyGroups) {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "(.)";
  const auto regex = Regex::make(pattern);
  ASSERT_TRUE(regex);
  std::vector<Group> groups(regex->group_count() + 1);
  ASSERT_EQ(regex->find("0123456789012345678901234567890123456789", 0, groups), Outcome::match);
  EXPECT_EQ(groups[40].begin, 39U);
}

TEST(Regex, FindGoesOnAtCharactersAndSeesWhatStandsBefore) {
  const auto any = Regex::make("");
  ASSERT_TRUE(any);
  std::array<Group, 1> groups;
  const std::string_view text = "a\xC3\xA9z";  // Three characters, the second of two bytes.
  ASSERT_EQ(any->find(text, 2, groups), Outcome::match);
  EXPECT_EQ(groups[0].begin, 3U);
  ASSERT_EQ(any->find(text, 4, groups), Outcome::match);
  EXPECT_EQ(groups[0].begin, 4U);
  EXPECT_EQ(Regex::make("(?<=a)b")->find("ab", 1, groups), Outcome::match);
  EXPECT_EQ(Regex::make("^b")->find("ab", 1, groups), Outcome::no_match);
}

TEST(Regex, FindWholeGivesTheGroups) {
  const auto regex = Regex::make("(a|ab)(c|bcd)?");
  ASSERT_TRUE(regex);
  std::array<Group, 3> groups;
  ASSERT_EQ(regex->find_whole("abcd", groups), Outcome::match);
  EXPECT_EQ(groups[1].in("abcd"), "a");
  EXPECT_EQ(groups[2].in("abcd"), "bcd");
  EXPECT_EQ(regex->find_whole("abcde", groups), Outcome::no_match);
  EXPECT_EQ(regex->find_whole("ab"), Outcome::match);
}

TEST(Regex, TooHardIsNotNoMatch) {
  const auto regex = Regex::make("^(a+)+$");
  ASSERT_TRUE(regex);
  const std::string text = std::string(60, 'a') + "!";
  std::array<Group, 1> groups;
  EXPECT_EQ(regex->find(text, 0, groups), Outcome::too_hard);
  EXPECT_FALSE(groups[0].matched());
  EXPECT_EQ(regex->find_whole(text), Outcome::too_hard);
  EXPECT_FALSE(regex->matches(text));
  // Deep, not long: the stack is the limit.
  EXPECT_EQ(Regex::make("(?:a|(b))*c")->find(std::string(5'000'000, 'a'), 0, {}), Outcome::too_hard);
  EXPECT_EQ(Regex::make("(?:a|(b))*c")->find(std::string(3'000, 'a') + "c", 0, {}), Outcome::match);
}

TEST(Regex, GoesOnBehindAMatch) {
  const auto regex = Regex::make("(?<=,|^)\\w*");
  ASSERT_TRUE(regex);
  const std::string_view text = "é,b,,c";
  std::array<Group, 1> match;
  ASSERT_EQ(regex->find(text, 0, match), Outcome::match);
  EXPECT_EQ(match[0].begin, 0U);
  std::vector<std::size_t> begins;
  for (auto from = match[0].end + 2; regex->find_next(text, from, match) == Outcome::match;
       from = match[0].end + 1) {
    begins.push_back(match[0].begin);
    if (match[0].end == text.size()) break;
  }
  EXPECT_EQ(begins, (std::vector<std::size_t>{3, 5, 6}));  // lookbehind sees what stands before
}

TEST(Regex, TextsThatAreNotUtf8) {
  const std::string_view broken = "ab\xFFzz";
  EXPECT_EQ(Regex::make("zz")->find(broken, 0, {}), Outcome::no_match);
  EXPECT_EQ(Regex::make("zz", Regex::Text::bytes)->find(broken, 0, {}), Outcome::match);
  EXPECT_EQ(Regex::make("ab.zz", Regex::Text::bytes)->find_whole(broken), Outcome::match);
  EXPECT_FALSE(Regex::make("(*UTF)a", Regex::Text::bytes));
}

}  // namespace
}  // namespace headwater
