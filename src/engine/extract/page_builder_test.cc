#include "engine/extract/page_builder.h"

#include <gtest/gtest.h>

namespace headwater::extract {
namespace {

TEST(PageBuilderTest, FindsTheDocumentBehindAMarkInPiecesAndMuchWhiteSpace) {
  PageShape shape;
  shape.content = domain::EntityPath{};
  shape.content->names = {"items"};
  shape.content->dotted = true;
  SystemClock clock;
  PageBuilder builder(shape, clock);
  http::ResponseHead head;
  head.status = 200;
  ASSERT_TRUE(builder.head(head));
  ASSERT_TRUE(builder.body("\xEF\xBB"));
  ASSERT_TRUE(builder.body("\xBF"));
  ASSERT_TRUE(builder.body(std::string(100, '\n')));
  ASSERT_TRUE(builder.body(std::string(5000, ' ') + R"({"items":[{"t":1}]})"));
  const auto finished = builder.finish();
  ASSERT_TRUE(finished) << finished.error().message;
  EXPECT_EQ(builder.element_count(), 1U);
}

// Records cut from the stream are left to the shaper; behind a filter they have been parsed already.
TEST(PageBuilderTest, MendsHalfSurrogatePairsUnderAComplexPath) {
  PageShape shape;
  shape.complex_path = *json::JsonPath::compile("$.lists[?@.ok].items");
  SystemClock clock;
  PageBuilder builder(shape, clock);
  http::ResponseHead head;
  head.status = 200;
  ASSERT_TRUE(builder.head(head));
  ASSERT_TRUE(builder.body(R"({"lists":[{"ok":1,"items":[{"t":"ok"},{"t":"x\ud83d"}]},{"items":[{}]}]})"));
  ASSERT_TRUE(builder.finish());
  auto page = builder.take_page();
  json::RecordGroup group;
  ASSERT_TRUE(*page.read(group));
  ASSERT_EQ(group.size(), 2U);
  EXPECT_EQ(group[1], "{\"t\":\"x\xEF\xBF\xBD\"}");
}

}  // namespace
}  // namespace headwater::extract
