#include "domain/schedule_params.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace headwater::domain {
namespace {

struct Refused {
  const char* name;
  const char* params;
  std::string_view code;
  const char* where;
};

class RefusedSchedule : public testing::TestWithParam<Refused> {};

constexpr Refused kRefused[] = {
    {"Empty", R"({})", "CONNECTOR-1317-400", "/scheduleParams"},
    {"Null", R"(null)", "CONNECTOR-1317-400", "/scheduleParams"},
    {"NoStart", R"({"frequency":"once"})", "CONNECTOR-1304-400", "/scheduleParams/startTime"},
    {"StartIsNoNumber", R"({"startTime":"soon","frequency":"once"})", "CONNECTOR-1340-400",
     "/scheduleParams/startTime"},
    {"StartInMilliseconds", R"({"startTime":1700000000000,"frequency":"once"})", "CONNECTOR-1340-400",
     "/scheduleParams/startTime"},
    {"UnknownFrequency", R"({"startTime":1,"frequency":"month","interval":1})", "CONNECTOR-1397-400",
     "/scheduleParams/frequency"},
    {"NoInterval", R"({"startTime":1,"frequency":"hour"})", "CONNECTOR-1362-400", "/scheduleParams/interval"},
    {"MinuteBelow15", R"({"startTime":1,"frequency":"minute","interval":14})", "CONNECTOR-1362-400",
     "/scheduleParams/interval"},
    {"ZeroInterval", R"({"startTime":1,"frequency":"day","interval":"0"})", "CONNECTOR-1362-400",
     "/scheduleParams/interval"},
    {"BackfillWithOnce", R"({"startTime":1,"frequency":"once","backfill":true})", "CONNECTOR-1364-400",
     "/scheduleParams/backfill"},
};

TEST_P(RefusedSchedule, NamesCodeAndPlace) {
  const auto schedule = read_flow_schedule(*json::parse(GetParam().params));
  ASSERT_FALSE(schedule);
  EXPECT_EQ(schedule.error().code, GetParam().code);
  EXPECT_EQ(schedule.error().where, GetParam().where);
}
INSTANTIATE_TEST_SUITE_P(All, RefusedSchedule, testing::ValuesIn(kRefused),
                         [](const auto& test) { return std::string(test.param.name); });

FlowSchedule read(const char* text) {
  auto schedule = read_flow_schedule(*json::parse(text));
  EXPECT_TRUE(schedule) << (schedule ? "" : schedule.error().message);
  return schedule ? *schedule : FlowSchedule{};
}

TEST(FlowScheduleTest, NumbersMayBeText) {
  const auto schedule =
      read(R"({"startTime":"1700000000","frequency":"hour","interval":"2","backfill":"false"})");
  EXPECT_EQ(epoch_seconds(schedule.start), 1700000000);
  EXPECT_EQ(schedule.period(), std::chrono::seconds(7200));
  EXPECT_FALSE(schedule.backfill);
}

TEST(FlowScheduleTest, OnceIgnoresAnInterval) {
  EXPECT_EQ(read(R"({"startTime":1,"frequency":"once","interval":"15"})").period(), std::chrono::seconds(0));
}

TEST(FlowScheduleTest, InstantsFormAGridFromTheStart) {
  const auto schedule = read(R"({"startTime":1000,"frequency":"hour","interval":1})");
  EXPECT_FALSE(latest_run_instant(schedule, from_epoch_seconds(999)));
  EXPECT_EQ(latest_run_instant(schedule, from_epoch_seconds(1000)), from_epoch_seconds(1000));
  EXPECT_EQ(latest_run_instant(schedule, from_epoch_seconds(8199)), from_epoch_seconds(4600));
  EXPECT_EQ(next_run_instant(schedule, from_epoch_seconds(1)), from_epoch_seconds(1000));
  EXPECT_EQ(next_run_instant(schedule, from_epoch_seconds(1000)), from_epoch_seconds(4600));
}

TEST(FlowScheduleTest, OnceHasOneInstant) {
  const auto schedule = read(R"({"startTime":1000,"frequency":"once"})");
  EXPECT_EQ(latest_run_instant(schedule, from_epoch_seconds(99999)), from_epoch_seconds(1000));
  EXPECT_FALSE(next_run_instant(schedule, from_epoch_seconds(1000)));
}

TEST(FlowScheduleTest, SomeMembersFreezeWithTheStart) {
  const auto before = read(R"({"startTime":1000,"frequency":"hour","interval":1})");
  const auto now = from_epoch_seconds(2000);
  const auto code = [&](const char* after) {
    const auto checked = check_schedule_change(before, read(after), now);
    return checked ? std::string_view() : checked.error().code;
  };
  EXPECT_EQ(code(R"({"startTime":1000,"frequency":"day","interval":3})"), "");
  EXPECT_EQ(code(R"({"startTime":1000,"frequency":"once"})"), "CONNECTOR-1403-400");
  EXPECT_EQ(code(R"({"startTime":1000,"frequency":"hour","interval":1,"backfill":false})"),
            "CONNECTOR-1404-400");
  EXPECT_EQ(code(R"({"startTime":5000,"frequency":"hour","interval":1})"), "CONNECTOR-1366-400");
  EXPECT_TRUE(
      check_schedule_change(before, read(R"({"startTime":5000,"frequency":"once"})"), from_epoch_seconds(1)));
}

}  // namespace
}  // namespace headwater::domain
