#include "engine/extract/extractor_test.h"

namespace headwater::extract::test {
namespace {

TEST_F(ExtractorTest, EveryPagingTypeReadsEverythingInOrder) {
  const std::pair<const char*, const char*> rows[] = {{"/offset?n=45&no_total=1", kOffset},
                                                      {"/offset?n=45", kOffsetTotal},
                                                      {"/page?n=45&first=1", kPage},
                                                      {"/page?n=45&first=1&no_total=1", kPage},
                                                      {"/pointer?n=45", kPointer},
                                                      {"/pointer?n=45&link=relative", kPointer},
                                                      {"/pointer?n=45&link=query", kPointer},
                                                      {"/token?n=45", kToken},
                                                      {"/all?n=45", kNone},
                                                      {"/all?n=45&gzip=1&bom=1&pretty=1", kNone},
                                                      {"/offset?n=45&chunked=1&gzip=1", kOffset}};
  for (const auto& [path, paging] : rows) {
    const auto outcome = run(inputs(path, paging));
    EXPECT_EQ(outcome.error, "") << path;
    EXPECT_EQ(outcome.ids, upto(45)) << path;
    EXPECT_EQ(outcome.ending, Ending::complete) << path;
    EXPECT_TRUE(outcome.notes.empty()) << path << ": " << outcome.notes.front();
    EXPECT_GT(outcome.stats.bytes, 40'000U);
  }
}

TEST_F(ExtractorTest, ResumesBehindEveryPageOfEveryType) {
  const std::pair<const char*, const char*> rows[] = {{"/offset?n=45", kOffsetTotal},
                                                      {"/page?n=45&first=1", kPage},
                                                      {"/pointer?n=45", kPointer},
                                                      {"/token?n=45", kToken}};
  for (const auto& [path, paging] : rows) {
    const auto whole = run(inputs(path, paging));
    ASSERT_EQ(whole.cursors.size(), 5U) << path;
    for (std::size_t i = 0; i < whole.cursors.size(); ++i) {
      const auto rest = run(inputs(path, paging), whole.cursors[i]);
      EXPECT_EQ(rest.error, "") << path;
      EXPECT_EQ(rest.ids.size(), 45 - std::min<std::size_t>(45, (i + 1) * 10))
          << path << " after page " << i + 1;
      if (!rest.ids.empty()) {
        EXPECT_EQ(rest.ids.front(), (i + 1) * 10);
      }
    }
  }
  EXPECT_NE(run(inputs("/offset?n=45", kOffset), R"({"v":99})").error.find("cannot be continued"),
            std::string::npos);
}

TEST_F(ExtractorTest, FetchesAheadOnlyToTheKnownEndAndKeepsTheOrder) {
  const auto outcome = run(inputs("/offset?n=200", kOffsetTotal));
  EXPECT_EQ(outcome.ids, upto(200));
  EXPECT_EQ(calls("/offset"), 20U);
  source().call("POST", "/_reset");
  const auto limited = run(inputs(
      "/offset?n=200",
      R"({"type":"OFFSET","limitName":"limit","limitValue":10,"offSetName":"offset","totalPath":"$.total","maximumRequest":3})"));
  EXPECT_EQ(limited.ids, upto(30));
  EXPECT_EQ(limited.ending, Ending::request_limit);
  EXPECT_EQ(calls("/offset"), 3U);
  ASSERT_EQ(limited.notes.size(), 1U);
}

TEST_F(ExtractorTest, SpoolsLargePagesAndReadsComplexPaths) {
  options.page_memory_max = 1000;
  EXPECT_EQ(run(inputs("/all?n=500", kNone)).ids, upto(500));
  const auto complex = run(
      inputs("/all?n=5", kNone, R"("contentPath":{"path":"$['items']","overrideWrapperAttribute":"item"})"));
  EXPECT_EQ(complex.error, "");
  EXPECT_EQ(complex.ids, upto(5));
}

TEST_F(ExtractorTest, AComplexPathReadsAPageThatDoesNotFitIntoMemory) {
  for (const char* path : {"$['items']", "$..items"}) {
    auto extractor = Extractor::make(
        {clock, credentials, budgets},
        *inputs("/huge?bytes=80000000", kNone, std::string(R"("contentPath":")") + path + "\""), options);
    ASSERT_TRUE(extractor);
    const auto page = (*extractor)->next_page({});
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_GT((**page).record_count, 60'000U) << path;
  }
  options.element_bytes_max = 1U << 20;
  const auto failed = run(inputs("/huge?bytes=4000000", kNone, R"("contentPath":"$['items'][-1:]")"));
  EXPECT_NE(failed.error.find("The contentPath $['items'][-1:]: The path needs more than 1048576 bytes"),
            std::string::npos)
      << failed.error;
  EXPECT_EQ(failed.code, "CONNECTOR-2001-500");
}

TEST_F(ExtractorTest, APreviewOfOnePageMakesOneRequest) {
  options.pages_max = 1;
  const auto outcome = run(inputs("/offset?n=4&no_total=1", kOffset));
  EXPECT_EQ(outcome.ids, upto(4));
  EXPECT_EQ(outcome.ending, Ending::page_limit);
  EXPECT_EQ(calls("/offset"), 1U);
  const auto rest = run(inputs("/offset?n=4&no_total=1", kOffset), outcome.cursors.at(0));
  EXPECT_EQ(rest.pages, 0U);
  EXPECT_EQ(rest.ending, Ending::complete);
  EXPECT_EQ(calls("/offset"), 2U) << "the check comes when the run goes on";
}

TEST_F(ExtractorTest, TheNextPageIsOnItsWayWhileOneIsLanded) {
  EXPECT_EQ(requests_after_one_page(inputs("/offset?n=45&no_total=1", kOffset), "/offset", true), 2U);
  EXPECT_EQ(run(inputs("/offset?n=45&no_total=1", kOffset)).ids, upto(45));
}

TEST_F(ExtractorTest, NoPageIsAskedForEarlyWhereThatWasRuledOut) {
  const auto given = inputs("/offset?n=45&no_total=1", kOffset);
  options.fetch_ahead = 1;
  EXPECT_EQ(requests_after_one_page(given, "/offset", false), 1U);
  options.fetch_ahead = 4;
  options.pages_max = 1;
  EXPECT_EQ(requests_after_one_page(given, "/offset", false), 2U) << "one more, of its own";
  options.pages_max = 0;
  EXPECT_EQ(requests_after_one_page(inputs("/token?n=45", kToken), "/token", false), 1U)
      << "a token may be a receipt";
  options.requests_per_second = 0.01;
  EXPECT_EQ(requests_after_one_page(given, "/offset", false), 3U) << "the next slot is far away";
}

TEST_F(ExtractorTest, StopsWhenAsked) {
  std::stop_source stop;
  stop.request_stop();
  auto extractor = Extractor::make({clock, credentials, budgets}, *inputs("/offset?n=45", kOffset), options);
  ASSERT_TRUE(extractor);
  const auto page = (*extractor)->next_page(stop.get_token());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().kind, ErrorKind::cancelled);
}

}  // namespace
}  // namespace headwater::extract::test
