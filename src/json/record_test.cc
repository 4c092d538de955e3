#include "json/record.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace headwater::json {
namespace {

std::string padded(std::string_view text) {
  return std::string(text) + std::string(RecordParser::kPadding, '1');
}

/// What the parser says about a text, as the text it would be written as; "!" and the reason when refused.
std::string reading(RecordParser& parser, std::string_view text) {
  const std::string buffer = padded(text);
  const auto record = parser.parse(std::string_view(buffer).substr(0, text.size()));
  if (!record) return "!" + record.error().message;
  return to_value(*record, record->root()).dump();
}

TEST(RecordParserTest, AcceptsExactlyWhatParseAccepts) {
  const std::string_view texts[] = {R"({"a":1,"b":[true,false,null,"x",-1.5e+3],"c":{"d":{}},"e":[]})",
                                    " [ 1 , 2 ] ",
                                    "42",
                                    "\"s\"",
                                    "null",
                                    R"({"a":123456789012345678901234567890,"b":1e400,"c":-0,"d":1.0})",
                                    "[\"\\u0041\\ud83d\\ude00\\\\\"]",
                                    "{\"a\" : \"b\"   , \"c\":  \"\"}",
                                    "\n{}\n",
                                    "[[[]],{}]",
                                    "[0,-0,0.0,0e0]",
                                    "[\"\xE2\x82\xAC\"]",
                                    "",
                                    " ",
                                    "[",
                                    "]",
                                    "{",
                                    "}",
                                    "[1",
                                    "[1,",
                                    "[1,]",
                                    "[,]",
                                    "{\"a\"}",
                                    "{\"a\":}",
                                    "{\"a\":1,}",
                                    "{,}",
                                    "[1}",
                                    "{\"a\":1]",
                                    "[1]1",
                                    "[1][2]",
                                    "[01]",
                                    "[1.]",
                                    "[.1]",
                                    "[-]",
                                    "[+1]",
                                    "[1e]",
                                    "[1x]",
                                    "[1\"a\"]",
                                    "[truex]",
                                    "[true false]",
                                    "[\"a\"\"b\"]",
                                    "[\"a\"b]",
                                    "[\"a]",
                                    "[\"\\x\"]",
                                    "[\"\\ud800\"]",
                                    "[\"\\ud800\\u0061\"]",
                                    "[\"\\udc00\"]",
                                    "[\"\\u00g0\"]",
                                    "[\"\t\"]",
                                    "[\"\x01\"]",
                                    "[\"\xFF\"]",
                                    "[\"\xC0\x80\"]",
                                    "[\"\xED\xA0\x80\"]",
                                    "[\"\xE2\x82\"]",
                                    "[\\\"a\"]",
                                    "[\"a\"\\]",
                                    "[\x0C]",
                                    "[1\x0C]",
                                    "[\x1A]",
                                    "[1:2]",
                                    "{\"a\",1}",
                                    "{1:2}",
                                    "{\"a\":1 \"b\":2}",
                                    "{\"a\" \"b\":2}",
                                    "[tru]",
                                    "[nul",
                                    "[1,2]]",
                                    "{\"a\":[}",
                                    "\xEF\xBB[]",
                                    "[\xC2\xA0]",
                                    "[1 2]",
                                    "[-01]",
                                    "[--1]",
                                    "[1.5.5]",
                                    "[1e5.5]",
                                    "{\"a\"::1}",
                                    "[:]",
                                    "{:1}",
                                    "[,1]",
                                    "{\"a\":1,,\"b\":2}"};
  RecordParser parser;
  for (const std::string_view text : texts) {
    const auto value = parse(text);
    const std::string got = reading(parser, text);
    if (value)
      EXPECT_EQ(got, value->dump()) << text;
    else
      EXPECT_TRUE(got.starts_with("!Not valid JSON: ")) << text << " gave " << got;
  }
}

TEST(RecordParserTest, SaysWhere) {
  RecordParser parser;
  EXPECT_EQ(reading(parser, "{\"a\":tru}"), "!Not valid JSON: a value was expected at byte 5.");
  EXPECT_EQ(reading(parser, "[\"abc\xFF\"]"), "!Not valid JSON: the bytes are not valid UTF-8 at byte 5.");
}

TEST(RecordParserTest, BoundsDepth) {
  RecordParser parser(RecordParser::Limits{.depth_max = 3});
  EXPECT_EQ(reading(parser, "[[[1]]]"), "[[[1]]]");
  EXPECT_EQ(reading(parser, "[[[[1]]]]"), "!Not valid JSON: values are nested too deeply at byte 3.");
  RecordParser usual;
  EXPECT_TRUE(reading(usual, std::string(100000, '[')).starts_with("!"));
}

TEST(RecordParserTest, LeavesNodesInDocumentOrder) {
  RecordParser parser;
  const std::string text = R"({"a":[1,"x"],"b\n":{"c":null}})";
  const std::string buffer = padded(text);
  const auto record = parser.parse(std::string_view(buffer).substr(0, text.size()));
  ASSERT_TRUE(record);
  std::vector<std::string> raws;
  std::vector<std::uint32_t> nexts;
  for (std::uint32_t i = 0; i < record->node_count; ++i) {
    raws.emplace_back(record->raw(record->nodes[i]));
    nexts.push_back(record->nodes[i].next);
  }
  EXPECT_EQ(raws, (std::vector<std::string>{text, R"("a")", R"([1,"x"])", "1", R"("x")", R"("b\n")",
                                            R"({"c":null})", R"("c")", "null"}));
  EXPECT_EQ(nexts, (std::vector<std::uint32_t>{9, 2, 5, 4, 5, 6, 9, 8, 9}));
  EXPECT_TRUE(record->nodes[5].escaped);
  EXPECT_FALSE(record->nodes[1].escaped);
  std::string scratch;
  EXPECT_EQ(record->characters(record->nodes[5], scratch), "b\n");
}

TEST(RecordTest, FindsTheLastOfRepeatedNamesWithEscapesResolved) {
  RecordParser parser;
  const std::string text = R"({"a":1,"b":{"a":9},"\u0061":2,"c":3})";
  const std::string buffer = padded(text);
  const auto record = parser.parse(std::string_view(buffer).substr(0, text.size()));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->raw(*record->find(record->root(), "a")), "2");
  EXPECT_EQ(record->raw(*record->find(record->root(), "c")), "3");
  EXPECT_EQ(record->find(record->root(), "d"), nullptr);
  EXPECT_EQ(record->find(*record->find(record->root(), "c"), "a"), nullptr);
}

TEST(RecordParserTest, GrowsAndShrinksFreely) {
  RecordParser parser;
  std::string large = "[";
  for (int i = 0; i < 50000; ++i) large += "1,";
  large += "1]";
  EXPECT_EQ(reading(parser, "[1]"), "[1]");
  EXPECT_EQ(reading(parser, large), large);
  EXPECT_EQ(reading(parser, "{\"a\":[1]}"), "{\"a\":[1]}");
}

TEST(RecordGroupTest, KeepsTextsApartAndPadded) {
  RecordGroup group;
  group.append("{}");
  group.append({"{\"a\":", "1", "}"});
  group.buffer() += "[1,";
  group.buffer() += "2]";
  group.close_text();
  group.buffer() += "half";
  group.drop_open_text();
  ASSERT_EQ(group.size(), 3U);
  EXPECT_EQ(group[0], "{}");
  EXPECT_EQ(group[1], "{\"a\":1}");
  EXPECT_EQ(group[2], "[1,2]");
  EXPECT_EQ(group.bytes(), 14U);
  EXPECT_GE(group.buffer().capacity(), group.bytes() + RecordParser::kPadding);
  group.clear();
  EXPECT_TRUE(group.empty());
  EXPECT_EQ(group.bytes(), 0U);
}

TEST(RecordTest, Minifies) {
  std::string out = ">";
  append_minified(out, " { \"a b\" : [ 1 ,\n2 ] , \"c\\\" \" : \" \\\\\" }\r\n");
  EXPECT_EQ(out, ">{\"a b\":[1,2],\"c\\\" \":\" \\\\\"}");
}

}  // namespace
}  // namespace headwater::json
