#include "cli/inlet_send.h"

#include <gtest/gtest.h>

#include "cli/latency.h"

namespace headwater::cli {
namespace {

struct Case {
  const char* name;
  const char* url;
  const char* single;  // nullptr: it is refused
  const char* batch;
};
constexpr Case kCases[] = {
    {"Single", "http://h:1/collection/ab", "http://h:1/collection/ab", "http://h:1/collection/batch/ab"},
    {"Batch", "http://h/collection/batch/ab", "http://h/collection/ab", "http://h/collection/batch/ab"},
    {"BelowAPath", "https://h/x/collection/ab", "https://h/x/collection/ab",
     "https://h/x/collection/batch/ab"},
    {"Query", "http://h/collection/ab?syncValidation=true", "http://h/collection/ab?syncValidation=true",
     "http://h/collection/batch/ab?syncValidation=true"},
    {"NoId", "http://h/collection/batch/", nullptr, nullptr},
    {"Elsewhere", "http://h/events/ab", nullptr, nullptr},
    {"Deeper", "http://h/collection/ab/events", nullptr, nullptr},
    {"NoUrl", "ab://", nullptr, nullptr}};

class TargetTest : public ::testing::TestWithParam<Case> {};

TEST_P(TargetTest, HasBothAddresses) {
  const auto target = target_of(GetParam().url);
  ASSERT_EQ(target.has_value(), GetParam().single != nullptr);
  if (!target) return;
  EXPECT_EQ(target->single.text(), GetParam().single);
  EXPECT_EQ(target->batch.text(), GetParam().batch);
}

INSTANTIATE_TEST_SUITE_P(Urls, TargetTest, ::testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(LatencyTest, TellsSharesToTwoPercent) {
  LatencyHistogram none;
  EXPECT_EQ(none.milliseconds_at(0.5), 0);
  LatencyHistogram all;
  for (int i = 1; i <= 1000; ++i) all.add(std::chrono::microseconds(i * 100));
  EXPECT_NEAR(all.milliseconds_at(0.5), 50, 1);
  EXPECT_NEAR(all.milliseconds_at(0.99), 99, 2);
  EXPECT_NEAR(all.milliseconds_at(1), 100, 2);
}

}  // namespace
}  // namespace headwater::cli
