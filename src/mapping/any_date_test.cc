#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "mapping/date_test.h"

namespace headwater::mapping {
namespace {

constexpr const char* kDefaults[] = {"yyyy-MM-dd HH:mm:ssZ",
                                     "yyyy-MM-dd HH:mm:ss.SSSZ",
                                     "yyyy-MM-dd HH:mm:ss.SSS",
                                     "yyyy-MM-dd'T'HH:mm:ss.SSSX",
                                     "yyyy-MM-dd'T'HH:mm:ss'Z'",
                                     "yyyy-MM-dd",
                                     "yyyy/MM/dd",
                                     "yyyy.MM.dd",
                                     "yyyy-MMM-dd",
                                     "yyyyMMdd",
                                     "MM-dd-yyyy",
                                     "MMddyyyy",
                                     "M/dd/yyyy",
                                     "dd.M.yyyy",
                                     "M/dd/yyyy hh:mm:ss a",
                                     "dd.M.yyyy hh:mm:ss a",
                                     "dd.MMM.yyyy",
                                     "dd-MMM-yyyy"};

struct AnyCase {
  const char* text;
  int pattern;  // of E.3, counted from 1; 0: ISO 8601 as E.4 has it, or none
  const char* want;
};

TEST(AnyDate, FollowsTheDefaultPatternsInTheirOrder) {
  const AnyCase cases[] = {{"2024-05-05 20:39:00-0800", 1, "2024-05-05T20:39:00-08:00"},
                           {"2024-05-05 20:39:00.005-0800", 2, "2024-05-05T20:39:00.005-08:00"},
                           {"2024-05-05 20:39:00.005", 3, "2024-05-05T20:39:00Z"},
                           {"2024-05-05T20:39:00.005Z", 4, "2024-05-05T20:39:00.005Z"},
                           {"2024-05-05T20:39:00.005+02", 4, "2024-05-05T20:39:00.005+02:00"},
                           {"2024-05-05T20:39:00Z", 5, "2024-05-05T20:39:00Z"},
                           {"2022-03-04", 6, "2022-03-04T00:00:00Z"},
                           {"2022/03/04", 7, "2022-03-04T00:00:00Z"},
                           {"2022.03.04", 8, "2022-03-04T00:00:00Z"},
                           {"2022-Mar-04", 9, "2022-03-04T00:00:00Z"},
                           {"20210704", 10, "2021-07-04T00:00:00Z"},
                           {"07-04-2021", 11, "2021-07-04T00:00:00Z"},
                           {"07042021", 12, "2021-07-04T00:00:00Z"},
                           {"7/04/2021", 13, "2021-07-04T00:00:00Z"},
                           {"07/04/2021", 13, "2021-07-04T00:00:00Z"},
                           {"04.7.2021", 14, "2021-07-04T00:00:00Z"},
                           {"04.07.2021", 14, "2021-07-04T00:00:00Z"},
                           {"7/04/2021 05:06:07 PM", 15, "2021-07-04T17:06:07Z"},
                           {"04.7.2021 12:06:07 am", 16, "2021-07-04T00:06:07Z"},
                           {"04.Jul.2021", 17, "2021-07-04T00:00:00Z"},
                           {"04-Jul-2021", 18, "2021-07-04T00:00:00Z"},
                           {"04-JUL-2021", 18, "2021-07-04T00:00:00Z"},
                           // General ISO 8601.
                           {"2022-03-04 05:06", 0, "2022-03-04T05:06:00Z"},
                           {"2022-03-04T05:06", 0, "2022-03-04T05:06:00Z"},
                           {"2022-03-04T05:06Z", 0, "2022-03-04T05:06:00Z"},
                           {"2022-03-04 05:06:07", 0, "2022-03-04T05:06:07Z"},
                           {"2022-03-04T05:06:07", 0, "2022-03-04T05:06:07Z"},
                           {"2022-03-04T05:06:07.9", 0, "2022-03-04T05:06:07Z"},
                           {"2022-03-04T05:06:07.9Z", 0, "2022-03-04T05:06:07.900Z"},
                           {"2022-03-04T05:06:07.1234567891234Z", 0, "2022-03-04T05:06:07.123456789Z"},
                           {"2022-03-04 05:06:07+02:00", 0, "2022-03-04T05:06:07+02:00"},
                           {"2022-03-04 05:06:07 +0200", 0, "2022-03-04T05:06:07+02:00"},
                           {"2022-03-04 05:06+02", 0, "2022-03-04T05:06:00+02:00"},
                           {"2022-07-04 05:06:07 PST", 0, "2022-07-04T05:06:07-08:00"},
                           {"2022-07-04 05:06:07.250 PDT", 0, "2022-07-04T05:06:07.250-07:00"},
                           {"2022-07-04 05:06:07 CET", 0, "2022-07-04T05:06:07+01:00"},
                           {"2022-07-04 05:06:07 GMT+2", 0, "2022-07-04T05:06:07+02:00"},
                           {"2022-07-04T05:06:07 Europe/Paris", 0, "2022-07-04T05:06:07+02:00"},
                           {"2022-07-04T05:06:07[Europe/Paris]", 0, "2022-07-04T05:06:07+02:00"},
                           {"2022-07-04T05:06:07+02:00[Europe/Paris]", 0, "2022-07-04T05:06:07+02:00"},
                           {"2022-07-04T05:06:07Z[UTC]", 0, "2022-07-04T05:06:07Z"},
                           {"2022-07-04T05:06:07Z Europe/Paris", 0, "2022-07-04T07:06:07+02:00"},
                           {"2024-03-31T02:30:00 Europe/Paris", 0, "2024-03-31T03:30:00+02:00"},
                           {"2024-10-27 02:30 Europe/Paris", 0, "2024-10-27T02:30:00+02:00"},
                           {"2022-03-04 05:06:07 Zulu", 0, "2022-03-04T05:06:07Z"},
                           {"0001-01-01", 6, "0001-01-01T00:00:00Z"},
                           {"9999-12-31T23:59:59.999999999Z", 0, "9999-12-31T23:59:59.999999999Z"},
                           // Nearly.
                           {"4-Jul-2021", 0, "no match"},
                           {"2021-02-29", 0, "no match"},
                           {"2021-13-01", 0, "no match"},
                           {"13/13/2021", 0, "no match"},
                           {"00042021", 0, "no match"},
                           {"7/4/2021", 0, "no match"},
                           {"2022-03-04T", 0, "no match"},
                           {"2022-03-04 05", 0, "no match"},
                           {"2022-03-04T24:00:00Z", 0, "no match"},
                           {"2022-03-04T05:60Z", 0, "no match"},
                           {"2022-03-04T05:06:60Z", 0, "no match"},
                           {"2022-03-04T05:06:07.Z", 0, "no match"},
                           {"2022-03-04T05:06.5Z", 0, "no match"},
                           {"2022-03-04T05:06:07+2", 0, "no match"},
                           {"2022-03-04T05:06:07+02:00 PST", 0, "no match"},
                           {"2022-03-04T05:06:07 XYZ", 0, "no match"},
                           {"2022-03-04T05:06:07 ", 0, "no match"},
                           {"2022-03-04T05:06:07+02:00[Nowhere/City]", 0, "no match"},
                           {"2022-03-04T05:06:07  Z", 0, "no match"},
                           {"2022-03-04Z", 0, "no match"},
                           {"2022-03-04t05:06:07Z", 0, "no match"},
                           {"2022-03-04T5:06:07Z", 0, "no match"},
                           {"0000-01-01", 0, "no match"},
                           {"", 0, "no match"},
                           {"now", 0, "no match"},
                           {"1646370367", 0, "no match"},
                           {"7/04/2021 13:06:07 PM", 0, "no match"},
                           {"2022-03-04\n", 0, "no match"}};
  for (const auto& [text, pattern, want] : cases) {
    EXPECT_EQ(any(text), want) << text;
    // The fast route is only another way to the same: the first pattern that matches says the same.
    int first = 0;
    for (int i = 0; i < 18 && first == 0; ++i)
      if (parsed(kDefaults[i], text) != "no match") first = i + 1;
    EXPECT_EQ(first, pattern) << text;
    if (first != 0) {
      EXPECT_EQ(parsed(kDefaults[first - 1], text), want) << text;
    }
  }
}

// Each text that some default pattern shows, and each text one byte away, is read as the patterns in their
// order say; what none of them reads may still be ISO 8601.
TEST(AnyDate, AgreesWithThePatternsAroundEachText) {
  std::vector<DatePattern> patterns;
  for (const char* pattern : kDefaults) patterns.push_back(*DatePattern::compile(pattern));
  const auto in_order = [&patterns](std::string_view text) {
    for (const auto& pattern : patterns)
      if (const auto time = pattern.parse(text, zones())) return iso(time);
    return std::string("no match");
  };
  for (const auto& pattern : patterns) {
    for (const char* date : {kMonday, "2024-02-29T23:59:59.999-08:00", "0001-01-01T00:00:00Z"}) {
      std::string shown;
      pattern.format(shown, parse_any_date(date, zones()).value_or(ZonedTime{}));
      for (std::size_t i = 0; i < shown.size(); ++i) {
        for (const char c : {'0', '1', '3', '9', '-', '/', '.', ' ', 'T', 'Z', ':', '+', '\0'}) {
          std::string text = shown;
          text[i] = c;
          const std::string want = in_order(text);
          if (want != "no match") {
            EXPECT_EQ(any(text), want) << text;
          } else if (text.size() < 5 || text[4] != '-' || text.find(':') == std::string::npos) {
            EXPECT_EQ(any(text), want) << text;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace headwater::mapping
