#include "cli/inlet_tail.h"

#include <gtest/gtest.h>

namespace headwater::cli {
namespace {

std::string line(std::string_view event, std::size_t width = 0) {
  return event_line(*json::parse(event), width);
}

TEST(EventLineTest, ColumnsStandStillWhateverTheTime) {
  EXPECT_EQ(line(R"({"at":1700000000700,"outcome":"accepted","flowId":"8d1b1f3a-1111","message":{"a":1}})"),
            R"(22:13:20.700Z  accepted     8d1b1f3a  {"a":1})");
  EXPECT_EQ(line(R"({"at":1700000000000,"outcome":"rejected","reason":"malformed"})"),
            "22:13:20.000Z  rejected     -         malformed");
}

TEST(EventLineTest, AMessageIsCutToTheTerminalsWidth) {
  const std::string event = R"({"at":0,"outcome":"accepted","flowId":"8d1b1f3a","message":{"text":")" +
                            std::string(200, 'x') + "\"}}";
  EXPECT_EQ(line(event, 60), R"(00:00:00.000Z  accepted     8d1b1f3a  {"text":"xxxxxxxxxxxx…)");
  EXPECT_EQ(line(event).size(), 249U);
}

}  // namespace
}  // namespace headwater::cli
