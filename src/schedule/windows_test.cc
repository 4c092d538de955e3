#include "schedule/windows.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace headwater::schedule {
namespace {

using domain::FlowSchedule;
using domain::Frequency;

TimePoint at(std::string_view text) { return *parse_rfc3339(text); }

std::optional<TimePoint> maybe(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return at(text);
}

struct Case {
  std::string_view name;
  Frequency frequency;
  std::int64_t interval;
  bool backfill;
  std::string_view covered, attempted, now;
  std::string_view want;  // "begin/end", "" when nothing is due
};

constexpr std::string_view kStart = "2024-03-05T00:00:00Z";

constexpr Case kCases[] = {
    {"BeforeTheStartNothingIsDue", Frequency::hour, 1, true, "", "", "2024-03-04T23:59:59Z", ""},
    {"FirstRunAtTheStartHasNoBeginning", Frequency::hour, 1, true, "", "", "2024-03-05T00:00:00Z",
     "/2024-03-05T00:00:00Z"},
    {"FirstRunAfterTheStartReadsUpToNow", Frequency::hour, 1, true, "", "", "2024-03-05T07:13:08Z",
     "/2024-03-05T07:13:08Z"},
    {"FirstRunWithoutBackfillBeginsAtTheStart", Frequency::hour, 1, false, "", "", "2024-03-05T07:13:08Z",
     "2024-03-05T00:00:00Z/2024-03-05T07:13:08Z"},
    {"FractionsOfASecondAreLeftForTheNextRun", Frequency::hour, 1, true, "", "", "2024-03-05T07:13:08.75Z",
     "/2024-03-05T07:13:08Z"},
    {"LaterRunsKeepTheGrid", Frequency::hour, 1, true, "2024-03-05T07:13:08Z", "2024-03-05T07:13:08Z",
     "2024-03-05T08:00:02Z", "2024-03-05T07:13:08Z/2024-03-05T08:00:00Z"},
    {"BetweenInstantsNothingIsDue", Frequency::hour, 1, true, "2024-03-05T08:00:00Z", "2024-03-05T08:00:00Z",
     "2024-03-05T08:59:59Z", ""},
    {"OneRunCoversADowntime", Frequency::hour, 2, true, "2024-03-05T02:00:00Z", "2024-03-05T02:00:00Z",
     "2024-03-06T03:30:00Z", "2024-03-05T02:00:00Z/2024-03-06T02:00:00Z"},
    {"AFailedWindowIsCoveredByTheNext", Frequency::day, 1, true, "2024-03-06T00:00:00Z",
     "2024-03-07T00:00:00Z", "2024-03-08T00:00:00Z", "2024-03-06T00:00:00Z/2024-03-08T00:00:00Z"},
    {"AFailedFirstRunIsNotRepeatedBeforeTheNextInstant", Frequency::day, 1, true, "", "2024-03-05T10:00:00Z",
     "2024-03-05T11:00:00Z", ""},
    {"AfterAFailedFirstRunTheBeginningStaysOpen", Frequency::day, 1, true, "", "2024-03-05T10:00:00Z",
     "2024-03-06T00:00:00Z", "/2024-03-06T00:00:00Z"},
    {"AfterAFailedFirstRunWithoutBackfillTheStartStays", Frequency::day, 1, false, "", "2024-03-05T10:00:00Z",
     "2024-03-06T00:00:00Z", "2024-03-05T00:00:00Z/2024-03-06T00:00:00Z"},
    {"MinutesHaveTheirInterval", Frequency::minute, 15, true, "2024-03-05T00:15:00Z", "2024-03-05T00:15:00Z",
     "2024-03-05T00:29:59Z", ""},
    {"WeeksAreSevenDays", Frequency::week, 1, true, "2024-03-05T00:00:00Z", "2024-03-05T00:00:00Z",
     "2024-03-12T00:00:00Z", "2024-03-05T00:00:00Z/2024-03-12T00:00:00Z"},
    {"OnceRunsWhenItsTimeHasCome", Frequency::once, 1, true, "", "", "2024-03-05T00:00:01Z",
     "/2024-03-05T00:00:01Z"},
    {"OnceIsNotRepeated", Frequency::once, 1, true, "2024-03-05T00:00:01Z", "2024-03-05T00:00:01Z",
     "2025-03-05T00:00:00Z", ""},
    {"OnceThatFailedIsNotRepeated", Frequency::once, 1, true, "", "2024-03-05T00:00:01Z",
     "2025-03-05T00:00:00Z", ""},
};

class DueWindowTest : public testing::TestWithParam<Case> {};

TEST_P(DueWindowTest, GivesTheDocumentedWindow) {
  const Case& test = GetParam();
  const FlowSchedule schedule{at(kStart), test.frequency, test.interval, test.backfill};
  const auto due = next_due(schedule, maybe(test.attempted));
  const auto window = due_window(schedule, due, maybe(test.covered), at(test.now));
  std::string got;
  if (window) got = (window->begin ? format_rfc3339(*window->begin) : "") + "/" + format_rfc3339(window->end);
  EXPECT_EQ(got, test.want);
}

INSTANTIATE_TEST_SUITE_P(Windows, DueWindowTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(WindowsTest, AYearOfRunsLeavesNoGapAndNoOverlap) {
  const FlowSchedule schedule{at(kStart), Frequency::hour, 5, false};
  std::optional<TimePoint> due = next_due(schedule, {});
  std::optional<TimePoint> covered;
  TimePoint now = schedule.start;
  TimePoint end = schedule.start;
  std::uint64_t dice = 12345;
  int runs = 0;
  for (int step = 0; step < 3000; ++step) {
    dice = dice * 6364136223846793005ULL + 1442695040888963407ULL;
    now += std::chrono::minutes((dice >> 33) % 400);
    const auto window = due_window(schedule, due, covered, now);
    if (!window) continue;
    ++runs;
    ASSERT_TRUE(window->begin);
    EXPECT_EQ(*window->begin, end);
    EXPECT_LE(window->end, now);
    due = next_due(schedule, window->end);
    if ((dice >> 60) % 4 == 0) continue;
    covered = covered_after(covered, *window);
    end = window->end;
  }
  EXPECT_GT(runs, 1000);
}

TEST(WindowsTest, ARunOnDemandReadsFromWhatIsCoveredToNow) {
  const FlowSchedule schedule{at(kStart), Frequency::once, 1, true};
  EXPECT_FALSE(natural_window(schedule, {}, at("2024-03-06T00:00:00Z")).begin);
  const auto rest = natural_window(schedule, at("2024-03-05T05:00:00Z"), at("2024-03-06T00:00:00Z"));
  EXPECT_EQ(rest.begin, at("2024-03-05T05:00:00Z"));
  EXPECT_EQ(rest.end, at("2024-03-06T00:00:00Z"));
}

TEST(WindowsTest, ARetryThatDoesNotJoinMovesNothing) {
  const auto covered = at("2024-03-05T05:00:00Z");
  const domain::RunWindow apart{at("2024-03-05T07:00:00Z"), at("2024-03-05T08:00:00Z")};
  EXPECT_EQ(covered_after(covered, apart), covered);
  const domain::RunWindow joining{at("2024-03-05T05:00:00Z"), at("2024-03-05T08:00:00Z")};
  EXPECT_EQ(covered_after(covered, joining), at("2024-03-05T08:00:00Z"));
  const domain::RunWindow earlier{{}, at("2024-03-05T03:00:00Z")};
  EXPECT_EQ(covered_after(covered, earlier), covered);
}

}  // namespace
}  // namespace headwater::schedule
