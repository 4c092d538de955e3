#include "cli/source_answer.h"

#include <gtest/gtest.h>

namespace headwater::cli {
namespace {

struct TotalCase {
  const char* beside;
  const char* place;  // "" for none
};

TEST(SourceAnswer, TheTotalIsWhatStandsBesideTheRecords) {
  for (const auto& [beside, place] :
       {TotalCase{R"({"total":250})", "total"},
        TotalCase{R"({"totalResults":"250","count":10})", "totalResults"},
        TotalCase{R"({"meta":{"page":1,"total_count":250}})", "meta.total_count"},
        TotalCase{R"({"data":{"page":{"Total":250}}})", "data.page.Total"},
        TotalCase{R"({"count":10,"total_pages":3})", ""}, TotalCase{R"({"total":"many"})", ""},
        TotalCase{R"([{"total":250}])", ""}}) {
    SourceAnswer answer;
    answer.beside = *json::parse(beside);
    const auto found = total_in(answer);
    EXPECT_EQ(found ? found->place : "", place) << beside;
    EXPECT_EQ(found ? found->records : 250, 250) << beside;
  }
}

struct MoreCase {
  const char* beside;
  const char* surely;
  const char* maybe = "";
};

// Quotas, shards and sums of money were taken for the number of records.
TEST(SourceAnswer, WhatStandsElsewhereIsNoTotal) {
  const auto place_of = [](const char* beside, std::vector<std::string> path,
                           const std::vector<std::string>& declared = {}) {
    SourceAnswer answer;
    answer.beside = *json::parse(beside);
    answer.path = std::move(path);
    const auto found = total_in(answer, declared);
    return found ? found->place : std::string();
  };
  EXPECT_EQ(place_of(R"({"_shards":{"total":1},"hits":{"total":{"value":9}}})", {"hits", "hits"}), "");
  EXPECT_EQ(place_of(R"({"rate_limit":{"total":5000},"usage":{"total":12}})", {"items"}), "");
  EXPECT_EQ(place_of(R"({"summary":{"total":4321}})", {"items"}), "");
  EXPECT_EQ(place_of(R"({"total":4321,"currency":"EUR"})", {"items"}), "");
  EXPECT_EQ(place_of(R"({"data":{"total":5}})", {"items"}), "");
  EXPECT_EQ(place_of(R"({"total":7,"data":{"total":5}})", {"data", "items"}), "data.total");
  EXPECT_EQ(place_of(R"({"data":{"pageInfo":{"total":5}}})", {"data", "items"}), "data.pageInfo.total");
  EXPECT_EQ(place_of(R"({"_meta":{"pagination":{"total":5}}})", {"items"}), "_meta.pagination.total");
  EXPECT_EQ(place_of(R"({"total":7,"found":{"n":5}})", {"items"}, {"found", "n"}), "found.n");
  EXPECT_EQ(place_of(R"({"total":7})", {"items"}, {"found", "n"}), "");
}

TEST(SourceAnswer, AHeaderCountsWhereTheBodyDoesNot) {
  SourceAnswer answer;
  answer.headers = {{"X-Total-Pages", "3"}, {"X-Total-Count", "57"}};
  EXPECT_EQ(total_in(answer)->place, "header X-Total-Count");
  EXPECT_EQ(total_in(answer)->records, 57);
  EXPECT_FALSE(total_in(answer, {"total"}));
  answer.beside = *json::parse(R"({"total":56})");
  EXPECT_EQ(total_in(answer)->records, 56);
}

TEST(SourceAnswer, SaysThatThereIsMore) {
  for (const auto& [beside, surely, maybe] :
       {MoreCase{R"({"has_more":true})", "has_more is true"}, MoreCase{R"({"has_more":false})", ""},
        MoreCase{R"({"info":{"more_records":true}})", "info.more_records is true"},
        MoreCase{R"({"last":false,"totalPages":2})", "last is false"},
        MoreCase{R"({"page":2,"pages":3})", "pages is 3"},
        MoreCase{R"({"page":2,"pages":2,"last":true})", ""},
        MoreCase{R"({"next":"https://api.example.test/?page=3"})", "next is a link"},
        MoreCase{R"({"_links":{"next":{"href":"/orders?page=3"}}})", "_links.next is a link"},
        MoreCase{R"({"@odata.nextLink":"https://api.example.test/x"})", "@odata.nextLink is a link"},
        MoreCase{R"({"has_more":false,"next_cursor":"abc","next":"/x"})", ""},
        MoreCase{R"({"next_cursor":"abc"})", "", "next_cursor is given"},
        MoreCase{R"({"IsTruncated":true})", "IsTruncated is true"},
        MoreCase{R"({"end_of_stream":false})", "end_of_stream is false"},
        MoreCase{R"({"offset":"itr/20"})", "", "offset is given"}, MoreCase{R"({"offset":20})", ""},
        MoreCase{R"({"data":{"cursor":"abc"}})", "", "data.cursor is given"},
        MoreCase{R"({"user":{"zone":{"offset":"+02:00"}}})", ""},
        MoreCase{R"({"next":null,"next_cursor":""})", ""}, MoreCase{R"({"more":["a"],"next":[]})", ""}}) {
    SourceAnswer answer;
    answer.beside = *json::parse(beside);
    const auto said = more_in(answer, 2);
    EXPECT_EQ(said.surely, surely) << beside;
    EXPECT_EQ(said.maybe, maybe) << beside;
  }
}

TEST(SourceAnswer, SaysInItsHeadersThatThereIsMore) {
  SourceAnswer answer;
  answer.headers = {{"Link", "<https://api.example.test/?page=1>; rel=\"prev\""}, {"x-pagecount", "2"}};
  EXPECT_EQ(more_in(answer, 2).surely, "");
  answer.headers = {{"x-pagecount", "3"}};
  EXPECT_EQ(more_in(answer, 2).surely, "its header x-pagecount is 3");
  answer.headers = {{"Link", "<https://api.example.test/?page=3>; rel=\"next\""}};
  EXPECT_EQ(more_in(answer, 2).surely, "its Link header names a next page");
}

TEST(SourceAnswer, MembersOfARecordAreNoSigns) {
  SourceAnswer answer;
  answer.is_record = true;
  answer.beside = *json::parse(R"({"title":"A book","pages":300,"total":3,"next":"/books/2"})");
  EXPECT_EQ(more_in(answer, 1).surely, "");
  EXPECT_FALSE(total_in(answer));
  answer.beside = *json::parse(R"({"has_more":true,"data":[]})");
  EXPECT_EQ(more_in(answer, 1).surely, "has_more is true");
}

}  // namespace
}  // namespace headwater::cli
