#include "engine/extract/link_header.h"

#include <gtest/gtest.h>

#include <utility>

namespace headwater::extract {
namespace {

TEST(LinkHeader, GivesTheNextPagesAddress) {
  const std::pair<const char*, const char*> rows[] = {
      {R"(<https://a.test/x?page=2>; rel="next", <https://a.test/x?page=9>; rel="last")",
       "https://a.test/x?page=2"},
      {R"(<https://a.test/x?page=1>; rel="prev", <https://a.test/x?page=3>; rel="next")",
       "https://a.test/x?page=3"},
      {R"(</x?ids=1,2,3&page=2>; title="a, \"b\"; rel=last"; REL=Next)", "/x?ids=1,2,3&page=2"},
      {R"(</x>;rel="prev next")", "/x"},
      {R"(</x>; rel="nextly")", ""},
      {R"(</x>; rel="last")", ""},
      {"<", ""},
      {"", ""},
      {">;rel=next,", ""}};
  for (const auto& [value, want] : rows) EXPECT_EQ(next_link_in({{"LINK", value}}, "link"), want) << value;
  EXPECT_EQ(next_link_in({{"Link", R"(</a>; rel=first)"}, {"Link", R"(</b>; rel=next)"}}, "link"), "/b");
  EXPECT_EQ(next_link_in({{"X-Next", "/y?a=1,2"}}, "x-next"), "/y?a=1,2");
  EXPECT_EQ(next_link_in({}, "link"), "");
}

}  // namespace
}  // namespace headwater::extract
