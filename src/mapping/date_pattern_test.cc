#include "mapping/internal/date_pattern.h"

#include <gtest/gtest.h>

#include "mapping/date_test.h"

namespace headwater::mapping {
namespace {

std::string formatted(std::string_view pattern, std::string_view date) {
  const auto compiled = DatePattern::compile(pattern);
  if (!compiled) return compiled.error().message;
  const auto time = parse_any_date(date, zones());
  if (!time) return "not a date";
  std::string out;
  compiled->format(out, *time);
  return out;
}

constexpr const char* kWinter = "2024-01-05T17:00:00 America/Los_Angeles";
constexpr const char* kSummer = "2024-07-05T00:00:00 America/Los_Angeles";
constexpr const char* kIndia = "2024-07-05T12:00:00+05:30";

struct FormatCase {
  const char* pattern;
  const char* date;
  const char* want;
};

TEST(DateFormat, ShowsEachLetter) {
  const FormatCase cases[] = {
      {"dd/MM/yyyy HH.mm", "2022-03-04T05:06:07Z", "04/03/2022 05.06"},
      {"yyyy-MM-dd HH:mm:ss", "1970-01-01", "1970-01-01 00:00:00"},
      {"Y-'W'ww-u", kMonday, "2025-W01-1"},
      {"D", kMonday, "365"},
      {"DDD", "2024-01-05", "005"},
      {"DD", kMonday, "365"},
      {"F", kMonday, "5"},
      {"FF", kMonday, "05"},
      {"F", "2024-03-15", "3"},
      {"F", "2024-03-07", "1"},
      {"h:mm a", kMonday, "5:06 AM"},
      {"h:mm a", kWinter, "5:00 PM"},
      {"hh a", kSummer, "12 AM"},
      {"SSS", kMonday, "089"},
      {"S", kMonday, "89"},
      {"SS", kMonday, "89"},
      {"SSSSSS", kMonday, "089000"},
      {"SSSSSSSSS", "2024-01-01T00:00:00.123456789Z", "123456789"},
      {"SSSS", kMonday, "0890"},
      {"QQQ", kMonday, "Q4"},
      {"Q", kMonday, "4"},
      {"QQ", kMonday, "04"},
      {"QQQQ", kMonday, "4th quarter"},
      {"QQQQQ", kMonday, "4"},
      {"q qq qqq qqqq", kSummer, "3 03 Q3 3rd quarter"},
      {"EEEE d MMMM yyyy", kMonday, "Monday 30 December 2024"},
      {"E EE EEE EEEE EEEEE", kMonday, "Mon Mon Mon Monday M"},
      {"E", "2024-12-29", "Sun"},
      {"M MM MMM MMMM MMMMM", kSummer, "7 07 Jul July J"},
      {"L LL LLL LLLL LLLLL", kSummer, "7 07 Jul July J"},
      {"y yy yyy yyyy yyyyy", kMonday, "2024 24 2024 2024 02024"},
      {"y yy yyyy", "0007-01-01", "7 07 0007"},
      {"Y YY YYYY", kMonday, "2025 25 2025"},
      {"YYYY", "2027-01-01", "2026"},
      {"w ww", kMonday, "1 01"},
      {"w", "2020-12-31", "53"},
      {"W", "2024-12-30", "5"},
      {"W", "2024-12-01", "0"},
      {"W", "2024-12-02", "1"},
      {"W", "2024-02-01", "1"},
      {"W", "2024-03-31", "4"},
      {"W WW", "2024-05-01", "1 01"},
      {"u uu", "2024-12-29", "7 07"},
      {"d dd", "2024-03-04", "4 04"},
      {"G GGGG GGGGG", kMonday, "AD Anno Domini A"},
      {"a", "2024-01-01T11:59", "AM"},
      {"a", "2024-01-01T12:00", "PM"},
      {"H HH k kk K KK h hh", "2024-01-01T00:30", "0 00 24 24 0 00 12 12"},
      {"H HH k kk K KK h hh", "2024-01-01T12:30", "12 12 12 12 0 00 12 12"},
      {"H k K h", "2024-01-01T13:30", "13 13 1 1"},
      {"m mm s ss", "2024-01-01T00:05:09", "5 05 9 09"},
      {"z zz zzz", kWinter, "PST PST PST"},
      {"zzzz", kWinter, "Pacific Standard Time"},
      {"z", kSummer, "PDT"},
      {"zzzz", kSummer, "Pacific Daylight Time"},
      {"z zzzz", kIndia, "GMT+05:30 GMT+05:30"},
      {"z zzzz", kMonday, "UTC Coordinated Universal Time"},
      {"z", "2024-07-05T00:00:00 PST", "GMT-08:00"},
      {"zzzz", "2024-07-05T00:00:00 Europe/Paris", "Central European Summer Time"},
      {"zzzz", "2024-07-05T00:00:00 Europe/Dublin", "Irish Standard Time"},
      {"zzzz", "2024-01-05T00:00:00 Europe/Dublin", "Greenwich Mean Time"},
      {"zzzz", "2024-01-05T00:00:00 Asia/Kolkata", "India Standard Time"},
      {"zzzz", "2024-01-05T00:00:00 Asia/Kathmandu", "GMT+05:45"},
      {"z", "2024-01-05T00:00:00 America/Sao_Paulo", "GMT-03:00"},
      {"zzzz", "2024-01-05T00:00:00 America/Sao_Paulo", "Brasilia Standard Time"},
      {"Z ZZ ZZZ ZZZZ ZZZZZ", kWinter, "-0800 -0800 -0800 GMT-08:00 -08:00"},
      {"Z ZZZZ ZZZZZ", kMonday, "+0000 GMT Z"},
      {"Z", kIndia, "+0530"},
      {"X XX XXX", kWinter, "-08 -0800 -08:00"},
      {"X XX XXX", kMonday, "Z Z Z"},
      {"X XX XXX", kIndia, "+0530 +0530 +05:30"},
      {"VV", kWinter, "America/Los_Angeles"},
      {"VV", kMonday, "UTC"},
      {"VV", kIndia, "+05:30"},
      {"O OOOO", kWinter, "GMT-8 GMT-08:00"},
      {"O OOOO", kMonday, "GMT GMT"},
      {"O OOOO", kIndia, "GMT+5:30 GMT+05:30"},
      {"'at' h 'o''clock' ''a''", kMonday, "at 5 o'clock 'AM'"},
      {"", kMonday, ""},
      {"2024年[!]", kMonday, "2024年[!]"},
      {"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"},
      {"yyyy-MM-dd HH:mm:ss", "9999-12-31T23:59:59Z", "9999-12-31 23:59:59"}};
  for (const auto& [pattern, date, want] : cases)
    EXPECT_EQ(formatted(pattern, date), want) << pattern << " of " << date;
}

struct ParseCase {
  const char* pattern;
  const char* text;
  const char* want;
};

TEST(DateParse, ReadsEachLetter) {
  const ParseCase cases[] = {
      {"dd.MM.yy HH:mm", "04.03.22 05:06", "2022-03-04T05:06:00Z"},
      {"yyyyMMdd", "20240229", "2024-02-29T00:00:00Z"},
      {"yyyyMMddHHmmssSSSX", "20240229010203004Z", "2024-02-29T01:02:03.004Z"},
      {"dMMyyyy", "4032022", "2022-03-04T00:00:00Z"},
      {"dMMyyyy", "14032022", "2022-03-14T00:00:00Z"},
      {"yMMdd", "20240304", "2024-03-04T00:00:00Z"},
      {"y", "7", "0007-01-01T00:00:00Z"},
      {"yy", "00", "2000-01-01T00:00:00Z"},
      {"yy", "99", "2099-01-01T00:00:00Z"},
      {"yyyyy", "02024", "2024-01-01T00:00:00Z"},
      {"yyyy G", "2024 ad", "2024-01-01T00:00:00Z"},
      {"GGGG y", "Anno Domini 2024", "2024-01-01T00:00:00Z"},
      {"GGGGG y", "A 2024", "2024-01-01T00:00:00Z"},
      {"HH:mm", "05:06", "1970-01-01T05:06:00Z"},
      {"", "", "1970-01-01T00:00:00Z"},
      {"d MMM yyyy", "4 jul 2021", "2021-07-04T00:00:00Z"},
      {"d MMMM yyyy", "4 JULY 2021", "2021-07-04T00:00:00Z"},
      {"d LLL yyyy", "4 Dec 2021", "2021-12-04T00:00:00Z"},
      {"d LLLL yyyy", "4 May 2021", "2021-05-04T00:00:00Z"},
      {"L/yyyy", "7/2021", "2021-07-01T00:00:00Z"},
      {"LL/yyyy", "07/2021", "2021-07-01T00:00:00Z"},
      {"EEEE d MMMM yyyy", "monday 30 december 2024", "2024-12-30T00:00:00Z"},
      {"EEE d MMM yyyy", "Mon 30 Dec 2024", "2024-12-30T00:00:00Z"},
      {"E HH", "Sun 10", "1970-01-01T10:00:00Z"},
      {"u yyyy-MM-dd", "7 2024-12-29", "2024-12-29T00:00:00Z"},
      {"Y-'W'ww-u", "2025-W01-1", "2024-12-30T00:00:00Z"},
      {"Y-'W'w", "2020-W53", "2020-12-28T00:00:00Z"},
      {"yyyy-'W'ww-u", "2025-W01-1", "2024-12-30T00:00:00Z"},
      {"YYYY-MM-dd", "2024-07-04", "2024-07-04T00:00:00Z"},
      {"Y'W'wE", "2021W1Sun", "2021-01-10T00:00:00Z"},
      {"yyyy-DDD", "2024-366", "2024-12-31T00:00:00Z"},
      {"yyyy D", "2023 60", "2023-03-01T00:00:00Z"},
      {"yyyy-MM F E", "2024-03 3 Fri", "2024-03-15T00:00:00Z"},
      {"yyyy-MM W u", "2024-12 0 7", "2024-12-01T00:00:00Z"},
      {"yyyy-MM W u", "2024-12 5 1", "2024-12-30T00:00:00Z"},
      {"yyyy QQQ", "2024 Q3", "2024-07-01T00:00:00Z"},
      {"yyyy Q", "2024 4", "2024-10-01T00:00:00Z"},
      {"yyyy QQ", "2024 02", "2024-04-01T00:00:00Z"},
      {"QQQQ yyyy", "1st Quarter 2024", "2024-01-01T00:00:00Z"},
      {"qqqqq yyyy", "2 2024", "2024-04-01T00:00:00Z"},
      {"yyyy qqq MM", "2024 Q2 05", "2024-05-01T00:00:00Z"},
      {"h:mm a", "12:30 AM", "1970-01-01T00:30:00Z"},
      {"h:mm a", "12:30 pm", "1970-01-01T12:30:00Z"},
      {"hh a", "05 PM", "1970-01-01T17:00:00Z"},
      {"K a", "0 PM", "1970-01-01T12:00:00Z"},
      {"KK a", "11 PM", "1970-01-01T23:00:00Z"},
      {"k", "24", "1970-01-01T00:00:00Z"},
      {"kk", "01", "1970-01-01T01:00:00Z"},
      {"HH:mm a", "13:05 PM", "1970-01-01T13:05:00Z"},
      {"a", "PM", "1970-01-01T12:00:00Z"},
      {"h", "3", "1970-01-01T03:00:00Z"},
      {"s.S X", "7.5 Z", "1970-01-01T00:00:07.005Z"},
      {"s.SSSX", "7.005Z", "1970-01-01T00:00:07.005Z"},
      {"s.SSSSSSX", "7.123456Z", "1970-01-01T00:00:07.123456Z"},
      {"s.SSSSSSSSSX", "7.000000001Z", "1970-01-01T00:00:07.000000001Z"},
      {"s.SSS", "7.005", "1970-01-01T00:00:07Z"},
      {"H z", "5 PST", "1970-01-01T05:00:00-08:00"},
      {"yyyy-MM-dd z", "2024-07-04 PST", "2024-07-04T00:00:00-08:00"},
      {"H zzzz", "5 Pacific Daylight Time", "1970-01-01T05:00:00-07:00"},
      {"H z", "5 GMT-08:00", "1970-01-01T05:00:00-08:00"},
      {"H z", "5 Europe/Paris", "1970-01-01T05:00:00+01:00"},
      {"Hz", "5UTC", "1970-01-01T05:00:00Z"},
      {"H Z", "5 -0800", "1970-01-01T05:00:00-08:00"},
      {"H ZZZZ", "5 GMT+01:00", "1970-01-01T05:00:00+01:00"},
      {"H ZZZZZ", "5 +01:00", "1970-01-01T05:00:00+01:00"},
      {"H ZZZZZ", "5 Z", "1970-01-01T05:00:00Z"},
      {"HX", "5-08", "1970-01-01T05:00:00-08:00"},
      {"HX", "5+0530", "1970-01-01T05:00:00+05:30"},
      {"HX", "5Z", "1970-01-01T05:00:00Z"},
      {"HXX", "5-0800", "1970-01-01T05:00:00-08:00"},
      {"HXXX", "5-08:00", "1970-01-01T05:00:00-08:00"},
      {"H'['VV']'", "5[Europe/Paris]", "1970-01-01T05:00:00+01:00"},
      {"H VV", "5 +02:00", "1970-01-01T05:00:00+02:00"},
      {"VV H", "America/Argentina/Buenos_Aires 5", "1970-01-01T05:00:00-03:00"},
      {"H O", "5 GMT-8", "1970-01-01T05:00:00-08:00"},
      {"H O", "5 GMT+5:30", "1970-01-01T05:00:00+05:30"},
      {"H OOOO", "5 GMT-08:00", "1970-01-01T05:00:00-08:00"},
      {"H O", "5 GMT", "1970-01-01T05:00:00Z"},
      {"yyyy-MM-dd HHXXX'['VV']'", "2024-10-27 02+01:00[Europe/Paris]", "2024-10-27T02:00:00+01:00"},
      {"yyyy-MM-dd HH:mm VV", "2024-03-31 02:30 Europe/Paris", "2024-03-31T03:30:00+02:00"},
      {"yyyy-MM-dd HH:mm VV", "2024-10-27 02:30 Europe/Paris", "2024-10-27T02:30:00+02:00"},
      {"'at' H 'o''clock'", "at 5 o'clock", "1970-01-01T05:00:00Z"},
      {"H''mm", "5'06", "1970-01-01T05:06:00Z"},
      {"yyyy年M月d日", "2024年7月4日", "2024-07-04T00:00:00Z"},
      {"yyyy-MM-dd", "0001-01-01", "0001-01-01T00:00:00Z"},
      {"yyyy-MM-dd", "9999-12-31", "9999-12-31T00:00:00Z"}};
  for (const auto& [pattern, text, want] : cases)
    EXPECT_EQ(parsed(pattern, text), want) << pattern << " reads " << text;
}

TEST(DateParse, RefusesNearMisses) {
  const std::pair<const char*, const char*> cases[] = {{"yyyy-MM-dd", "2023-02-29"},
                                                       {"yyyy-MM-dd", "1900-02-29"},
                                                       {"yyyy-MM-dd", "2024-04-31"},
                                                       {"yyyy-MM-dd", "2024-13-01"},
                                                       {"yyyy-MM-dd", "2024-00-01"},
                                                       {"yyyy-MM-dd", "2024-01-00"},
                                                       {"yyyy-MM-dd", "2024-01-01 "},
                                                       {"yyyy-MM-dd", " 2024-01-01"},
                                                       {"yyyy-MM-dd", "2024-1-01"},
                                                       {"yyyy-MM-dd", "2024-01-1"},
                                                       {"yyyy-MM-dd", "24-01-01"},
                                                       {"yyyy-MM-dd", "02024-01-01"},
                                                       {"yyyy-MM-dd", "2024-01-011"},
                                                       {"yyyy-MM-dd", "0000-01-01"},
                                                       {"yyyy-MM-dd", ""},
                                                       {"yyyy-MM-dd", "2024-01"},
                                                       {"yyyy-MM-dd", "+024-01-01"},
                                                       {"yyyy-MM-dd", "2024-+1-01"},
                                                       {"y", "10000"},
                                                       {"yyyyy", "10000"},
                                                       {"yy", "2024"},
                                                       {"yy", "4"},
                                                       {"", " "},
                                                       {"yyyy G", "2024 BC"},
                                                       {"d", "32"},
                                                       {"d", "123"},
                                                       {"dd", "4"},
                                                       {"M", "13"},
                                                       {"MMM", "July"},
                                                       {"MMMM", "Jul"},
                                                       {"MMM", "Xyz"},
                                                       {"MMMMM", "J"},
                                                       {"EEEEE", "M"},
                                                       {"E", "Monday"},
                                                       {"EEEE", "Mon"},
                                                       {"EEE d MMM yyyy", "Tue 30 Dec 2024"},
                                                       {"u yyyy-MM-dd", "1 2024-12-29"},
                                                       {"u", "8"},
                                                       {"u", "0"},
                                                       {"Y-'W'ww", "2021-W53"},
                                                       {"w", "0"},
                                                       {"w", "54"},
                                                       {"yyyy-DDD", "2023-366"},
                                                       {"D", "0"},
                                                       {"D", "367"},
                                                       {"YYYY-MM-dd", "2024-12-30"},
                                                       {"F yyyy-MM-dd", "4 2024-12-30"},
                                                       {"F", "6"},
                                                       {"F", "0"},
                                                       {"yyyy-MM F E", "2024-03 5 Mon"},
                                                       {"yyyy-MM W u", "2024-12 0 1"},
                                                       {"W yyyy-MM-dd", "1 2024-12-30"},
                                                       {"W", "6"},
                                                       {"yyyy Q", "2024 5"},
                                                       {"yyyy Q", "2024 0"},
                                                       {"yyyy QQQ", "2024 3"},
                                                       {"yyyy QQQ MM", "2024 Q3 04"},
                                                       {"QQQQ", "5th quarter"},
                                                       {"H", "24"},
                                                       {"HH", "5"},
                                                       {"k", "0"},
                                                       {"k", "25"},
                                                       {"K", "12"},
                                                       {"h", "0"},
                                                       {"h", "13"},
                                                       {"m", "60"},
                                                       {"s", "60"},
                                                       {"HH:mm a", "05:00 PM"},
                                                       {"HH hh", "05 06"},
                                                       {"h a", "5 XM"},
                                                       {"h a", "5"},
                                                       {"SSS", "12"},
                                                       {"SSS", "1234"},
                                                       {"SSSS", "123"},
                                                       {"SSS SSSS", "123 4560"},
                                                       {"H z", "5 XYZ"},
                                                       {"H z", "5"},
                                                       {"H Z", "5 -08:00"},
                                                       {"H Z", "5 Z"},
                                                       {"H Z", "5 -08"},
                                                       {"H Z", "5 +1900"},
                                                       {"H Z", "5 +0060"},
                                                       {"HXX", "5-08"},
                                                       {"HXX", "5-08:00"},
                                                       {"HXXX", "5-0800"},
                                                       {"HX", "5-8"},
                                                       {"HX", "5"},
                                                       {"H OOOO", "5 GMT-8"},
                                                       {"H O", "5 UTC-8"},
                                                       {"H O", "5 GMT-0830"},
                                                       {"H VV", "5 Europe/Nowhere"},
                                                       {"XXX z", "-08:00 CET"},
                                                       {"M L", "1 2"},
                                                       {"yyyy年", "2024\xe5\xb9"},
                                                       {"'T'H", "t5"}};
  for (const auto& [pattern, text] : cases)
    EXPECT_EQ(parsed(pattern, text), "no match") << pattern << " reads " << text;
}

TEST(DateParse, SurvivesHostileTexts) {
  const std::string digits(100'000, '9'), letters(100'000, 'A'), bytes(100'000, '\xff'), zeros(100'000, '0');
  for (const char* pattern : {"y", "yyyyyyyyyyyyyyyyyy", "d", "SSSSSSSSS", "MMMM", "EEEE", "z", "VV", "X",
                              "O", "a", "G", "yMdHmsSSS", "dddddddddddddddddd", "QQQQ"})
    for (const std::string& text : {digits, letters, bytes, zeros, "+" + digits, "GMT+" + digits})
      EXPECT_EQ(parsed(pattern, text), "no match") << pattern;
  for (const std::string& text :
       {digits, letters, bytes, zeros, "2024-01-01T00:00:00." + digits + "x", "2024-01-01T00:00:00" + letters,
        "2024-01-01T00:00:00+" + digits, "2024-01-01T00:00:00[" + letters + "]",
        std::string("2024-01-01T00:00:00["), std::string("2024-01-01\0", 11)})
    EXPECT_EQ(any(text), "no match");
  EXPECT_EQ(any("2024-01-01T00:00:00." + digits + "Z"), "2024-01-01T00:00:00.999999999Z");
  EXPECT_EQ(parsed("dddddddddddddddddd", "000000000000000004"), "1970-01-04T00:00:00Z");
}

TEST(DateCompile, NamesTheMistakeAndItsPlace) {
  const std::pair<const char*, const char*> cases[] = {{"yyyy-bb", "position 6: \"b\" is no pattern letter"},
                                                       {"T", "position 1: \"T\" is no pattern letter"},
                                                       {"x", "position 1: \"x\""},
                                                       {"yyyy 'abc", "position 6: the quote is not closed"},
                                                       {"'", "position 1: the quote"},
                                                       {"'a''", "position 1: the quote"},
                                                       {"V", "position 1: a zone id is written \"VV\""},
                                                       {"H VVV", "position 3: \"V\" is repeated"},
                                                       {"OO", "\"O\" or \"OOOO\""},
                                                       {"MMMMMM", "\"M\" is repeated too often"},
                                                       {"XXXX", "\"X\" is repeated"},
                                                       {"SSSSSSSSSS", "\"S\" is repeated"},
                                                       {"zzzzz", "\"z\" is repeated"},
                                                       {"ddddddddddddddddddd", "\"d\" is repeated"},
                                                       {"EEEEEE", "\"E\" is repeated"}};
  for (const auto& [pattern, want] : cases) {
    const auto compiled = DatePattern::compile(pattern);
    ASSERT_FALSE(compiled) << pattern;
    EXPECT_EQ(compiled.error().kind, ErrorKind::invalid_argument);
    EXPECT_NE(compiled.error().message.find(want), std::string::npos) << compiled.error().message;
  }
}

// What a pattern with a whole date and time shows, it reads back.
TEST(DatePattern, ReadsBackWhatItShows) {
  for (const char* pattern : {"yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "EEEE d MMMM yyyy h:mm:ss.SSS a Z",
                              "Y-'W'ww-u k:m:s.SSSX", "yyyy-DDD KK:mm:ss.S a OOOO", "G yyyyMMddHHmmssSSSZ",
                              "yyyy MM F E HH:mm:ss.SSSSSS z", "QQQQ yyyy-MM W u HH:mm:ss.SSS VV"})
    for (const char* date :
         {kMonday, "2024-02-29T23:59:59.999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
          "2021-01-03T12:00:00Z", "2027-01-01T00:30:00.001Z", "2024-12-01T11:00:00Z"})
      EXPECT_EQ(parsed(pattern, formatted(pattern, date)), any(date)) << pattern << " " << date;
}

}  // namespace
}  // namespace headwater::mapping
