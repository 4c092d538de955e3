#include "engine/extract/request_builder.h"

#include <gtest/gtest.h>

#include "base/time.h"
#include "engine/extract/request_plan.h"

namespace headwater::extract {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text;
  return value ? *value : json::Value();
}

constexpr std::string_view kAuth =
    R"([{"name":"Basic","type":"BasicAuthentication","spec":{"type":"object","properties":{
  "host":{"type":"string"},"domain":{"type":"string"},"region":{"type":"string"},"username":{"type":"string"},
  "password":{"type":"string","format":"password"}},"required":["username"]}}])";
constexpr std::string_view kInputs =
    R"({"type":"object","properties":{"id":{"type":"string"},"opt":{"type":"string"},
  "n":{"type":"integer","default":7}},"required":["id"]})";

struct Given {
  std::string attributes;
  std::string params = R"({"id":"a/b c"})";
  std::string auth = R"({"host":"https://h.test/base/","domain":"d1","username":"u","password":"p"})";
  Window window = {};
};

Result<SourceInputs> inputs_of(const Given& given) {
  json::Object spec;
  spec.set("authSpec", parsed(kAuth));
  json::Object source;
  source.set("attributes", parsed(given.attributes));
  source.set("spec", parsed(kInputs));
  spec.set("sourceSpec", json::Value(std::move(source)));
  json::Object auth;
  auth.set("specName", json::Value("basic"));
  auth.set("params", parsed(given.auth));
  return read_inputs(json::Value(std::move(spec)), json::Value(std::move(auth)), parsed(given.params),
                     given.window);
}

Result<http::ClientRequest> request_of(const Given& given, const PageParameters& page = {}) {
  const auto inputs = TRY(inputs_of(given));
  const auto builder = TRY(RequestBuilder::make(inputs, from_epoch_seconds(1'709'629'623), true));
  return builder.build(page, {});
}

Window window_of(const char* start, const char* end) {
  Window window;
  if (start) window.start = *parse_rfc3339(start);
  if (end) window.end = *parse_rfc3339(end);
  return window;
}

struct Case {
  const char* name;
  const char* attributes;
  const char* want;  // the URL, or "! " and a part of the error
  const char* params = R"({"id":"a/b c"})";
  const char* start = nullptr;
  const char* end = nullptr;
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

constexpr Case kCases[] = {
    {"OneSlashAtTheJoint", R"({"urlParams":{"host":"https://a.test/","path":"//v1"}})", "https://a.test/v1"},
    {"NoSlashes", R"({"urlParams":{"host":"https://a.test","path":"v1"}})", "https://a.test/v1"},
    {"HostFromAuth", R"({"urlParams":{"path":"/v1"}})", "https://h.test/base/v1"},
    {"HostAsPlaceholderIsTheAddress", R"({"urlParams":{"host":"${host}","path":"/v1"}})",
     "https://h.test/base/v1"},
    {"HostWithoutScheme", R"({"urlParams":{"host":"${domain}.a.test","path":"/"}})", "https://d1.a.test/"},
    {"BracesInHost", R"({"urlParams":{"host":"https://{domain}.a.test"}})", "https://d1.a.test/"},
    {"DoubleBraces", R"({"urlParams":{"host":"https://{{domain}}.a.test"}})", "https://d1.a.test/"},
    {"ValueInHostMustNotLeaveIt", R"({"urlParams":{"host":"https://${id}.a.test"}})",
     "! cannot stand in a host"},
    {"ValueInPathIsOneSegment", R"({"urlParams":{"host":"https://a.test","path":"/l/${id}/m"}})",
     "https://a.test/l/a%2Fb%20c/m"},
    {"ValueInPathMustNotClimb", R"({"urlParams":{"host":"https://a.test","path":"/l/${id}/m"}})",
     "! would lead elsewhere", R"({"id":".."})"},
    {"ValueInQuery",
     R"({"urlParams":{"host":"https://a.test","queryParams":{"page[size]":"x","q":"${id}&"}}})",
     "https://a.test/?page%5Bsize%5D=x&q=a%2Fb%20c%26"},
    {"LaterParameterReplaces",
     R"({"urlParams":{"host":"https://a.test","path":"/p?a=1&b=2","queryParams":{"a":"3"}}})",
     "https://a.test/p?b=2&a=3"},
    {"OptionalLeavesOut",
     R"({"urlParams":{"host":"https://a.test","path":"/x${opt}","queryParams":{"a":"${opt}","b":"-${opt}"}}})",
     "https://a.test/x?b=-"},
    {"DefaultOfTheSchema", R"({"urlParams":{"host":"https://a.test","path":"/${n}"}})", "https://a.test/7"},
    {"MissingIsAnError", R"({"urlParams":{"host":"https://a.test","path":"/${nope}"}})",
     "! \"nope\" has no value"},
    {"ParamsBeforeAuth", R"({"urlParams":{"host":"https://a.test","path":"/${domain}"}})",
     "https://a.test/mine", R"({"id":"1","domain":"mine"})"},
    {"SimpleSchedule",
     R"({"urlParams":{"host":"https://a.test"},"scheduleParams":{"scheduleStartParamName":"since","scheduleEndParamName":"until"}})",
     "https://a.test/?since=2024-03-05T09%3A00%3A00Z&until=2024-03-05T10%3A00%3A00Z", R"({"id":"1"})",
     "2024-03-05T09:00:00Z", "2024-03-05T10:00:00Z"},
    {"NoLowerBound",
     R"({"urlParams":{"host":"https://a.test"},"scheduleParams":{"scheduleStartParamName":"since","scheduleEndParamName":"until"}})",
     "https://a.test/?until=2024-03-05T10%3A00%3A00Z", R"({"id":"1"})", nullptr, "2024-03-05T10:00:00Z"},
    {"AdvanceIncremental",
     R"({"urlParams":{"host":"https://a.test","queryParams":{"query":"{SCHEDULE_QUERY}"}},"scheduleParams":{"type":"ADVANCE","paramFormat":"yyyy-MM-ddTHH:mm:ssK",
        "incremental":"u > {START_TIME} u < {END_TIME}","backfill":"u < {END_TIME}"}})",
     "https://a.test/?query=u%20%3E%202024-03-05T09%3A00%3A00Z%20u%20%3C%202024-03-05T10%3A00%3A00Z",
     R"({"id":"1"})", "2024-03-05T09:00:00Z", "2024-03-05T10:00:00Z"},
    {"AdvanceBackfill",
     R"({"urlParams":{"host":"https://a.test","queryParams":{"query":"{SCHEDULE_QUERY}"}},"scheduleParams":{"type":"ADVANCE","paramFormat":"yyyy",
        "incremental":"u > {START_TIME}","backfill":"u < {END_TIME}"}})",
     "https://a.test/?query=u%20%3C%202024", R"({"id":"1"})", nullptr, "2024-03-05T10:00:00Z"},
    {"ExpressionAddsAQuery",
     R"({"urlParams":{"host":"https://a.test","path":"/e@{if(empty(coalesce(pipeline()?.parameters?.ingestionStart,'')),'?query=type:user&filter[type]=user&','')}",
        "queryParams":{"filter[type]":"user"}}})",
     "https://a.test/e?query=type%3Auser&filter%5Btype%5D=user"},
    {"ExpressionWithStart",
     R"({"urlParams":{"host":"https://a.test","path":"/e@{if(empty(coalesce(pipeline()?.parameters?.ingestionStart,'')),'?x=1','')}"}})",
     "https://a.test/e", R"({"id":"1"})", "2024-03-05T09:00:00Z", nullptr},
    {"PlaceholderWithinAnExpression",
     R"({"urlParams":{"host":"https://a.test","path":"/x/@{concat('${id}','/{{id}}')}/y"}})",
     "https://a.test/x/a%2Fb%20c/a%2Fb%20c/y"},
    {"PlaceholderWithinAnExpressionIsComparedAsItIs",
     R"({"urlParams":{"host":"https://a.test","path":"/@{if(equals('${id}','a/b c'),'?same=1','other')}"}})",
     "https://a.test/?same=1"},
    {"PlaceholderWithinAnExpressionIsNoExpression",
     R"({"urlParams":{"host":"https://a.test","path":"/x","queryParams":{"q":"@{concat('${id}','@')}"}}})",
     "https://a.test/x?q=%27%2Cpipeline%28%29%40%7B%7D%24%7Bn%7D%27%40", R"({"id":"',pipeline()@{}${n}'"})"},
    {"TimesWithinAnExpression",
     R"({"urlParams":{"host":"https://a.test","path":"/x@{coalesce(null,'?q=since {START_TIME}')}","queryParams":{"u":"@{concat('{END_TIME}')}"}},
        "scheduleParams":{"scheduleStartParamName":"s","scheduleStartParamFormat":"yyyy-MM"}})",
     "https://a.test/x?q=since%202024-03&u=2024-04&s=2024-03", R"({"id":"1"})", "2024-03-05T09:00:00Z",
     "2024-04-05T10:00:00Z"},
    {"ScheduleQueryWithinAnExpression",
     R"({"urlParams":{"host":"https://a.test","path":"/x@{if(empty('{SCHEDULE_QUERY}'),'','?q={SCHEDULE_QUERY}&r=1')}"},
        "scheduleParams":{"type":"ADVANCE","paramFormat":"yyyy","incremental":"a=@{'{START_TIME}'}&b","backfill":"all"}})",
     "https://a.test/x?q=a%3D2024%26b&r=1", R"({"id":"1"})", "2024-03-05T09:00:00Z", nullptr},
    {"OptionalWithinAnExpression",
     R"({"urlParams":{"host":"https://a.test","path":"/x@{if(empty('${opt}'),'','/${opt}')}"}})",
     "https://a.test/x"},
    {"MissingWithinAnExpression",
     R"({"urlParams":{"host":"https://a.test","path":"/x/@{concat('${nope}','')}"}})",
     "! \"nope\" has no value"},
    {"MissingWhereAnExpressionDoesNotGo",
     R"({"urlParams":{"host":"https://a.test","path":"/x/@{if(true,'a','${nope}')}"}})",
     "! \"nope\" has no value"},
    {"ValueWithinAnExpressionMustNotClimb",
     R"({"urlParams":{"host":"https://a.test","path":"/x/@{concat('${id}','')}/y"}})",
     "! would lead elsewhere", R"({"id":".."})"},
    {"ValueWithinAnExpressionMustNotLeaveTheHost",
     R"({"urlParams":{"host":"https://@{concat('${id}','.a.test')}"}})", "! cannot stand in a host"},
    {"ExpressionThatIsTheAddress", R"({"urlParams":{"host":"@{if(true,'${host}','')}","path":"/v1"}})",
     "https://h.test/base/v1"},
    {"CredentialsInHost", R"({"urlParams":{"host":"https://u:p@a.test"}})", "! user name or password"},
};

class RequestUrlTest : public testing::TestWithParam<Case> {};

TEST_P(RequestUrlTest, IsBuiltAsDocumented) {
  const auto& row = GetParam();
  const auto request = request_of(
      {.attributes = row.attributes, .params = row.params, .window = window_of(row.start, row.end)});
  const std::string got = request ? request->url.text() : "! " + request.error().message;
  if (row.want[0] == '!')
    EXPECT_NE(got.find(row.want + 2), std::string::npos) << got;
  else
    EXPECT_EQ(got, row.want);
}

INSTANTIATE_TEST_SUITE_P(All, RequestUrlTest, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

TEST(RequestBuilder, HeadersAreReplacedAndCannotBeSplit) {
  const auto request = request_of(
      {.attributes =
           R"({"urlParams":{"host":"https://a.test"},"headerParams":{"accept":"text/x","X-Id":"${id}"}})"});
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->headers, (http::Headers{{"Accept", "text/x"}, {"X-Id", "a/b c"}}));
  const auto split =
      request_of({.attributes = R"({"urlParams":{"host":"https://a.test"},"headerParams":{"X-Id":"${id}"}})",
                  .params = R"({"id":"a\r\nX-Evil: 1"})"});
  ASSERT_FALSE(split);
  EXPECT_NE(split.error().message.find("cannot stand in a header"), std::string::npos);
}

// A length of the spec's own would make two requests of one.
TEST(RequestBuilder, HeadersThatHttpSetsAreRefused) {
  for (const std::string name : {"Content-Length", "transfer-encoding", "CONNECTION", "TE", "Trailer",
                                 "Upgrade", "Keep-Alive", "Proxy-Connection", "Expect"}) {
    const auto refused =
        request_of({R"({"urlParams":{"path":"/x"},"headerParams":{")" + name + R"(":"5"}})"});
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().where, "/sourceSpec/attributes/headerParams/" + name);
    EXPECT_NE(refused.error().message.find("is set by HTTP itself"), std::string::npos);
    auto inputs = *inputs_of({R"({"urlParams":{"path":"/x"}})"});
    inputs.spec.headers.emplace_back(name, "5");
    EXPECT_FALSE(RequestBuilder::make(inputs, {}, true)) << name << ", not read from a spec";
  }
  const auto paged = request_of(
      {R"({"urlParams":{"path":"/x"},"paginationParams":{"type":"CONTINUATION_TOKEN","continuationTokenPath":"t",
        "parameterType":"HEADERPARAM","parameterName":"Transfer-Encoding"}})"});
  ASSERT_FALSE(paged);
  EXPECT_EQ(paged.error().where, "/sourceSpec/attributes/paginationParams/parameterName");
}

TEST(RequestBuilder, PostSendsJsonOrAForm) {
  PageParameters page;
  page.body.emplace_back("token", json::Value("t"));
  const auto as_json = request_of(
      {.attributes =
           R"({"urlParams":{"host":"https://a.test","method":"POST"},"bodyParams":{"q":"say \"${id}\"","n":{"m":1}}})"},
      page);
  ASSERT_TRUE(as_json) << as_json.error().message;
  EXPECT_EQ(as_json->body, R"({"q":"say \"a/b c\"","n":{"m":1},"token":"t"})");
  EXPECT_EQ(http::find_header(as_json->headers, "content-type"), "application/json");
  const auto as_form = request_of({.attributes = R"({"urlParams":{"host":"https://a.test","method":"POST"},
    "headerParams":{"Content-Type":"application/x-www-form-urlencoded"},"bodyParams":"q=${id}&r=1"})"},
                                  page);
  ASSERT_TRUE(as_form) << as_form.error().message;
  EXPECT_EQ(as_form->body, "q=a%2Fb%20c&r=1&token=t");
  const auto get =
      request_of({.attributes = R"({"urlParams":{"host":"https://a.test"},"bodyParams":{"q":"x"}})"});
  ASSERT_TRUE(get);
  EXPECT_EQ(get->body, "");
  const auto text = request_of(
      {.attributes =
           R"({"urlParams":{"host":"https://a.test","method":"POST"},"bodyParams":"{\"q\":\"${id}\"}"})",
       .params = R"({"id":"\",\"x\":\""})"});
  ASSERT_TRUE(text);
  EXPECT_EQ(parsed(text->body).find("q")->dump(), R"("\",\"x\":\"")");
}

// GraphQL: variables.after. Elsewhere a point is a letter of the name.
TEST(RequestBuilder, AParameterOfTheBodyMayLieInAMemberOfIt) {
  PageParameters page;
  page.body = {{"variables.after", json::Value("t")}, {"page.size", json::Value(5)}};
  const auto sent = request_of({R"({"urlParams":{"host":"https://a.test","path":"/x","method":"POST"},
      "bodyParams":{"query":"q","variables":{"id":1}}})"},
                               page);
  ASSERT_TRUE(sent) << sent.error().message;
  EXPECT_EQ(sent->body, R"({"query":"q","variables":{"id":1,"after":"t"},"page.size":5})");
}

TEST(RequestBuilder, CredentialsStayWithTheirOrigin) {
  const auto inputs = inputs_of(
      {.attributes = R"({"urlParams":{"host":"https://a.test"},"headerParams":{"X-K":"${password}"}})"});
  ASSERT_TRUE(inputs);
  const auto builder = RequestBuilder::make(*inputs, {}, true);
  ASSERT_TRUE(builder) << builder.error().message;
  AuthMarks marks;
  marks.headers.emplace_back("Authorization", "Basic x");
  marks.query.emplace_back("key", "k");
  PageParameters page;
  page.link = *Url::parse("https://a.test/next?x=1");
  const auto same = builder->build(page, marks);
  ASSERT_TRUE(same);
  EXPECT_EQ(same->url.text(), "https://a.test/next?x=1&key=k");
  EXPECT_TRUE(http::find_header(same->headers, "Authorization"));
  page.link = *Url::parse("https://evil.test/next");
  const auto other = builder->build(page, marks);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->url.text(), "https://evil.test/next");
  EXPECT_EQ(other->headers, (http::Headers{{"Accept", "application/json"}}));
}

TEST(RequestPlan, MasksEverySecretAndShowsThePages) {
  SystemClock clock;
  CredentialBroker credentials(clock);
  RateBudgets budgets(clock);
  auto inputs = inputs_of(
      {.attributes = R"({"urlParams":{"host":"https://a.test","path":"/x","queryParams":{"k":"${password}"}},
    "paginationParams":{"type":"PAGE","pageParamName":"page","initialPageIndex":1,"endPageIndex":5,"limitName":"per_page","limitValue":10}})",
       .auth = R"({"username":"u","password":"hunter2"})"});
  ASSERT_TRUE(inputs);
  const auto plan = plan_requests({clock, credentials, budgets}, *inputs, {});
  ASSERT_TRUE(plan) << plan.error().message;
  const std::string text = plan->to_json().dump();
  EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
  ASSERT_EQ(plan->requests.size(), 3U);
  EXPECT_EQ(plan->requests[1].url, "https://a.test/x?k=***&per_page=10&page=2");
  EXPECT_EQ(http::find_header(plan->requests[0].headers, "Authorization"), "Basic ***");
  EXPECT_EQ(plan->calls_estimated, 5U);
}

}  // namespace
}  // namespace headwater::extract
