#include "cli/yaml.h"

#include <gtest/gtest.h>

namespace headwater::cli {
namespace {

struct Case {
  const char* name;
  const char* json_text;
  const char* want;
};

class YamlTest : public ::testing::TestWithParam<Case> {};

TEST_P(YamlTest, IsWhatBothVersionsReadAlike) {
  const auto& [name, json_text, want] = GetParam();
  std::string out;
  append_yaml(out, *json::parse(json_text));
  EXPECT_EQ(out, want);
}

INSTANTIATE_TEST_SUITE_P(
    Values, YamlTest,
    ::testing::Values(Case{"Plain", R"("enabled")", "enabled\n"}, Case{"Path", R"("$.a.b")", "$.a.b\n"},
                      Case{"Url", R"("https://h/x")", "https://h/x\n"}, Case{"Yes", R"("yes")", "\"yes\"\n"},
                      Case{"No", R"("NO")", "\"NO\"\n"}, Case{"Null", R"("Null")", "\"Null\"\n"},
                      Case{"NullItself", "null", "null\n"}, Case{"Exponent", R"("1e3")", "\"1e3\"\n"},
                      Case{"Date", R"("2024-03-05")", "\"2024-03-05\"\n"}, Case{"Empty", R"("")", "\"\"\n"},
                      Case{"ColonBlank", R"("a: b")", "\"a: b\"\n"}, Case{"ColonLast", R"("a:")", "\"a:\"\n"},
                      Case{"Comment", R"("a #b")", "\"a #b\"\n"}, Case{"BlankLast", R"("a ")", "\"a \"\n"},
                      Case{"Tab", R"("a\tb")", "\"a\\tb\"\n"}, Case{"Quote", R"("a\"b")", "\"a\\\"b\"\n"},
                      Case{"NextLine", "\"a\xc2\x85z\"", "\"a\\u0085z\"\n"},
                      Case{"LineSeparator", "\"a\xe2\x80\xa8z\"", "\"a\\u2028z\"\n"},
                      Case{"Umlaut", "\"gr\xc3\xbcn\"", "\"gr\xc3\xbcn\"\n"},
                      Case{"Number", "12345678901234567890.10", "12345678901234567890.10\n"},
                      Case{"FloatWithoutPoint", "1e3", "1.0e+3\n"},
                      Case{"SmallFloat", "-2.5E-7", "-2.5e-7\n"},
                      Case{"Object", R"({"a":1,"b":{"c":true}})", "a: 1\nb:\n  c: true\n"},
                      Case{"EmptyOnes", R"({"a":{},"b":[]})", "a: {}\nb: []\n"},
                      Case{"List", R"({"a":[1,{"b":2,"c":[3,[4,5]]}]})",
                           "a:\n- 1\n- b: 2\n  c:\n  - 3\n  - - 4\n    - 5\n"},
                      Case{"KeyToQuote", R"({"yes":1,"a: b":2,"":3})", "\"yes\": 1\n\"a: b\": 2\n\"\": 3\n"},
                      Case{"Lines", R"({"a":{"sql":"SELECT 1\n\n  FROM x"},"b":1})",
                           "a:\n  sql: |-\n    SELECT 1\n\n      FROM x\nb: 1\n"},
                      Case{"LinesWithEnd", R"(["a\nb\n"])", "- |\n  a\n  b\n"},
                      Case{"LinesWithTwoEnds", R"(["a\n\n"])", "- \"a\\n\\n\"\n"},
                      Case{"LinesWithBlankFirst", R"([" a\nb"])", "- \" a\\nb\"\n"},
                      Case{"LinesWithTab", R"(["a\n\tb"])", "- \"a\\n\\tb\"\n"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace headwater::cli
