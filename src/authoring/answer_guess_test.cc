#include "authoring/answer_guess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/har_file.h"
#include "authoring/observed_test.h"
#include "authoring/openapi_operation.h"
#include "authoring/request_lint.h"
#include "authoring/source_draft.h"
#include "authoring/yaml_document.h"

namespace headwater::authoring {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

ObservedRequest answered(const std::string& command, const char* answer) {
  auto request = observed(command);
  request.answer = *json::parse(answer);
  return request;
}

std::string text_at(const json::Value& spec, std::string_view member) {
  const auto* found = spec.find_path("sourceSpec.attributes." + std::string(member));
  return found == nullptr ? "-" : found->dump();
}

json::Value spec_of(const ObservedRequest& request) {
  return rest_spec({"acme", "Acme", "Items.", "crm"}, draft_source(request).rest);
}

struct BodyCase {
  const char* body;
  const char* answer;
  const char* paging;
  const char* left;  // of the body
};

TEST(BodyPaging, WhatPagesInTheBodyGoesThere) {
  for (
      const auto& [body, answer, paging, left] : std::vector<BodyCase>{
          {R"({"limit":100,"cursor":"MA==","q":1})", R"({"data":[{"id":1}],"next_cursor":"MTAw"})",
           R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.next_cursor","parameterType":"BODYPARAM",)"
           R"("parameterName":"cursor"})",
           R"({"limit":100,"q":1})"},
          {R"({"cursor":"q7Rt0Zx93LmPw2Vb8Nc5Yd1Ke6Hs4Jf"})", R"({"data":[{"id":1}],"next_cursor":"x"})",
           R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.next_cursor","parameterType":"BODYPARAM",)"
           R"("parameterName":"cursor"})",
           "{}"},
          {R"({"offset":0,"limit":50,"sort":"id"})", R"({"rows":[{"id":1}]})",
           R"({"type":"OFFSET","limitName":"limit","limitValue":"50","offSetName":"offset","parameterType":"BODYPARAM"})",
           R"({"sort":"id"})"},
          {R"({"page":{"size":10,"number":0},"sort":"id"})", R"({"rows":[{"id":1}]})",
           R"({"type":"PAGE","pageParamName":"page.number","limitName":"page.size","limitValue":"10",)"
           R"("initialPageIndex":0,"parameterType":"BODYPARAM"})",
           R"({"page":{},"sort":"id"})"},
          {R"({"page_size":25})", R"({"results":[{"id":1}],"next_cursor":"x"})",
           R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.next_cursor","parameterType":"BODYPARAM",)"
           R"("parameterName":"cursor"})",
           R"({"page_size":25})"},
          {R"({"filter":{"created":{"after":"2024-01-01"}}})", R"({"results":[{"id":1}]})",
           R"({"type":"NONE"})", R"({"filter":{"created":{"after":"2024-01-01"}}})"}}) {
    const auto request = answered("curl https://a.test/find --json '" + std::string(body) + "'", answer);
    const auto spec = spec_of(request);
    EXPECT_EQ(text_at(spec, "paginationParams"), paging) << body;
    EXPECT_EQ(text_at(spec, "bodyParams"), left);
  }
}

TEST(BodyPaging, AQueryParameterGoesFirst) {
  const auto request = answered(R"(curl 'https://a.test/find?cursor=&limit=5' --json '{"offset":7}')",
                                R"({"data":[{"id":1}],"next_cursor":"MTAw"})");
  EXPECT_THAT(text_at(spec_of(request), "paginationParams"), HasSubstr(R"("parameterType":"QUERYPARAM")"));
  EXPECT_EQ(text_at(spec_of(request), "bodyParams"), R"({"offset":7})");
}

TEST(BodyPaging, AnOperationsBodyGivesItsToken) {
  const auto document = read_yaml(R"(
openapi: 3.0.0
servers: [{url: "https://a.test"}]
paths:
  /search:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {
        q: {type: string}, limit: {type: integer, default: 50}, cursor: {type: string}}}}}}
      responses: {"200": {content: {application/json: {schema: {type: object, properties: {
        results: {type: array, items: {type: object}}, next_cursor: {type: string}}}}}}}
)");
  ASSERT_TRUE(document) << document.error().message;
  const auto request = observe_operation(*document, "POST /search");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_THAT(text_at(spec_of(*request), "paginationParams"),
              HasSubstr(R"("parameterType":"BODYPARAM","parameterName":"cursor"})"));
  EXPECT_EQ(text_at(spec_of(*request), "bodyParams"), R"({"limit":50})");
}

TEST(BodyPaging, AVariableOfAGraphQlQueryTakesTheToken) {
  const auto seen = [](const std::string& query, const std::string& variables) {
    const std::string body = R"({"query":")" + query + R"(","variables":)" + variables + "}";
    return answered(
        "curl https://a.test/graphql --json '" + body + "'",
        R"({"data":{"orders":{"edges":[{"node":{"id":1}}],"pageInfo":{"hasNextPage":true,"endCursor":"abc"}}}})");
  };
  const auto request =
      seen("query($a:String){orders(first:50,after:$a){edges{node{id}}}}", R"({"a":"zzz","b":1})");
  EXPECT_EQ(text_at(spec_of(request), "paginationParams"),
            R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.data.orders.pageInfo.endCursor",)"
            R"("parameterType":"BODYPARAM","parameterName":"variables.a"})");
  EXPECT_THAT(text_at(spec_of(request), "bodyParams"), HasSubstr(R"("variables":{"b":1})"));
  EXPECT_THAT(draft_source(seen("{orders(first:50){edges{node{id}}}}", "{}")).notes,
              Contains(HasSubstr("no variable of the query takes it")));
}

// "created_after: $d" was taken for the page's.
TEST(BodyPaging, AVariableOfAnArgumentThatEndsAlikeIsNoToken) {
  const auto paging_of = [](const std::string& query) {
    const std::string body = R"({"query":")" + query + R"(","variables":{"a":"x","d":"2024-01-01"}})";
    return text_at(
        spec_of(answered("curl https://a.test/graphql --json '" + body + "'",
                         R"({"data":{"orders":{"nodes":[{"id":1}],"pageInfo":{"endCursor":"x"}}}})")),
        "paginationParams");
  };
  for (const char* query :
       {"{orders(created_after:$d){nodes{id}}}", "{orders(where:{after:$d}){nodes{id}}}",
        "query($after:String){orders(since:$d){nodes{id}}}", "{o(q: \\\"(after: $d\\\"){id}}"})
    EXPECT_EQ(paging_of(query), R"({"type":"NONE"})") << query;
  for (const char* query :
       {"query($d:T,$a:S){orders(created_after:$d,after:$a){nodes{id}}}",
        "{orders(where:{after:$d} after : $a){nodes{id}}}", "{orders(input:{page:{after:$a}}){nodes{id}}}",
        "query($f:Int,$a:String){orders(args:{first:$f,after:$a}){nodes{id}}}",
        "{orders(args:{filterBy:{after:$d},after:$a}){nodes{id}}}"})
    EXPECT_THAT(paging_of(query), HasSubstr(R"("parameterName":"variables.a")")) << query;
}

// What verify is red for, "source try" was silent about.
TEST(MorePages, ManySaySo) {
  for (const auto& [answer, place] : std::vector<std::pair<const char*, const char*>>{
           {R"({"items":[{"id":1}],"hasMorePages":true})", "$.hasMorePages"},
           {R"({"items":[{"id":1}],"info":{"moreRecords":true}})", "$.info.moreRecords"},
           {R"({"items":[{"id":1}],"truncated":"true"})", "$.truncated"},
           {R"({"items":[{"id":1}],"eof":false})", "$.eof"},
           {R"({"items":[{"id":1}],"page":1,"total_pages":3})", "$.total_pages"},
           {R"({"items":[{"id":1}],"next_offset":100})", "$.next_offset"},
           {R"({"items":[{"id":1}],"next":"abc"})", "$.next"},
           {R"({"items":[{"id":1}],"eof":true,"next":"abc"})", ""},
           {R"({"items":[{"id":1,"truncated":true}],"total_pages":1,"next_offset":null,"next_cursor":null})",
            ""},
           {R"({"title":"A book","pages":300})", ""}})
    EXPECT_EQ(more_pages_at(*json::parse(answer)), place) << answer;
}

struct WindowCase {
  const char *query, *schedule;
};

// Each date stayed as it was copied, or was sent in another format.
TEST(GuessWindow, DatesOfEveryFormatMove) {
  for (const auto& [query, schedule] : std::vector<WindowCase>{
           {"updatedMin=2024-01-01T00:00:00Z",
            R"({"scheduleStartParamName":"updatedMin","scheduleStartParamFormat":"yyyy-MM-ddTHH:mm:ssZ"})"},
           {"start_date=01/31/2024&end_date=02/15/2024",
            R"({"scheduleStartParamName":"start_date","scheduleStartParamFormat":"MM/dd/yyyy",)"
            R"("scheduleEndParamName":"end_date","scheduleEndParamFormat":"MM/dd/yyyy"})"},
           {"from=31/01/2024",
            R"({"scheduleStartParamName":"from","scheduleStartParamFormat":"dd/MM/yyyy"})"},
           {"from=20240131", R"({"scheduleStartParamName":"from","scheduleStartParamFormat":"yyyyMMdd"})"},
           {"modifiedSince=Mon,%2001%20Jan%202024%2000:00:00%20GMT",
            R"({"scheduleStartParamName":"modifiedSince","scheduleStartParamFormat":"r"})"}}) {
    const auto request = answered("curl 'https://a.test/x?" + std::string(query) + "'", R"([{"id":1}])");
    EXPECT_EQ(text_at(spec_of(request), "scheduleParams"), schedule) << query;
  }
  EXPECT_THAT(draft_source(answered("curl 'https://a.test/x?modifiedSince=01/02/2024'", "[]")).notes,
              Contains(HasSubstr("was not recognised (\"01/02/2024\")")));
}

TEST(GuessWindow, ADateThatStaysIsTold) {
  for (const char* rest : {"'https://a.test/x?$filter=created%20gt%202024-01-01'",
                           "'https://a.test/x?q=SELECT+Id+FROM+A+WHERE+D%3E2024-01-01T00:00:00Z'",
                           R"(https://a.test/x --json '{"from":"2024-01-01","n":1}')",
                           R"(https://a.test/x --json '{"f":{"to":"01/31/2024"}}')"}) {
    const auto request = answered("curl " + std::string(rest), R"([{"id":1}])");
    EXPECT_THAT(draft_source(request).notes, Contains(HasSubstr("every run reads the same window"))) << rest;
    std::vector<std::string> rules;
    for (const auto& remark : review_request(spec_of(request))) rules.emplace_back(remark.rule);
    EXPECT_THAT(rules, Contains("spec/fixed-date")) << rest;
  }
  for (const char* rest :
       {"'https://a.test/x?api-version=2023-01-01&id=550e8400-2024-01-01-e29b-446655440000'",
        "'https://a.test/x?v=2024-01&a=12024-01-01&b=2024-13-01'"})
    EXPECT_THAT(draft_source(answered("curl " + std::string(rest), "[]")).notes,
                Not(Contains(HasSubstr("the same window"))))
        << rest;
}

struct VendorCase {
  const char *request, *answer, *paging;
};

// The first verify of each was red.
TEST(GuessPaging, AsVendorsPage) {
  for (
      const auto& [request, answer, paging] : std::vector<VendorCase>{
          {"-X POST https://a.test/v1/databases/abc/query",
           R"({"object":"list","results":[{"id":"1"}],"next_cursor":"x","has_more":true})",
           R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.next_cursor","parameterType":"BODYPARAM",)"
           R"("parameterName":"start_cursor"})"},
          {"https://a.test/orders",
           R"({"content":[{"id":1}],"pageable":{"pageNumber":0,"pageSize":20},"last":false,"totalPages":9,"number":0,"size":20})",
           R"({"type":"PAGE","pageParamName":"page","limitName":"size","limitValue":"20","initialPageIndex":0,)"
           R"("endConditionName":"$.last","endConditionValue":"Const:true"})"},
          {"https://a.test/orders",
           R"({"_embedded":{"orders":[{"id":1}]},"page":{"size":20,"number":0,"totalElements":99,"totalPages":5}})",
           R"({"type":"PAGE","pageParamName":"page","limitName":"size","limitValue":"20","initialPageIndex":0})"},
          {"'https://a.test/contacts?per_page=50'",
           R"({"data":[{"id":1}],"pages":{"type":"pages","page":1,"next":{"page":2,"starting_after":"WzE"},"total_pages":4}})",
           R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.pages.next.starting_after",)"
           R"("parameterType":"QUERYPARAM","parameterName":"starting_after","limitName":"per_page","limitValue":"50"})"},
          {R"(https://a.test/contacts/search --json '{"pagination":{"per_page":50}}')",
           R"({"data":[{"id":1}],"pages":{"page":1,"next":{"page":2,"starting_after":"WzE"}}})",
           R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.pages.next.starting_after",)"
           R"("parameterType":"BODYPARAM","parameterName":"pagination.starting_after"})"},
          {"https://a.test/api/v2/incremental/tickets/cursor.json",
           R"({"tickets":[{"id":1}],"after_cursor":"abc","after_url":"https://a.test/x","end_of_stream":false})",
           R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.after_cursor","parameterType":"QUERYPARAM",)"
           R"("parameterName":"cursor","endConditionName":"$.end_of_stream","endConditionValue":"Const:true"})"},
          {"https://a.test/api/v2/tickets", R"({"tickets":[{"id":1}],"meta":{"after_cursor":"abc"}})",
           R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.meta.after_cursor",)"
           R"("parameterType":"QUERYPARAM","parameterName":"page[after]"})"},
          {R"(https://a.test/idx/_search --json '{"from":0,"size":50,"query":{}}')",
           R"({"hits":{"total":{"value":99},"hits":[{"_id":"1"}]}})",
           R"({"type":"OFFSET","limitName":"size","limitValue":"50","offSetName":"from","parameterType":"BODYPARAM"})"},
          {"'https://a.test/idx/_search?size=50'", R"({"hits":{"total":{"value":99},"hits":[{"_id":"1"}]}})",
           R"({"type":"OFFSET","limitName":"size","limitValue":"50","offSetName":"from"})"}}) {
    const auto spec = spec_of(answered("curl " + std::string(request), answer));
    EXPECT_EQ(text_at(spec, "paginationParams"), paging) << request;
  }
}

TEST(GuessPaging, AHeaderThatCountsPagesTellsThatThereAreSome) {
  auto request = answered("curl 'https://a.test/wp-json/wc/v3/orders?per_page=20'", R"([{"id":1}])");
  request.answer_headers = {{"X-WP-TotalPages", "7"}};
  EXPECT_EQ(text_at(spec_of(request), "paginationParams"),
            R"({"type":"PAGE","pageParamName":"page","limitName":"per_page","limitValue":"20",)"
            R"("initialPageIndex":1,"endPageIndex":"headers.x-wp-totalpages"})");
}

// The note said that no paging type reads it.
TEST(GuessPaging, ALinkInAHeaderIsFollowed) {
  auto request = answered("curl 'https://a.test/orders?limit=20'", R"([{"id":1}])");
  request.answer_headers = {{"Link", "<https://a.test/orders?limit=20&page_info=abc>; rel=\"next\""}};
  EXPECT_EQ(text_at(spec_of(request), "paginationParams"),
            R"({"type":"POINTER","pointerPath":"headers.link","limitName":"limit","limitValue":"20"})");
}

// The offset of the link's query went into the body.
TEST(GuessPaging, ALinkInAHeaderSaysWhereItsParametersGo) {
  auto request = answered(R"(curl https://a.test/find --json '{"q":"x","limit":20}')", R"([{"id":1}])");
  request.answer_headers = {{"Link", "<https://a.test/find?offset=20&limit=20>; rel=\"next\""}};
  const auto spec = spec_of(request);
  EXPECT_EQ(text_at(spec, "paginationParams"),
            R"({"type":"OFFSET","limitName":"limit","limitValue":"20","offSetName":"offset"})");
  EXPECT_EQ(text_at(spec, "bodyParams"), R"({"q":"x","limit":20})");
  request.answer_headers = {{"Link", "<https://a.test/find?page=2>; rel=\"next\""}};
  EXPECT_EQ(text_at(spec_of(request), "paginationParams"),
            R"({"type":"PAGE","pageParamName":"page","initialPageIndex":1})");
}

TEST(GuessPaging, AVersionInThePathIsNoId) {
  const auto request = answered("curl https://a.test/rest/api/3/projects/10001/issues", "[]");
  EXPECT_EQ(request.path, "/rest/api/3/projects/${projectId}/issues");
}

}  // namespace
}  // namespace headwater::authoring
