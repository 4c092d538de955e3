#include "engine/shape/shaper.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/entity_path.h"

namespace headwater::shape {
namespace {

using Names = std::optional<std::vector<std::string>>;

domain::EntityPath path(std::vector<std::string> names, const std::string& wrapper = "", Names skip = {},
                        Names keep = {}) {
  domain::EntityPath path;
  path.path = "$";
  for (const auto& name : names) path.path += "." + name;
  path.wrapper = !wrapper.empty() ? wrapper : names.empty() ? "" : names.back();
  path.names = std::move(names);
  path.skip = std::move(skip);
  path.keep = std::move(keep);
  return path;
}

// A page through the cutter and the shaper, as the engine runs it.
Shaped shape_page(std::string_view page, const std::optional<domain::EntityPath>& content,
                  const std::optional<domain::EntityPath>& explode, Mode mode) {
  json::RecordGroup elements;
  json::ArrayCutter::Options options;
  if (content) {
    options.path = content->names;
    options.keep_sibling = domain::keep_sibling_rule(*content);
  }
  json::ArrayCutter cutter(options, [&elements](std::string_view element) {
    elements.append(element);
    return Result<void>();
  });
  EXPECT_TRUE(cutter.feed(page));
  const auto frame = cutter.finish();
  EXPECT_TRUE(frame);
  auto shaper = Shaper::make(content, explode, mode);
  EXPECT_TRUE(shaper);
  EXPECT_TRUE(shaper->begin_page(*frame));
  Shaped shaped;
  shaper->shape(elements, shaped);
  return shaped;
}

std::vector<std::string> texts(const Shaped& shaped) {
  std::vector<std::string> all;
  all.reserve(shaped.records.size());
  for (std::size_t i = 0; i < shaped.records.size(); ++i) all.emplace_back(shaped.records[i]);
  EXPECT_EQ(shaped.element_of.size(), all.size());
  return all;
}

constexpr const char* kW = R"({"total":2,"list_id":"L1","next":null,
 "emails":[{"email_id":"e1","vip":true,"activity":[{"action":"open","ts":"t1"},{"action":"click","ts":"t2"}]},
           {"email_id":"e2","vip":false,"activity":[]}]})";
#define E1 \
  R"({"email_id":"e1","vip":true,"activity":[{"action":"open","ts":"t1"},{"action":"click","ts":"t2"}]})"
#define E2 R"({"email_id":"e2","vip":false,"activity":[]})"

struct Example {
  const char* name;
  const char* page;
  std::optional<domain::EntityPath> content;
  std::optional<domain::EntityPath> explode;
  std::vector<std::string> explored;
  std::vector<std::string> ingested;  // empty: the same
};

const std::vector<Example>& examples() {
  static const Names every_name = std::vector<std::string>{"total", "list_id", "next"};
  static const auto only_email = path({"emails"}, "email", every_name);
  static const std::vector<Example> all = {
      {"A",
       kW,
       {},
       {},
       {R"({"total":2,"list_id":"L1","emails":[)" E1 "," E2 "]}"},
       {R"({"total":2,"list_id":"L1","next":null,"emails":[)" E1 "," E2 "]}"}},
      {"B",
       kW,
       path({"emails"}),
       {},
       {R"({"total":2,"list_id":"L1","emails":)" E1 "}", R"({"total":2,"list_id":"L1","emails":)" E2 "}"},
       {R"({"total":2,"list_id":"L1","next":null,"emails":)" E1 "}",
        R"({"total":2,"list_id":"L1","next":null,"emails":)" E2 "}"}},
      {"C",
       kW,
       path({"emails"}, "email"),
       {},
       {R"({"total":2,"list_id":"L1","email":)" E1 "}", R"({"total":2,"list_id":"L1","email":)" E2 "}"},
       {R"({"total":2,"list_id":"L1","next":null,"email":)" E1 "}",
        R"({"total":2,"list_id":"L1","next":null,"email":)" E2 "}"}},
      {"D",
       kW,
       path({"emails"}, "email", std::vector<std::string>{"total"}),
       {},
       {R"({"list_id":"L1","email":)" E1 "}", R"({"list_id":"L1","email":)" E2 "}"},
       {R"({"list_id":"L1","next":null,"email":)" E1 "}", R"({"list_id":"L1","next":null,"email":)" E2 "}"}},
      {"D2", kW, only_email, {}, {R"({"email":)" E1 "}", R"({"email":)" E2 "}"}, {}},
      {"E",
       kW,
       path({"emails"}, "email", {}, std::vector<std::string>{"list_id"}),
       {},
       {R"({"list_id":"L1","email":)" E1 "}", R"({"list_id":"L1","email":)" E2 "}"},
       {}},
      {"E2",
       kW,
       path({"emails"}, "email", {}, std::vector<std::string>{}),
       {},
       {R"({"email":)" E1 "}", R"({"email":)" E2 "}"},
       {}},
      {"F",
       kW,
       only_email,
       path({"email", "activity"}),
       {R"({"email":{"email_id":"e1","vip":true,"activity":{"action":"open","ts":"t1"}}})",
        R"({"email":{"email_id":"e1","vip":true,"activity":{"action":"click","ts":"t2"}}})"},
       {}},
      {"G",
       kW,
       only_email,
       path({"email", "activity"}, "act"),
       {R"({"email":{"email_id":"e1","vip":true,"act":{"action":"open","ts":"t1"}}})",
        R"({"email":{"email_id":"e1","vip":true,"act":{"action":"click","ts":"t2"}}})"},
       {}},
      {"H",
       kW,
       only_email,
       path({"email", "activity"}, "", std::vector<std::string>{"vip"}),
       {R"({"email":{"email_id":"e1","activity":{"action":"open","ts":"t1"}}})",
        R"({"email":{"email_id":"e1","activity":{"action":"click","ts":"t2"}}})"},
       {}},
      {"I",
       kW,
       only_email,
       path({"email", "activity"}, "", {}, std::vector<std::string>{"email_id"}),
       {R"({"email":{"email_id":"e1","activity":{"action":"open","ts":"t1"}}})",
        R"({"email":{"email_id":"e1","activity":{"action":"click","ts":"t2"}}})"},
       {}},
      {"J",
       R"([{"id":1,"x":null},{"id":2}])",
       {},
       {},
       {R"({"id":1})", R"({"id":2})"},
       {R"({"id":1,"x":null})", R"({"id":2})"}},
      {"K",
       R"({"status":"ok","data":{"page":1,"rows":[{"id":1},{"id":2}]}})",
       path({"data", "rows"}, "row"),
       {},
       {R"({"status":"ok","data":{"page":1,"row":{"id":1}}})",
        R"({"status":"ok","data":{"page":1,"row":{"id":2}}})"},
       {}},
      {"K_skip",
       R"({"status":"ok","data":{"page":1,"rows":[{"id":1}]}})",
       path({"data", "rows"}, "row", std::vector<std::string>{"page", "status"}),
       {},
       {R"({"status":"ok","data":{"row":{"id":1}}})"},
       {}},
      {"L",
       R"([{"id":1,"lines":[{"q":1},{"q":2}]}])",
       {},
       path({"lines"}, "line"),
       {R"({"id":1,"line":{"q":1}})", R"({"id":1,"line":{"q":2}})"},
       {}},
      {"M",
       R"({"n":2,"ids":["a","b"]})",
       path({"ids"}, "id"),
       {},
       {R"({"n":2,"id":"a"})", R"({"n":2,"id":"b"})"},
       {}},
      {"N", R"({"n":2,"id":"x","ids":["a"]})", path({"ids"}, "id"), {}, {R"({"n":2,"id":"a"})"}, {}},
      {"N_explode",
       R"([{"line":0,"lines":[1],"z":3}])",
       {},
       path({"lines"}, "line"),
       {R"({"line":1,"z":3})"},
       {}},
      {"SiblingsBehindTheArray", R"({"a":[{"i":1}],"b":2})", path({"a"}), {}, {R"({"a":{"i":1},"b":2})"}, {}},
      {"DeepNullsLeaveExploreOnly",
       R"([{"a":{"b":null,"c":[null,{"d":null}]}}])",
       {},
       {},
       {R"({"a":{"c":[null,{}]}})"},
       {R"({"a":{"b":null,"c":[null,{"d":null}]}})"}},
      {"NumbersAndStringsKeepTheirBytes",
       R"([{"n":12345678901234567890.10,"s":"\u00e9\/é"}])",
       {},
       {},
       {R"({"n":12345678901234567890.10,"s":"\u00e9\/é"})"},
       {}},
      {"ExplodeOfASibling",
       R"({"tags":["x","y"],"rows":[{"id":1}]})",
       path({"rows"}),
       path({"tags"}, "tag"),
       {R"({"tag":"x","rows":{"id":1}})", R"({"tag":"y","rows":{"id":1}})"},
       {}},
      {"EmptyArrayGivesNothing", R"({"rows":[]})", path({"rows"}), {}, {}, {}},
  };
  return all;
}

TEST(Shaper, GivesTheReferencesWorkedExamples) {
  for (const auto& example : examples()) {
    SCOPED_TRACE(example.name);
    EXPECT_EQ(texts(shape_page(example.page, example.content, example.explode, Mode::explore)),
              example.explored);
    EXPECT_EQ(texts(shape_page(example.page, example.content, example.explode, Mode::ingest)),
              example.ingested.empty() ? example.explored : example.ingested);
  }
}

TEST(Shaper, MakesEveryRecordOneLine) {
  const auto shaped =
      shape_page("{ \"n\" : 1,\n \"rows\" : [ {\r\n \"a\" : \"x  \\n y\" ,\n\t\"b\" : [ 1 , 2 ] } ] }",
                 path({"rows"}), {}, Mode::ingest);
  EXPECT_EQ(texts(shaped), std::vector<std::string>{R"({"n":1,"rows":{"a":"x  \n y","b":[1,2]}})"});
}

TEST(Shaper, RejectsBadElementsAndGoesOn) {
  json::RecordGroup elements;
  elements.append(R"({"a":1})");
  elements.append(R"({"a":01})");
  elements.append("{\"a\":\"\xff\"}");
  elements.append(R"({"a":2})");
  elements.append(R"({"a":"\ud83d"})");
  auto shaper = *Shaper::make(path({"rows"}), {});
  json::ArrayCutter::Frame frame;
  frame.before = "{";
  frame.after = "}";
  ASSERT_TRUE(shaper.begin_page(frame));
  Shaped shaped;
  shaper.shape(elements, shaped);
  EXPECT_EQ(texts(shaped), (std::vector<std::string>{R"({"rows":{"a":1}})", R"({"rows":{"a":2}})"}));
  EXPECT_EQ(shaped.element_of, (std::vector<std::size_t>{0, 3}));
  ASSERT_EQ(shaped.rejects.size(), 3U);
  EXPECT_EQ(shaped.rejects[0].element, 1U);
  EXPECT_EQ(shaped.rejects[1].element, 2U);
  EXPECT_EQ(shaped.rejects[2].element, 4U);
  EXPECT_NE(shaped.rejects[2].reason.find("half a surrogate pair"), std::string::npos);
  EXPECT_EQ(shaped.rejects[0].code, "INGEST-1401-400");
  EXPECT_FALSE(shaped.rejects[0].reason.empty());
}

TEST(Shaper, RefusesAFrameThatIsNoJson) {
  auto shaper = *Shaper::make(path({"rows"}), {});
  json::ArrayCutter::Frame frame;
  frame.before = R"({"n":01,)";
  frame.after = "}";
  EXPECT_FALSE(shaper.begin_page(frame));
}

TEST(Shaper, ExplodesByCrossApply) {
  const auto shaped =
      shape_page(R"([{"i":1,"l":null},{"i":2},{"i":3,"l":[]},{"i":4,"l":{"x":1}},{"i":5,"l":[7,8]},5])", {},
                 path({"l"}), Mode::ingest);
  EXPECT_EQ(texts(shaped), (std::vector<std::string>{R"({"i":5,"l":7})", R"({"i":5,"l":8})"}));
  EXPECT_EQ(shaped.element_of, (std::vector<std::size_t>{4, 4}));
  ASSERT_EQ(shaped.rejects.size(), 2U);
  EXPECT_EQ(shaped.rejects[0].reason, "explodeEntityPath $.l: is an object, not an array.");
  EXPECT_EQ(shaped.rejects[1].reason, "explodeEntityPath $.l: the record is a number, not an object.");
}

TEST(Shaper, ExplodesAnyOtherJsonPathWithoutSiblings) {
  domain::EntityPath explode;
  explode.path = "$.groups[*].lines";
  explode.dotted = false;
  explode.wrapper = "line";
  const auto shaped =
      shape_page(R"([{"id":1,"groups":[{"lines":[1,2]},{"lines":[3]}]}])", {}, explode, Mode::ingest);
  EXPECT_EQ(texts(shaped), (std::vector<std::string>{R"({"line":1})", R"({"line":2})", R"({"line":3})"}));
  explode.path = "$[?";
  EXPECT_EQ(Shaper::make({}, explode).error().where, "/explodeEntityPath/path");
  EXPECT_FALSE(Shaper::make({}, path({})));
}

TEST(ShapedSchema, GoesTheWayOfTheData) {
  const auto raw =
      *json::parse(R"({"type":"object","properties":{"total":{"type":"integer"},"next":{"type":"string"},
      "result":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},"lines":{"type":"array","items":{"type":"integer"}}}}}},
      "required":["total","result"]})");
  EXPECT_EQ(
      shaped_schema(raw, path({"result"}, "row", std::vector<std::string>{"total"}),
                    path({"row", "lines"}, "line"))
          .dump(),
      R"({"type":"object","properties":{"next":{"type":"string"},"row":{"type":"object","properties":{"id":{"type":"string"},"line":{"type":"integer"}}}},"required":["row"]})");
  EXPECT_EQ(shaped_schema(*json::parse(R"({"type":"array","items":{"type":"string"}})"), {}, {}).dump(),
            R"({"type":"string"})");
}

TEST(Shaper, KeepsTheNodesOfRecordsThatAreWhole) {
  domain::EntityPath content;
  content.path = "$.items";
  content.names = {"items"};
  content.wrapper = "item";
  auto shaper = *Shaper::make(content, std::nullopt);
  shaper.keep_nodes();
  json::ArrayCutter::Frame frame;
  frame.before = "{";
  frame.after = "}";
  ASSERT_TRUE(shaper.begin_page(frame).has_value());
  json::RecordGroup elements;
  elements.append(R"({"a":1})");
  elements.append(R"({"a":tru})");
  elements.append("{\"a\":\n2}");
  elements.append(R"({"a":3})");
  Shaped shaped;
  shaper.shape(elements, shaped);
  ASSERT_EQ(shaped.records.size(), 3U);
  ASSERT_EQ(shaped.rejects.size(), 1U);
  EXPECT_EQ(shaped.rejects[0].element, 1U);
  EXPECT_EQ(shaped.records.parsed(1).nodes, nullptr) << "made anew without its line end";
  for (const std::size_t i : {0U, 2U}) {
    const auto record = shaped.records.parsed(i);
    ASSERT_NE(record.nodes, nullptr);
    const auto* item = record.find(record.root(), "item");
    ASSERT_NE(item, nullptr);
    EXPECT_EQ(record.raw(*record.find(*item, "a")), i == 0 ? "1" : "3");
  }
}

// Each of the records repeats what stands around the array: 40 KB make 80 MB.
TEST(Shaper, AnElementThatExplodesIntoMuchIsGivenInSteps) {
  auto shaper = *Shaper::make(std::nullopt, path({"lines"}, "line"));
  ASSERT_TRUE(shaper.begin_page({}).has_value());
  std::string element = R"({"text":")" + std::string(20'000, 'x') + R"(","lines":[0)";
  for (int i = 1; i < 4'000; ++i) element += "," + std::to_string(i);
  json::RecordGroup group;
  group.append(element + "]}");
  Shaped shaped;
  shaper.shape(group[0], 5, shaped);
  std::size_t records = 0;
  while (true) {
    EXPECT_LT(shaped.records.bytes(), 600U << 10);
    for (std::size_t i = 0; i < shaped.records.size(); ++i, ++records)
      EXPECT_TRUE(shaped.records[i].ends_with("\"line\":" + std::to_string(records) + "}"));
    EXPECT_EQ(shaped.element_of.back(), 5U);
    if (!shaper.has_more()) break;
    shaped.clear();
    shaper.more(shaped);
  }
  EXPECT_EQ(records, 4'000U);
  group.append(R"({"lines":[]})");
  shaper.shape(group[1], 0, shaped);
  EXPECT_FALSE(shaper.has_more());
}

}  // namespace
}  // namespace headwater::shape
