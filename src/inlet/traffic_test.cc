#include "inlet/traffic.h"

#include <gtest/gtest.h>

namespace headwater::inlet {
namespace {

using std::chrono::milliseconds;

TEST(TokenBucket, GivesTheBurstAndThenTheRate) {
  TokenBucket bucket;
  const Rate rate{1.0, 60.0};
  TimePoint now = TimePoint(std::chrono::hours(1));
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(bucket.take(rate, 1, now)) << i;
  const auto wait = bucket.take(rate, 1, now);
  ASSERT_TRUE(wait);
  EXPECT_GT(*wait, milliseconds(990));
  EXPECT_LE(*wait, milliseconds(1001));
  now += milliseconds(1001);
  EXPECT_FALSE(bucket.take(rate, 1, now));
  EXPECT_TRUE(bucket.take(rate, 1, now));
  now += std::chrono::hours(1);
  for (int i = 0; i < 60; ++i) EXPECT_FALSE(bucket.take(rate, 1, now)) << i;
  EXPECT_TRUE(bucket.take(rate, 1, now));
}

TEST(TokenBucket, LetsMoreThanTheBurstPassFromFullAndThenWaitsLonger) {
  TokenBucket bucket;
  const Rate rate{10.0, 10.0};
  TimePoint now = TimePoint(std::chrono::hours(1));
  EXPECT_FALSE(bucket.take(rate, 25, now));
  now += std::chrono::seconds(1);
  EXPECT_TRUE(bucket.take(rate, 1, now));  // 15 are owed
  now += milliseconds(700);
  EXPECT_FALSE(bucket.take(rate, 1, now));
}

TEST(Traffic, ShowsEventsFromTheFirstQuestionOn) {
  std::atomic<std::uint64_t> total{0};
  Traffic traffic(total);
  EXPECT_FALSE(traffic.watched(1000));
  EXPECT_EQ(traffic.events(0, 1000).dump(), R"({"events":[],"next":0})");
  EXPECT_TRUE(traffic.watched(1001));
  EXPECT_FALSE(traffic.watched(60'000));
  traffic.show({1001, "accepted", "", "f", R"({"user":"ada","apiToken":"s3cret","in":[{"Pass-Word":1}]})"});
  traffic.show({1002, "rejected", "malformed", "", "{"});
  EXPECT_EQ(
      traffic.events(0, 1003).dump(),
      R"({"events":[{"at":1001,"outcome":"accepted","flowId":"f","message":{"user":"ada","apiToken":"***",)"
      R"("in":[{"Pass-Word":"***"}]},"number":1},{"at":1002,"outcome":"rejected","reason":"malformed",)"
      R"("message":{"unreadable":true},"number":2}],"next":2})");
  EXPECT_EQ(traffic.events(2, 1003).dump(), R"({"events":[],"next":2})");
}

TEST(Traffic, ValidatesSixtyInAnyMinute) {
  std::atomic<std::uint64_t> total{0};
  Traffic traffic(total);
  TimePoint now = TimePoint(std::chrono::hours(1));
  for (int i = 0; i < 60; ++i, now += milliseconds(100)) EXPECT_FALSE(traffic.limit_validation(60, now)) << i;
  const auto wait = traffic.limit_validation(60, now);
  ASSERT_TRUE(wait);
  EXPECT_EQ(*wait, std::chrono::seconds(54));
  EXPECT_TRUE(traffic.limit_validation(60, now + std::chrono::seconds(53)));
  EXPECT_FALSE(traffic.limit_validation(60, now + std::chrono::seconds(54)));
}

TEST(TokenBucket, NeverAsksToWaitForMoreThanAnHour) {
  TokenBucket bucket;
  const Rate rate{1e-300, 1.0};
  const TimePoint now = TimePoint(std::chrono::hours(1));
  EXPECT_FALSE(bucket.take(rate, 1, now));
  EXPECT_LE(*bucket.take(rate, 1, now), std::chrono::hours(1) + milliseconds(1));
}

TEST(Traffic, CountsByReason) {
  std::atomic<std::uint64_t> total{0};
  Traffic traffic(total);
  traffic.accepted(3, 100, 77);
  traffic.refused(Refusal::malformed);
  traffic.refused(Refusal::quarantined, 2);
  EXPECT_EQ(traffic.counters().dump(),
            R"({"accepted":3,"bytes":100,"lastReceivedAt":77,"rejected":{"malformed":1,"quarantined":2}})");
}

}  // namespace
}  // namespace headwater::inlet
