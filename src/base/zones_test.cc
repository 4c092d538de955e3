#include "base/zones.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/internal/zone_rule.h"

namespace headwater {
namespace {

using namespace std::chrono_literals;

std::int64_t at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0) {
  const std::chrono::sys_days date(std::chrono::year(year) / std::chrono::month(month) /
                                   std::chrono::day(day));
  return (date + std::chrono::hours(hour) + std::chrono::minutes(minute) + 0s).time_since_epoch().count();
}

struct OffsetCase {
  const char* name;
  const char* zone;
  std::int64_t utc;
  std::int32_t offset;
  bool daylight;
  const char* abbreviation;
};

class OffsetAt : public testing::TestWithParam<OffsetCase> {};

TEST_P(OffsetAt, IsThatOfTheTzDatabase) {
  const OffsetCase& row = GetParam();
  const Zone* zone = Zones::system().find(row.zone);
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->name(), row.zone);
  const ZoneOffset offset = zone->offset_at(row.utc);
  EXPECT_EQ(offset.seconds, row.offset);
  EXPECT_EQ(offset.daylight, row.daylight);
  EXPECT_EQ(offset.abbreviation, row.abbreviation);
}

INSTANTIATE_TEST_SUITE_P(
    Table, OffsetAt,
    testing::Values(
        OffsetCase{"Winter", "Europe/Paris", at(2024, 1, 1), 3600, false, "CET"},
        OffsetCase{"Summer", "Europe/Paris", at(2024, 7, 1), 7200, true, "CEST"},
        OffsetCase{"BeforeSpring", "Europe/Paris", at(2024, 3, 31, 1) - 1, 3600, false, "CET"},
        OffsetCase{"AtSpring", "Europe/Paris", at(2024, 3, 31, 1), 7200, true, "CEST"},
        OffsetCase{"BeforeAutumn", "Europe/Paris", at(2024, 10, 27, 1) - 1, 7200, true, "CEST"},
        OffsetCase{"AtAutumn", "Europe/Paris", at(2024, 10, 27, 1), 3600, false, "CET"},
        OffsetCase{"YearOne", "America/New_York", at(1, 1, 1), -17762, false, "LMT"},
        OffsetCase{"After2037Winter", "America/New_York", at(2040, 1, 1), -18000, false, "EST"},
        OffsetCase{"After2037Summer", "America/New_York", at(2040, 7, 1), -14400, true, "EDT"},
        OffsetCase{"After2037BeforeSpring", "America/New_York", at(2040, 3, 11, 7) - 1, -18000, false, "EST"},
        OffsetCase{"After2037AtSpring", "America/New_York", at(2040, 3, 11, 7), -14400, true, "EDT"},
        OffsetCase{"After2037BeforeAutumn", "America/New_York", at(2040, 11, 4, 6) - 1, -14400, true, "EDT"},
        OffsetCase{"After2037AtAutumn", "America/New_York", at(2040, 11, 4, 6), -18000, false, "EST"},
        OffsetCase{"Year9999", "Europe/Berlin", at(9999, 12, 31, 23, 59), 3600, false, "CET"},
        OffsetCase{"Year9999Summer", "Europe/Berlin", at(9999, 7, 1), 7200, true, "CEST"},
        OffsetCase{"SouthernSummer9999", "Australia/Sydney", at(9999, 1, 1), 39600, true, "AEDT"},
        OffsetCase{"SouthernWinter9999", "Australia/Sydney", at(9999, 7, 1), 36000, false, "AEST"},
        OffsetCase{"NoDaylightTime", "Asia/Tokyo", at(9999, 7, 1), 32400, false, "JST"},
        OffsetCase{"HalfHours", "Asia/Kolkata", at(2024, 7, 1), 19800, false, "IST"},
        OffsetCase{"NoLetters", "America/Sao_Paulo", at(2024, 7, 1), -10800, false, "-03"},
        OffsetCase{"Link", "US/Pacific", at(2024, 7, 1), -25200, true, "PDT"},
        OffsetCase{"Utc", "Etc/UTC", at(2024, 7, 1), 0, false, "UTC"}),
    [](const auto& param) { return param.param.name; });

struct LocalCase {
  const char* name;
  const char* zone;
  std::int64_t local, utc;
};

class ToUtc : public testing::TestWithParam<LocalCase> {};

TEST_P(ToUtc, FollowsTheClocks) {
  const Zone* zone = Zones::system().find(GetParam().zone);
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->to_utc(GetParam().local), GetParam().utc);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ToUtc,
    testing::Values(
        LocalCase{"Plain", "Europe/Paris", at(2024, 7, 1, 12), at(2024, 7, 1, 10)},
        LocalCase{"LastBeforeGap", "Europe/Paris", at(2024, 3, 31, 2) - 1, at(2024, 3, 31, 1) - 1},
        LocalCase{"GapBegins", "Europe/Paris", at(2024, 3, 31, 2), at(2024, 3, 31, 1)},
        LocalCase{"InGap", "Europe/Paris", at(2024, 3, 31, 2, 30), at(2024, 3, 31, 1, 30)},
        LocalCase{"GapEnds", "Europe/Paris", at(2024, 3, 31, 3), at(2024, 3, 31, 1)},
        LocalCase{"BeforeOverlap", "Europe/Paris", at(2024, 10, 27, 2) - 1, at(2024, 10, 27, 0) - 1},
        LocalCase{"InOverlap", "Europe/Paris", at(2024, 10, 27, 2, 30), at(2024, 10, 27, 0, 30)},
        LocalCase{"OverlapEnds", "Europe/Paris", at(2024, 10, 27, 3), at(2024, 10, 27, 2)},
        LocalCase{"NewYorkGap", "America/New_York", at(2024, 3, 10, 2, 30), at(2024, 3, 10, 7, 30)},
        LocalCase{"NewYorkOverlap", "America/New_York", at(2024, 11, 3, 1, 30), at(2024, 11, 3, 5, 30)},
        LocalCase{"GapOf2040", "America/New_York", at(2040, 3, 11, 2, 30), at(2040, 3, 11, 7, 30)},
        LocalCase{"OverlapOf2040", "America/New_York", at(2040, 11, 4, 1, 30), at(2040, 11, 4, 5, 30)},
        LocalCase{"HalfHourGap", "Australia/Lord_Howe", at(2024, 10, 6, 2, 15), at(2024, 10, 5, 15, 45)},
        // Samoa went over the date line: there was no 30 December.
        LocalCase{"DayThatWasNot", "Pacific/Apia", at(2011, 12, 30, 12), at(2011, 12, 30, 22)},
        LocalCase{"DayAfterIt", "Pacific/Apia", at(2011, 12, 31), at(2011, 12, 30, 10)},
        LocalCase{"YearOne", "Europe/Paris", at(1, 1, 1), at(1, 1, 1) - 561},
        LocalCase{"Year9999", "Asia/Tokyo", at(9999, 12, 31, 23, 59), at(9999, 12, 31, 14, 59)}),
    [](const auto& param) { return param.param.name; });

TEST(Zones, UnknownNamesHaveNoZone) {
  for (const char* name : {"", "Europe", "Europe/Pariss", "europe/paris", "../etc/passwd", "posix/UTC",
                           "zone.tab", "Europe/Paris ", "\xff"})
    EXPECT_EQ(Zones::system().find(name), nullptr) << name;
}

TEST(Zones, ManyThreadsFindTheSameZone) {
  const Zone* seen[8] = {};
  {
    std::vector<std::jthread> threads;
    for (auto& slot : seen)
      threads.emplace_back([&slot] {
        slot = Zones::system().find("Asia/Kathmandu");
        if (slot && slot->offset_at(0).seconds != 19800) slot = nullptr;
      });
  }
  for (const Zone* zone : seen) EXPECT_EQ(zone, Zones::system().find("Asia/Kathmandu"));
  EXPECT_NE(seen[0], nullptr);
}

ZoneOffset by_rule(std::string_view text, std::int64_t utc) {
  const auto rule = ZoneRule::parse(text);
  EXPECT_TRUE(rule) << text;
  return rule ? rule->offset_at(utc) : ZoneOffset{};
}

TEST(ZoneRule, ReadsEachFormThatZonesUse) {
  // The fourth Thursday and 50 hours: a Saturday.
  constexpr const char* kGaza = "EET-2EEST,M3.4.4/50,M10.4.4/50";
  EXPECT_FALSE(by_rule(kGaza, at(2040, 3, 24) - 1).daylight);
  EXPECT_TRUE(by_rule(kGaza, at(2040, 3, 24)).daylight);
  constexpr const char* kNuuk = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0";
  EXPECT_EQ(by_rule(kNuuk, at(2040, 3, 25, 1)).abbreviation, "-01");
  EXPECT_EQ(by_rule(kNuuk, at(2040, 3, 25, 1) - 1).abbreviation, "-02");
  // Its daylight time is in winter, and behind.
  constexpr const char* kDublin = "IST-1GMT0,M10.5.0,M3.5.0/1";
  EXPECT_EQ(by_rule(kDublin, at(2040, 7, 1)).seconds, 3600);
  EXPECT_EQ(by_rule(kDublin, at(2040, 1, 1)).seconds, 0);
}

TEST(ZoneRule, RefusesWhatItCannotFollow) {
  for (const char* text :
       {"", "UTC0", "CET-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,J60,J300",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-999999999999CEST,M3.5.0,M10.5.0", "<", "<+03>"})
    EXPECT_FALSE(ZoneRule::parse(text)) << text;
}

}  // namespace
}  // namespace headwater
