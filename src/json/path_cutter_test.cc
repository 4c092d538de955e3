#include "json/path_cutter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace headwater::json {
namespace {

using Found = ArrayCutter::Found;

struct Cut {
  std::vector<std::string> elements;
  Found found = Found::missing;
  std::string error;
};

Cut cut(const std::string& path, std::string_view document, std::size_t piece,
        std::size_t held_max = 1U << 20) {
  Cut result;
  PathCutter cutter(*JsonPath::compile(path), held_max, [&result](std::string_view element) -> Result<void> {
    result.elements.push_back(parse(element)->dump());
    return {};
  });
  for (; !document.empty() && result.error.empty();
       document.remove_prefix(std::min(piece, document.size()))) {
    const std::string own(document.substr(0, piece));  // so that no view outlives its piece
    if (const auto fed = cutter.feed(own); !fed) result.error = fed.error().message;
  }
  if (!result.error.empty()) return result;
  const auto found = cutter.finish();
  if (found)
    result.found = *found;
  else
    result.error = found.error().message;
  return result;
}

// What the query selects in the whole document, each array once.
Cut reference(const std::string& path, std::string_view document) {
  Cut result;
  const auto value = *parse(document);
  std::vector<const Value*> known;
  for (const Value* each : JsonPath::compile(path)->values(value)) {
    if (std::find(known.begin(), known.end(), each) != known.end()) continue;
    known.push_back(each);
    if (each->is_array() || each->is_null()) {
      if (result.found == Found::missing) result.found = Found::array;
    } else {
      result.found = Found::not_an_array;
    }
    if (const auto* array = each->if_array())
      for (const auto& element : *array) result.elements.push_back(element.dump());
  }
  return result;
}

constexpr const char* kPaths[] = {"$['pages'][0]['rows']",
                                  "$.pages[*].rows",
                                  "$.pages[1:].rows",
                                  "$.pages[0:5:2].rows",
                                  "$..rows",
                                  "$.*.rows",
                                  "$.pages[?@.ok].rows",
                                  "$.pages[?@.n > 1 && @.ok == true].rows",
                                  "$.pages[-1].rows",
                                  "$.pages[::-1].rows",
                                  "$.pages[?@.n == $.best].rows",
                                  "$..[?@.ok].rows",
                                  "$.pages[*]..rows",
                                  "$['a','b']",
                                  "$['a','a']",
                                  "$.matrix[*]",
                                  "$.matrix[0]",
                                  "$.matrix",
                                  "$.pages[0,?@.ok].rows",
                                  "$.nothing.rows",
                                  "$.best",
                                  "$.pages[*].n",
                                  "$..*..rows",
                                  "$[?@[0]]",
                                  "$.pages[?count(@.rows[*]) > 1].rows",
                                  "$.none",
                                  "$.pages[?@.deep.rows[?@ > 5]].deep.rows",
                                  "$.pages[7].rows",
                                  "$..deep[*]",
                                  "$[*][*].rows",
                                  "$[0]"};

constexpr const char* kDocuments[] = {
    R"({"best":2,"a":[1,"x]"],"b":[{"c":"}\""}],"none":null,"matrix":[[1,2],[3],[]],
        "pages":[{"n":1,"ok":false,"rows":[{"id":1},{"id":2,"rows":["in"]}]},
                 {"n":2,"ok":true,"rows":[{"id":3}],"deep":{"rows":[6,[7],{"rows":[8]}]}},
                 {"n":3,"rows":[]} , {"n":4,"ok":true,"rows":[{"id":4.50},{"id":1e2}]}]})",
    R"([[1,2],[[3]],{"rows":[4]},[],"s",null])",
    "{}",
    "[]",
    R"({"pages":[{"rows":[1]},{"rows":5}],"rows":[[2]]})",
    R"({"pages":{"0":{"rows":[1]}},"a":null,"b":true,"matrix":"x"})",
    "7",
    "null"};

TEST(PathCutterTest, SelectsWhatTheQuerySelectsInTheWholeDocument) {
  for (const char* path : kPaths)
    for (const char* document : kDocuments) {
      auto want = reference(path, document);
      std::sort(want.elements.begin(), want.elements.end());
      for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
        auto got = cut(path, document, piece);
        std::sort(got.elements.begin(), got.elements.end());
        EXPECT_EQ(got.error, "") << path << " in " << document;
        EXPECT_EQ(got.elements, want.elements) << path << " in " << document << " by " << piece;
        if (want.found != Found::missing) {
          EXPECT_EQ(got.found, want.found) << path << " in " << document;
        }
      }
    }
}

// An empty last page is no error, a name that leads nowhere is one.
TEST(PathCutterTest, TellsNothingToSelectFromAWrongPath) {
  struct Row {
    const char *path, *document;
    Found found;
  };
  const Row rows[] = {{"$.pages[*].rows", R"({"pages":[]})", Found::array},
                      {"$.pages[*].rows", R"({"pages":null})", Found::array},
                      {"$.pages[*].rows", R"({"pagges":[{"rows":[]}]})", Found::missing},
                      {"$.pages[*].rows", R"({"pages":"none"})", Found::missing},
                      {"$.a.pages[?@.ok].rows", R"({"a":{"pages":[{"rows":[1]}]}})", Found::array},
                      {"$.a.pages[?@.ok].rows", R"({"a":{}})", Found::missing},
                      {"$..rows", "{}", Found::array},
                      {"$.pages[0].rows", R"({"pages":[]})", Found::missing},
                      {"$.pages[-1].rows", R"({"pages":[]})", Found::missing},
                      {"$.pages[?@.n == $.n].rows", R"({"pages":[]})", Found::array}};
  for (const auto& row : rows)
    EXPECT_EQ(cut(row.path, row.document, 4).found, row.found) << row.path << " in " << row.document;
}

TEST(PathCutterTest, ComesInTheDocumentsOrder) {
  const auto got = cut("$..rows", R"({"a":{"rows":[1,{"rows":[2]}]},"rows":[3]})", 3);
  EXPECT_EQ(got.elements, (std::vector<std::string>{"1", R"({"rows":[2]})", "2", "3"}));
  EXPECT_EQ(cut("$['b','a']", R"({"a":[1],"b":[2]})", 3).elements, (std::vector<std::string>{"1", "2"}));
}

// 1000 pages of 1 KB each under a limit of 2 KB: only what the path needs is held.
TEST(PathCutterTest, HoldsNoMoreThanThePathNeeds) {
  std::string document = R"({"min":0,"pages":[)";
  for (int i = 0; i < 1000; ++i)
    document += std::string(i ? "," : "") + R"({"n":)" + std::to_string(i) + R"(,"rows":[")" +
                std::string(1000, 'x') + R"("]})";
  document += "]}";
  for (const char* path : {"$.pages[*].rows", "$..rows", "$.pages[?@.n < 1000].rows", "$.pages[0:].rows"}) {
    const auto got = cut(path, document, 1000, 2048);
    EXPECT_EQ(got.error, "") << path;
    EXPECT_EQ(got.elements.size(), 1000U) << path;
  }
  for (const char* path : {"$.pages[-1].rows", "$.pages[?@.n > $.min].rows"})
    EXPECT_NE(
        cut(path, document, 1000, 2048).error.find("The path needs more than 2048 bytes of the document"),
        std::string::npos)
        << path;
}

TEST(PathCutterTest, NamesWhatIsWrong) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"pages":[{"rows":[1})", "at byte 20"},
      {R"({"pages":[{"rows":[1]})", "truncated"},
      {R"({"pages":[{"rows":[1]}]} x)", "follows the end"},
      {R"({"pages":[{"rows":[1],"rows":[2]}]})", "\"rows\" of the content path stands a second time"},
      {R"({"pages":[{"rows" [1]}]})", "colon"},
      {R"({"pages":[,]})", "a value was expected"},
      {R"({pages:[]})", "double quotes"}};
  for (const auto& [document, part] : rows)
    for (const std::size_t piece : {std::size_t{1}, std::size_t{100}})
      EXPECT_NE(cut("$.pages[*].rows", document, piece).error.find(part), std::string::npos)
          << document << " -> " << cut("$.pages[*].rows", document, piece).error;
  EXPECT_NE(cut("$..rows", std::string(100'000, '['), 4096).error.find("deeper than 200"), std::string::npos);
  EXPECT_NE(cut("$[?@.a]", R"([{"a":tru}])", 100).error.find("not well formed"), std::string::npos);
}

}  // namespace
}  // namespace headwater::json
