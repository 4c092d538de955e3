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

TEST(PageBuilderTest, NoPartOfACredentialStandsInAMessage) {
  const PageShape shape;
  SystemClock clock;
  AuthSettings secrets;
  secrets.params = json::Value(json::Object{{"key", "0123456789abcdef"}});
  secrets.secret_names = {"key"};
  PageBuilder builder(shape, clock, 0, &secrets);
  http::ResponseHead head;
  head.status = 200;
  head.headers.emplace_back("Content-Type", "text/html; " + std::string(53, 'x') + " token=0123456789abcdef");
  ASSERT_TRUE(builder.head(head));
  const auto fed = builder.body("<html>");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().message, "The source answered HTML or XML instead of JSON (content type text/html; " +
                                     std::string(53, 'x') + " token=***).");
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
