#include "json/value.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace headwater::json {
namespace {

std::string round_trip(std::string_view text) {
  const auto value = parse(text);
  return value ? value->dump() : value.error().message;
}

TEST(ValueTest, GivesBackWhatWasWritten) {
  const std::string_view texts[] = {"null",
                                    "true",
                                    "false",
                                    "0",
                                    "-0",
                                    "1.0",
                                    "1e400",
                                    "-1E-400",
                                    "1.50e+05",
                                    "123456789012345678901234567890",
                                    "-9223372036854775809",
                                    "18446744073709551616",
                                    "0.10",
                                    R"("")",
                                    R"("a\"b\\c\n")",
                                    R"({"b":1,"a":[],"c":{}})",
                                    "[[[[]]]]",
                                    "\"\xE2\x82\xAC\xF0\x9F\x98\x80\""};
  for (const std::string_view text : texts) EXPECT_EQ(round_trip(text), text);
}

TEST(ValueTest, ResolvesEscapes) {
  EXPECT_EQ(*parse(R"("\u0041\/\ud83d\ude00\t")")->if_string(), "A/\xF0\x9F\x98\x80\t");
  EXPECT_EQ(*parse(R"("\u0000")")->if_string(), std::string(1, '\0'));
}

TEST(ValueTest, RepeatedNameKeepsFirstPlaceAndLastValue) {
  EXPECT_EQ(round_trip(R"({"a":1,"b":2,"\u0061":3})"), R"({"a":3,"b":2})");
  std::string many = "{";
  for (int i = 0; i < 40; ++i) many += "\"m" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  many += R"("m1":"last"})";
  const auto value = parse(many);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->if_object()->size(), 40U);
  EXPECT_EQ((value->if_object()->begin() + 1)->value, Value("last"));
}

TEST(ValueTest, RefusesWhatIsNoJson) {
  const std::string_view texts[] = {"",
                                    " ",
                                    "{",
                                    "[",
                                    "]",
                                    "[1,]",
                                    "[,1]",
                                    "{,}",
                                    "{\"a\"}",
                                    "{\"a\":}",
                                    "{\"a\":1,}",
                                    "{a:1}",
                                    "{1:1}",
                                    "01",
                                    "-",
                                    "+1",
                                    "1.",
                                    ".5",
                                    "1e",
                                    "1e+",
                                    "0x1",
                                    "NaN",
                                    "Infinity",
                                    "-Infinity",
                                    "tru",
                                    "nul",
                                    "falsey",
                                    "\"",
                                    "\"\\\"",
                                    "\"\\x\"",
                                    "\"\\u12g4\"",
                                    "\"\\u12\"",
                                    "\"\t\"",
                                    "'a'",
                                    "1 2",
                                    "[1]]",
                                    "{}{}",
                                    "[1 2]",
                                    "\"\\ud800\"",
                                    "\"\\udc00\"",
                                    "\"\\ud800\\u0041\"",
                                    "\"\xFF\"",
                                    "\"\xC0\x80\"",
                                    "\"\xED\xA0\x80\"",
                                    "\"\xF4\x90\x80\x80\"",
                                    "\"\xE2\x82\"",
                                    "[1]//c",
                                    "\f1",
                                    "\xC2\xA0 1"};
  for (const std::string_view text : texts) {
    const auto value = parse(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().kind, ErrorKind::invalid_argument) << text;
  }
  EXPECT_FALSE(parse(std::string_view("1\0", 2)));
}

TEST(ValueTest, SaysWhereItIsWrong) {
  EXPECT_EQ(parse("{\n  \"\xC3\xA4\": tru\n}").error().message,
            "Not valid JSON: a value was expected at line 2, column 8.");
  EXPECT_EQ(parse("[1,\n2").error().message,
            "Not valid JSON: the text ends inside an array at line 2, column 2.");
  EXPECT_EQ(parse("{\"a\":\"x\\ud800\"}").error().message,
            "Not valid JSON: this escape is half a surrogate pair and stands for no character at line 1, "
            "column 8.");
}

TEST(ValueTest, MendsHalfPairsOnly) {
  struct Row {
    const char* text;
    const char* mended;
  };
  constexpr Row kRows[] = {
      {R"("\ud800")", R"("\ufffd")"},
      {R"("\uDC00\uD800")", R"("\ufffd\ufffd")"},
      {R"("\ud800\ud83d\ude00")", R"("\ufffd\ud83d\ude00")"},
      {R"("\ud83d\ude00")", R"("\ud83d\ude00")"},
      {R"("\\ud800")", R"("\\ud800")"},
      {R"("\\\ud800\n")", R"("\\\ufffd\n")"},
      {R"("\ud80")", R"("\ud80")"},
      {R"("\ud80g\)", R"("\ud80g\)"},
  };
  for (const Row& row : kRows) {
    std::string text = row.text;
    EXPECT_EQ(mend_half_pairs(text), std::string_view(row.text) != row.mended) << row.text;
    EXPECT_EQ(text, row.mended);
  }
}

TEST(ValueTest, BoundsDepthAndSize) {
  EXPECT_TRUE(parse(std::string(200, '[') + std::string(200, ']')));
  const auto deep = parse(std::string(201, '[') + std::string(201, ']'));
  ASSERT_FALSE(deep);
  EXPECT_EQ(deep.error().kind, ErrorKind::too_large);
  const auto large = parse("[1,2,3]", {.depth_max = 5, .bytes_max = 6});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().kind, ErrorKind::too_large);
}

TEST(ValueTest, IgnoresByteOrderMark) { EXPECT_EQ(round_trip("\xEF\xBB\xBF{}"), "{}"); }

TEST(ValueTest, ReadsWholeNumbers) {
  const struct {
    const char* text;
    std::optional<std::int64_t> want;
  } cases[] = {{"5", 5},
               {"5.0", 5},
               {"5e0", 5},
               {"-0", 0},
               {"0e99999999999999999999999999999999999999999", 0},
               {"500e-2", 5},
               {"0.05e2", 5},
               {"5.1", std::nullopt},
               {"5e-1", std::nullopt},
               {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
               {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
               {"9223372036854775808", std::nullopt},
               {"-9223372036854775809", std::nullopt},
               {"1e19", std::nullopt},
               {"1e18", 1000000000000000000},
               {"1e400", std::nullopt}};
  for (const auto& [text, want] : cases) EXPECT_EQ(parse(text)->as_int64(), want) << text;
  EXPECT_EQ(Value("42").as_int64_lenient(), 42);
  EXPECT_EQ(Value("42.0").as_int64_lenient(), 42);
  EXPECT_EQ(Value("42x").as_int64_lenient(), std::nullopt);
  EXPECT_EQ(Value("").as_int64_lenient(), std::nullopt);
  EXPECT_EQ(Value("42").as_int64(), std::nullopt);
}

TEST(ValueTest, ReadsDoublesAndBooleans) {
  EXPECT_EQ(parse("0.1")->as_double(), 0.1);
  EXPECT_EQ(parse("1e400")->as_double(), std::nullopt);
  EXPECT_EQ(parse("1e-400")->as_double(), 0.0);
  EXPECT_EQ(Value(0.1).dump(), "0.1");
  EXPECT_EQ(Value(std::numeric_limits<double>::infinity()).dump(), "null");
  EXPECT_EQ(Value("TRUE").as_bool_lenient(), true);
  EXPECT_EQ(Value(false).as_bool_lenient(), false);
  EXPECT_EQ(Value("no").as_bool_lenient(), std::nullopt);
}

TEST(ValueTest, ComparesNumbersExactly) {
  const struct {
    const char *a, *b;
    int want;
  } cases[] = {{"1", "1.0", 0},
               {"1", "10e-1", 0},
               {"-0", "0.0e5", 0},
               {"0", "1e-500", -1},
               {"0", "-1e-500", 1},
               {"9007199254740993", "9007199254740992", 1},
               {"0.1", "0.10000000000000000001", -1},
               {"1e400", "1e401", -1},
               {"-1e400", "-1e401", 1},
               {"-1", "1", -1},
               {"100", "99.999", 1},
               {"1e2147483648", "1e2147483647", 1},
               {"12345678901234567890123", "1.2345678901234567890123e22", 0}};
  for (const auto& [a, b, want] : cases) {
    const auto sign = [](int n) { return (n > 0) - (n < 0); };
    EXPECT_EQ(sign(compare_numbers(a, b)), want) << a << " " << b;
    EXPECT_EQ(sign(compare_numbers(b, a)), -want) << b << " " << a;
  }
}

TEST(ValueTest, EqualityIgnoresMemberOrder) {
  EXPECT_EQ(*parse(R"({"a":1,"b":[1,{"c":2.0}]})"), *parse(R"({"b":[1.0,{"c":2}],"a":1e0})"));
  EXPECT_FALSE(*parse(R"({"a":1,"b":2})") == *parse(R"({"a":1,"c":2})"));
  EXPECT_FALSE(*parse("[1,2]") == *parse("[2,1]"));
  EXPECT_FALSE(*parse("1") == *parse("\"1\""));
  Object forward, backward;
  for (int i = 0; i < 50; ++i) forward.set("m" + std::to_string(i), i);
  for (int i = 49; i >= 0; --i) backward.set("m" + std::to_string(i), i);
  EXPECT_EQ(Value(forward), Value(backward));
  backward.set("m7", 8);
  EXPECT_FALSE(Value(forward) == Value(backward));
}

TEST(ValueTest, Indents) {
  EXPECT_EQ(parse(R"({"a":[1,{}],"b":[]})")->dump(2), "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

TEST(ValueTest, QuotesAnyBytes) {
  EXPECT_EQ(quoted(std::string_view("\0\x1F\"\\\xFFz\x7F", 7)),
            "\"\\u0000\\u001f\\\"\\\\\xEF\xBF\xBDz\x7F\"");
  EXPECT_EQ(quoted("\b\f\n\r\t"), R"("\b\f\n\r\t")");
}

TEST(ValueTest, EditsObjects) {
  Value value(Object{{"a", 1}, {"b", "x"}});
  value.if_object()->set("c", Array{1, 2});
  EXPECT_TRUE(value.if_object()->erase("a"));
  EXPECT_FALSE(value.if_object()->erase("a"));
  EXPECT_EQ(value.dump(), R"({"b":"x","c":[1,2]})");
  EXPECT_EQ(value.string_at("b"), "x");
  EXPECT_EQ(parse(R"({"a":{"b":{"c":7}}})")->find_path("a.b.c")->as_int64(), 7);
  EXPECT_EQ(value.find_path("b.c"), nullptr);
}

}  // namespace
}  // namespace headwater::json
