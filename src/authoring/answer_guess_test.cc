#include "authoring/answer_guess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/curl_command.h"
#include "authoring/har_file.h"
#include "authoring/openapi_operation.h"
#include "authoring/source_draft.h"
#include "authoring/yaml_document.h"

namespace headwater::authoring {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

ObservedRequest observed(const std::string& command, const char* answer) {
  auto sent = read_curl(command, [](const std::string&) { return std::nullopt; });
  EXPECT_TRUE(sent) << sent.error().message;
  auto request = observe(*std::move(sent));
  EXPECT_TRUE(request) << request.error().message;
  request->answer = *json::parse(answer);
  return *std::move(request);
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
    const auto request = observed("curl https://a.test/find --json '" + std::string(body) + "'", answer);
    const auto spec = spec_of(request);
    EXPECT_EQ(text_at(spec, "paginationParams"), paging) << body;
    EXPECT_EQ(text_at(spec, "bodyParams"), left);
  }
}

TEST(BodyPaging, AQueryParameterGoesFirst) {
  const auto request = observed(R"(curl 'https://a.test/find?cursor=&limit=5' --json '{"offset":7}')",
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
  EXPECT_EQ(text_at(spec_of(*request), "bodyParams"), R"({"q":"text","limit":50})");
}

TEST(BodyPaging, AVariableOfAGraphQlQueryTakesTheToken) {
  const auto seen = [](const std::string& query, const std::string& variables) {
    const std::string body = R"({"query":")" + query + R"(","variables":)" + variables + "}";
    return observed(
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

}  // namespace
}  // namespace headwater::authoring
