#include "authoring/openapi_body.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/draft.h"
#include "authoring/openapi_operation.h"
#include "authoring/source_draft.h"
#include "authoring/yaml_document.h"

namespace headwater::authoring {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

json::Value spec_of(const ObservedRequest& request) {
  return rest_spec({"shop", "Shop", "Orders.", "ecommerce"}, draft_source(request).rest);
}

// Both kinds of description lost the form: a POST without a body and without its type was sent.
TEST(OpenApiBody, AFormIsTheBody) {
  const auto swagger = read_yaml(R"(
swagger: "2.0"
host: a.test
paths:
  /search:
    post:
      parameters:
        - {name: q, in: formData, required: true, type: string}
        - {name: kind, in: formData, required: true, type: string, enum: [open, closed]}
        - {name: page, in: formData, type: integer}
        - {name: colour, in: formData, type: string}
        - {name: api_key, in: formData, required: true, type: string}
      responses: {"200": {description: ok, examples: {application/json: {hits: [{id: 1}]}}}}
)");
  const auto openapi = read_yaml(R"(
openapi: 3.0.0
servers: [{url: "https://a.test"}]
paths:
  /search:
    post:
      requestBody: {content: {application/x-www-form-urlencoded: {schema: {$ref: "#/components/schemas/Q"}}}}
      responses: {"200": {content: {application/json: {example: {hits: [{id: 1}]}}}}}
components:
  schemas:
    Q: {allOf: [{type: object, required: [q, kind, api_key], properties: {q: {type: string}, page: {type: integer},
        kind: {type: string, enum: [open, closed]}, colour: {type: string}, api_key: {type: string}}}]}
)");
  for (const auto* document : {&swagger, &openapi}) {
    ASSERT_TRUE(*document) << document->error().message;
    const auto request = observe_operation(**document, "POST /search");
    ASSERT_TRUE(request) << request.error().message;
    const auto draft = draft_source(*request);
    const auto spec = spec_of(*request);
    EXPECT_THAT(lint(spec), IsEmpty());
    EXPECT_EQ(spec.find_path("sourceSpec.attributes.bodyParams")->dump(), R"({"q":"${q}","kind":"${kind}"})");
    EXPECT_EQ(spec.find_path("sourceSpec.attributes.headerParams")->dump(),
              R"({"Content-Type":"application/x-www-form-urlencoded"})");
    EXPECT_EQ(spec.find_path("sourceSpec.attributes.paginationParams")->dump(),
              R"({"type":"PAGE","pageParamName":"page","initialPageIndex":1,"parameterType":"BODYPARAM"})");
    EXPECT_EQ(spec.find_path("sourceSpec.spec.properties.kind")->find("enum")->dump(),
              R"(["open","closed"])");
    EXPECT_THAT(spec.find("authSpec")->dump(), HasSubstr(R"("bodyParamName":"api_key")"));
    EXPECT_THAT(draft.notes, testing::Contains(HasSubstr("left out: colour.")));
  }
  auto files = *swagger;
  files.if_object()->set("consumes", json::Array{"multipart/form-data"});
  EXPECT_THAT(draft_source(*observe_operation(files, "POST /search")).notes,
              testing::Contains(HasSubstr("The body is multipart/form-data")));
}

ObservedRequest posted(const std::string& schema, const std::string& more = "") {
  const auto document = read_yaml(
      "openapi: 3.0.0\nservers: [{url: 'https://a.test'}]\npaths:\n  /search:\n    post:\n"
      "      requestBody: {content: {application/json: {schema: " +
      schema + "}}}\n" + more);
  EXPECT_TRUE(document) << document.error().message;
  auto request = observe_operation(*document, "POST /search");
  EXPECT_TRUE(request) << request.error().message;
  return *std::move(request);
}

struct BodyCase {
  const char *properties, *required, *body, *paging;
};

// The limit was 1, and "text" was sent as a filter.
TEST(OpenApiBody, AJsonBodyIsWhatIsRequiredOrGiven) {
  for (
      const auto& [properties, required, body, paging] : std::vector<BodyCase>{
          {"limit: {type: integer}, offset: {type: integer}, from_date: {type: string}, filter: {type: "
           "string}",
           "", "{}",
           R"({"type":"OFFSET","limitName":"limit","limitValue":"100","offSetName":"offset","parameterType":"BODYPARAM"})"},
          {"limit: {type: integer, maximum: 50}, offset: {type: integer}", "limit, offset", "{}",
           R"({"type":"OFFSET","limitName":"limit","limitValue":"50","offSetName":"offset","parameterType":"BODYPARAM"})"},
          {"page: {type: object, properties: {number: {type: integer}, size: {type: integer, default: 20}}}",
           "", R"({"page":{}})",
           R"({"type":"PAGE","pageParamName":"page.number","limitName":"page.size","limitValue":"20","initialPageIndex":1,"parameterType":"BODYPARAM"})"},
          {"id: {type: integer}, kind: {type: string, enum: [a, b]}, v: {type: integer, default: 3}, "
           "o: {type: object, required: [b, ids], properties: {a: {}, b: {}, ids: {type: array, items: "
           "{type: string}}}}",
           "id, o", R"({"id":1,"v":3,"o":{"b":"${o_b}","ids":["${o_id}"]}})", R"({"type":"NONE"})"},
          {"api_key: {type: string}, token: {type: string}, a: {type: object, required: [password], "
           "properties: "
           "{password: {type: string}}}",
           "api_key, a", R"({"a":{"password":"${requestKey}"}})", R"({"type":"NONE"})"}}) {
    const auto request =
        posted("{type: object, required: [" + std::string(required) + "], properties: {" + properties + "}}");
    const auto spec = spec_of(request);
    const auto* left = spec.find_path("sourceSpec.attributes.bodyParams");
    EXPECT_EQ(left == nullptr ? "{}" : left->dump(), body) << properties;
    EXPECT_EQ(spec.find_path("sourceSpec.attributes.paginationParams")->dump(), paging) << properties;
    EXPECT_THAT(lint(spec), IsEmpty());
  }
  EXPECT_EQ(posted("{oneOf: [{type: 'null'}, {properties: {limit: {}, q: {}}}]}").body.dump(),
            R"({"limit":100})");
  const auto draft =
      draft_source(posted("{type: object, properties: {filter: {type: string}, id: {readOnly: true}}}"));
  EXPECT_THAT(draft.notes, testing::Contains(HasSubstr("members of the body were left out: filter.")));
}

// "${n}" is sent as a text, which strict APIs refuse.
TEST(OpenApiBody, ANumberAndATruthAreSentAsWhatTheyAre) {
  const auto request = posted(
      "{type: object, required: [n, flag, at, of, name], properties: {n: {type: integer}, flag: {type: "
      "boolean}, at: {type: number, minimum: 5}, of: {type: integer, enum: [7, 8]}, name: {type: string}}}");
  EXPECT_EQ(request.body.dump(), R"({"n":1,"flag":true,"at":5,"of":7,"name":"${name}"})");
  EXPECT_THAT(request.notes, testing::Contains(HasSubstr("The body needs n, flag, at, of,")));
}

// With "oneOf" beside its "allOf" a body was {}.
TEST(OpenApiBody, PartsGoBeforeChoices) {
  for (const char* choice : {"oneOf", "anyOf"})
    EXPECT_EQ(
        posted("{allOf: [{type: object, required: [account, limit], properties: {account: {type: string}, "
               "limit: {type: integer}}}], " +
               std::string(choice) + ": [{required: [x]}, {required: [y]}]}")
            .body.dump(),
        R"({"account":"${account}","limit":100})");
}

// Names alone decided: "count" was 100 where it is a truth, "size" where it is one of two words.
TEST(OpenApiBody, WhatPagesHasTheTypeForIt) {
  for (
      const auto& [properties, required, body, paging] : std::vector<BodyCase>{
          {"count: {type: boolean}, size: {type: string, enum: [small, large]}", "", "{}",
           R"({"type":"NONE"})"},
          {"count: {type: boolean}", "count", R"({"count":true})", R"({"type":"NONE"})"},
          {"perPage: {type: integer, enum: [10, 25]}, page: {type: integer}", "", "{}",
           R"({"type":"PAGE","pageParamName":"page","limitName":"perPage","limitValue":"10","initialPageIndex":1,"parameterType":"BODYPARAM"})"},
          {"page_size: {type: integer, minimum: 500, maximum: 1000}, page: {type: integer}", "", "{}",
           R"({"type":"PAGE","pageParamName":"page","limitName":"page_size","limitValue":"500","initialPageIndex":1,"parameterType":"BODYPARAM"})"},
          {"start: {type: boolean}, page: {type: integer}", "", "{}",
           R"({"type":"PAGE","pageParamName":"page","initialPageIndex":1,"parameterType":"BODYPARAM"})"}}) {
    const auto spec = spec_of(posted("{type: object, required: [" + std::string(required) +
                                     "], properties: {" + properties + "}}"));
    const auto* left = spec.find_path("sourceSpec.attributes.bodyParams");
    EXPECT_EQ(left == nullptr ? "{}" : left->dump(), body) << properties;
    EXPECT_EQ(spec.find_path("sourceSpec.attributes.paginationParams")->dump(), paging) << properties;
  }
}

TEST(OpenApiBody, WhatPagesInAFormHasTheTypeForIt) {
  const auto document = read_yaml(R"(
openapi: 3.0.0
servers: [{url: "https://a.test"}]
paths:
  /search:
    post:
      requestBody: {content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {
        count: {type: boolean}, size: {type: string, enum: [small, large]}, limit: {type: integer, maximum: 50}}}}}}
)");
  ASSERT_TRUE(document) << document.error().message;
  const auto request = observe_operation(*document, "POST /search");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->body.dump(), R"({"limit":"50"})");
  EXPECT_THAT(request->notes, testing::Contains(HasSubstr("left out: count, size.")));
}

// A member that pages was sent without what it must have.
TEST(OpenApiBody, WhatHoldsPagingHasWhatItNeeds) {
  const std::string options =
      "required: [mode, limit], properties: {mode: {type: string, default: fast}, limit: {type: integer}}";
  EXPECT_EQ(posted("{type: object, properties: {options: {type: object, " + options + "}}}").body.dump(),
            R"({"options":{"limit":100,"mode":"fast"}})");
  EXPECT_EQ(
      posted("{type: object, properties: {page: {type: object, required: [by], properties: {number: {type: "
             "integer}, by: {type: string}}}}}")
          .body.dump(),
      R"({"page":{"by":"${page_by}"}})");
  const auto request = posted(
      "{type: object, properties: {variables: {type: object, required: [id], properties: {id: {type: "
      "string}}}}}");
  EXPECT_EQ(request.body.dump(), "{}");
  EXPECT_THAT(request.inputs, IsEmpty()) << "it holds nothing that pages";
}

// They were lost, and inputs asked for.
TEST(OpenApiBody, WhatStandsBesideChoicesIsGiven) {
  const auto request = posted(
      "{type: object, required: [view, region, mode, kind, status], properties: {view: {oneOf: [{type: "
      "string}, "
      "{type: integer}], default: full}, region: {anyOf: [{type: string}, {type: 'null'}], example: eu}, "
      "mode: "
      "{allOf: [{$ref: '#/components/schemas/Mode'}], description: x}, kind: {allOf: [{$ref: "
      "'#/components/schemas/Kind'}]}, status: {anyOf: [{type: string}, {type: 'null'}], enum: [open, "
      "closed]}}}",
      "components: {schemas: {Mode: {type: string, enum: [fast, slow], default: fast}, Kind: {type: string, "
      "enum: "
      "[a, b]}}}\n");
  EXPECT_EQ(request.body.dump(),
            R"({"view":"full","region":"eu","mode":"fast","kind":"${kind}","status":"${status}"})");
  ASSERT_EQ(request.inputs.size(), 2U);
  EXPECT_EQ(request.inputs[0].choices.dump(), R"(["a","b"])");
  EXPECT_EQ(request.inputs[1].choices.dump(), R"(["open","closed"])");
}

TEST(OpenApiBody, ATruthAndACountAreNoKeys) {
  const auto request = posted(
      "{type: object, required: [token, key, password], properties: {token: {type: boolean}, key: {type: "
      "integer}, password: {type: integer, example: 12345678}}}");
  EXPECT_EQ(request.body.dump(), R"({"token":true,"key":1})");
  ASSERT_EQ(request.credentials.size(), 1U);
  EXPECT_EQ(request.credentials[0].name, "password");
}

// A key below the example's own members stood in the spec.
TEST(OpenApiBody, AnExamplesKeysAreTheAccounts) {
  const auto request =
      posted("{type: object, example: {password: 12345678, a: {token: abc, keys: [x-1234567]}}}");
  const auto spec = spec_of(request);
  EXPECT_EQ(spec.find_path("sourceSpec.attributes.bodyParams")->dump(),
            R"({"a":{"token":"${requestKey}","keys":["x-1234567"]}})");
  EXPECT_THAT(spec.find("authSpec")->dump(), HasSubstr(R"("bodyParamName":"password")"));
}

}  // namespace
}  // namespace headwater::authoring
