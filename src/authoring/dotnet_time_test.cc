#include "authoring/dotnet_time.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace headwater::authoring {
namespace {

struct Case {
  const char* name;
  const char* format;
  const char* kept;  // what of the time the format tells
};

class DotnetTime : public ::testing::TestWithParam<Case> {};

TEST_P(DotnetTime, ReadsWhatWasWritten) {
  const auto time = *parse_rfc3339("2024-03-05T15:07:03.0456789Z");
  const auto text = *format_dotnet(time, GetParam().format);
  const auto read = read_dotnet(text, GetParam().format);
  ASSERT_TRUE(read) << text;
  EXPECT_EQ(format_rfc3339(*read), GetParam().kept) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Formats, DotnetTime,
    ::testing::Values(Case{"Zulu", "yyyy-MM-ddTHH:mm:ssZ", "2024-03-05T15:07:03Z"},
                      Case{"Kind", "yyyy-MM-ddTHH:mm:ssK", "2024-03-05T15:07:03Z"},
                      Case{"Fraction", "yyyy-MM-ddTHH:mm:ss.fffffffK", "2024-03-05T15:07:03.0456789Z"},
                      Case{"ColonFraction", "yyyy-MM-ddTHH:mm:ss:fffffffK", "2024-03-05T15:07:03.0456789Z"},
                      Case{"Short", "d/M/yy H:m", "2024-03-05T15:07:00Z"},
                      Case{"HalfDay", "MMM d, yyyy hh:mm:ss tt", "2024-03-05T15:07:03Z"},
                      Case{"Names", "dddd, dd MMMM yyyy", "2024-03-05T00:00:00Z"},
                      Case{"Offset", "yyyy-MM-dd HH:mm:sszzz", "2024-03-05T15:07:03Z"},
                      Case{"Quoted", "yyyy'year'MM\\mdd", "2024-03-05T00:00:00Z"},
                      Case{"Date", "MM/dd/yyyy", "2024-03-05T00:00:00Z"},
                      Case{"Round", "o", "2024-03-05T15:07:03.0456789Z"},
                      Case{"Sortable", "s", "2024-03-05T15:07:03Z"},
                      Case{"Http", "r", "2024-03-05T15:07:03Z"},
                      Case{"Epoch", "epoch", "2024-03-05T15:07:03Z"},
                      Case{"Millis", "epochMillis", "2024-03-05T15:07:03.045Z"}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(DotnetTimes, RefusesOtherTexts) {
  EXPECT_FALSE(read_dotnet("2024-03-05", "yyyy-MM-ddTHH:mm:ssZ"));
  EXPECT_FALSE(read_dotnet("2024-13-05", "yyyy-MM-dd"));
  EXPECT_FALSE(read_dotnet("yesterday", "epoch"));
  EXPECT_FALSE(read_dotnet("", "yyyy"));
  EXPECT_TRUE(read_dotnet("2024-03-05 and more", "yyyy-MM-dd")) << "what follows is not its own";
}

}  // namespace
}  // namespace headwater::authoring
