#include "authoring/openapi_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/answer_guess.h"
#include "authoring/draft.h"
#include "authoring/source_draft.h"
#include "authoring/yaml_document.h"

namespace headwater::authoring {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kDescription = R"(
openapi: 3.0.3
info: {title: Shop API, version: "1"}
servers: [{url: "https://api.shop.test/v1/"}]
security: [{key: []}]
paths:
  /stores/{storeId}/orders:
    parameters:
      - {name: storeId, in: path, required: true, schema: {type: integer}, description: Which store. Of many.}
    get:
      operationId: listOrders
      summary: Orders of a store
      parameters:
        - {$ref: "#/components/parameters/limit"}
        - {name: cursor, in: query, schema: {type: string}}
        - {name: updated_since, in: query, schema: {type: string, format: date-time}}
        - {name: colour, in: query, schema: {type: string}}
        - {name: region, in: query, required: true, schema: {type: string}}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  orders: {type: array, items: {$ref: "#/components/schemas/Order"}}
                  next_cursor: {type: string, nullable: true}
components:
  parameters:
    limit: {name: limit, in: query, schema: {type: integer, default: 50, maximum: 200}}
  schemas:
    Order: {type: object, properties: {id: {type: integer}, parent: {$ref: "#/components/schemas/Order"}}}
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Shop-Key}
)";

TEST(OpenApi, AnOperationGivesASource) {
  const auto document = read_yaml(kDescription);
  ASSERT_TRUE(document) << document.error().message;
  for (const char* operation : {"listOrders", "GET /stores/{storeId}/orders", ""}) {
    const auto request = observe_operation(*document, operation);
    ASSERT_TRUE(request) << request.error().message;
    const auto spec = rest_spec({"shop", "Shop", "Orders.", "ecommerce"}, draft_source(*request).rest);
    EXPECT_THAT(lint(spec), IsEmpty());
    EXPECT_EQ(
        *spec.find_path("sourceSpec.attributes.urlParams"),
        *json::parse(R"({"host":"https://api.shop.test","path":"/v1/stores/${storeId}/orders","method":"GET",
                               "queryParams":{"region":"${region}"}})"));
    EXPECT_EQ(
        spec.find_path("sourceSpec.attributes.paginationParams")->dump(),
        R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.next_cursor","parameterType":"QUERYPARAM",)"
        R"("parameterName":"cursor","limitName":"limit","limitValue":"50"})");
    EXPECT_EQ(spec.find_path("sourceSpec.attributes.contentPath")->string_at("path"), "$.orders");
    EXPECT_EQ(spec.find_path("sourceSpec.attributes.scheduleParams")->string_at("scheduleStartParamName"),
              "updated_since");
    EXPECT_EQ(spec.find_path("sourceSpec.spec.properties.storeId")->string_at("type"), "integer");
    EXPECT_THAT(spec.find("authSpec")->dump(), HasSubstr("X-Shop-Key"));
  }
}

TEST(OpenApi, SchemasThatReferToEachOtherAreNotFollowedForEver) {
  std::string members;
  for (int i = 0; i < 40; ++i)
    members += (i == 0 ? "" : ",") + ("\"m" + std::to_string(i)) + R"(":{"$ref":"#/s/A"})";
  const auto document = json::parse(
      R"({"openapi":"3.0.0","s":{"A":{"type":"object","properties":{)" + members +
      R"(}}},"paths":{"/a":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{"type":"object",
        "properties":{"first":{"$ref":"#/s/A"},"items":{"type":"array","items":{"$ref":"#/s/A"}}}}}}}}}}}})");
  ASSERT_TRUE(document) << document.error().message;
  const auto request = observe_operation(*document, "");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_LT(request->answer.dump().size(), 2'000'000U);
  ASSERT_TRUE(find_records(request->answer));
  EXPECT_EQ(find_records(request->answer)->path(), "$.items");
}

TEST(OpenApi, WhatIsNotThereIsNamed) {
  const auto document = *read_yaml(kDescription);
  EXPECT_THAT(observe_operation(document, "nope").error().message, HasSubstr("listOrders"));
  EXPECT_THAT(observe_operation(*json::parse(R"({"info":{}})"), "").error().message,
              HasSubstr("no description of an API"));
}

constexpr const char* kSwagger = R"(
swagger: 2.0
info: {title: Shop API, version: "1"}
host: api.shop.test
basePath: /v1
schemes: [http, https]
securityDefinitions:
  key: {type: apiKey, in: header, name: X-Shop-Key}
  user: {type: oauth2, flow: accessCode, authorizationUrl: "https://a.test/in", tokenUrl: "https://a.test/token"}
security: [{key: []}]
paths:
  /stores/{store-id}/orders:
    parameters: [{name: store-id, in: path, required: true, type: integer}]
    get:
      operationId: listOrders
      parameters: [{$ref: "#/parameters/limit"}, {name: offset, in: query, type: integer},
                   {name: "filter[state]", in: query, required: true, type: string}]
      responses: {"200": {$ref: "#/responses/orders"}}
  /search:
    post:
      operationId: search
      security: [{user: []}]
      parameters: [{name: q, in: body, schema: {$ref: "#/definitions/Query"}}]
      responses: {"200": {description: ok, examples: {application/json: {hits: [{id: 1}]}}}}
parameters:
  limit: {name: limit, in: query, type: integer, default: 50}
responses:
  orders: {description: ok, schema: {type: object, properties: {orders: {type: array, items: {$ref: "#/definitions/Order"}}}}}
definitions:
  Order: {type: object, properties: {id: {type: integer}, parent: {$ref: "#/definitions/Order"}}}
  Query: {type: object, properties: {text: {type: string, example: shoes}}}
)";

TEST(OpenApi, TheFormBeforeItIsReadAsWell) {
  const auto document = read_yaml(kSwagger);
  ASSERT_TRUE(document) << document.error().message;
  const auto orders = observe_operation(*document, "listOrders");
  ASSERT_TRUE(orders) << orders.error().message;
  const auto spec = rest_spec({"shop", "Shop", "Orders.", "ecommerce"}, draft_source(*orders).rest);
  EXPECT_THAT(lint(spec), IsEmpty());
  EXPECT_EQ(
      *spec.find_path("sourceSpec.attributes.urlParams"),
      *json::parse(R"({"host":"https://api.shop.test","path":"/v1/stores/${store_id}/orders","method":"GET",
                       "queryParams":{"filter[state]":"${filter_state}"}})"));
  EXPECT_EQ(*spec.find_path("sourceSpec.attributes.paginationParams"),
            *json::parse(R"({"type":"OFFSET","limitName":"limit","limitValue":"50","offSetName":"offset"})"));
  EXPECT_EQ(spec.find_path("sourceSpec.attributes.contentPath")->string_at("path"), "$.orders");
  EXPECT_THAT(spec.find("authSpec")->dump(), HasSubstr("X-Shop-Key"));
  const auto search = observe_operation(*document, "search");
  ASSERT_TRUE(search) << search.error().message;
  EXPECT_EQ(search->body, *json::parse(R"({"text":"shoes"})"));
  EXPECT_EQ(find_records(search->answer)->path(), "$.hits");
  const auto account = draft_source(*search).rest.auth_specs[0].dump();
  EXPECT_THAT(account, HasSubstr("OAuth2RefreshCode"));
  EXPECT_THAT(account, HasSubstr("https://a.test/token"));
}

TEST(OpenApi, WhatDescriptionsAreWrittenLike) {
  const auto document = read_yaml(R"(
openapi: 3.1
servers: [{url: "https://{region}.shop.test/{base-path}", variables: {region: {default: eu}, base-path: {default: v1}}}]
security: [{}, {token: []}]
paths:
  /orders:
    get:
      parameters: [{name: fields, in: query, required: true, schema: {type: array}, example: [id, total]}]
      responses: {"200": {content: {application/json: {schema: {$ref: "orders.yaml#/Orders"}}}}}
components: {securitySchemes: {token: {type: http, scheme: bearer}}}
)");
  ASSERT_TRUE(document) << document.error().message;
  const auto request = observe_operation(*document, "");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->host, "https://${region}.shop.test");
  EXPECT_EQ(request->path, "/${base_path}/orders");
  ASSERT_EQ(request->query.size(), 1U);
  EXPECT_EQ(request->query[0].value, "id,total");
  const auto draft = draft_source(*request);
  EXPECT_THAT(draft.rest.auth_specs[0].dump(), HasSubstr("KeyBased"));
  EXPECT_THAT(draft.notes, testing::Contains(HasSubstr("orders.yaml#/Orders")));
}

TEST(OpenApi, AServerWithoutASchemeIsReachedByHttps) {
  const auto document = read_yaml(R"(
openapi: 3.0.0
servers: [{url: "//{tenant}.shop.test/v1", variables: {tenant: {default: acme}}}]
paths:
  /orders: {get: {parameters: [{name: continuationToken, in: query, schema: {type: string}}]}}
)");
  ASSERT_TRUE(document) << document.error().message;
  const auto request = observe_operation(*document, "");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->host, "https://${tenant}.shop.test");
  EXPECT_EQ(request->path, "/v1/orders");
  EXPECT_THAT(draft_source(*request).notes,
              testing::Contains(HasSubstr("A token for the next page goes into continuationToken")));
}

json::Value spec_of(const ObservedRequest& request) {
  return rest_spec({"shop", "Shop", "Orders.", "ecommerce"}, draft_source(request).rest);
}

ObservedRequest described(const std::string& parameters, const std::string& more = "") {
  const auto document =
      read_yaml("openapi: 3.0.0\nservers: [{url: 'https://a.test'}]\npaths:\n  /a:\n    get:\n" +
                ("      parameters: [" + parameters + "]\n") + more);
  EXPECT_TRUE(document) << document.error().message;
  auto request = observe_operation(*document, "");
  EXPECT_TRUE(request) << request.error().message;
  return *std::move(request);
}

TEST(OpenApi, AServersVariablesKeepTheirDefaultAndChoices) {
  const auto document = read_yaml(R"(
openapi: 3.0.0
servers: [{url: "https://{region}.shop.test/{tenant}", variables: {region: {default: us, enum: [us, eu]}, tenant: {}}}]
paths: {/orders: {get: {}}}
)");
  ASSERT_TRUE(document) << document.error().message;
  const auto spec = spec_of(*observe_operation(*document, ""));
  EXPECT_EQ(spec.find_path("sourceSpec.spec.properties.region")->dump(),
            R"({"type":"string","title":"Region","default":"us","enum":["us","eu"]})");
  EXPECT_EQ(spec.find_path("sourceSpec.spec.required")->dump(), R"(["tenant"])");
}

TEST(OpenApi, WhatIsLeftOutIsNamed) {
  const auto draft =
      draft_source(described("{name: colour, in: query}, {name: limit, in: query}, {name: offset, in: "
                             "query}, {name: expand, in: query}"));
  EXPECT_THAT(draft.notes, testing::Contains(HasSubstr("left out: colour, expand.")));
}

// "key" may be an issue's: beside a security scheme it was neither sent nor named.
TEST(OpenApi, AParameterThatSoundsLikeAKeyIsLeftOutAndNamed) {
  const auto draft = draft_source(described(
      "{name: key, in: query}, {name: colour, in: query}, {name: api_key, in: query}, {name: X-Token, in: "
      "header}",
      "security: [{q: []}]\ncomponents: {securitySchemes: {q: {type: apiKey, in: query, name: api_key}}}\n"));
  EXPECT_THAT(draft.notes, testing::Contains(HasSubstr("left out: colour, key.")));
}

TEST(OpenApi, TimesThatAreNumbersAskForChanges) {
  for (
      const auto& [parameters, schedule] : std::vector<std::pair<const char*, const char*>>{
          {"{name: start_time, in: query, required: true, schema: {type: integer}}",
           R"({"scheduleStartParamName":"start_time","scheduleStartParamFormat":"epoch"})"},
          {"{name: 'created[gte]', in: query, schema: {type: integer}}, {name: 'created[lte]', in: query, "
           "schema: {type: integer}}",
           R"({"scheduleStartParamName":"created[gte]","scheduleStartParamFormat":"epoch",
                "scheduleEndParamName":"created[lte]","scheduleEndParamFormat":"epoch"})"},
          {"{name: created, in: query, style: deepObject, schema: {anyOf: [{type: object, properties: {gt: "
           "{type: integer}, "
           "gte: {type: integer}}}, {type: integer}]}}",
           R"({"scheduleStartParamName":"created[gte]","scheduleStartParamFormat":"epoch"})"},
          {"{name: 'updated_at[gte]', in: query, schema: {type: string, format: date-time}}",
           R"({"scheduleStartParamName":"updated_at[gte]","scheduleStartParamFormat":"yyyy-MM-ddTHH:mm:ssZ"})"},
          {"{name: from, in: query, description: Unix time in milliseconds, schema: {type: integer}}",
           R"({"scheduleStartParamName":"from","scheduleStartParamFormat":"epochMillis"})"},
          {"{name: since, in: query, description: A user ID, schema: {type: integer}}", "null"},
          {"{name: start, in: query, schema: {type: integer}}", "null"}}) {
    const auto spec = spec_of(described(parameters));
    const auto* found = spec.find_path("sourceSpec.attributes.scheduleParams");
    EXPECT_EQ(found == nullptr ? json::Value() : *found, *json::parse(schedule)) << parameters;
    EXPECT_EQ(spec.find_path("sourceSpec.spec.properties")->dump(), "{}") << "the window fills it in";
  }
}

// It became the constant "open", and the source read a third of the records.
TEST(OpenApi, ARequiredChoiceIsAnInput) {
  const auto request = described(
      "{name: status, in: query, required: true, schema: {type: string, enum: [open, closed, any]}}, "
      "{name: v, in: query, required: true, schema: {type: string, enum: ['2']}}");
  const auto spec = spec_of(request);
  EXPECT_EQ(spec.find_path("sourceSpec.attributes.urlParams.queryParams")->dump(),
            R"({"status":"${status}","v":"2"})");
  EXPECT_EQ(spec.find_path("sourceSpec.spec.properties.status")->dump(),
            R"({"type":"string","title":"Status","enum":["open","closed","any"]})");
}

ObservedRequest secured(const std::string& security, const std::string& schemes) {
  const auto document =
      read_yaml("openapi: 3.1.0\nservers: [{url: 'https://a.test'}]\nsecurity: " + security +
                "\npaths: {/a: {get: {}}}\ncomponents: {securitySchemes: " + schemes + "}\n");
  EXPECT_TRUE(document) << document.error().message;
  return *observe_operation(*document, "");
}

// A key that stands among the parameters and among the security schemes was asked for twice.
TEST(OpenApi, AKeyThatIsDescribedTwiceIsOneInput) {
  const auto keys = [](const std::string& parameters, const std::string& security) {
    const auto request =
        described(parameters, security.empty() ? "" : "security: [{" + security + ": []}]\n" + R"(components:
  securitySchemes:
    q: {type: apiKey, in: query, name: api_key}
    h: {type: apiKey, in: header, name: X-Api-Key}
    b: {type: http, scheme: bearer}
    c: {type: apiKey, in: cookie, name: session}
)");
    std::string out;
    for (const auto& each : request.credentials) out += each.name + ";";
    return out;
  };
  EXPECT_EQ(keys("{name: api_key, in: query, required: true}", "q"), "api_key;");
  EXPECT_EQ(keys("{name: x-api-key, in: header}", "h"), "X-Api-Key;");
  EXPECT_EQ(keys("{name: access_token, in: query}", "b"), "Authorization;");
  EXPECT_EQ(keys("{name: Authorization, in: header, required: true}", "b"), "Authorization;");
  EXPECT_EQ(keys("{name: access_token, in: query, required: true}", "b"), "access_token;Authorization;");
  EXPECT_EQ(keys("{name: access_token, in: query}", ""), "access_token;");
  EXPECT_EQ(keys("{name: access_token, in: query}", "c"), "access_token;");
}

// Both were read: the path's "limit" of 10 beside the operation's of 50.
TEST(OpenApi, AnOperationsParameterGoesBeforeItsPaths) {
  const auto document = read_yaml(R"(
openapi: 3.0.0
servers: [{url: "https://a.test"}]
paths:
  /a:
    parameters:
      - {name: limit, in: query, required: true, schema: {type: integer, default: 10}}
      - {name: X-Team, in: header, required: true, schema: {default: one}}
      - {name: limit, in: header, required: true, schema: {default: "7"}}
    get:
      parameters:
        - {name: limit, in: query, required: true, schema: {type: integer, default: 50}}
        - {name: x-team, in: header, required: true, schema: {default: two}}
)");
  ASSERT_TRUE(document) << document.error().message;
  const auto request = observe_operation(*document, "");
  ASSERT_TRUE(request) << request.error().message;
  ASSERT_EQ(request->query.size(), 1U);
  EXPECT_EQ(request->query[0].value, "50");
  EXPECT_THAT(request->headers,
              testing::ElementsAre(testing::Pair("x-team", "two"), testing::Pair("limit", "7")));
}

// "${baseUrl}" stood in the path, behind a host that is none.
TEST(OpenApi, AnAddressMayBeginWithAVariable) {
  for (const auto& [server, address] : std::vector<std::pair<const char*, const char*>>{
           {"{url: '{baseUrl}/v1', variables: {baseUrl: {default: 'https://api.shop.test'}}}",
            "https://api.shop.test/v1/a"},
           {"{url: '{baseUrl}/v1', variables: {baseUrl: {default: 'https://api.shop.test/x/'}}}",
            "https://api.shop.test/x/v1/a"},
           {"{url: '{baseUrl}/v1', variables: {baseUrl: {default: api.shop.test}}}",
            "https://${baseUrl}/v1/a"},
           {"{url: '{baseUrl}/v1'}", "https://${baseUrl}/v1/a"},
           {"{url: 'https://{region}.shop.test/v1'}", "https://${region}.shop.test/v1/a"},
           {"{url: '{scheme}://shop.test', variables: {scheme: {default: http}}}", "http://shop.test/a"}}) {
    const auto document =
        read_yaml("openapi: 3.0.0\nservers: [" + std::string(server) + "]\npaths: {/a: {get: {}}}\n");
    ASSERT_TRUE(document) << document.error().message;
    const auto request = observe_operation(*document, "");
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->host + request->path, address) << server;
    EXPECT_THAT(lint(spec_of(*request)), IsEmpty()) << server;
  }
}

// Digest became a Bearer header, a certificate an OAuth 2 token, without a word.
TEST(OpenApi, AnAuthenticationThatNoSourceDoesIsTold) {
  const std::string schemes =
      "{d: {type: http, scheme: digest}, m: {type: mutualTLS}, k: {type: apiKey, in: header, name: X-Key}}";
  for (const auto& [security, note] : std::vector<std::pair<const char*, const char*>>{
           {"[{d: []}]", "the scheme \"digest\""}, {"[{m: []}]", "clientCertificate"}}) {
    const auto request = secured(security, schemes);
    EXPECT_THAT(request.credentials, IsEmpty()) << security;
    EXPECT_THAT(request.notes, testing::Contains(HasSubstr(note)));
  }
  const auto other = secured("[{d: []}, {k: []}]", schemes);
  ASSERT_EQ(other.credentials.size(), 1U);
  EXPECT_EQ(other.credentials[0].name, "X-Key");
  EXPECT_THAT(other.notes, testing::Contains(HasSubstr("the first that a source can send")));
}

TEST(OpenApi, AReferenceToNothingIsNamed) {
  const auto draft = draft_source(described("",
                                            "      responses: {'200': {content: {application/json: {schema: "
                                            "{$ref: '#/components/schemas/Gone'}}}}}\n"));
  EXPECT_THAT(draft.notes, testing::Contains(HasSubstr("#/components/schemas/Gone, which is not there")));
  EXPECT_THAT(draft.notes, testing::Not(testing::Contains(HasSubstr("holds no array"))));
}

TEST(OpenApi, PagesInTheHeaderLinkAreFollowed) {
  for (const auto& [parameters, more] : std::vector<std::pair<const char*, const char*>>{
           {"{name: limit, in: query}, {name: page_info, in: query}", ""},
           {"{name: limit, in: query}",
            "      responses: {'200': {headers: {Link: {}}, content: {application/json: "
            "{schema: {type: array, items: {type: object}}}}}}\n"}}) {
    const auto draft = draft_source(described(parameters, more));
    EXPECT_EQ(draft.rest.paging.dump(),
              R"({"type":"POINTER","pointerPath":"headers.link","limitName":"limit","limitValue":"100"})");
    EXPECT_THAT(draft.notes, testing::Contains(HasSubstr("see whether the header Link")));
  }
}

TEST(Yaml, MergeKeysAreApplied) {
  EXPECT_EQ(*read_yaml("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: *a, y: 3}\nd: {y: 4, <<: [*b, *a]}\n"
                       "e: {'<<': 1}\n"),
            *json::parse(R"({"a":{"x":1,"y":1},"b":{"y":2,"z":2},"c":{"y":3,"x":1},"d":{"y":4,"z":2,"x":1},
                             "e":{"<<":1}})"));
}

TEST(Yaml, ScalarsAreWhatTheyLookLike) {
  const auto document =
      read_yaml("a: 1\nb: '1'\nc: true\nd: ~\ne: 1.5\nf: &x [one, null]\ng: *x\nh: 2024-01-01\n");
  ASSERT_TRUE(document);
  EXPECT_EQ(*document, *json::parse(R"({"a":1,"b":"1","c":true,"d":null,"e":1.5,"f":["one",null],
                                       "g":["one",null],"h":"2024-01-01"})"));
  EXPECT_THAT(read_yaml("a: [1\nb: 2").error().message, HasSubstr("line 2"));
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) bomb += "," + before;
    bomb += "]\n";
  }
  EXPECT_EQ(read_yaml(bomb).error().kind, ErrorKind::too_large);
}

}  // namespace
}  // namespace headwater::authoring
