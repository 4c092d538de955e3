#include "engine/extract/large_element.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/extract/page_builder.h"
#include "json/value.h"

namespace headwater::extract {
namespace {

domain::EntityPath entity(std::vector<std::string> names) {
  domain::EntityPath path;
  for (const auto& name : names) path.path += (path.path.empty() ? "$." : ".") + name;
  path.wrapper = names.back();
  path.names = std::move(names);
  return path;
}

domain::SourceSpec orders_spec() {
  domain::SourceSpec spec;
  spec.content = entity({"orders"});
  spec.explode = entity({"orders", "lines"});
  return spec;
}

// The page that an answer makes, elements above `whole_bytes_max` in parts; it arrives in pieces of `size`.
Page page_of(const PageShape& shape, const std::string& answer, std::size_t size) {
  static SystemClock clock;
  PageBuilder builder(shape, clock);
  http::ResponseHead head;
  head.status = 200;
  EXPECT_TRUE(builder.head(head));
  for (std::size_t at = 0; at < answer.size(); at += size)
    EXPECT_TRUE(builder.body(std::string_view(answer).substr(at, size)));
  const auto finished = builder.finish();
  EXPECT_TRUE(finished) << finished.error().message;
  return builder.take_page();
}

PageShape shape_of(const domain::SourceSpec& spec, std::size_t whole_bytes_max,
                   std::size_t page_memory_max = 4U << 20) {
  ExtractorOptions options;
  options.spool_folder = testing::TempDir();
  options.page_memory_max = page_memory_max;
  auto shape = PageShape::make(spec, options, {});
  EXPECT_TRUE(shape);
  shape->whole_bytes_max = whole_bytes_max;
  return *std::move(shape);
}

struct Made {
  std::vector<std::string> records;  // an element each, or one for each line of an element
  std::uint64_t elements = 0;
  std::size_t groups = 0;
  std::size_t group_bytes = 0;  // of the largest
};

// As a shaper explodes: the element once for each of its lines.
void explode(std::string_view element, const std::vector<std::string>& path, Made& made) {
  auto value = json::parse(element);
  if (!value) return made.records.emplace_back(element), void();
  json::Value* at = &*value;
  for (const auto& name : path) {
    auto* object = at->if_object();
    at = object ? object->find(name) : nullptr;
    if (at == nullptr) return made.records.emplace_back(element), void();
  }
  const auto* lines = at->if_array();
  if (lines == nullptr) return made.records.emplace_back(element), void();
  const json::Array all = *lines;
  for (const auto& line : all) {
    *at = line;
    made.records.push_back(value->dump());
  }
}

Made records_of(Page& page, const std::vector<std::string>& path = {"lines"}) {
  Made made;
  json::RecordGroup group;
  while (true) {
    const auto more = page.read(group);
    EXPECT_TRUE(more) << more.error().message;
    if (!more || !*more) break;
    ++made.groups;
    made.group_bytes = std::max(made.group_bytes, group.bytes());
    if (!page.is_within_element()) made.elements += group.size();
    for (std::size_t i = 0; i < group.size(); ++i) explode(group[i], path, made);
  }
  return made;
}

std::string order(int id, int lines) {
  std::string text = R"({"id":)" + std::to_string(id) + R"(,"who":{"name":"é, ]}"},"lines":[)";
  for (int i = 0; i < lines; ++i)
    text += (i > 0 ? "," : "") + std::string(R"({"sku":"s)") + std::to_string(i) + R"(","n":[1,2]})";
  return text + R"(],"sum":1.50})";
}

TEST(LargeElementTest, GivesTheSameRecordsAsAnElementThatIsHeld) {
  const auto spec = orders_spec();
  const std::string answer = R"({"page":1,"orders":[)" + order(1, 2) + "," + order(2, 40'000) + "," +
                             order(3, 0) + "," + order(4, 30'000) + R"(],"next":null})";
  auto held = page_of(shape_of(spec, std::size_t{1} << 30), answer, 64U << 10);
  const Made whole = records_of(held);
  ASSERT_EQ(whole.records.size(), 70'002U);
  for (const std::size_t memory : {std::size_t{1} << 10, std::size_t{64} << 20}) {
    auto page = page_of(shape_of(spec, 1'000, memory), answer, 64U << 10);
    EXPECT_EQ(page.record_count, 4U);
    const Made split = records_of(page);
    EXPECT_EQ(split.records, whole.records);
    EXPECT_EQ(split.elements, 4U);
    EXPECT_GT(split.groups, 6U);
    EXPECT_LT(split.group_bytes, 600U << 10);
    page.rewind();
    EXPECT_EQ(records_of(page).records, whole.records);
  }
}

TEST(LargeElementTest, OneThatCannotBeSplitIsJudgedWhole) {
  auto spec = orders_spec();
  const std::string text = std::string(2'000, 'x');
  const std::string no_array = R"({"id":1,"lines":{"a":")" + text + R"("}})";
  const std::string twice = R"({"lines":[1],"text":")" + text + R"(","lines":[2,3]})";
  const std::string absent = R"({"id":1,"text":")" + text + R"("})";
  const std::string broken = R"({"lines":[1,,2],"text":")" + text + R"("})";
  const std::string answer =
      R"({"orders":[)" + no_array + "," + twice + "," + absent + "," + broken + "," + order(5, 1) + "]}";
  auto held = page_of(shape_of(spec, std::size_t{1} << 30), answer, 100);
  auto page = page_of(shape_of(spec, 1'000), answer, 100);
  const Made whole = records_of(held);
  const Made split = records_of(page);
  EXPECT_EQ(split.records, whole.records);
  EXPECT_EQ(split.elements, 5U);
}

TEST(LargeElementTest, TheLimitHoldsWhereNothingIsExploded) {
  auto shape = shape_of(orders_spec(), 1'000);
  auto exploded = *shape.exploded;
  exploded.element_bytes_max = 1'500;
  shape.exploded = std::make_shared<const ExplodedArray>(std::move(exploded));
  auto page =
      page_of(shape, R"({"orders":[{"id":1},{"id":2,"text":")" + std::string(2'000, 'x') + R"("}]})", 100);
  page.number = 7;
  json::RecordGroup group;
  ASSERT_TRUE(*page.read(group));
  EXPECT_EQ(group[0], R"({"id":1})");
  const auto refused = page.read(group);
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error().message,
      "Page 7, record 2: A record is larger than 1500 bytes, the limit, and cannot be read in parts: it "
      "holds no array at the explodeEntityPath.");
}

TEST(LargeElementTest, AnElementLeftOutIsPassedOverWithAllItsPieces) {
  const auto spec = orders_spec();
  const auto shape = shape_of(spec, 1'000);
  SystemClock clock;
  PageBuilder builder(shape, clock);
  http::ResponseHead head;
  head.status = 200;
  ASSERT_TRUE(builder.head(head));
  ASSERT_TRUE(builder.body(R"({"orders":[)" + order(1, 200) + "," + order(2, 1) + "]}"));
  ASSERT_TRUE(builder.finish());
  builder.leave_out({0});
  auto page = builder.take_page();
  EXPECT_EQ(records_of(page).records.size(), 1U);
}

TEST(LargeElementTest, ADocumentThatIsOneRecordIsSplitToo) {
  domain::SourceSpec spec;
  spec.explode = entity({"data", "rows"});
  const std::string answer = R"({"data":{"rows":[1)" + std::string(3'000, ' ') + R"(,2,3],"m":1},"z":true})";
  auto page = page_of(shape_of(spec, 1'000), answer, 100);
  const Made made = records_of(page, {"data", "rows"});
  EXPECT_EQ(made.elements, 1U);
  EXPECT_EQ(made.records, (std::vector<std::string>{R"({"data":{"rows":1,"m":1},"z":true})",
                                                    R"({"data":{"rows":2,"m":1},"z":true})",
                                                    R"({"data":{"rows":3,"m":1},"z":true})"}));
}

}  // namespace
}  // namespace headwater::extract
