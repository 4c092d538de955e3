#include "engine/extract/page_cycle.h"

#include <gtest/gtest.h>

#include <functional>

namespace headwater::extract {
namespace {

struct Found {
  std::uint64_t at = 0;  // the page at which it was said; 0: never
  PageCycle::Circle circle;
};

// Pages by `hash_of` their number from 1; 0: a page without records.
Found search(std::uint64_t again_min, std::uint64_t pages,
             const std::function<std::uint64_t(std::uint64_t)>& hash_of) {
  PageCycle cycle(again_min);
  for (std::uint64_t page = 1; page <= pages; ++page)
    if (const auto circle = cycle.add(page, hash_of(page), hash_of(page) != 0)) return {page, *circle};
  return {};
}

TEST(PageCycle, SaysBehindWhichPageTheCircleBeganAndHowLongItIs) {
  for (const std::uint64_t before : {0, 1, 6})
    for (const std::uint64_t length : {1, 2, 3, 5, 12}) {
      const auto found = search(2, 1000, [&](std::uint64_t page) {
        return page <= before ? 1000 + page : 2000 + (page - before) % length;
      });
      EXPECT_EQ(found.circle.length, length) << before;
      EXPECT_EQ(found.circle.after, before + length) << length;
    }
}

TEST(PageCycle, OnePageThatComesAgainIsNoCircle) {
  const auto lonely = [](std::uint64_t page) {
    return page % 2 == 0 ? page : page % 3 == 0 ? 7 : page + 5000;
  };
  EXPECT_EQ(search(2, 5000, lonely).at, 0U);
  EXPECT_EQ(search(2, 5000, [](std::uint64_t page) { return page == 9 || page == 10 ? 1 : page + 1; }).at,
            0U);
}

TEST(PageCycle, EmptyPagesAreNoCircleAndHideNone) {
  EXPECT_EQ(search(2, 1000, [](std::uint64_t) { return 0; }).at, 0U);
  for (const std::uint64_t full : {0, 1, 2, 3}) {
    const auto found = search(2, 1000, [&](std::uint64_t page) { return page % 4 == full ? 9 : 0; });
    EXPECT_EQ(found.circle.length, 4U) << full;
  }
}

TEST(PageCycle, AFalseSuspicionDoesNotHideTheCircle) {
  // Page 7 of each turn of 100 comes again after 30 pages, 37 of them not.
  const auto found = search(2, 5000, [](std::uint64_t page) {
    const std::uint64_t place = page % 100;
    return place % 30 == 7 ? 7 : place + 1000;
  });
  EXPECT_EQ(found.circle.length % 100, 0U);
  EXPECT_GT(found.at, 0U);
}

TEST(PageCycle, StateThatCannotBeReadStartsAnew) {
  PageCycle cycle(2);
  cycle.restore("1 2 3");
  cycle.restore("not numbers at all");
  std::uint64_t at = 0;
  for (std::uint64_t page = 50; at == 0 && page < 100; ++page)
    if (const auto circle = cycle.add(page, page % 3 + 1, true)) {
      EXPECT_EQ(circle->length, 3U);
      EXPECT_EQ(circle->after, 52U);
      at = page;
    }
  EXPECT_GT(at, 0U);
}

}  // namespace
}  // namespace headwater::extract
