#include "base/time.h"

#include <gtest/gtest.h>

#include "base/time_range.h"

namespace headwater {
namespace {

// 2024-03-05 09:07:03.0456789 UTC, a Tuesday.
const TimePoint kTime = from_epoch_seconds(1709629623) + std::chrono::nanoseconds(45'678'900);

struct Case {
  const char* format;
  const char* want;
};

class DotnetFormat : public testing::TestWithParam<Case> {};

TEST_P(DotnetFormat, GivesTheDocumentedText) {
  const auto got = format_dotnet(kTime, GetParam().format);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(*got, GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Tokens, DotnetFormat,
    testing::Values(Case{"yyyy|yy|yyyyy", "2024|24|02024"}, Case{"%y", "24"},
                    Case{"MMMM MMM MM %M", "March Mar 03 3"}, Case{"dddd ddd dd d", "Tuesday Tue 05 5"},
                    Case{"HH:H:hh:h", "09:9:09:9"}, Case{"mm m ss s", "07 7 03 3"},
                    Case{"f ff fff ffff fffff ffffff fffffff", "0 04 045 0456 04567 045678 0456789"},
                    Case{"ss.FFFF", "03.0456"}, Case{"ss.F", "03"}, Case{"tt t", "AM A"},
                    Case{"K zzz zz z", "Z +00:00 +00 +0"}, Case{"gg", "A.D."},
                    Case{"'year' yyyy \"y\"", "year 2024 y"}, Case{"\\y\\\\", "y\\"}, Case{"%d", "5"},
                    Case{"yyyy-MM-ddTHH:mm:ssZ", "2024-03-05T09:07:03Z"},
                    Case{"yyyy-MM-ddTHH:mm:ssK", "2024-03-05T09:07:03Z"},
                    Case{"yyyy-MM-ddTHH:mm:ss.fffffffK", "2024-03-05T09:07:03.0456789Z"},
                    Case{"yyyy-MM-ddTHH:mm:ss:fffffffK", "2024-03-05T09:07:03:0456789Z"},
                    Case{"MM/dd/yyyy", "03/05/2024"}, Case{"o", "2024-03-05T09:07:03.0456789Z"},
                    Case{"s", "2024-03-05T09:07:03"}, Case{"u", "2024-03-05 09:07:03Z"},
                    Case{"R", "Tue, 05 Mar 2024 09:07:03 GMT"}, Case{"epoch", "1709629623"},
                    Case{"epochMillis", "1709629623045"}));

TEST(DotnetFormat, RefusesWhatCannotBeRead) {
  for (const char* format : {"yyyy'", "yyyy\\", "yyyy%", "ffffffff"})
    EXPECT_FALSE(format_dotnet(kTime, format)) << format;
}

TEST(Rfc3339, ReadsOffsetsFractionsAndDates) {
  EXPECT_EQ(*parse_rfc3339("2024-03-05T09:07:03.0456789Z"), kTime);
  EXPECT_EQ(*parse_rfc3339("2024-03-05T10:37:03.0456789+01:30"), kTime);
  EXPECT_EQ(epoch_seconds(*parse_rfc3339("2024-03-05")), 1709596800);
  EXPECT_EQ(format_rfc3339(kTime), "2024-03-05T09:07:03.0456789Z");
  EXPECT_EQ(format_rfc3339(from_epoch_seconds(0)), "1970-01-01T00:00:00Z");
  for (const char* text : {"", "2024", "2024-02-30", "2024-03-05T25:00:00Z", "2024-03-05T09:07:03.Z",
                           "2024-03-05T09:07:03+1", "x"})
    EXPECT_FALSE(parse_rfc3339(text)) << text;
}

TEST(Rfc3339, RefusesWhatNanosecondsDoNotHold) {
  for (const char* text : {"0001-01-01T00:00:00Z", "1677-12-31", "2262-01-01T00:00:00Z",
                           "2261-12-31T23:30:00-01:00", "9999-12-31T23:59:59.999Z"}) {
    const auto time = parse_rfc3339(text);
    ASSERT_FALSE(time) << text;
    EXPECT_NE(time.error().message.find("1678-01-01T00:00:00Z to 2261-12-31T23:59:59Z"), std::string::npos)
        << time.error().message;
  }
  for (const char* text : {"1678-01-01T00:00:00Z", "2261-12-31T23:59:59.999999999Z"})
    EXPECT_EQ(format_rfc3339(*parse_rfc3339(text)), text);
  EXPECT_FALSE(parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT"));
  EXPECT_EQ(from_epoch_seconds(INT64_MAX), kTimeMax - std::chrono::nanoseconds(999'999'999));
  EXPECT_EQ(from_epoch_millis(INT64_MIN), kTimeMin);
}

TEST(HttpDate, ReadsAllThreeForms) {
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    EXPECT_EQ(parse_http_date(text), from_epoch_seconds(784111777)) << text;
  EXPECT_EQ(format_http_date(from_epoch_seconds(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_FALSE(parse_http_date("120"));
}

}  // namespace
}  // namespace headwater
