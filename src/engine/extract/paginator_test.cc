#include "engine/extract/paginator.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "domain/source_spec.h"

namespace headwater::extract {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text;
  return value ? *value : json::Value();
}

// One answer of a source: its body's members that paging looks at, headers, and how many records it has.
struct Answer {
  std::uint64_t records = 0;
  std::string body = "{}";
  http::Headers headers = {};
  std::uint64_t hash = 0;  // 0: unique
  bool no_content = false;
  std::uint64_t elements = 0;  // 0: as hash
  std::string came_from = {};  // empty: from where it was asked for
};

const json::Value* follow(const json::Value& root, const std::vector<std::string>& names) {
  const json::Value* at = &root;
  for (const auto& name : names) at = at ? at->find(name) : nullptr;
  return at;
}

// Plays the answers and writes down what was asked: "o=0 | o=10 | end: note".
std::string play(const std::string& paging, const std::vector<Answer>& answers,
                 bool restart_between = false) {
  std::vector<Problem> problems;
  const auto spec = domain::read_source_spec(
      parsed(R"({"sourceSpec":{"attributes":{"urlParams":{"host":"h"},"paginationParams":)" + paging + "}}}"),
      nullptr, problems);
  EXPECT_TRUE(problems.empty()) << problems.front().reason;
  auto paginator = Paginator::make(spec.paging, {});
  if (!paginator) return "! " + paginator.error().message;
  std::string told;
  Url url = *Url::parse("https://a.test/list?limit=10");
  bool checking = false;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto request = paginator->request();
    std::string asked = checking ? "check " : "";
    asked += request.link ? request.link->text() : format_query(request.query);
    for (const auto& [name, value] : request.headers)
      asked.append(" ").append(name).append(":").append(value);
    for (const auto& [name, value] : request.body) asked += " " + name + "=" + value.dump();
    told += asked + " | ";
    if (request.link) url = *request.link;
    const auto& answer = answers[i];
    const auto body = parsed(answer.body);
    std::vector<json::Value> values;
    std::vector<bool> found;
    for (const auto& path : paginator->probes()) {
      const auto* value = follow(body, path);
      values.push_back(value ? *value : json::Value());
      found.push_back(value != nullptr);
    }
    PageFacts facts{&answer.headers,
                    &values,
                    &found,
                    answer.records,
                    answer.no_content,
                    answer.hash ? answer.hash : 1000 + i,
                    answer.elements ? answer.elements
                    : answer.hash   ? answer.hash
                                    : 2000 + i,
                    url,
                    answer.came_from.empty() ? url : *Url::parse(answer.came_from)};
    const auto step = checking ? paginator->after_check(answer.records) : paginator->after(facts);
    if (!step) return told + "! " + step.error().message;
    if (step->next == Paginator::Next::finished)
      return told + (step->request_limit ? "limit" : "end") + (step->note.empty() ? "" : ": " + step->note);
    checking = step->next == Paginator::Next::check;
    if (restart_between && !checking) {
      const auto state = parsed(paginator->state().dump());
      auto again = Paginator::make(spec.paging, {});
      EXPECT_TRUE(again->restore(state));
      paginator = std::move(again);
    }
  }
  return told + "...";
}

struct Case {
  const char* name;
  const char* paging;
  std::vector<Answer> answers;
  const char* want;
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

constexpr const char* kOffset = R"({"type":"OFFSET","limitName":"l","limitValue":"10","offSetName":"o")";
#define OFFSET_WITH(more) R"({"type":"OFFSET","limitName":"l","limitValue":"10","offSetName":"o",)" more "}"
#define PAGE_WITH(more) R"({"type":"PAGE","pageParamName":"p",)" more "}"
constexpr const char* kToken =
    R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.m.t","parameterType":"QUERYPARAM","parameterName":"a"})";
constexpr const char* kPointer =
    R"({"type":"POINTER","pointerPath":"next","limitName":"limit","limitValue":10})";

std::vector<Case> cases() {
  static const std::string offset = std::string(kOffset) + "}";
  return {
      {"OffsetUntilAShortPage", offset.c_str(), {{10}, {10}, {3}}, "l=10&o=0 | l=10&o=10 | l=10&o=20 | end"},
      {"OffsetUntilAnEmptyPage", offset.c_str(), {{10}, {0}}, "l=10&o=0 | l=10&o=10 | end"},
      {"OffsetEmptyFirstPage", offset.c_str(), {{0}}, "l=10&o=0 | end"},
      {"OffsetShortFirstPageIsChecked", offset.c_str(), {{4}, {0}}, "l=10&o=0 | check l=10&o=4 | end"},
      {"OffsetCappedSourceFails",
       offset.c_str(),
       {{4}, {4}},
       "l=10&o=0 | check l=10&o=4 | ! The source caps pages at 4 records although 10 were asked for; set "
       "limitValue to 4."},
      {"OffsetKnownTotalNeedsNoCheck",
       OFFSET_WITH(R"("totalPath":"$.total")"),
       {{4, R"({"total":4})"}},
       "l=10&o=0 | end"},
      {"OffsetTotalEndsWithoutAnotherCall",
       OFFSET_WITH(R"("totalPath":"$.total")"),
       {{10, R"({"total":20})"}, {10, R"({"total":20})"}},
       "l=10&o=0 | l=10&o=10 | end"},
      {"OffsetShortPageBeforeTheTotalGoesOn",
       OFFSET_WITH(R"("totalPath":"$.total")"),
       {{10, R"({"total":25})"}, {7, R"({"total":25})"}, {5, R"({"total":25})"}},
       "l=10&o=0 | l=10&o=10 | l=10&o=20 | end"},
      {"OffsetTotalHeader",
       offset.c_str(),
       {{10, "{}", {{"x-total-count", "20"}}}, {10, "{}", {{"x-total-count", "20"}}}},
       "l=10&o=0 | l=10&o=10 | end"},
      {"OffsetHeaderThatCountsThePage",
       offset.c_str(),
       {{10, "{}", {{"X-Total", "10"}}}, {0, "{}", {{"X-Total", "0"}}}},
       "l=10&o=0 | l=10&o=10 | end"},
      {"EndConditionConst",
       OFFSET_WITH(R"("endConditionName":"$.hasMore","endConditionValue":"Const:false")"),
       {{3, R"({"hasMore":true})"}, {10, R"({"hasMore":false})"}},
       "l=10&o=0 | l=10&o=10 | end"},
      {"EndConditionNeverHolds",
       OFFSET_WITH(R"("endConditionName":"$.hasMore","endConditionValue":"Const:false")"),
       {{10}, {0}, {0}, {0}, {0}},
       "l=10&o=0 | l=10&o=10 | l=10&o=20 | l=10&o=30 | l=10&o=40 | ! Four empty pages in a row, and the end "
       "condition still does not hold: the source never ends."},
      {"EndConditionHeader",
       OFFSET_WITH(R"("endConditionName":"headers.X-More","endConditionValue":"Const:0")"),
       {{10, "{}", {{"x-more", "1"}}}, {10, "{}", {{"x-more", "0"}}}},
       "l=10&o=0 | l=10&o=10 | end"},
      {"EndConditionEmpty",
       OFFSET_WITH(R"("endConditionName":"$.next","endConditionValue":"Empty")"),
       {{10, R"({"next":"x"})"}, {10, R"({"next":[]})"}},
       "l=10&o=0 | l=10&o=10 | end"},
      {"EndConditionNonExist",
       OFFSET_WITH(R"("endConditionName":"$.next","endConditionValue":"NonExist")"),
       {{10, R"({"next":null})"}, {10}},
       "l=10&o=0 | l=10&o=10 | end"},
      {"EndConditionExist",
       OFFSET_WITH(R"("endConditionName":"$.done","endConditionValue":"Exist")"),
       {{10}, {10, R"({"done":1})"}},
       "l=10&o=0 | l=10&o=10 | end"},
      {"MaximumRequest",
       OFFSET_WITH(R"("maximumRequest":"2")"),
       {{10}, {10}},
       "l=10&o=0 | l=10&o=10 | limit: The run ended after maximumRequest (2) requests; the source has more."},
      {"NoContentEnds", offset.c_str(), {{10}, {0, "{}", {}, 0, true}}, "l=10&o=0 | l=10&o=10 | end"},
      {"RepeatedBytesFail",
       offset.c_str(),
       {{10, "{}", {}, 7}, {10, "{}", {}, 7}},
       "l=10&o=0 | l=10&o=10 | ! The answer repeats the page before it byte for byte: the source does not "
       "page on."},
      {"NoContentWhereMoreWasPromised",
       OFFSET_WITH(R"("endConditionName":"$.hasMore","endConditionValue":"Const:false")"),
       {{10, R"({"hasMore":true})"}, {0, "{}", {}, 0, true}},
       "l=10&o=0 | l=10&o=10 | end: The source answered nothing (204, or an empty body) although the page "
       "before said that more follows; the run ended there, and records may be missing."},
      {"OffsetPageOfTheSameRecordsFails",
       offset.c_str(),
       {{10, "{}", {}, 0, false, 9}, {10, "{}", {}, 0, false, 9}},
       "l=10&o=0 | l=10&o=10 | ! The page holds the same 10 records as the page before it: the source does "
       "not "
       "page on, and what should stand here is missing."},
      {"TokenPagesOfTheSameRecordsArePages",
       kToken,
       {{2, R"({"m":{"t":"x"}})", {}, 0, false, 9},
        {2, R"({"m":{"t":"y"}})", {}, 0, false, 9},
        {2, "{}", {}, 0, false, 9}},
       " | a=x | a=y | end"},
      {"PointerPagesOfTheSameRecordsArePages",
       kPointer,
       {{2, R"({"next":"/a"})", {}, 0, false, 9}, {2, R"({"next":"/b"})", {}, 0, false, 9}, {2}},
       "limit=10 | https://a.test/a | https://a.test/b | end"},
      {"TokenPageOfTheSameBytesFails",
       kToken,
       {{2, R"({"m":{"t":"x"}})", {}, 7}, {2, R"({"m":{"t":"y"}})", {}, 7}},
       " | a=x | ! The answer repeats the page before it byte for byte: the source does not page on."},
      {"OffsetTotalThatThePagesOutgrow",
       OFFSET_WITH(R"("totalPath":"$.total")"),
       {{10, R"({"total":15})"}, {10, R"({"total":15})"}, {3, R"({"total":15})"}},
       "l=10&o=0 | l=10&o=10 | l=10&o=20 | end"},
      {"OffsetHeaderAgainstTheEndCondition",
       OFFSET_WITH(R"("endConditionName":"$.hasMore","endConditionValue":"Const:false")"),
       {{10, R"({"hasMore":true})", {{"X-Total", "10"}}},
        {10, R"({"hasMore":true})", {{"X-Total", "10"}}},
        {10, R"({"hasMore":false})", {{"X-Total", "10"}}}},
       "l=10&o=0 | l=10&o=10 | l=10&o=20 | end"},
      {"OffsetInBody", OFFSET_WITH(R"("parameterType":"BODY")"), {{10}}, R"( l=10 o=0 | ...)"},
      {"PageUntilEmpty", PAGE_WITH(R"("initialPageIndex":"1")"), {{10}, {3}, {0}}, "p=1 | p=2 | p=3 | end"},
      {"PageShortPageEnds",
       PAGE_WITH(R"("limitName":"n","limitValue":5)"),
       {{5}, {2}},
       "n=5&p=0 | n=5&p=1 | end"},
      {"PageShortFirstPageIsChecked",
       PAGE_WITH(R"("limitName":"n","limitValue":5)"),
       {{2}, {2}},
       "n=5&p=0 | check n=5&p=1 | ! The source caps pages at 2 records although 5 were asked for; set "
       "limitValue to 2."},
      {"PageEndIndex",
       PAGE_WITH(R"("initialPageIndex":1,"endPageIndex":"2")"),
       {{10}, {10}},
       "p=1 | p=2 | end"},
      {"PageEndHeader",
       PAGE_WITH(R"("initialPageIndex":1,"endPageIndex":"headers.x-pagecount")"),
       {{9, "{}", {{"X-PageCount", "2"}}}, {9, "{}", {{"X-PageCount", "2"}}}},
       "p=1 | p=2 | end"},
      {"PageWellKnownHeader",
       PAGE_WITH(R"("initialPageIndex":1,"limitName":"n","limitValue":5)"),
       {{5, "{}", {{"X-WP-TotalPages", "1"}}}},
       "n=5&p=1 | end"},
      {"TokenUntilNull",
       kToken,
       {{1, R"({"m":{"t":"x y"}})"}, {1, R"({"m":{"t":5}})"}, {1, R"({"m":{"t":null}})"}},
       " | a=x%20y | a=5 | end"},
      {"TokenRepeatedEnds",
       kToken,
       {{1, R"({"m":{"t":"x"}})"}, {1, R"({"m":{"t":"x"}})"}},
       " | a=x | end: The source repeated the token just used on its last page; the run ended there."},
      {"TokenCycleFails",
       kToken,
       {{1, R"({"m":{"t":"x"}})"}, {1, R"({"m":{"t":"y"}})"}, {1, R"({"m":{"t":"x"}})"}},
       " | a=x | a=y | ! The continuation token leads back to an earlier page: the source runs in a circle."},
      {"TokenEmptyPagesFollowedThreeTimes",
       kToken,
       {{1, R"({"m":{"t":"1"}})"},
        {0, R"({"m":{"t":"2"}})"},
        {0, R"({"m":{"t":"3"}})"},
        {0, R"({"m":{"t":"4"}})"},
        {0, R"({"m":{"t":"5"}})"}},
       " | a=1 | a=2 | a=3 | a=4 | end: Four empty pages in a row with a new token each; the run ended "
       "there."},
      {"TokenInHeader",
       R"({"type":"continuation_token","continuationTokenPath":"t","parameterType":"HEADERPARAM","parameterName":"X-T"})",
       {{1, R"({"t":"q"})"}, {1}},
       " |  X-T:q | end"},
      {"TokenFromAHeader",
       R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"headers.X-Next","parameterName":"a"})",
       {{1, R"({"headers":{"X-Next":"no"}})", {{"x-next", "2"}}}, {1, "{}", {{"X-NEXT", "3"}}}, {1}},
       " | a=2 | a=3 | end"},
      {"TokenFromAHeaderThatIsEmpty",
       R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"headers.x-next","parameterName":"a"})",
       {{1, "{}", {{"x-next", "2"}}}, {1, "{}", {{"x-next", ""}}}},
       " | a=2 | end"},
      {"TokenFromAMemberNamedHeaders",
       R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.headers.next","parameterName":"a"})",
       {{1, R"({"headers":{"next":"2"}})"}, {1}},
       " | a=2 | end"},
      {"OffsetOfOldPages",
       R"({"paginationType":"offset","limitName":"l","limitValue":"10","pointerName":"o"})",
       {{10}, {3}},
       "l=10&o=0 | l=10&o=10 | end"},
      {"TokenInBody",
       R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"t","parameterType":"BODYPARAM","parameterName":"after"})",
       {{1, R"({"t":"7"})"}, {1}},
       " |  after=\"7\" | end"},
      {"PointerRelativeAndAbsolute",
       kPointer,
       {{1, R"({"next":"?c=2"})"}, {1, R"({"next":"https://a.test/z?c=3"})"}, {1, R"({"next":""})"}},
       "limit=10 | https://a.test/list?c=2 | https://a.test/z?c=3 | end"},
      {"PointerRelativeToWhereARedirectLed",
       kPointer,
       {{1, R"({"next":"page2"})", {}, 0, false, 0, "https://a.test/list/"},
        {1, R"({"next":"page3"})"},
        {1, R"({"next":null})"}},
       "limit=10 | https://a.test/list/page2 | https://a.test/list/page3 | end"},
      {"PointerToWhereARedirectLedEnds",
       kPointer,
       {{1, R"({"next":"/list/"})", {}, 0, false, 0, "https://a.test/list/"}},
       "limit=10 | end: The source repeated the link just used on its last page; the run ended there."},
      {"PointerOfWhiteSpaceEnds", kPointer, {{1, R"({"next":" \t "})"}}, "limit=10 | end"},
      {"PointerWithWhiteSpaceAround",
       kPointer,
       {{1, R"({"next":" /b\n"})"}, {1}},
       "limit=10 | https://a.test/b | end"},
      {"PointerToItselfEnds",
       kPointer,
       {{1, R"({"next":"/a"})"}, {1, R"({"next":"/a"})"}},
       "limit=10 | https://a.test/a | end: The source repeated the link just used on its last page; the run "
       "ended there."},
      {"PointerCycleFails",
       kPointer,
       {{1, R"({"next":"/a"})"}, {1, R"({"next":"/b"})"}, {1, R"({"next":"/a"})"}},
       "limit=10 | https://a.test/a | https://a.test/b | ! The next page's link leads back to an earlier "
       "page: the source runs in a circle (https://a.test/a)."},
      {"None", R"({"type":"none"})", {{5}}, " | end"},
  };
}

class PaginatorTest : public testing::TestWithParam<Case> {};

TEST_P(PaginatorTest, AsksForThePagesAndEnds) {
  const auto& row = GetParam();
  EXPECT_EQ(play(row.paging, row.answers), row.want);
  EXPECT_EQ(play(row.paging, row.answers, true), row.want) << "restored from its state before each page";
}

INSTANTIATE_TEST_SUITE_P(All, PaginatorTest, testing::ValuesIn(cases()),
                         [](const auto& row) { return row.param.name; });

TEST(Paginator, FindsAnyCycleEvenWhenRestoredBeforeEachPage) {
  std::vector<Answer> answers;
  answers.reserve(2000);
  for (int i = 0; i < 2000; ++i)
    answers.push_back(
        {1, R"({"m":{"t":"t)" + std::to_string(i < 300 ? i : 300 + (i - 300) % 500) + R"("}})"});
  EXPECT_NE(play(kToken, answers, true).find("! The continuation token leads back"), std::string::npos);
}

// `turns` pages whose records come round every `length`, asked for as `paging` says, with a new token and
// link each; what was said at the end, and after how many pages.
std::pair<std::string, std::size_t> told_of_circle(const std::string& paging, std::size_t length,
                                                   std::size_t pages, bool restart_between) {
  std::vector<Answer> answers;
  answers.reserve(pages);
  for (std::size_t i = 0; i < pages; ++i) {
    const auto number = std::to_string(i);
    answers.push_back({10,
                       std::string(R"({"next":"/)")
                           .append(number)
                           .append(R"(","m":{"t":")")
                           .append(number)
                           .append(R"("}})"),
                       {},
                       0,
                       false,
                       100 + (i < 5 ? i : 5 + (i - 5) % length)});
  }
  const auto told = play(paging, answers, restart_between);
  return {told.substr(told.rfind(" | ") + 3),
          static_cast<std::size_t>(std::count(told.begin(), told.end(), '|'))};
}

TEST(Paginator, PagesThatRunInACircleFailHoweverTheyAreAskedFor) {
  for (const std::string& paging :
       {std::string(kOffset) + "}", std::string(PAGE_WITH(R"("limitName":"n","limitValue":10)")),
        std::string(kToken), std::string(kPointer)})
    for (const std::size_t length : {2, 3, 7, 40, 500})
      for (const bool restart_between : {false, true}) {
        const auto [told, pages] = told_of_circle(paging, length, 2600, restart_between);
        const auto turn = std::to_string(length);
        const auto sentence = std::string("of ")
                                  .append(turn)
                                  .append(" pages before. The source runs in a circle of ")
                                  .append(turn)
                                  .append(" pages.");
        EXPECT_NE(told.find(sentence), std::string::npos) << paging << length << told;
        EXPECT_GE(pages, 5 + 2 * length) << "a whole turn has come again";
        EXPECT_LE(pages, 4 * length + 30) << paging << length;
        if (length < 10 && !restart_between) {
          EXPECT_EQ(told.find("! The pages began to repeat after page " + std::to_string(5 + length) + ":"),
                    0U)
              << told;
        }
      }
}

TEST(Paginator, ATokenWithTheSameRecordsForEverFails) {
  const auto [told, pages] = told_of_circle(kToken, 1, 100, true);
  EXPECT_NE(told.find("each one since then holds the same records. The source does not page on."),
            std::string::npos)
      << told;
  EXPECT_GE(pages, 15U);
  EXPECT_LE(pages, 20U);
}

TEST(Paginator, TheNextLinkMayStandInAHeader) {
  const std::string paging = R"({"type":"POINTER","pointerPath":"headers.link"})";
  const auto linked = [](const std::string& link) { return Answer{10, "{}", {{"Link", link}}}; };
  const std::vector<Answer> answers{linked(R"(</list?page=2>; rel="next", </list?page=3>; rel="last")"),
                                    linked(R"(</list?page=3>; rel="next")"),
                                    linked(R"(</list?page=1>; rel="first")")};
  for (const bool restart_between : {false, true})
    EXPECT_EQ(play(paging, answers, restart_between),
              " | https://a.test/list?page=2 | https://a.test/list?page=3 | end");
}

TEST(Paginator, ATokenOfTheBodyIsSentAsWhatItWas) {
  const std::string paging =
      R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.next","parameterType":"BODYPARAM","parameterName":"cursor"})";
  for (const bool restart_between : {false, true}) {
    EXPECT_EQ(play(paging, {{10, R"({"next":5})"}, {10, R"({"next":null})"}}, restart_between),
              " |  cursor=5 | end");
    EXPECT_EQ(play(paging, {{10, R"({"next":"5"})"}, {10, R"({"next":null})"}}, restart_between),
              " |  cursor=\"5\" | end");
  }
}

TEST(Paginator, ACountOfNoPagesBesideRecordsIsNone) {
  const std::string paging =
      R"({"type":"PAGE","limitName":"n","limitValue":10,"pageParamName":"p","endPageIndex":"headers.x-pagecount"})";
  EXPECT_EQ(play(paging, {{10, "{}", {{"X-PageCount", "0"}}}, {10, "{}", {{"X-PageCount", "0"}}}, {0}}),
            "n=10&p=0 | n=10&p=1 | n=10&p=2 | end");
}

TEST(Paginator, SaysOnceThatAShortPageMayHideRecords) {
  domain::Paging paging;
  paging.type = domain::PagingType::offset;
  paging.limit_name = "l";
  paging.limit_value = "10";
  paging.offset_name = "o";
  paging.end_condition = domain::EndCondition{"", {"more"}, domain::EndCondition::Test::constant, "false"};
  auto paginator = Paginator::make(paging, {});
  const http::Headers none;
  const std::vector<json::Value> values{json::Value(true)};
  const std::vector<bool> found{true};
  const auto note_of = [&](std::uint64_t records, std::uint64_t hash) {
    return paginator
        ->after({&none, &values, &found, records, false, hash, hash, *Url::parse("https://a.test"), {}})
        ->note;
  };
  EXPECT_EQ(note_of(10, 1), "");
  EXPECT_NE(note_of(5, 2).find("Page 2 held 5 records where 10 were asked for"), std::string::npos);
  EXPECT_EQ(note_of(5, 3), "");
}

TEST(Paginator, KnowsHowManyPagesMayBeFetchedAhead) {
  domain::Paging paging;
  paging.type = domain::PagingType::offset;
  paging.limit_name = "l";
  paging.limit_value = "10";
  paging.offset_name = "o";
  paging.total_path = {"total"};
  const auto ahead_after_first = [](const domain::Paging& with) {
    auto paginator = Paginator::make(with, {});
    EXPECT_EQ(paginator->pages_ahead(), 0U);
    const http::Headers none;
    const std::vector<json::Value> values{json::Value(95)};
    const std::vector<bool> found{true};
    EXPECT_TRUE(
        paginator->after({&none, &values, &found, 10, false, 1, 1, *Url::parse("https://a.test"), {}}));
    return paginator->pages_ahead();
  };
  EXPECT_EQ(ahead_after_first(paging), 8U);  // page 2 is next, pages 3 to 10 follow
  paging.request_max = 4;
  EXPECT_EQ(ahead_after_first(paging), 2U);
  paging.delay = std::chrono::milliseconds(5);
  EXPECT_EQ(ahead_after_first(paging), 0U);
}

}  // namespace
}  // namespace headwater::extract
