#include "domain/spec_check.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace headwater::domain {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().message);
  return value ? *value : json::Value();
}

std::string listed(const std::vector<Problem>& problems) {
  std::string text;
  for (const auto& each : problems) {
    EXPECT_FALSE(each.hint.empty()) << each.pointer;
    text += std::string(each.severity == Severity::error ? "E " : "W ") + each.pointer + ": " + each.reason +
            "\n";
  }
  return text;
}

constexpr std::string_view kGood = R"({"name":"acme","providerId":"p","type":"generic-rest",
  "authSpec":[{"name":"Basic","type":"BasicAuthentication","spec":{"$schema":"http://json-schema.org/draft-07/schema#","type":"object",
    "properties":{"domain":{"type":"string"},"username":{"type":"string"},"password":{"type":"string","format":"password"}},"required":["username"]}}],
  "sourceSpec":{"attributes":{
    "urlParams":{"host":"https://${domain}.acme.test","path":"/lists/${listId}","method":"GET","queryParams":{"query":"{SCHEDULE_QUERY}"}},
    "contentPath":{"path":"$.items","overrideWrapperAttribute":"item"},"explodeEntityPath":{"path":"$.item.lines"},
    "paginationParams":{"type":"OFFSET","limitName":"limit","limitValue":"100","offSetName":"offset"},
    "scheduleParams":{"type":"ADVANCE","paramFormat":"yyyy-MM-ddTHH:mm:ssK","incremental":"a > {START_TIME}","backfill":"a < {END_TIME}"}},
   "spec":{"type":"object","properties":{"listId":{"type":"string"}},"required":["listId"]}},
  "exploreSpec":{"name":"Resource","type":"Resource"}})";

TEST(SpecCheck, AGoodSpecHasNoProblems) { EXPECT_EQ(listed(check_connection_spec(parsed(kGood))), ""); }

struct Case {
  const char* name;
  const char* pointer;  // what is replaced
  const char* value;
  const char* want;  // a line's beginning: severity, pointer
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

constexpr Case kCases[] = {
    {"NoName", "/name", "null", "E /name: "},
    {"NoProvider", "/providerId", "\"\"", "E /providerId: "},
    {"AuthIsNoList", "/authSpec", "{}", "E /authSpec: "},
    {"UnknownAuthType", "/authSpec/0/type", "\"Kerberos\"", "E /authSpec/0/type: Unknown"},
    {"AuthTypeSlip", "/authSpec/0/type", "\"basic-authentication\"", "W /authSpec/0/type: "},
    {"AuthSchemaDoesNotCompile", "/authSpec/0/spec/properties/domain", R"({"type":"strin"})",
     "E /authSpec/0/spec/properties/domain"},
    {"SecretWithoutFormat", "/authSpec/0/spec/properties/password", R"({"type":"string"})",
     "W /authSpec/0/spec/properties/password: "},
    {"HeaderOfHttp", "/sourceSpec/attributes/headerParams", R"({"X-A":"1","content-length":"5"})",
     "E /sourceSpec/attributes/headerParams/content-length: The header \"content-length\" is set by HTTP "
     "itself"},
    {"HeaderOfHttpInTheOldForm", "/sourceSpec/attributes/headerParams",
     R"("X-A=1,Transfer-Encoding=chunked")",
     "E /sourceSpec/attributes/headerParams: The header \"Transfer-Encoding\" is set by HTTP itself"},
    {"TokenInAHeaderOfHttp", "/sourceSpec/attributes/paginationParams",
     R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.t","parameterType":"HEADERPARAM","parameterName":"Connection"})",
     "E /sourceSpec/attributes/paginationParams/parameterName: The header \"Connection\" is set"},
    {"KeyInAHeaderOfHttp", "/authSpec/0/spec/properties/domain",
     R"({"type":"string","restAttributes":{"headerParamName":"Upgrade"}})",
     "E /authSpec/0/spec/properties/domain/restAttributes/headerParamName: The header \"Upgrade\" is set"},
    {"UnknownPaging", "/sourceSpec/attributes/paginationParams/type", "\"SPIRAL\"",
     "E /sourceSpec/attributes/paginationParams/type: Unknown pagination type"},
    {"OffsetWithoutLimitName", "/sourceSpec/attributes/paginationParams/limitName", "null",
     "E /sourceSpec/attributes/paginationParams/limitName: "},
    {"ContentPathIsNoPath", "/sourceSpec/attributes/contentPath/path", "\"$.items[\"",
     "E /sourceSpec/attributes/contentPath/path: "},
    {"ComplexContentPath", "/sourceSpec/attributes/contentPath/path", "\"$.pages[*].items\"",
     "W /sourceSpec/attributes/contentPath/path: "},
    {"TokenInTheBodyOfAGet", "/sourceSpec/attributes/paginationParams",
     R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.t","parameterName":"t","parameterType":"BODYPARAM"})",
     "E /sourceSpec/attributes/paginationParams/parameterType: A GET request has no body"},
    {"KeyInTheBodyOfAGet", "/authSpec",
     R"([{"name":"Key","type":"KeyBased","spec":{"type":"object","properties":{"domain":{"type":"string"},
        "k/1":{"type":"string","format":"password","restAttributes":{"bodyParamName":"key"}}}}}])",
     "E /authSpec/0/spec/properties/k~11/restAttributes/bodyParamName: A GET request has no body: the key "
     "\"k/1\" is never sent."},
    {"OneOfTwoKeysInTheBodyOfAGet", "/authSpec",
     R"([{"name":"Key","type":"KeyBased","spec":{"type":"object","properties":{"domain":{"type":"string"},
        "h":{"type":"string","format":"password","restAttributes":{"headerParamName":"X-K"}},
        "b":{"type":"string","format":"password","restAttributes":{"bodyParamName":"key"}}}}}])",
     "W /authSpec/0/spec/properties/b/restAttributes/bodyParamName: "},
    {"NoIncrementalText", "/sourceSpec/attributes/scheduleParams", R"({"type":"ADVANCE","backfill":"a"})",
     "W /sourceSpec/attributes/scheduleParams/incremental: "},
    {"NoBackfillText", "/sourceSpec/attributes/scheduleParams",
     R"({"type":"ADVANCE","incremental":"a > {START_TIME}"})",
     "W /sourceSpec/attributes/scheduleParams/backfill: "},
    {"NothingUsesTheScheduleQuery", "/sourceSpec/attributes/urlParams/queryParams", "{}",
     "W /sourceSpec/attributes/scheduleParams: Nothing uses {SCHEDULE_QUERY}"},
    {"QuotedContentPath", "/sourceSpec/attributes/contentPath/path", "\"$['a.b']\"",
     "W /sourceSpec/attributes/contentPath/path: \"$['a.b']\" quotes member names."},
    {"UndeclaredPlaceholder", "/sourceSpec/attributes/urlParams/path", "\"/x/${campaignId}\"",
     "E /sourceSpec/attributes/urlParams/path: The placeholder"},
    {"UndeclaredPlaceholderInAnExpression", "/sourceSpec/attributes/urlParams/path",
     "\"/x/@{concat('${nope}','')}\"", "E /sourceSpec/attributes/urlParams/path: The placeholder \"nope\""},
    {"UndeclaredPlaceholderInAnExpressionOfTheQuery", "/sourceSpec/attributes/urlParams/queryParams",
     R"({"query":"{SCHEDULE_QUERY}","a":"@{if(true,'x','{{nope}}')}"})",
     "E /sourceSpec/attributes/urlParams/queryParams/a: The placeholder \"nope\""},
    {"UnclosedPlaceholderInAnExpression", "/sourceSpec/attributes/urlParams/path", "\"/x/@{concat('${a')}\"",
     "E /sourceSpec/attributes/urlParams/path: \"${\" is not closed with \"}\" at character 14."},
    {"BackfillWithStartInAnExpression", "/sourceSpec/attributes/scheduleParams/backfill",
     "\"@{concat('a > {START_TIME}')}\"", "E /sourceSpec/attributes/scheduleParams/backfill: "},
    {"UndeclaredParameterOfTheIncrementalText", "/sourceSpec/attributes/scheduleParams/incremental",
     "\"@{pipeline().parameters.nope} > {START_TIME}\"",
     "E /sourceSpec/attributes/scheduleParams/incremental: The placeholder \"nope\""},
    {"BadExpression", "/sourceSpec/attributes/urlParams/path", "\"/x@{nope()}\"",
     "E /sourceSpec/attributes/urlParams/path: Expression: unknown function"},
    {"UnfilledBraces", "/sourceSpec/attributes/urlParams/path", "\"/{YOUR_PATH}\"",
     "W /sourceSpec/attributes/urlParams/path: \"{YOUR_PATH}\""},
    {"BadDateFormat", "/sourceSpec/attributes/scheduleParams/paramFormat", "\"yyyy'\"",
     "E /sourceSpec/attributes/scheduleParams/paramFormat: "},
    {"BackfillWithStart", "/sourceSpec/attributes/scheduleParams/backfill", "\"a > {START_TIME}\"",
     "E /sourceSpec/attributes/scheduleParams/backfill: "},
    {"ScheduleQueryWithoutAdvance", "/sourceSpec/attributes/scheduleParams/type", "\"SIMPLE\"",
     "E /sourceSpec/attributes/urlParams/queryParams/query: "},
    {"OddSchemaUri", "/authSpec/0/spec/$schema", "\"http: //json-schema.org/draft-07/schema#\"",
     "W /authSpec/0/spec/$schema: "},
    {"RequiredNamesNothing", "/authSpec/0/spec/required", R"(["host"])", "W /authSpec/0/spec/required"},
    {"MisspeltMember", "/sourceSpec/attributes/pagination-params", "{}",
     "W /sourceSpec/attributes/pagination-params: "},
    {"SkipIsNoList", "/sourceSpec/attributes/contentPath/skipAttributes", "\"links\"",
     "E /sourceSpec/attributes/contentPath/skipAttributes: "},
    {"ExplodeMissesWrapper", "/sourceSpec/attributes/explodeEntityPath/path", "\"$.items.lines\"",
     "W /sourceSpec/attributes/explodeEntityPath"},
    {"HeaderName", "/sourceSpec/attributes/headerParams", R"({"X A":"b"})",
     "E /sourceSpec/attributes/headerParams/X A: "},
};

class SpecCheckTest : public testing::TestWithParam<Case> {};

json::Value with(json::Value spec, std::string_view pointer, json::Value value) {
  json::Value* at = &spec;
  std::string_view rest = pointer.substr(1);
  while (true) {
    const std::size_t slash = rest.find('/');
    const std::string_view name = rest.substr(0, slash);
    if (slash == std::string_view::npos) {
      at->if_object()->set(name, std::move(value));
      return spec;
    }
    at = at->if_array() ? &(*at->if_array())[static_cast<std::size_t>(name[0] - '0')] : at->find(name);
    rest = rest.substr(slash + 1);
  }
}

TEST_P(SpecCheckTest, NamesPlaceAndSeverity) {
  const auto& row = GetParam();
  const auto text = listed(check_connection_spec(with(parsed(kGood), row.pointer, parsed(row.value))));
  EXPECT_NE(("\n" + text).find("\n" + std::string(row.want)), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(All, SpecCheckTest, testing::ValuesIn(kCases),
                         [](const auto& row) { return row.param.name; });

// Headers were written into the place that is not read, and nobody was told that they are not sent.
TEST(SpecCheck, WhatStandsInASecondPlaceIsNotRead) {
  const std::string url = "/sourceSpec/attributes/urlParams/";
  const auto twice = [&url](std::string_view name) {
    auto spec = with(parsed(kGood), "/sourceSpec/attributes/" + std::string(name), parsed(R"({"A":"1"})"));
    return listed(
        check_connection_spec(with(std::move(spec), url + std::string(name), parsed(R"({"B":"2"})"))));
  };
  EXPECT_EQ(twice("headerParams"), "W " + url +
                                       "headerParams: \"headerParams\" is not read here: "
                                       "/sourceSpec/attributes/headerParams takes its place.\n");
  EXPECT_NE(twice("bodyParams").find("W " + url + "bodyParams: \"bodyParams\" is not read here"),
            std::string::npos);
  const auto in_query = with(parsed(kGood), "/sourceSpec/queryParams", parsed(R"({"A":"1"})"));
  EXPECT_EQ(listed(check_connection_spec(in_query)),
            "W /sourceSpec/queryParams: \"queryParams\" is not read here: " + url +
                "queryParams takes its place.\n");
  const auto alone = with(parsed(kGood), url + "headerParams", parsed(R"({"A":"1"})"));
  EXPECT_EQ(listed(check_connection_spec(alone)), "");
}

TEST(SpecCheck, WhatStandsInTheBodyOfAPostIsSent) {
  auto spec = with(parsed(kGood), "/sourceSpec/attributes/urlParams/method", json::Value("POST"));
  spec = with(
      std::move(spec), "/sourceSpec/attributes/paginationParams",
      parsed(
          R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.t","parameterName":"t","parameterType":"BODYPARAM"})"));
  spec =
      with(std::move(spec), "/authSpec", parsed(R"([{"name":"Key","type":"KeyBased","spec":{"type":"object",
    "properties":{"domain":{"type":"string"},
      "k":{"type":"string","format":"password","restAttributes":{"bodyParamName":"key"}}}}}])"));
  EXPECT_EQ(listed(check_connection_spec(spec)), "");
}

TEST(SpecCheck, AnExpressionMayAskForEverythingInsteadOfABackfillText) {
  auto spec = with(parsed(kGood), "/sourceSpec/attributes/scheduleParams",
                   parsed(R"({"type":"ADVANCE","incremental":"a > {START_TIME}"})"));
  spec = with(std::move(spec), "/sourceSpec/attributes/urlParams/path",
              json::Value("/x@{if(empty(pipeline()?.parameters?.ingestionStart),'?all=1','')}"));
  EXPECT_EQ(listed(check_connection_spec(spec)), "");
}

TEST(SpecCheck, ReportsEverythingAtOnce) {
  auto spec = with(parsed(kGood), "/name", json::Value());
  spec = with(std::move(spec), "/sourceSpec/attributes/paginationParams/type", json::Value("X"));
  spec = with(std::move(spec), "/sourceSpec/attributes/urlParams/path", json::Value("/${list-id}"));
  const auto problems = check_connection_spec(spec);
  EXPECT_EQ(std::count_if(problems.begin(), problems.end(),
                          [](const Problem& each) { return each.severity == Severity::error; }),
            3);
  EXPECT_FALSE(can_run(problems));
  const bool meant = std::any_of(problems.begin(), problems.end(),
                                 [](const Problem& each) { return each.hint == "Did you mean \"listId\"?"; });
  EXPECT_TRUE(meant) << listed(problems);
}

TEST(SpecCheck, StreamingSpecsNeedNoRequests) {
  EXPECT_EQ(listed(check_connection_spec(
                parsed(R"({"name":"s","providerId":"p","type":"generic-streaming","authSpec":[],
    "sourceSpec":{"attributes":{"uiAttributes":{"isSource":true}}},"exploreSpec":{"type":"StreamingConnection"}})"))),
            "");
  EXPECT_EQ(listed(check_connection_spec(parsed(R"({"name":"lake","providerId":"p"})"))), "");
}

TEST(SpecCheck, AttributesLeftToTheUserAreNoProblem) {
  const auto problems = check_connection_spec(parsed(
      R"({"name":"g","providerId":"p","type":"generic-rest","sourceSpec":{"attributes":{"uiAttributes":{}},
    "spec":{"type":"object","properties":{"urlParams":{"type":"object","properties":{"path":{"type":"string"}}},
    "contentPath":{"type":"object"},"paginationParams":{"type":"object"},"scheduleParams":{"type":"object"}}}}})"));
  EXPECT_EQ(listed(problems), "");
}

json::Value numbered(const std::string& name, int count, const json::Value& value,
                     const std::string& ending = "") {
  std::vector<json::Member> members;
  members.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    members.push_back({std::string(name).append(std::to_string(i)).append(ending), value});
  return json::Object::from_members(std::move(members));
}

// Two hundred problems were told, and the error was behind them.
TEST(SpecCheck, AnErrorIsToldThoughThereAreManyWarnings) {
  auto spec = with(parsed(kGood), "/authSpec/0/spec/properties",
                   numbered("api", 300, json::Object{{"type", "string"}}, "token"));
  spec = with(std::move(spec), "/sourceSpec/attributes/urlParams/path", "/${nowhere}");
  const auto problems = check_connection_spec(spec);
  EXPECT_EQ(problems.size(), 200U);
  EXPECT_FALSE(can_run(problems)) << listed(problems);
}

// Each placeholder was compared with each input, each key was looked for in all that is sent.
TEST(SpecCheck, ManyPlaceholdersInputsAndKeysTakeTimeThatGrowsWithThem) {
  constexpr int kMany = 100'000;
  std::string path;
  for (int i = 0; i < kMany; ++i) path += "${u" + std::to_string(i) + "}";
  auto spec = with(parsed(kGood), "/sourceSpec/spec/properties",
                   numbered("U-", kMany, json::Object{{"type", "string"}}));
  spec = with(std::move(spec), "/sourceSpec/attributes/urlParams/path", path);
  spec = with(std::move(spec), "/authSpec/0/spec/properties",
              numbered("k", kMany, json::Object{{"type", "string"}}));
  spec = with(std::move(spec), "/authSpec/0/type", "KeyBased");
  const auto problems = check_connection_spec(spec);
  EXPECT_EQ(problems.size(), 200U);
  EXPECT_NE(listed(problems).find("The placeholder \"u0\" is no declared parameter."), std::string::npos);
  EXPECT_TRUE(problems.back().hint.starts_with("Did you mean \"U-")) << problems.back().hint;
}

TEST(SpecCheck, APointerThatNobodyWouldWriteIsRefused) {
  auto spec = with(parsed(kGood), "/exploreSpec", parsed(R"({"a":[{"b":1}]})"));
  spec.find("exploreSpec")
      ->find("a")
      ->if_array()
      ->front()
      .if_object()
      ->set(std::string(4'000, 'n'), json::Array(100'000));
  const auto problems = check_connection_spec(spec);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].pointer, "/exploreSpec/a/0");
  EXPECT_FALSE(can_run(problems));
}

TEST(SpecCheck, SurvivesAnyKindOfValueAnywhere) {
  for (const char* value : {"null", "5", "\"x\"", "[]", "{}", "[1]", "true"})
    for (const char* pointer :
         {"/authSpec", "/authSpec/0", "/sourceSpec", "/sourceSpec/attributes", "/sourceSpec/spec",
          "/sourceSpec/attributes/urlParams", "/sourceSpec/attributes/paginationParams",
          "/sourceSpec/attributes/contentPath", "/sourceSpec/attributes/scheduleParams",
          "/sourceSpec/attributes/urlParams/queryParams", "/exploreSpec"}) {
      auto spec = parsed(kGood);
      if (std::string_view(pointer) == "/authSpec/0")
        spec = with(std::move(spec), "/authSpec", parsed("[" + std::string(value) + "]"));
      else
        spec = with(std::move(spec), pointer, parsed(value));
      (void)check_connection_spec(spec);
    }
  EXPECT_FALSE(can_run(check_connection_spec(json::Value(5))));
}

}  // namespace
}  // namespace headwater::domain
