// What `headwater source verify` must not call green: sources that repeat, leave out, or stop before their
// end, and walks that were not walked to their end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "cli/verify_test.h"
#include "json/value.h"
#include "support/mock_specs.h"

namespace headwater::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kOffset =
    R"({"type":"OFFSET","limitName":"limit","limitValue":"20","offSetName":"offset"})";

constexpr const char* kPageUntil2 =
    R"({"type":"PAGE","limitName":"limit","limitValue":"20","pageParamName":"page","initialPageIndex":1,"endPageIndex":2})";

// Pages of 20 that overlap by 2, of 50 records.
std::pair<std::size_t, std::size_t> overlapping(std::size_t offset) {
  const std::size_t from = offset - offset / 20 * 2;
  return {std::min<std::size_t>(from, 50), std::min<std::size_t>(from + 20, 50)};
}

TEST_F(VerifyFindings, MoreRecordsThanTheSourceSaysIsRed) {
  const auto doubled = verify(kOffset, [](const auto&, std::size_t offset) {
    const auto [from, end] = overlapping(offset);
    return items(from, end, R"(,"total":50)");
  });
  EXPECT_EQ(doubled.exit_code, 1) << doubled.output;
  EXPECT_THAT(doubled.output,
              HasSubstr("The source says that it has 50 records (total of its answer), and the "
                        "run fetched 54."));
  const auto less = verify(kOffset, [](const auto&, std::size_t offset) {
    return items(offset, std::min<std::size_t>(offset + 20, 50), R"(,"total":40)");
  });
  EXPECT_EQ(less.exit_code, 1) << less.output;
  EXPECT_THAT(less.output, HasSubstr("has 40 records (total of its answer), and the run fetched 50."));
}

TEST_F(VerifyFindings, RecordsThatComeTwiceAreWarnedOfInEveryReport) {
  const auto done = verify(kOffset, [](const auto&, std::size_t offset) {
    const auto [from, end] = overlapping(offset);
    return items(from, end);
  });
  EXPECT_EQ(done.exit_code, 0) << done.output;
  const std::string said = "4 of the 54 records came before with every member the same.";
  EXPECT_THAT(done.output, HasSubstr("\nwarning Records alike               " + said));
  EXPECT_THAT(done.output, HasSubstr("green with 2 warnings: "));
  for (const char* name : {"report.json", "report.xml", "report.html"})
    EXPECT_THAT(*read_file(path(name)), HasSubstr(said)) << name;
}

// The offset beside them made them all different, and so did a time of the answer in them.
TEST_F(VerifyFindings, RecordsThatComeTwiceAreKnownWhateverStandsBesideThem) {
  const auto done = verify(
      kOffset,
      [](const auto&, std::size_t offset) {
        const auto [from, end] = overlapping(offset);
        return items(from, end, R"(,"offset":)" + std::to_string(offset));
      },
      R"("contentPath":{"path":"$.items"})");
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_THAT(done.output, HasSubstr("4 of the 54 records came before with every member the same."));
  std::atomic<int> answers{0};
  const auto stamped = verify(kOffset, [&answers](const auto&, std::size_t offset) {
    const auto [from, end] = overlapping(offset);
    std::string body;
    for (std::size_t i = from; i < end; ++i)
      body += (body.empty() ? "" : ",") +
              (R"({"id":)" + std::to_string(i) + R"(,"answer":)" + std::to_string(++answers) + "}");
    return http::Response::text(200, R"({"items":[)" + body + "]}", "application/json");
  });
  EXPECT_THAT(stamped.output, HasSubstr("4 of the 54 records have the id of one that came before"));
}

const std::string kSince = std::string(kBare) + R"(,"scheduleParams":{"scheduleStartParamName":"since"})";

// A second run that loads old records again was green unless it loaded all of them.
TEST_F(VerifyFindings, OldRecordsInANewWindowAreRed) {
  const auto since = [this](std::size_t from, std::size_t end, const std::string& schedule = kSince) {
    // Only the second run is the odd one: what is there comes once.
    const auto second = std::make_shared<std::string>();
    return verify(
        kOffset,
        [from, end, second](const auto& request, std::size_t offset) {
          const std::string asked(request.query_param("since").value_or(""));
          if (second->empty()) *second = asked;
          if (asked != *second && !asked.empty()) return items(0, 0);
          const bool all = !request.query_param("since");
          const auto at = offset + (all ? 0 : from);
          const auto last = all ? std::size_t{50} : end;
          return items(std::min(at, last), std::min(at + 20, last));
        },
        schedule);
  };
  const auto half = since(0, 30);
  EXPECT_EQ(half.exit_code, 1) << half.output;
  EXPECT_THAT(half.output, HasSubstr("30 of the 30 records fetched were there already, unchanged: the start "
                                     "parameter is not understood, or its format."));
  EXPECT_EQ(since(1, 50).exit_code, 1);
  EXPECT_EQ(since(40, 80).exit_code, 1);
  const auto border = since(49, 60);
  EXPECT_EQ(border.exit_code, 0) << border.output;
  EXPECT_THAT(border.output, HasSubstr("warning Records again"));
  EXPECT_THAT(border.output, HasSubstr("1 of the 11 records fetched were there already, unchanged"));
  const auto whole_day = since(
      30, 50,
      std::string(kBare) +
          R"(,"scheduleParams":{"scheduleStartParamName":"since","scheduleStartParamFormat":"yyyy-MM-dd"})");
  EXPECT_EQ(whole_day.exit_code, 0) << whole_day.output;
  EXPECT_THAT(whole_day.output, HasSubstr("warning Records again"));
}

// Its own mapping set was refused.
TEST_F(VerifyFindings, MembersMayHaveAnyName) {
  const auto done = verify(
      kOffset,
      [](const auto&, std::size_t offset) {
        std::string body;
        for (auto i = offset; i < std::min<std::size_t>(offset + 20, 50); ++i)
          body +=
              (body.empty() ? "" : ",") +
              (R"({"id":)" + std::to_string(i) +
               R"(,"odata.etag":"x","a b":1,"$id":2,"x-y":3,"a[0]":4,"size":5,"1st":6,"q}":7,"":8,"b\\c":9})");
        return http::Response::text(200, "[" + body + "]", "application/json");
      },
      R"("contentPath":{"path":"$"})");
  EXPECT_EQ(done.exit_code, 0) << done.output;
}

// A count in a header was a warning, and green.
TEST_F(VerifyFindings, FewerRecordsThanAHeaderCountsIsRed) {
  const auto done = verify(R"({"type":"NONE"})", [](const auto&, std::size_t) {
    return items(0, 20).with_header("X-Total-Count", "57");
  });
  EXPECT_EQ(done.exit_code, 1) << done.output;
  EXPECT_THAT(done.output,
              HasSubstr("has 57 records (header X-Total-Count of its answer), and the run fetched 20."));
}

// Sources that were right, and red.
TEST_F(VerifyFindings, TotalsOfOtherThingsAreNotTheRecords) {
  for (const std::string around :
       {R"(,"rate_limit":{"total":5000})", R"(,"summary":{"total":4321})", R"(,"_shards":{"total":1})"}) {
    const auto done = verify(kOffset, [&around](const auto&, std::size_t offset) {
      return items(std::min<std::size_t>(offset, 50), std::min<std::size_t>(offset + 20, 50), around);
    });
    EXPECT_EQ(done.exit_code, 0) << done.output;
  }
  const auto of_page = verify(kOffset, [](const auto&, std::size_t offset) {
    const auto from = std::min<std::size_t>(offset, 50);
    const auto end = std::min<std::size_t>(offset + 20, 50);
    return items(from, end, R"(,"total":)" + std::to_string(end - from));
  });
  EXPECT_EQ(of_page.exit_code, 0) << of_page.output;
}

TEST_F(VerifyFindings, ASourceThatGrowsWhileItIsReadIsRight) {
  std::atomic<std::size_t> records{50};
  const auto done = verify(kOffset, [&records](const auto&, std::size_t offset) {
    const std::size_t all = ++records;
    return items(std::min(offset, all), std::min(offset + 20, all), R"(,"total":)" + std::to_string(all));
  });
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_THAT(done.output, HasSubstr("as many records as the source's total, which went from "));
}

// One full page was red, whatever the source said of it.
TEST_F(VerifyFindings, OneFullPageThatSaysItIsTheLastIsWhole) {
  constexpr const char* kPointer =
      R"({"type":"POINTER","pointerPath":"$.next","limitName":"limit","limitValue":"20"})";
  const auto pointer =
      verify(kPointer, [](const auto&, std::size_t) { return items(0, 20, R"(,"next":null)"); });
  EXPECT_EQ(pointer.exit_code, 0) << pointer.output;
  const auto token = verify(
      R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.cursor","parameterType":"QUERYPARAM","parameterName":"cursor","limitName":"limit","limitValue":"20"})",
      [](const auto&, std::size_t) { return items(0, 20, R"(,"cursor":null,"has_more":false)"); });
  EXPECT_EQ(token.exit_code, 0) << token.output;
  const auto offset = verify(
      R"({"type":"OFFSET","limitName":"limit","limitValue":"20","offSetName":"offset","endConditionName":"$.hasMore","endConditionValue":"Const:false"})",
      [](const auto&, std::size_t at) {
        return items(std::min<std::size_t>(at, 20), 20, R"(,"hasMore":false)");
      });
  EXPECT_EQ(offset.exit_code, 0) << offset.output;
  const auto page = verify(
      R"({"type":"PAGE","limitName":"limit","limitValue":"20","pageParamName":"page","initialPageIndex":1,"endPageIndex":"headers.x-pagecount"})",
      [](const auto& request, std::size_t) {
        return items(request.query_param("page") == "1" ? 0 : 20, 20).with_header("x-pagecount", "1");
      });
  EXPECT_EQ(page.exit_code, 0) << page.output;
  // Where it says nothing, a smaller page tells whether it would.
  const auto silent = verify(kPointer, [](const auto& request, std::size_t) {
    return request.query_param("limit") == "20" ? items(0, 20)
                                                : items(0, 19, R"(,"next":"/items?offset=19")");
  });
  EXPECT_EQ(silent.exit_code, 0) << silent.output;
  const auto wrong_path = verify(kPointer, [](const auto& request, std::size_t) {
    return items(0, request.query_param("limit") == "20" ? 20 : 19, R"(,"further":"/items?offset=19")");
  });
  EXPECT_EQ(wrong_path.exit_code, 1) << wrong_path.output;
}

// It was red although it had named all that it has.
TEST_F(VerifyFindings, ASourceThatHasExactlyOnePageIsGreenWithAWarning) {
  constexpr const char* kPointer =
      R"({"type":"POINTER","pointerPath":"$.next","limitName":"limit","limitValue":"20"})";
  const auto limit = [](const http::Request& request) {
    return std::stoul(std::string(request.query_param("limit").value_or("20")));
  };
  const auto silent =
      verify(kPointer, [&](const auto& request, std::size_t) { return items(0, limit(request)); });
  EXPECT_EQ(silent.exit_code, 0) << silent.output;
  EXPECT_THAT(silent.output, HasSubstr("warning Pages are not proven"));
  EXPECT_THAT(silent.output, HasSubstr("names no next page, nor behind a smaller one."));
  EXPECT_THAT(silent.output, HasSubstr("green with 1 warning"));
  // Whatever it is asked for, it gives all that it has; or it takes no other limit.
  const auto whole = verify(kPointer, [](const auto&, std::size_t) { return items(0, 20); });
  EXPECT_EQ(whole.exit_code, 0) << whole.output;
  const auto strict = verify(kPointer, [&](const auto& request, std::size_t) {
    return limit(request) == 20 ? items(0, 20) : http::Response::text(400, "{}", "application/json");
  });
  EXPECT_EQ(strict.exit_code, 0) << strict.output;
  // What leads on stands elsewhere.
  const auto header = verify(kPointer, [&](const auto& request, std::size_t) {
    auto answer = items(0, limit(request));
    return limit(request) == 20 ? std::move(answer)
                                : std::move(answer).with_header("Link", "</items?offset=1>; rel=\"more\"");
  });
  EXPECT_EQ(header.exit_code, 1) << header.output;
  EXPECT_THAT(header.output, HasSubstr("the source tells of more (header "));
  const auto deeper = verify(kPointer, [&](const auto& request, std::size_t) {
    return items(0, limit(request),
                 std::string(R"(,"page":{"rest":)") + (limit(request) == 20 ? "false}" : "true}"));
  });
  EXPECT_EQ(deeper.exit_code, 1) << deeper.output;
  EXPECT_THAT(deeper.output, HasSubstr("the source tells of more (page.rest of its answer)"));
}

// How long an answer took, and its own address, were taken for signs of more.
TEST_F(VerifyFindings, WhatAFullPageSaysOfItselfIsNoSignOfMore) {
  const auto with = [this](const std::function<std::string(const std::string& limit)>& around) {
    return verify(
        R"({"type":"POINTER","pointerPath":"$.next","limitName":"limit","limitValue":"20"})",
        [&](const auto& request, std::size_t) {
          const std::string limit(request.query_param("limit").value_or("20"));
          return items(0, std::stoul(limit), around(limit)).with_header("Link", "</doc>; rel=\"help\"");
        });
  };
  const std::vector<std::function<std::string(const std::string&)>> signs{
      [](const auto& limit) { return std::string(R"(,"took":)") + (limit == "20" ? "0" : "2"); },
      [](const auto& limit) { return std::string(R"(,"cached":)") + (limit == "20" ? "false" : "true"); },
      [](const auto& limit) { return R"(,"href":"/items?limit=)" + limit + R"(&offset=0")"; },
      [](const auto& limit) { return R"(,"meta":{"address":"/items?offset=0&limit=)" + limit + R"("})"; },
      [](const auto& limit) {
        return R"(,"links":{"csv":"/items?page=1&format=csv&limit=)" + limit + R"("})";
      }};
  for (const auto& sign : signs) {
    const auto done = with(sign);
    EXPECT_EQ(done.exit_code, 0) << sign("1") << done.output;
    EXPECT_THAT(done.output, HasSubstr("warning Pages are not proven"));
  }
  const auto more =
      with([](const auto& limit) { return std::string(limit == "20" ? "" : R"(,"next_cursor":"abc")"); });
  EXPECT_EQ(more.exit_code, 1) << more.output;
  EXPECT_THAT(more.output, HasSubstr("the source tells of more (next_cursor of its answer)"));
}

// Records behind the end counted as landed, since they have an author that others have, too.
TEST_F(VerifyFindings, ARecordIsKnownByItsOwnId) {
  const auto done = verify(kPageUntil2, [](const auto& request, std::size_t) {
    const auto page = std::stoul(std::string(request.query_param("page").value_or("1")));
    std::string body;
    for (std::size_t i = page * 20 - 20; i < std::min<std::size_t>(page * 20, 50); ++i)
      body += (body.empty() ? "" : ",") + (R"({"author":{"id":1},"id":)" + std::to_string(i) + "}");
    return http::Response::text(200, R"({"items":[)" + body + "]}", "application/json");
  });
  EXPECT_EQ(done.exit_code, 1) << done.output;
  EXPECT_THAT(done.output, HasSubstr("at page=3 stand records that it has not."));
}

http::Response page_of(const http::Request& request, std::size_t records, const std::string& around = {}) {
  const auto page = std::stoul(std::string(request.query_param("page").value_or("1")));
  return items(std::min(page * 20 - 20, records), std::min(page * 20, records), around);
}

TEST_F(VerifyFindings, ALastAnswerThatSaysThereIsMoreIsRed) {
  const auto stripe = verify(R"({"type":"NONE"})",
                             [](const auto&, std::size_t) { return items(0, 20, R"(,"has_more":true)"); });
  EXPECT_EQ(stripe.exit_code, 1) << stripe.output;
  EXPECT_THAT(stripe.output,
              HasSubstr("The run ended after 1 page, and the source says there that more follows: "
                        "has_more is true."));
  const auto link = verify(R"({"type":"NONE"})", [](const auto&, std::size_t) {
    return items(0, 20).with_header("Link", "</items?page=2>; rel=\"next\"");
  });
  EXPECT_EQ(link.exit_code, 1) << link.output;
  EXPECT_THAT(link.output, HasSubstr("its Link header names a next page"));
  const auto token = verify(R"({"type":"NONE"})",
                            [](const auto&, std::size_t) { return items(0, 20, R"(,"next_cursor":"abc")"); });
  EXPECT_EQ(token.exit_code, 0) << token.output;
  EXPECT_THAT(token.output, HasSubstr("\nwarning The source's last answer"));
  const auto whole = verify(R"({"type":"NONE"})",
                            [](const auto&, std::size_t) { return items(0, 20, R"(,"has_more":false)"); });
  EXPECT_EQ(whole.exit_code, 0) << whole.output;
  EXPECT_THAT(whole.output, HasSubstr("one answer, which does not say that more follows"));
}

// The last answer behind links and tokens was never looked at.
TEST_F(VerifyFindings, ALastAnswerBehindOthersThatSaysThereIsMoreIsRed) {
  const auto part = [](const http::Request& request, const std::string& around) {
    const auto at = std::stoul(std::string(request.query_param("at").value_or("0")));
    return items(std::min<std::size_t>(at, 50), std::min<std::size_t>(at + 20, 50), around);
  };
  constexpr const char* kPointer =
      R"({"type":"POINTER","pointerPath":"$.next","limitName":"limit","limitValue":"20"})";
  constexpr const char* kToken =
      R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.at","parameterType":"QUERYPARAM","parameterName":"at","limitName":"limit","limitValue":"20"})";
  const auto linked = [&](const std::string& more_at_end) {
    return verify(kPointer, [&](const auto& request, std::size_t) {
      return request.query_param("at") ? part(request, R"(,"next":null,"has_more":)" + more_at_end)
                                       : part(request, R"(,"next":"/items?limit=20&at=20","has_more":true)");
    });
  };
  const auto left_out = linked("true");
  EXPECT_EQ(left_out.exit_code, 1) << left_out.output;
  EXPECT_THAT(left_out.output, HasSubstr("The run ended after 2 pages, and the source says there that more "
                                         "follows: has_more is true."));
  const auto whole = linked("false");
  EXPECT_EQ(whole.exit_code, 0) << whole.output;
  EXPECT_THAT(whole.output, HasSubstr("2 pages, until the source named no next one ("));
  const auto token = verify(kToken, [&](const auto& request, std::size_t) {
    return part(request, request.query_param("at") ? R"(,"at":null,"has_more":true)"
                                                   : R"(,"at":"20","has_more":true)");
  });
  EXPECT_EQ(token.exit_code, 1) << token.output;
  EXPECT_THAT(token.output, HasSubstr("2 pages, and the source says there that more follows"));
  // One that is given always, until a page is empty.
  const auto always = verify(kToken, [&](const auto& request, std::size_t) {
    const auto at = std::stoul(std::string(request.query_param("at").value_or("0")));
    return part(request,
                R"(,"at":")" + std::to_string(at + 20) + R"(","has_more":)" + (at < 50 ? "true" : "false"));
  });
  EXPECT_EQ(always.exit_code, 0) << always.output;
}

TEST_F(VerifyFindings, AnEndPageBeforeTheSourcesEndIsRed) {
  const auto done =
      verify(kPageUntil2, [](const auto& request, std::size_t) { return page_of(request, 50); });
  EXPECT_EQ(done.exit_code, 1) << done.output;
  EXPECT_THAT(done.output,
              HasSubstr("The run ended after 2 pages with 40 records, and at page=3 stand records "
                        "that it has not."));
  // The pages that it counts are no more than those that hold records.
  const auto right = verify(kPageUntil2, [](const auto& request, std::size_t) {
    return page_of(request, 40, R"(,"pages":2)").with_header("x-pagecount", "2");
  });
  EXPECT_EQ(right.exit_code, 0) << right.output;
  EXPECT_THAT(right.output, HasSubstr("2 pages, then the end: nothing else at page=3 and page=4"));
}

TEST_F(VerifyFindings, AnEmptyPageInTheMiddleIsRed) {
  const auto lost = [](const auto&, std::size_t offset) {
    return offset == 20 ? items(0, 0)
                        : items(std::min<std::size_t>(offset, 50), std::min<std::size_t>(offset + 20, 50));
  };
  const auto done = verify(kOffset, lost);
  EXPECT_EQ(done.exit_code, 1) << done.output;
  EXPECT_THAT(done.output, HasSubstr("and at offset=40 stand records that it has not."));
}

TEST_F(VerifyFindings, WhatComesAgainBehindTheEndIsNoMore) {
  // Pages behind the last one are the last one again.
  const auto done = verify(kPageUntil2, [](const auto& request, std::size_t) {
    const auto page = request.query_param("page").value_or("1");
    return page == "1" ? items(0, 20, R"(,"next":"/items?page=2")")
                       : items(20, 40, R"(,"next":"/items?page=2")");
  });
  EXPECT_EQ(done.exit_code, 0) << done.output;
  EXPECT_THAT(done.output, HasSubstr("warning The source's last answer"));
  const auto offset = verify(kOffset, [](const auto&, std::size_t at) {
    return items(std::min<std::size_t>(at, 50), std::min<std::size_t>(at + 20, 50));
  });
  EXPECT_EQ(offset.exit_code, 0) << offset.output;
  EXPECT_THAT(offset.output, HasSubstr("3 pages, then the end: nothing else at offset=60 and offset=80"));
}

TEST_F(VerifyFindings, ARefusedAccountIsToldWithItsStatus) {
  const auto refused = [](int status) {
    return [status](const auto&, std::size_t) {
      return http::Response::text(status, R"({"error":"no"})", "application/json");
    };
  };
  const auto forbidden = verify(kOffset, refused(403));
  EXPECT_EQ(forbidden.exit_code, 1) << forbidden.output;
  EXPECT_THAT(forbidden.output, HasSubstr("The account was not accepted: GET http://127.0.0.1:"));
  EXPECT_THAT(forbidden.output, HasSubstr("/items?limit=20&offset=0 answered 403."));
  EXPECT_THAT(forbidden.output, HasSubstr("to do: Check --auth FILE"));
  const auto missing = verify(kOffset, refused(404));
  EXPECT_THAT(missing.output, HasSubstr("answered 404."));
  EXPECT_THAT(missing.output, HasSubstr("to do: There is nothing at this address"));
  const auto broken = verify(kOffset, refused(501));
  EXPECT_THAT(broken.output, HasSubstr("answered 501."));
  EXPECT_THAT(broken.output, HasSubstr("to do: The source is in trouble, not the account"));
  EXPECT_THAT(broken.output, Not(HasSubstr("--auth")));
}

TEST_F(VerifyFindings, AMockOfOnePageHasNothingToRepeat) {
  const auto spec = write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule));
  const auto done = run_program({kBinary, "source", "verify", spec, "--against", "mock", "--records", "10"});
  EXPECT_EQ(done.exit_code, 0) << done.output << done.errors;
  EXPECT_THAT(done.output,
              HasSubstr("skipped Under fault repeat-cursor   the mock's 10 records make one page"));
}

TEST_F(VerifyFindings, NumbersThatCannotBeAreRefused) {
  const auto spec = write("spec.json", mock_spec(kOffsetPaging, kBasicAuth, kSimpleSchedule));
  const std::vector<std::string> verify{kBinary, "source", "verify", spec};
  const std::vector<std::vector<std::string>> wrong{{"--against", "mock", "--records", "-5"},
                                                    {"--against", "mock", "--records", "0"},
                                                    {"--records", "50"},
                                                    {"--against", "mock", "--timeout", "0"},
                                                    {"--against", "mock", "--timeout", "-1"}};
  for (const auto& words : wrong) {
    auto command = verify;
    command.insert(command.end(), words.begin(), words.end());
    const auto done = run_program(command);
    EXPECT_EQ(done.exit_code, 2) << words.back() << done.output;
    EXPECT_EQ(done.output, "") << words.back();
    EXPECT_THAT(done.errors, HasSubstr(words[words.size() - 2])) << words.back();
  }
}

// A region in a parameter, a domain in the host, a key that is also the limit, and one that the answers
// repeat.
TEST_F(VerifyFindings, ACassetteOfAnAccountWithPlainMembersPlaysAgain) {
  auto api = std::make_unique<PageSource>(PageSource::Options{
      .records = 0, .record = {}, .instead = [](const http::Request& request, std::size_t offset) {
        const bool known = request.query_param("r") == "at" && request.query_param("k") == "100" &&
                           request.query_param("t") == "TOKENzq9x7" && request.query_param("s") == "one" &&
                           request.header("X-Key") == "SECRETzq9x7" &&
                           request.header("Authorization") == "Code CODEzq9x7";
        if (!known) return std::optional(http::Response::text(401, "{}", "application/json"));
        return std::optional(items(std::min<std::size_t>(offset, 250),
                                   std::min<std::size_t>(offset + 100, 250),
                                   R"(,"you":"SECRETzq9x7","and":"CODEzq9x7","with":"100")"));
      }});
  const auto port = api->origin().substr(api->origin().rfind(':'));
  const auto spec = write(
      "spec.json",
      R"({"name":"plain","type":"generic-rest","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a","version":"1.0","authSpec":[{"name":"Key","type":"KeyBased","spec":{"type":"object","properties":{"authKey1":{"type":"string","format":"password","restAttributes":{"headerParamName":"X-Key"}},"authKey2":{"type":"string","restAttributes":{"queryParamName":"k"}},"region":{"type":"string"},"code":{"type":"string"},"domain":{"type":"string"}},"required":["authKey1","region"]}}],"sourceSpec":{"attributes":{"urlParams":{"host":"http://${domain})" +
          port +
          R"(","path":"/items","method":"GET","queryParams":{"r":"${region}","t":"${apiToken}","s":"${shop}"}},"headerParams":{"Authorization":"Code ${code}"},"contentPath":{"path":"$.items","keepAttributes":[],"overrideWrapperAttribute":"item"},"paginationParams":{"type":"OFFSET","limitName":"limit","limitValue":"100","offSetName":"offset"}},"spec":{"type":"object","properties":{"apiToken":{"type":"string","format":"password"},"shop":{"type":"string"}},"required":["apiToken"]}},"exploreSpec":{"name":"Resource","type":"Resource"}})");
  const auto account = write(
      "account.json",
      R"({"authKey1":"SECRETzq9x7","authKey2":"100","region":"at","code":"CODEzq9x7","domain":"127.0.0.1"})");
  const auto recorded =
      run_program({kBinary, "source", "verify", spec, "--auth", account, "--allow-network", "127.0.0.0/8",
                   "--param", "apiToken=TOKENzq9x7", "--param", "shop=one", "--record", path("c.json")});
  ASSERT_EQ(recorded.exit_code, 0) << recorded.output << recorded.errors;
  api.reset();
  const auto cassette = *read_file(path("c.json"));
  EXPECT_THAT(cassette, Not(HasSubstr("zq9x7")));
  EXPECT_THAT(cassette, Not(HasSubstr("k=100")));
  EXPECT_THAT(cassette, Not(HasSubstr(R"("with\":\"100)")));
  const auto played = run_program({kBinary, "source", "verify", spec, "--replay", path("c.json")});
  EXPECT_EQ(played.exit_code, 0) << played.output << played.errors;
  EXPECT_THAT(played.output, HasSubstr("every request was answered from it"));
}

}  // namespace
}  // namespace headwater::testing
