#include "domain/list_query.h"

#include <gtest/gtest.h>

namespace headwater::domain {
namespace {

struct BadCase {
  const char* name;
  const char* parameter;
  const char* value;
  const char* code;
};

void PrintTo(const BadCase& row, std::ostream* out) { *out << row.name; }

constexpr BadCase kBadCases[] = {
    {"OrderValueTwice", "property", "createdAt>1,2", "FLOW-1443-400"},
    {"OrderOfIds", "property", "id>1", "FLOW-1448-400"},
    {"OrderOfNestedIds", "property", "connectionSpec.id<=1", "FLOW-1448-400"},
    {"NoField", "property", "==x", "FLOW-1449-400"},
    {"EmptyStep", "property", "a..b==x", "FLOW-1449-400"},
    {"IndexInsteadOfMark", "property", "a[0]==x", "FLOW-1449-400"},
    {"QuoteInField", "property", "a'b==x", "FLOW-1449-400"},
    {"UnknownOperator", "property", "a!>x", "FLOW-1450-400"},
    {"ThreeSigns", "property", "a===x", "FLOW-1450-400"},
    {"NotImplemented", "property", "a~x", "FLOW-1440-400"},
    {"NoValue", "property", "a==", "FLOW-1452-400"},
    {"EmptyAmongValues", "property", "a==x,,y", "FLOW-1452-400"},
    {"OpenQuote", "property", "a==\"x", "FLOW-1453-400"},
    {"TextAfterQuote", "property", "a==\"x\"y", "FLOW-1453-400"},
    {"LimitZero", "limit", "0", "FLOW-1451-400"},
    {"LimitNegative", "limit", "-1", "FLOW-1451-400"},
    {"LimitWord", "limit", "ten", "FLOW-1451-400"},
    {"CountWord", "count", "maybe", "FLOW-1451-400"},
    {"TokenOfNobody", "continuationToken", "abc", "FLOW-1451-400"},
    {"TokenNoBase64", "continuationToken", "%%%", "FLOW-1451-400"},
    {"OrderByNothing", "orderby", "name,,id", "FLOW-1433-400"},
    {"OrderByUnknownField", "orderby", "nosuchfield", "FLOW-1432-400"},
    {"OrderByArray", "orderby", "sourceConnectionIds[]", "FLOW-1432-400"},
};

class BadListTest : public testing::TestWithParam<BadCase> {};

TEST_P(BadListTest, IsRefusedWithTheDocumentedCode) {
  const auto& row = GetParam();
  const auto query = parse_list_query({{row.parameter, row.value}});
  ASSERT_FALSE(query);
  EXPECT_EQ(query.error().kind, ErrorKind::invalid_argument);
  EXPECT_EQ(query.error().code, row.code);
  EXPECT_EQ(query.error().where, row.parameter);
  EXPECT_FALSE(query.error().message.empty());
}

INSTANTIATE_TEST_SUITE_P(Table, BadListTest, testing::ValuesIn(kBadCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ListQuery, ReadsConditions) {
  const auto filter = *parse_filter(R"(transformations[].params.mappingId=="a,b", c)");
  EXPECT_EQ(format_path(filter.path), "transformations[].params.mappingId");
  EXPECT_TRUE(filter.path[0].array);
  EXPECT_EQ(filter.values, (std::vector<std::string>{"a,b", "c"}));
  EXPECT_EQ(parse_filter("id=x")->op, FilterOp::equal);
  EXPECT_EQ(parse_filter("a<=1")->op, FilterOp::less_equal);
  EXPECT_EQ(parse_filter("name==\"\"")->values[0], "");
}

TEST(ListQuery, LimitsAreDefaultedAndClamped) {
  EXPECT_EQ(parse_list_query({})->limit, 20U);
  EXPECT_EQ(parse_list_query({{"limit", "7"}})->limit, 7U);
  EXPECT_EQ(parse_list_query({{"limit", "5000"}})->limit, 100U);
  EXPECT_EQ(parse_list_query({{"limit", "99999999999999999999999"}})->limit, 100U);
  EXPECT_EQ(parse_list_query({}, kSpecListRules)->limit, std::nullopt);
  EXPECT_EQ(parse_search_query(*json::parse(R"({"limit":5000})"), "")->limit, 1000U);
}

TEST(ListQuery, ReadsTheOtherParameters) {
  const auto query = *parse_list_query({{"count", "True"},
                                        {"orderby", " name,-createdAt"},
                                        {"property", "id,name"},
                                        {"property", "state==enabled"},
                                        {"unknown", "=="}});
  EXPECT_TRUE(query.count_only);
  EXPECT_EQ(query.filters.size(), 1U);
  EXPECT_EQ(query.projection, (std::vector<std::string>{"id", "name"}));
  ASSERT_EQ(query.order.size(), 2U);
  EXPECT_FALSE(query.order[0].descending) << "a '+' arrives as a blank";
  EXPECT_TRUE(query.order[1].descending);
}

TEST(ListQuery, ATokenCarriesItsQueryAndARepeatedLimitWins) {
  auto query = *parse_list_query({{"property", "name==\"a,b\",c"},
                                  {"property", "n>=2"},
                                  {"property", "name,state"},
                                  {"orderby", "-name,createdAt"},
                                  {"limit", "3"}});
  const ListQuery::Position position{{json::Value("ü\""), json::Value(json::Number{"1.50"})}, "id-1"};
  const auto token = format_continuation_token(query, position);
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  const auto next =
      parse_list_query({{"continuationToken", token}, {"limit", "9"}, {"property", "name==other"}});
  ASSERT_TRUE(next);
  EXPECT_EQ(next->filters, query.filters);
  EXPECT_EQ(next->order, query.order);
  EXPECT_EQ(next->projection, query.projection);
  EXPECT_EQ(next->limit, 9U);
  EXPECT_EQ(parse_list_query({{"continuationToken", token}})->limit, 3U);
  ASSERT_TRUE(next->after);
  EXPECT_EQ(next->after->id, "id-1");
  EXPECT_EQ(next->after->values[0], position.values[0]);
  EXPECT_EQ(next->after->values[1].dump(), "1.50");
}

TEST(ListQuery, ReadsASearch) {
  const auto query = parse_search_query(
      *json::parse(R"({"queryString":"state==enabled&property=name!=x","orderby":"-updatedAt","count":"false",
                       "limit":"50","projectionFields":"id,name"})"),
      "");
  ASSERT_TRUE(query) << query.error().message;
  EXPECT_EQ(query->filters.size(), 2U);
  EXPECT_EQ(query->filters[1].op, FilterOp::not_equal);
  EXPECT_EQ(query->limit, 50U);
  EXPECT_EQ(query->projection.size(), 2U);
  EXPECT_TRUE(query->order[0].descending);
  const auto quoted = parse_search_query(*json::parse(R"({"queryString":"name==\"a&b\"&state==x"})"), "");
  ASSERT_TRUE(quoted) << quoted.error().message;
  EXPECT_EQ(quoted->filters.size(), 2U);
  EXPECT_EQ(quoted->filters[0].values, std::vector<std::string>{"a&b"});
  EXPECT_EQ(parse_search_query(*json::parse(R"({"groupByProperty":"name"})"), "").error().code,
            "FLOW-1438-400");
  EXPECT_EQ(parse_search_query(*json::parse(R"({"limit":0})"), "").error().code, "FLOW-1451-400");
}

TEST(ListQuery, AConditionThatIsNoTextIsNotPassedOver) {
  for (const char* body :
       {R"({"queryString":5})", R"({"orderby":["name"]})", R"({"projectionFields":["id"]})"}) {
    const auto query = parse_search_query(*json::parse(body), "");
    ASSERT_FALSE(query) << body;
    EXPECT_EQ(query.error().code, "FLOW-1451-400") << body;
  }
  EXPECT_TRUE(parse_search_query(*json::parse(R"({"queryString":null})"), ""));
}

TEST(ListQuery, ProjectsButKeepsTheId) {
  const auto flow = *json::parse(R"({"id":"1","name":"n","state":"s"})");
  EXPECT_EQ(project(flow, {"state", "nothing"}).dump(), R"({"id":"1","state":"s"})");
  EXPECT_EQ(project(flow, {}).dump(), flow.dump());
}

TEST(Resource, AnswersCommonFieldsAndTheBodyInOrder) {
  Resource flow =
      new_resource(ResourceKind::flow, "f", {OrgId("o"), SandboxId("s"), "prod"}, {"u", "c"}, 5,
                   *json::parse(R"({"zeta":1.0,"id":"mine","etag":"mine","alpha":2})"), "enabled");
  flow.etag = Etag("\"e\"");
  EXPECT_EQ(wire_form(flow).dump(),
            R"({"id":"f","createdAt":5,"updatedAt":5,"createdBy":"u","updatedBy":"u","createdClient":"c",)"
            R"("updatedClient":"c","sandboxId":"s","sandboxName":"prod","imsOrgId":"o","zeta":1.0,"alpha":2,)"
            R"("state":"enabled","version":"\"e\"","etag":"\"e\""})");
}

TEST(Resource, TheTextOfTheAnswerIsTheWireForm) {
  constexpr std::string_view kBodies[] = {
      R"({})",
      R"({"a":1})",
      R"({"zeta":1.0,"id":"mine","etag":"mine","alpha":2,"version":"3"})",
      R"({"s":"a,b}\"c\\","o":{"id":"x","state":[{"a":"]}"}],"e":{}},"n":null,"l":[[],[1,"2"]],"t":true})",
      R"({"state":"inProgress","last":-1.5e+300})",
      R"({"state":"","x":"\u0001é"})",
      R"({"state":null})",
      R"({"state":{"state":"a"}})",
      R"({"":{"":""},"\"id":1})",
  };
  for (const auto kind : {ResourceKind::flow, ResourceKind::connection_spec, ResourceKind::batch})
    for (const auto body : kBodies)
      for (const std::string state : {"", "enabled"}) {
        auto stored = new_resource(kind, "f\n", {OrgId("o"), SandboxId("s"), "prod"}, {"u\"", "c"}, 5,
                                   *json::parse(body), state);
        stored.etag = Etag("\"e\"");
        const auto text = wire_text(stored, stored.body.dump());
        // As the store reads it: what the body says counts.
        if (!stored.body.string_at("state").empty()) stored.state.clear();
        EXPECT_EQ(text.text, wire_form(stored).dump()) << body;
        EXPECT_EQ(text.etag, stored.etag);
      }
}

TEST(Resource, ASpecKeepsItsOwnVersion) {
  auto spec =
      new_resource(ResourceKind::connection_spec, "s", {}, {}, 5, *json::parse(R"({"version":"1.0"})"));
  EXPECT_EQ(wire_form(spec).string_at("version"), "1.0");
}

TEST(Resource, EveryChangeIsSeenInItsTime) {
  Resource flow;
  flow.updated_at_ms = 100;
  touch(flow, {"u", "c"}, 100);
  EXPECT_EQ(flow.updated_at_ms, 101);
  touch(flow, {"u", "c"}, 500);
  EXPECT_EQ(flow.updated_at_ms, 500);
}

TEST(Resource, EtagsAreNewAndCompareWithoutQuotes) {
  const auto etag = new_etag();
  EXPECT_NE(etag, new_etag());
  EXPECT_EQ(etag.value.size(), 38U);
  EXPECT_EQ(etag.value.substr(9, 16), "-0000-0200-0000-");
  EXPECT_TRUE(etag_matches(etag, Etag(etag.value.substr(1, 36))));
  EXPECT_TRUE(etag_matches(Etag("W/" + etag.value), etag));
  EXPECT_FALSE(etag_matches(Etag("\"x\""), etag));
}

}  // namespace
}  // namespace headwater::domain
