#include "base/gzip.h"

#include <gtest/gtest.h>

namespace headwater {
namespace {

TEST(Gzip, ComesBackAsItWas) {
  for (const std::size_t size : {0UL, 1UL, 1000UL, 65'536UL, 300'000UL}) {
    std::string text(size, 'a');
    for (std::size_t i = 0; i < size; i += 7) text[i] = static_cast<char>('b' + i % 13);
    const auto back = gunzip(gzip(text), size);
    ASSERT_TRUE(back) << size << " " << back.error().message;
    EXPECT_EQ(*back, text);
  }
}

TEST(Gzip, StopsAtTheLimit) {
  const std::string bomb = gzip(std::string(50U << 20, ' '));
  ASSERT_LT(bomb.size(), 100'000U);
  const auto opened = gunzip(bomb, 1U << 20);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::too_large);
  EXPECT_TRUE(gunzip(gzip(std::string(1U << 20, ' ')), 1U << 20));
}

TEST(Gzip, TakesSeveralMembers) {
  const auto opened = gunzip(gzip("one,") + gzip("two"), 100);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(*opened, "one,two");
}

TEST(Gzip, RefusesWhatIsNone) {
  std::string whole = gzip("some text that is long enough to be cut");
  std::string changed = whole;
  changed[changed.size() - 6] = static_cast<char>(changed[changed.size() - 6] + 1);
  for (const std::string& bad : {std::string(), std::string("{}"), whole.substr(0, whole.size() - 3),
                                 whole.substr(0, 5), whole + "x", changed}) {
    const auto opened = gunzip(bad, 1000);
    ASSERT_FALSE(opened) << bad.size();
    EXPECT_EQ(opened.error().kind, ErrorKind::invalid_argument);
  }
}

}  // namespace
}  // namespace headwater
