#include "schema/evolution.h"

#include <gtest/gtest.h>

namespace headwater::schema {
namespace {

struct Case {
  const char* name;
  const char* before;
  const char* after;
  const char* pointer;  // of the only problem; empty: nothing breaks
};

constexpr Case kCases[] = {
    {"Same", R"({"properties":{"a":{"type":"string"}}})", R"({"properties":{"a":{"type":"string"}}})", ""},
    {"NewOptionalMember", R"({"properties":{"a":{"type":"string"}}})",
     R"({"properties":{"a":{"type":"string","title":"A"},"b":{"type":"integer"}}})", ""},
    {"MemberRemoved", R"({"properties":{"a":{},"b/c":{}}})", R"({"properties":{"a":{}}})",
     "/properties/b~1c"},
    {"TypeChanged", R"({"properties":{"a":{"type":"integer"}}})", R"({"properties":{"a":{"type":"number"}}})",
     "/properties/a/type"},
    {"NullAllowed", R"({"properties":{"a":{"type":"integer"}}})",
     R"({"properties":{"a":{"type":["integer","null"]}}})", ""},
    {"NullForbidden", R"({"properties":{"a":{"type":["integer","null"]}}})",
     R"({"properties":{"a":{"type":"integer"}}})", "/properties/a/type"},
    {"NewRequired", R"({"properties":{"a":{}}})", R"({"properties":{"a":{}},"required":["a"]})", "/required"},
    {"RequiredDropped", R"({"properties":{"a":{}},"required":["a"]})", R"({"properties":{"a":{}}})", ""},
    {"FormatChanged", R"({"properties":{"a":{"type":"string","format":"date"}}})",
     R"({"properties":{"a":{"type":"string"}}})", "/properties/a/format"},
    {"EnumGrew", R"({"properties":{"a":{"enum":["x"]}}})", R"({"properties":{"a":{"enum":["x","y"]}}})", ""},
    {"EnumShrank", R"({"properties":{"a":{"enum":["x","y"]}}})", R"({"properties":{"a":{"enum":["x"]}}})",
     "/properties/a/enum"},
    {"EnumAdded", R"({"properties":{"a":{}}})", R"({"properties":{"a":{"enum":["x"]}}})",
     "/properties/a/enum"},
    {"BoundWidened", R"({"properties":{"a":{"minimum":1,"maximum":10}}})",
     R"({"properties":{"a":{"minimum":0,"maximum":100}}})", ""},
    {"BoundNarrowed", R"({"properties":{"a":{"maxLength":10}}})", R"({"properties":{"a":{"maxLength":9}}})",
     "/properties/a/maxLength"},
    {"PatternDropped", R"({"properties":{"a":{"pattern":"x"}}})", R"({"properties":{"a":{}}})", ""},
    {"PatternAdded", R"({"properties":{"a":{}}})", R"({"properties":{"a":{"pattern":"x"}}})",
     "/properties/a/pattern"},
    {"Closed", R"({"properties":{}})", R"({"properties":{},"additionalProperties":false})",
     "/additionalProperties"},
    {"Nested", R"({"properties":{"p":{"type":"object","properties":{"a":{}}}}})",
     R"({"properties":{"p":{"type":"object","properties":{}}}})", "/properties/p/properties/a"},
    {"Elements", R"({"properties":{"l":{"type":"array","items":{"type":"string"}}}})",
     R"({"properties":{"l":{"type":"array","items":{"type":"integer"}}}})", "/properties/l/items/type"},
    {"MovedIntoAllOf", R"({"properties":{"a":{"type":"string"}}})",
     R"({"allOf":[{"$ref":"#/definitions/x"}],"definitions":{"x":{"properties":{"a":{"type":"string"}}}}})",
     ""},
    {"ACircle", R"({"properties":{"a":{"$ref":"#"}}})", R"({"properties":{"a":{"$ref":"#"}}})", ""},
    {"ARealCircle",
     R"({"$ref":"#/definitions/x","definitions":{"x":{"$ref":"#/definitions/x","properties":{"b":{"$ref":"#/definitions/x"}}}}})",
     R"({"$ref":"#/definitions/x","definitions":{"x":{"$ref":"#/definitions/x","properties":{"b":{"$ref":"#/definitions/x"}}}}})",
     ""},
};

class EvolutionTest : public ::testing::TestWithParam<Case> {};

TEST_P(EvolutionTest, NamesWhatBreaks) {
  const auto& test = GetParam();
  const auto problems = breaking_changes(*json::parse(test.before), *json::parse(test.after));
  if (*test.pointer == '\0') {
    EXPECT_TRUE(problems.empty()) << problems.front().pointer << ": " << problems.front().reason;
    return;
  }
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems.front().pointer, test.pointer);
}

INSTANTIATE_TEST_SUITE_P(Changes, EvolutionTest, ::testing::ValuesIn(kCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace headwater::schema
