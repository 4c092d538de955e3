#include "mapping/internal/zoned_time.h"

#include <gtest/gtest.h>

#include <limits>

#include "mapping/internal/date_pattern.h"

namespace headwater::mapping {
namespace {

constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

std::string iso(const ZonedTime& time) {
  std::string out;
  append_iso(out, time);
  return out;
}

ZonedTime date(std::string_view text) {
  const auto time = parse_any_date(text, Zones::system());
  EXPECT_TRUE(time) << text;
  return time.value_or(ZonedTime{});
}

ZonedTime at_millis(std::int64_t millis) {
  const auto time = from_millis(millis);
  EXPECT_TRUE(time) << millis;
  return time.value_or(ZonedTime{});
}

ZoneChoice zone(std::string_view text) {
  const auto choice = find_zone(text, Zones::system());
  EXPECT_TRUE(choice) << text;
  return choice.value_or(ZoneChoice{});
}

TEST(ZonedTimeIso, ShowsFractionsInGroupsOfThreeAndTheOffset) {
  EXPECT_EQ(iso({0, 0, 0, nullptr}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso({-1, 0, 0, nullptr}), "1969-12-31T23:59:59Z");
  EXPECT_EQ(iso({0, 120'000'000, 3600, nullptr}), "1970-01-01T01:00:00.120+01:00");
  EXPECT_EQ(iso({0, 1'000'000, -12'600, nullptr}), "1969-12-31T20:30:00.001-03:30");
  EXPECT_EQ(iso({0, 1'000, 0, nullptr}), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(iso({0, 120'000, 0, nullptr}), "1970-01-01T00:00:00.000120Z");
  EXPECT_EQ(iso({0, 1, 0, nullptr}), "1970-01-01T00:00:00.000000001Z");
  EXPECT_EQ(iso(at_zone(-62'135'596'800, 0, {})), "0001-01-01T00:00:00Z");
  EXPECT_EQ(iso(at_zone(253'402'300'799, 0, {})), "9999-12-31T23:59:59Z");
  EXPECT_EQ(iso(at_zone(253'402'300'799, 0, zone("+18:00"))), "+10000-01-01T17:59:59+18:00");
  EXPECT_EQ(iso(at_zone(-62'135'596'800, 0, zone("-01:00"))), "0000-12-31T23:00:00-01:00");
  EXPECT_EQ(iso(at_zone(-4'000'000'000, 0, zone("America/New_York"))), "1843-03-31T11:57:18-04:56:02");
}

TEST(ZonedTimeIso, IsReadBackAsTheSameInstant) {
  for (const char* text :
       {"0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2024-02-29T12:00:00+05:45",
        "1843-03-31T11:57:18-04:56:02", "2024-05-05T20:39:00.005-08:00"})
    EXPECT_EQ(iso(date(text)), text);
}

TEST(ZonedTime, MovesBetweenZones) {
  EXPECT_EQ(iso(with_zone(date("2022-07-01T10:00:00Z"), zone("Asia/Tokyo"))), "2022-07-01T19:00:00+09:00");
  EXPECT_EQ(iso(with_zone(date("2022-03-04 05:00:00+0200"), ZoneChoice{})), "2022-03-04T03:00:00Z");
  EXPECT_EQ(iso(with_zone(date("2024-03-31T01:30:00Z"), zone("Europe/Paris"))), "2024-03-31T03:30:00+02:00");
  EXPECT_EQ(iso(with_zone(date("2024-10-27T01:30:00Z"), zone("Europe/Paris"))), "2024-10-27T02:30:00+01:00");
  EXPECT_EQ(iso(with_zone(date("2024-07-01T00:00:00Z"), zone("Europe/London"))), "2024-07-01T01:00:00+01:00");
  EXPECT_EQ(iso(with_zone(date("2024-01-01T00:00:00Z"), zone("Europe/London"))), "2024-01-01T00:00:00Z");
}

TEST(ZonedTime, MillisStayInTheYears) {
  EXPECT_EQ(iso(at_millis(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso(at_millis(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(iso(at_millis(-62'135'596'800'000)), "0001-01-01T00:00:00Z");
  EXPECT_EQ(iso(at_millis(253'402'300'799'999)), "9999-12-31T23:59:59.999Z");
  for (const std::int64_t millis :
       {std::int64_t{-62'135'596'800'001}, std::int64_t{253'402'300'800'000}, kLeast, kMost})
    EXPECT_FALSE(from_millis(millis)) << millis;
  for (const std::int64_t millis : {-1, -999, -1000, -1001, 0, 1, 999, 1709629623})
    EXPECT_EQ(to_millis(at_millis(millis)), millis);
}

struct PartCase {
  const char* component;
  const char* text;
  std::int64_t want;
};

TEST(DatePart, GivesEachComponent) {
  constexpr const char* kText = "2024-12-30T15:06:07.089Z";  // a Monday
  const PartCase cases[] = {{"year", kText, 2024},
                            {"yyyy", kText, 2024},
                            {"yy", kText, 2024},
                            {"quarter", kText, 4},
                            {"qq", kText, 4},
                            {"q", kText, 4},
                            {"month", kText, 12},
                            {"mm", kText, 12},
                            {"m", kText, 12},
                            {"dayofyear", kText, 365},
                            {"dy", kText, 365},
                            {"y", kText, 365},
                            {"day", kText, 30},
                            {"dd", kText, 30},
                            {"d", kText, 30},
                            {"week", kText, 1},
                            {"ww", kText, 1},
                            {"w", kText, 1},
                            {"weekday", kText, 2},
                            {"dw", kText, 2},
                            {"hour", kText, 15},
                            {"hh", kText, 15},
                            {"hh24", kText, 15},
                            {"hh12", kText, 3},
                            {"minute", kText, 6},
                            {"mi", kText, 6},
                            {"n", kText, 6},
                            {"second", kText, 7},
                            {"ss", kText, 7},
                            {"s", kText, 7},
                            {"millisecond", kText, 89},
                            {"sss", kText, 89},
                            {"YEAR", "2022-03-04", 2022},
                            {"Month", "2022-03-04", 3},
                            {"hh12", "2022-03-04T00:30:00Z", 12},
                            {"hh12", "2022-03-04T12:30:00Z", 12},
                            {"weekday", "2024-12-29", 1},
                            {"weekday", "2024-12-28", 7},
                            {"week", "2020-12-31", 53},
                            {"week", "2021-01-03", 53},
                            {"week", "2021-01-04", 1},
                            {"quarter", "2024-03-31", 1},
                            {"quarter", "2024-04-01", 2},
                            {"dayofyear", "2024-12-31", 366},
                            {"dayofyear", "2023-03-01", 60},
                            {"hour", "2024-07-01T10:00:00+02:00[Europe/Paris]", 10}};
  for (const auto& [component, text, want] : cases)
    EXPECT_EQ(date_part(component, date(text)), want) << component << " of " << text;
  for (const char* word : {"", "years", "mon", "hh13", "nanosecond", "\xff"})
    EXPECT_FALSE(date_part(word, date(kText))) << word;
}

struct SetCase {
  const char* component;
  std::int64_t value;
  const char* text;
  const char* want;  // a date, or a reason
};

TEST(SetDatePart, ReplacesOneField) {
  const SetCase cases[] = {
      {"hour", 23, "2022-03-04 05:06", "2022-03-04T23:06:00Z"},
      {"HH", 0, "2022-03-04 05:06", "2022-03-04T00:06:00Z"},
      {"year", 2023, "2024-02-29", "2023-02-28T00:00:00Z"},
      {"yyyy", 2028, "2024-02-29", "2028-02-29T00:00:00Z"},
      {"yy", 1, "2024-02-29", "0001-02-28T00:00:00Z"},
      {"month", 2, "2024-01-31", "2024-02-29T00:00:00Z"},
      {"mm", 4, "2024-01-31", "2024-04-30T00:00:00Z"},
      {"m", 12, "2024-01-31", "2024-12-31T00:00:00Z"},
      {"day", 29, "2024-02-01", "2024-02-29T00:00:00Z"},
      {"dd", 1, "2024-02-29", "2024-02-01T00:00:00Z"},
      {"d", 30, "2024-02-29", "the month has no such day"},
      {"minute", 59, "2022-03-04 05:06", "2022-03-04T05:59:00Z"},
      {"mi", 0, "2022-03-04 05:06", "2022-03-04T05:00:00Z"},
      {"n", 1, "2022-03-04 05:06", "2022-03-04T05:01:00Z"},
      {"second", 59, "2022-03-04 05:06", "2022-03-04T05:06:59Z"},
      {"ss", 1, "2022-03-04T05:06:07.089Z", "2022-03-04T05:06:01.089Z"},
      {"s", 0, "2022-03-04T05:06:07.089+02:00", "2022-03-04T05:06:00.089+02:00"},
      {"hour", 12, "2024-01-01T05:00:00 Europe/Paris", "2024-01-01T12:00:00+01:00"},
      {"month", 7, "2024-01-01T05:00:00 Europe/Paris", "2024-07-01T05:00:00+02:00"},
      // Skipped by the clocks; shown twice, and the second is kept.
      {"hour", 2, "2024-03-31T05:00:00 Europe/Paris", "2024-03-31T03:00:00+02:00"},
      {"minute", 45, "2024-10-27T02:30:00+01:00[Europe/Paris]", "2024-10-27T02:45:00+01:00"},
      {"minute", 45, "2024-10-27T02:30:00+02:00[Europe/Paris]", "2024-10-27T02:45:00+02:00"},
      {"year", 0, "2024-02-29", "a year is 1 to 9999"},
      {"year", 10000, "2024-02-29", "a year is 1 to 9999"},
      {"month", 13, "2024-02-29", "a month is 1 to 12"},
      {"month", 0, "2024-02-29", "a month is 1 to 12"},
      {"day", 32, "2024-01-01", "a day is 1 to 31"},
      {"hour", 24, "2024-01-01", "an hour is 0 to 23"},
      {"minute", -1, "2024-01-01", "a minute is 0 to 59"},
      {"second", 60, "2024-01-01", "a second is 0 to 59"},
      {"second", kMost, "2024-01-01", "a second is 0 to 59"},
      {"year", kLeast, "2024-01-01", "a year is 1 to 9999"},
      {"quarter", 1, "2024-01-01", "this component of a date can be read, not set"},
      {"week", 1, "2024-01-01", "this component of a date can be read, not set"},
      {"hh24", 1, "2024-01-01", "this component of a date can be read, not set"},
      {"hh12", 1, "2024-01-01", "this component of a date can be read, not set"},
      {"fortnight", 1, "2024-01-01", "no component of a date has this name"}};
  for (const auto& [component, value, text, want] : cases) {
    ZonedTime time = date(text);
    const std::string before = iso(time);
    const std::string reason(set_date_part(component, value, time));
    EXPECT_EQ(reason.empty() ? iso(time) : reason, want) << component << " = " << value << " in " << text;
    if (!reason.empty()) {
      EXPECT_EQ(iso(time), before);
    }
  }
}

TEST(MakeDateTime, TakesLocalTimeInItsZone) {
  const auto make = [](const DateTimeFields& fields, const char* name) {
    ZonedTime time;
    const std::string reason(make_date_time(fields, zone(name), time));
    return reason.empty() ? iso(time) : reason;
  };
  EXPECT_EQ(make({2022, 3, 4, 5, 6, 7, 0}, "UTC"), "2022-03-04T05:06:07Z");
  EXPECT_EQ(make({2022, 7, 4, 5, 6, 7, 120'000'000}, "America/Los_Angeles"), "2022-07-04T05:06:07.120-07:00");
  EXPECT_EQ(make({2022, 3, 4, 5, 6, 7, 999'999'999}, "+05:30"), "2022-03-04T05:06:07.999999999+05:30");
  EXPECT_EQ(make({2024, 3, 31, 2, 30, 0, 0}, "Europe/Paris"), "2024-03-31T03:30:00+02:00");
  EXPECT_EQ(make({2024, 10, 27, 2, 30, 0, 0}, "Europe/Paris"), "2024-10-27T02:30:00+02:00");
  EXPECT_EQ(make({1, 1, 1, 0, 0, 0, 0}, "UTC"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(make({9999, 12, 31, 23, 59, 59, 0}, "UTC"), "9999-12-31T23:59:59Z");
  EXPECT_EQ(make({2023, 2, 29, 0, 0, 0, 0}, "UTC"), "the month has no such day");
  EXPECT_EQ(make({2024, 2, 29, 0, 0, 0, 0}, "UTC"), "2024-02-29T00:00:00Z");
  EXPECT_EQ(make({1900, 2, 29, 0, 0, 0, 0}, "UTC"), "the month has no such day");
  EXPECT_EQ(make({2000, 2, 29, 0, 0, 0, 0}, "UTC"), "2000-02-29T00:00:00Z");
  EXPECT_EQ(make({2024, 1, 1, 0, 0, 0, 1'000'000'000}, "UTC"), "a nanosecond is 0 to 999999999");
  EXPECT_EQ(make({kMost, 1, 1, 0, 0, 0, 0}, "UTC"), "a year is 1 to 9999");
  EXPECT_EQ(make({2024, 1, kLeast, 0, 0, 0, 0}, "UTC"), "a day is 1 to 31");
}

TEST(FindZone, ReadsIdsOffsetsAndAbbreviations) {
  const std::pair<const char*, int> fixed[] = {
      {"Z", 0},        {"UTC", 0},        {"GMT", 0},           {"+02:00", 7200},
      {"+0200", 7200}, {"+02", 7200},     {"-08", -28800},      {"+2", 7200},
      {"GMT+2", 7200}, {"GMT-8", -28800}, {"UTC+05:30", 19800}, {"GMT-08:00", -28800},
      {"-00:00", 0},   {"+18:00", 64800}, {"-18:00", -64800},   {"EST", -18000},
      {"EDT", -14400}, {"CST", -21600},   {"CDT", -18000},      {"MST", -25200},
      {"MDT", -21600}, {"PST", -28800},   {"PDT", -25200},      {"CET", 3600},
      {"CEST", 7200}};
  for (const auto& [text, offset] : fixed) {
    EXPECT_EQ(zone(text).zone, nullptr) << text;
    EXPECT_EQ(zone(text).offset, offset) << text;
  }
  for (const char* name :
       {"Europe/Paris", "Etc/UTC", "US/Pacific", "America/Argentina/Buenos_Aires", "PST8PDT"}) {
    const Zone* found = zone(name).zone;
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(found->name(), name);
  }
  for (const char* text :
       {"", "+", "-", "+18:01", "+19", "+2:60", "+02:60", "+020", "+02000", "+02:0", "GMTZ", "GMT ", "utc",
        "europe/paris", "XYZ", " Z", "Z ", "+99999999999999999999", "\xc3\x28"})
    EXPECT_FALSE(find_zone(text, Zones::system())) << text;
}

TEST(IsoWeek, TurnsWithTheThursday) {
  const std::tuple<const char*, int, unsigned> rows[] = {
      {"2024-12-29", 2024, 52}, {"2024-12-30", 2025, 1},  {"2025-01-05", 2025, 1}, {"2025-01-06", 2025, 2},
      {"2020-12-31", 2020, 53}, {"2021-01-03", 2020, 53}, {"2021-01-04", 2021, 1}, {"2027-01-01", 2026, 53},
      {"0001-01-01", 1, 1},     {"9999-12-31", 9999, 52}};
  for (const auto& [text, year, week] : rows) {
    const IsoWeek got = iso_week(local_time(date(text)).day);
    EXPECT_EQ(got.year, year) << text;
    EXPECT_EQ(got.week, week) << text;
  }
}

}  // namespace
}  // namespace headwater::mapping
