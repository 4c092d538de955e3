#include "domain/resource_patch.h"

#include <gtest/gtest.h>

namespace headwater::domain {
namespace {

constexpr std::string_view kRoots[] = {"name", "params"};

struct Refused {
  const char* name;
  const char* patch;
  std::string_view code;
};
class RefusedPatch : public testing::TestWithParam<Refused> {};

constexpr Refused kRefused[] = {
    {"Empty", "[]", "FLOW-1405-400"},
    {"NoOp", R"([{"path":"/name","value":1}])", "FLOW-1455-400"},
    {"NoPath", R"([{"op":"add","value":1}])", "FLOW-1455-400"},
    {"NoValue", R"([{"op":"replace","path":"/name"}])", "FLOW-1455-400"},
    {"Move", R"([{"op":"move","from":"/name","path":"/params"}])", "FLOW-1434-400"},
    {"Test", R"([{"op":"test","path":"/name","value":1}])", "FLOW-1434-400"},
    {"WholeDocument", R"([{"op":"replace","path":"","value":{}}])", "FLOW-1455-400"},
    {"State", R"([{"op":"replace","path":"/state","value":"x"}])", "CONNECTOR-1365-400"},
    {"ConnectionSpec", R"([{"op":"replace","path":"/connectionSpec/id","value":"x"}])", "FLOW-1414-400"},
    {"SecondIsWrong", R"([{"op":"remove","path":"/name"},{"op":"remove","path":"/id"}])",
     "CONNECTOR-1365-400"},
    {"NoObject", R"(["x"])", "FLOW-1455-400"},
};

TEST_P(RefusedPatch, NamesItsCode) {
  const auto patch = read_resource_patch(*json::parse(GetParam().patch), kRoots);
  ASSERT_FALSE(patch);
  EXPECT_EQ(patch.error().code, GetParam().code);
}
INSTANTIATE_TEST_SUITE_P(All, RefusedPatch, testing::ValuesIn(kRefused),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ResourcePatchTest, OperationsMayBeSpelledInAnyCaseAndStandAlone) {
  const auto document = *json::parse(R"({"name":"a","params":{"x":1}})");
  const auto patch =
      read_resource_patch(*json::parse(R"({"op":"ADD","path":"/params/y","value":2})"), kRoots);
  ASSERT_TRUE(patch);
  EXPECT_EQ(patch->apply(document)->dump(), R"({"name":"a","params":{"x":1,"y":2}})");
  const auto several = read_resource_patch(
      *json::parse(
          R"([{"op":"Replace","path":"/name","value":"b"},{"op":"remove","path":"/params/x","value":9}])"),
      kRoots);
  ASSERT_TRUE(several);
  EXPECT_EQ(several->apply(document)->dump(), R"({"name":"b","params":{}})");
}

}  // namespace
}  // namespace headwater::domain
