#include "json/array_cutter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "json/record.h"

namespace headwater::json {
namespace {

using Found = ArrayCutter::Found;
using Path = std::vector<std::string>;

struct Cut {
  std::vector<std::string> elements;
  ArrayCutter::Frame frame;
  std::optional<Error> error;
};

/// Feeds the document in pieces whose sizes `next_size` gives.
template <class NextSize>
Cut cut_in_pieces(ArrayCutter::Options options, std::string_view document, NextSize next_size) {
  Cut cut;
  ArrayCutter cutter(std::move(options), [&cut](std::string_view element) -> Result<void> {
    cut.elements.emplace_back(element);
    return {};
  });
  while (!document.empty()) {
    // Each piece stands in memory of its own, so that a read past it is seen.
    const std::vector<char> piece(
        document.begin(),
        document.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(next_size(), document.size())));
    document.remove_prefix(piece.size());
    if (const auto fed = cutter.feed({piece.data(), piece.size()}); !fed) {
      cut.error = fed.error();
      return cut;
    }
  }
  auto frame = cutter.finish();
  if (frame)
    cut.frame = *std::move(frame);
  else
    cut.error = frame.error();
  return cut;
}

Cut cut_all(ArrayCutter::Options options, std::string_view document) {
  return cut_in_pieces(std::move(options), document, [] { return std::size_t{1} << 30; });
}

ArrayCutter::Options with_path(Path path) {
  ArrayCutter::Options options;
  options.path = std::move(path);
  return options;
}

/// The records as an engine would join them, under the name "w".
std::vector<std::string> join(const Cut& cut) {
  std::vector<std::string> records;
  records.reserve(cut.elements.size());
  for (const std::string& element : cut.elements)
    records.push_back(cut.frame.before.empty() ? element
                                               : cut.frame.before + "\"w\":" + element + cut.frame.after);
  return records;
}

struct Case {
  const char* name;
  const char* document;
  Path path;
  Found found;
  std::vector<std::string> records;
};

std::vector<Case> cases() {
  return {
      {"WrapperFirst",
       R"({"rows":[{"a":1},{"a":2}],"n":2})",
       {"rows"},
       Found::array,
       {R"({"w":{"a":1},"n":2})", R"({"w":{"a":2},"n":2})"}},
      {"WrapperInTheMiddle",
       R"({"x":null,"rows":[{"a":1}],"n":2})",
       {"rows"},
       Found::array,
       {R"({"x":null,"w":{"a":1},"n":2})"}},
      {"WrapperLast",
       R"({"x":[1, 2],"rows":[{"a":1}]})",
       {"rows"},
       Found::array,
       {R"({"x":[1,2],"w":{"a":1}})"}},
      {"WrapperAlone", R"({"rows":[{}]})", {"rows"}, Found::array, {R"({"w":{}})"}},
      {"Nested",
       R"({"s":"ok","d":{"p":1,"rows":[{"i":1},{"i":2}],"q":2},"t":[]})",
       {"d", "rows"},
       Found::array,
       {R"({"s":"ok","d":{"p":1,"w":{"i":1},"q":2},"t":[]})",
        R"({"s":"ok","d":{"p":1,"w":{"i":2},"q":2},"t":[]})"}},
      {"RootArray",
       R"( [ {"a":[1,{"b":"]"}]} , {"a":2} ] )",
       {},
       Found::array,
       {R"({"a":[1,{"b":"]"}]})", R"({"a":2})"}},
      {"AnyKindOfElement",
       R"({"r":[1,-2.5e3,"a,]\"",true,null,[],[1],{}]})",
       {"r"},
       Found::array,
       {R"({"w":1})", R"({"w":-2.5e3})", R"({"w":"a,]\""})", R"({"w":true})", R"({"w":null})", R"({"w":[]})",
        R"({"w":[1]})", R"({"w":{}})"}},
      {"EmptyArray", R"({"r":[ ],"n":0})", {"r"}, Found::array, {}},
      {"EscapedName",
       R"({"r\u006fws":[{"a":1}],"\u0041":2})",
       {"rows"},
       Found::array,
       {R"({"w":{"a":1},"\u0041":2})"}},
      {"PrettyPrinted",
       "{\n  \"n\" : 1 ,\n  \"rows\" : [\n    { \"a\" : 1 } ,\n    2\n  ] ,\n  \"z\" : { \"y\" : \" \" "
       "}\n}\n",
       {"rows"},
       Found::array,
       {R"({"n":1,"w":{ "a" : 1 },"z":{"y":" "}})", R"({"n":1,"w":2,"z":{"y":" "}})"}},
      {"ByteOrderMark", "\xEF\xBB\xBF[1]", {}, Found::array, {"1"}},
      {"NullArray", R"({"n":1,"r":null})", {"r"}, Found::null_array, {}},
      {"NullRoot", "null", {}, Found::null_array, {}},
      {"Missing", R"({"n":1,"s":[1]})", {"r"}, Found::missing, {}},
      {"MissingBelow", R"({"d":{"x":1}})", {"d", "r"}, Found::missing, {}},
      {"PathThroughNumber", R"({"d":5,"e":1})", {"d", "r"}, Found::missing, {}},
      {"PathThroughNull", R"({"d":null})", {"d", "r"}, Found::missing, {}},
      {"PathThroughArray", R"({"d":[{"r":[1]}]})", {"d", "r"}, Found::missing, {}},
      {"RootArrayWithPath", R"([{"r":[1]}])", {"r"}, Found::missing, {}},
      {"SameNameElsewhere", R"({"x":{"r":[7]},"r":[1]})", {"r"}, Found::array, {R"({"x":{"r":[7]},"w":1})"}},
      {"NotAnArray", R"({"r":{"a":[1]}})", {"r"}, Found::not_an_array, {}},
      {"NotAnArrayString", R"({"r":"[1]"})", {"r"}, Found::not_an_array, {}},
      {"WholeDocument", R"( {"a":[1,2],"b":"}"} )", {}, Found::whole_document, {R"({"a":[1,2],"b":"}"})"}},
      {"WholeScalar", "42", {}, Found::whole_document, {"42"}},
      {"WholeString", R"("[")", {}, Found::whole_document, {R"("[")"}},
      {"RepeatedSibling",
       R"({"n":1,"m":2,"r":[0],"n":3,"z":4,"z":5})",
       {"r"},
       Found::array,
       {R"({"n":3,"m":2,"w":0,"z":5})"}},
      {"Backslashes",
       R"({"r":[{"a":"\\"},{"a":"\\\""},{"a":"\\\\\\\"]}"},{"b":"\u005c"}]})",
       {"r"},
       Found::array,
       {R"({"w":{"a":"\\"}})", R"({"w":{"a":"\\\""}})", R"({"w":{"a":"\\\\\\\"]}"}})",
        R"({"w":{"b":"\u005c"}})"}},
  };
}

// Half a surrogate pair is a wrong escape, but a source that writes one must not lose the page by it.
TEST(ArrayCutterTest, MendsHalfPairsAroundElementsAndPassesElementsOn) {
  constexpr std::string_view kDocument =
      R"({"a":"\ud83d!","\udc00":1,"p":{"q":"\uDBFF\u0041"},"d":"\ud800","r":[{"x":"\ud800"},{"\udfff":2}]})";
  auto options = with_path({"r"});
  options.keep_sibling = [](std::string_view name) { return name != "d"; };
  options.probes = {{"p", "q"}};
  for (std::size_t size = 1; size < 90; ++size) {
    const Cut cut = cut_in_pieces(options, kDocument, [size] { return size; });
    ASSERT_FALSE(cut.error) << cut.error->message;
    EXPECT_EQ(cut.elements, (std::vector<std::string>{R"({"x":"\ud800"})", R"({"\udfff":2})"}));
    EXPECT_EQ(cut.frame.before, R"({"a":"\ufffd!","\ufffd":1,"p":{"q":"\ufffd\u0041"},)");
    ASSERT_EQ(cut.frame.probes.size(), 1U);
    EXPECT_EQ(cut.frame.probes[0].dump(),
              "\"\xEF\xBF\xBD"
              "A\"");
  }
}

TEST(ArrayCutterTest, CutsAtEveryChunkSize) {
  for (const Case& one : cases()) {
    for (std::size_t size = 1; size < 90; ++size) {
      const Cut cut = cut_in_pieces(with_path(one.path), one.document, [size] { return size; });
      ASSERT_FALSE(cut.error) << one.name << ": " << cut.error->message;
      EXPECT_EQ(cut.frame.found, one.found) << one.name << " in pieces of " << size;
      EXPECT_EQ(join(cut), one.records) << one.name << " in pieces of " << size;
      EXPECT_EQ(cut.frame.element_count, one.records.size());
      EXPECT_EQ(cut.frame.bytes, std::string_view(one.document).size());
    }
  }
}

TEST(ArrayCutterTest, RefusesBrokenDocuments) {
  const struct {
    const char* document;
    Path path;
    const char* message;
  } broken[] = {
      {"", {}, "empty body"},
      {" \n\t", {"r"}, "empty body"},
      {"\xEF\xBB\xBF", {}, "empty body"},
      {"[1,2", {}, "truncated at byte 4"},
      {"[{\"a\":1}", {}, "truncated at byte 8"},
      {"{\"r\":[1]", {"r"}, "truncated at byte 8"},
      {"{\"r\":[\"abc", {"r"}, "truncated at byte 10"},
      {"{\"n", {"r"}, "truncated at byte 3"},
      {"[1,]", {}, "a value was expected at byte 3"},
      {"[,1]", {}, "a value was expected at byte 1"},
      {"[1 2]", {}, "a comma or ] was expected at byte 3"},
      {"[{} {}]", {}, "a comma or ] was expected at byte 4"},
      {"[1}", {}, "a comma or ] was expected at byte 2"},
      {"{\"r\":[1],}", {"r"}, "a member name in double quotes was expected at byte 9"},
      {"{\"r\" [1]}", {"r"}, "a colon was expected after a member name at byte 5"},
      {"{\"a\":1 \"r\":[1]}", {"r"}, "a comma or } was expected at byte 7"},
      {"{\"a\":tru,\"r\":[1]}", {"r"}, "a value was expected at byte 5"},
      {"{\"a\":{\"b\":01},\"r\":[1]}", {"r"}, "a comma or } was expected at byte 11"},
      {"{\"a\":nul,\"b\":2}", {"a"}, "a value was expected at byte 5"},
      {"[1] x", {}, "something follows the end of the document at byte 4"},
      {"{\"r\":[]}{}", {"r"}, "something follows the end of the document at byte 8"},
      {"{\"r\":[1],\"r\":[2]}", {"r"}, "\"r\" of the content path stands a second time at byte 13"},
      {"{\"\\x\":1,\"r\":[]}", {"r"}, "a member name is no valid string at byte 1."},
      {"\xEF\xBB[1]", {}, "a value was expected at byte 2"},
      {"<html>", {"r"}, "a value was expected at byte 0"},
      {"<html> <body>", {}, "a value was expected at byte 0"},
      {"nope", {}, "a value was expected at byte 0"},
  };
  for (const auto& one : broken) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{3}, std::size_t{100}}) {
      const Cut cut = cut_in_pieces(with_path(one.path), one.document, [size] { return size; });
      ASSERT_TRUE(cut.error) << one.document;
      EXPECT_EQ(cut.error->kind, ErrorKind::invalid_argument);
      EXPECT_NE(cut.error->message.find(one.message), std::string::npos)
          << one.document << ": " << cut.error->message;
    }
  }
}

TEST(ArrayCutterTest, KeepsWhatTheRuleKeeps) {
  auto options = with_path({"d", "r"});
  options.keep_sibling = [](std::string_view name) { return name == "b"; };
  const Cut cut = cut_all(options, R"({"a":1,"d":{"a":2,"b":null,"r":[7],"c":{"x":1},"a":3},"c":4})");
  EXPECT_EQ(join(cut), std::vector<std::string>{R"({"a":1,"d":{"b":null,"w":7},"c":4})"});
  EXPECT_EQ(cut.frame.dropped, (std::vector<std::string>{"a", "c"}));
  EXPECT_EQ(cut.frame.kept, std::vector<std::string>{"b"});
  EXPECT_TRUE(cut.frame.has_null_sibling);
}

TEST(ArrayCutterTest, CapturesProbes) {
  auto options = with_path({"d", "r"});
  options.keep_sibling = [](std::string_view) { return false; };
  options.probes = {
      {"meta", "after"}, {"d", "total"}, {"d", "page", "next"}, {"d", "r"},   {"d"},
      {"absent"},        {"meta"},       {"list", "x"},         {"d", "nil"}, {"meta", "after", "x"}};
  const std::string document =
      R"({"meta":{"big":[1,{"after":5}],"after":"t\u0031"},"d":{"page":{"o":[{}],"next":"u"},"nil":null,)"
      R"("r":[1,2],"total":12345678901234567890},"list":[{"x":1}]})";
  for (std::size_t size = 1; size < 40; ++size) {
    const Cut cut = cut_in_pieces(options, document, [size] { return size; });
    ASSERT_FALSE(cut.error) << cut.error->message;
    std::vector<std::string> got;
    got.reserve(cut.frame.probes.size());
    for (std::size_t i = 0; i < cut.frame.probes.size(); ++i)
      got.push_back(cut.frame.probe_found[i] ? cut.frame.probes[i].dump() : "-");
    EXPECT_EQ(
        got, (std::vector<std::string>{R"("t1")", "12345678901234567890", R"("u")", "[null]", R"({"r":null})",
                                       "-", R"({"big":[1,{"after":5}],"after":"t1"})", "-", "null", "-"}));
  }
}

TEST(ArrayCutterTest, LastOfRepeatedProbesDecides) {
  auto options = with_path({"r"});
  options.probes = {{"m", "a"}};
  EXPECT_EQ(cut_all(options, R"({"m":{"a":1,"a":2},"r":[]})").frame.probes[0], Value(2));
  EXPECT_FALSE(cut_all(options, R"({"m":{"a":1},"r":[],"m":{}})").frame.probe_found[0]);
}

TEST(ArrayCutterTest, ProbesTheWholeDocument) {
  auto options = with_path({});
  options.probes = {{"next"}, {"p", "n"}};
  const Cut cut = cut_in_pieces(options, R"({"x":[1],"next":"n","p":{"q":1,"n":2}})", [] { return 3U; });
  EXPECT_EQ(cut.elements, std::vector<std::string>{R"({"x":[1],"next":"n","p":{"q":1,"n":2}})"});
  EXPECT_EQ(cut.frame.probes[0], Value("n"));
  EXPECT_EQ(cut.frame.probes[1], Value(2));
}

TEST(ArrayCutterTest, BoundsWhatItHolds) {
  auto options = with_path({"r"});
  options.element_bytes_max = 10;
  options.frame_bytes_max = 40;
  options.keep_sibling = [](std::string_view name) { return name == "k"; };
  const std::string long_string = "\"" + std::string(100, 'x') + "\"";
  const struct {
    std::string document;
    bool fits;
  } documents[] = {
      {R"({"r":["12345678"]})", true},
      {R"({"r":["123456789"]})", false},
      {R"({"r":[)" + long_string + "]}", false},
      {R"({"drop":)" + long_string + R"(,"r":[]})", true},
      {R"({"k":)" + long_string + R"(,"r":[]})", false},
      {R"({"k":"1234567890","r":[]})", true},
      {"{" + long_string + R"(:1,"r":[]})", false},
  };
  for (const auto& [document, fits] : documents) {
    for (const std::size_t size : {std::size_t{4}, std::size_t{1000}}) {
      const Cut cut = cut_in_pieces(options, document, [size] { return size; });
      EXPECT_EQ(!cut.error, fits) << document;
      if (!fits && cut.error) {
        EXPECT_EQ(cut.error->kind, ErrorKind::too_large) << document;
      }
    }
  }
}

TEST(ArrayCutterTest, PassesTheSinksErrorOnAndKeepsIt) {
  ArrayCutter cutter(with_path({}),
                     [](std::string_view) -> Result<void> { return Error{ErrorKind::storage, "full"}; });
  EXPECT_EQ(cutter.feed("[1,2]").error().message, "full");
  EXPECT_EQ(cutter.feed(" ").error().message, "full");
  EXPECT_EQ(cutter.finish().error().message, "full");
}

/// A random JSON value, with strings that hold brackets, quotes and backslashes.
std::string random_json(std::mt19937& random, int depth) {
  const auto below = [&random](unsigned n) { return static_cast<unsigned>(random() % n); };
  const auto text = [&] {
    static constexpr const char* kPieces[] = {"a", "\\\"", "\\\\", "]", "}",   "{",
                                              "[", ",",    ":",    " ", "\\n", "\xC3\xA9"};
    std::string out = "\"";
    for (unsigned i = below(12); i > 0; --i) out += kPieces[below(12)];
    return out + "\"";
  };
  const unsigned kind = below(depth > 0 ? 8 : 5);
  if (kind == 0) return "null";
  if (kind == 1) return std::to_string(static_cast<int>(below(2000)) - 1000);
  if (kind == 2) return "true";
  if (kind < 5) return text();
  const bool object = kind < 7;
  std::string out = object ? "{" : "[";
  for (unsigned i = 0, n = below(5); i < n; ++i) {
    if (i > 0) out += below(4) == 0 ? " ,\n " : ",";
    if (object) out += "\"m" + std::to_string(i) + "\":";
    out += random_json(random, depth - 1);
  }
  return out + (object ? "}" : "]");
}

TEST(ArrayCutterTest, JoinsBackToTheDocumentHoweverItArrives) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::string rows = "[";
    for (int i = 0; i < round % 40; ++i) rows += (i > 0 ? ", " : "") + random_json(random, 4);
    rows += "]";
    const std::string document = R"({"a":)" + random_json(random, 4) + R"(,"d":{"b":)" +
                                 random_json(random, 3) + R"(,"rows":)" + rows + R"(,"c":)" +
                                 random_json(random, 3) + R"(},"e":)" + random_json(random, 3) + "}";
    const auto whole = parse(document);
    ASSERT_TRUE(whole) << document;
    const Cut cut =
        cut_in_pieces(with_path({"d", "rows"}), document, [&random] { return 1 + random() % 100; });
    ASSERT_FALSE(cut.error) << cut.error->message;
    std::string joined = cut.frame.before + "\"rows\":[";
    for (std::size_t i = 0; i < cut.elements.size(); ++i) joined += (i > 0 ? "," : "") + cut.elements[i];
    joined += "]" + cut.frame.after;
    const auto again = parse(joined);
    ASSERT_TRUE(again) << joined;
    EXPECT_EQ(*again, *whole);
    EXPECT_EQ(again->dump(), whole->dump());
  }
}

/// Large elements arrive in parts; the others as ever.
TEST(ArrayCutterTest, GivesLargeElementsInPartsAndHoldsNoneOfThem) {
  const std::string large = R"({"id":2,"text":")" + std::string(500, 'x') + R"("})";
  const std::string longest = "\"" + std::string(300, ']') + "\"";
  const std::string document = R"({"a":[{"id":1},)" + large + ",3," + longest + R"(,{"id":4}],"n":5})";
  for (std::size_t size = 1; size <= document.size(); ++size) {
    auto options = with_path({"a"});
    options.whole_bytes_max = 100;
    options.element_bytes_max = 200;
    std::vector<std::string> elements;
    std::string open;
    std::size_t parts = 0;
    ArrayCutter cutter(
        std::move(options),
        [&](std::string_view element) -> Result<void> {
          elements.emplace_back(element);
          return {};
        },
        [&](std::string_view part, bool last) -> Result<void> {
          open += part;
          ++parts;
          if (last) elements.push_back(std::exchange(open, {}));
          return {};
        });
    for (std::size_t at = 0; at < document.size(); at += size)
      ASSERT_TRUE(cutter.feed(std::string_view(document).substr(at, size)));
    const auto frame = cutter.finish();
    ASSERT_TRUE(frame) << frame.error().message;
    EXPECT_EQ(frame->element_count, 5U);
    EXPECT_EQ(elements, (std::vector<std::string>{R"({"id":1})", large, "3", longest, R"({"id":4})"}));
    EXPECT_GE(parts, 4U);
  }
}

TEST(ArrayCutterTest, GivesALargeDocumentThatIsOneElementInParts) {
  const std::string document = R"({"id":2,"deep":{"text":")" + std::string(500, 'x') + R"("},"next":"p2"})";
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{130}, document.size()}) {
    auto options = with_path({});
    options.whole_bytes_max = 100;
    options.probes = {{"next"}};
    std::string text;
    bool ended = false;
    ArrayCutter cutter(
        std::move(options),
        [](std::string_view) -> Result<void> { return Error{ErrorKind::storage, "given whole"}; },
        [&](std::string_view part, bool last) -> Result<void> {
          text += part;
          ended = last;
          return {};
        });
    for (std::size_t at = 0; at < document.size(); at += size)
      ASSERT_TRUE(cutter.feed(std::string_view(document).substr(at, size)));
    const auto frame = cutter.finish();
    ASSERT_TRUE(frame) << frame.error().message;
    EXPECT_EQ(frame->found, Found::whole_document);
    EXPECT_EQ(frame->probes[0], Value("p2"));
    EXPECT_TRUE(ended);
    EXPECT_EQ(text, document);
  }
}

}  // namespace
}  // namespace headwater::json
