#include "domain/source_spec.h"

#include <gtest/gtest.h>

namespace headwater::domain {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().message);
  return value ? *value : json::Value();
}

SourceSpec read(std::string_view spec, std::string_view params = "{}") {
  auto read = read_source_spec(parsed(spec), parsed(params));
  EXPECT_TRUE(read) << (read ? "" : read.error().where + ": " + read.error().message);
  return read ? *read : SourceSpec{};
}

std::string first_problem(std::string_view spec, std::string_view params = "{}") {
  const auto read = read_source_spec(parsed(spec), parsed(params));
  return read ? "none" : read.error().where;
}

using Names = std::vector<std::string>;

TEST(SourceSpec, ReadsTheNewestGeneration) {
  const auto spec = read(R"({"sourceSpec":{"attributes":{
    "urlParams":{"host":"https://${d}.a.test","path":"/v1","method":"post","queryParams":{"a":"1","n":5}},
    "headerParams":{"X-A":"b"},"bodyParams":{"q":"x"},
    "contentPath":{"path":"$.data.rows","skipAttributes":["links"],"keepAttributes":["page"],"overrideWrapperAttribute":"row"},
    "explodeEntityPath":{"path":"$.row.lines"},
    "paginationParams":{"type":"Offset","limitName":"limit","limitValue":"100","offSetName":"offset",
      "endConditionName":"$.hasMore","endConditionValue":"Const:false","delayRequestMillis":"850","maximumRequest":7,
      "totalPath":"$.meta.total"},
    "scheduleParams":{"scheduleStartParamName":"since","scheduleEndParamName":"until"},
    "recordKey":"$.data.row.id"},
    "spec":{"type":"object","properties":{"listId":{"type":"string"}}}}})");
  EXPECT_EQ(spec.url.method, "POST");
  EXPECT_EQ(spec.url.query, (std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"n", "5"}}));
  ASSERT_TRUE(spec.content);
  EXPECT_EQ(spec.content->names, (Names{"data", "rows"}));
  EXPECT_EQ(spec.content->wrapper, "row");
  EXPECT_EQ(spec.content->skip, Names{"links"});
  ASSERT_TRUE(spec.explode);
  EXPECT_EQ(spec.explode->wrapper, "lines");
  EXPECT_EQ(spec.paging.type, PagingType::offset);
  EXPECT_EQ(spec.paging.limit, 100);
  EXPECT_EQ(spec.paging.delay.count(), 850);
  EXPECT_EQ(spec.paging.request_max, 7);
  EXPECT_EQ(spec.paging.total_path, (Names{"meta", "total"}));
  ASSERT_TRUE(spec.paging.end_condition);
  EXPECT_EQ(spec.paging.end_condition->constant, "false");
  EXPECT_EQ(spec.schedule.start_format, "yyyy-MM-ddTHH:mm:ssZ");
  EXPECT_EQ(spec.record_key, (Names{"data", "row", "id"}));
  EXPECT_TRUE(spec.inputs.find_path("properties.listId"));
}

TEST(SourceSpec, ReadsTheNestedGeneration) {
  const auto spec = read(R"({"sourceSpec":{"attributes":{"spec":{"properties":{
    "urlParams":{"host":"https://a.test","path":"/x"},
    "contentPath":{"path":"items"},
    "paginationParams":{"type":"POINTER","pointerPath":"paging.next","limitName":"limit","limitValue":5},
    "listId":{"type":"string"}}}}}})");
  EXPECT_EQ(spec.url.path, "/x");
  EXPECT_EQ(spec.content->names, Names{"items"});
  EXPECT_EQ(spec.paging.pointer_path, (Names{"paging", "next"}));
}

TEST(SourceSpec, ReadsTheOldGeneration) {
  const auto spec = read(R"({"sourceSpec":{"attributes":{
    "urlParams":{"hostname":"https://{{domain}}.a.test","path":"/x","queryParams":"excludes=id&foo={{x}}"},
    "headerParams":"X-A=1, X-B=2","contentPath":"$.items","paginationType":"pointer",
    "paginationParams":{"pointerName":"$.next"}}}})");
  EXPECT_EQ(spec.url.host, "https://{{domain}}.a.test");
  EXPECT_EQ(spec.url.query,
            (std::vector<std::pair<std::string, std::string>>{{"excludes", "id"}, {"foo", "{{x}}"}}));
  EXPECT_EQ(spec.headers, (std::vector<std::pair<std::string, std::string>>{{"X-A", "1"}, {"X-B", "2"}}));
  EXPECT_EQ(spec.content->wrapper, "items");
  EXPECT_EQ(spec.paging.type, PagingType::pointer);
  EXPECT_EQ(spec.paging.pointer_path, Names{"next"});
}

TEST(SourceSpec, ReadsTheOffsetsOfOldPages) {
  const auto spec =
      read(R"({"sourceSpec":{"attributes":{"urlParams":{"hostname":"h"},"paginationType":"offset",
    "paginationParams":{"limitName":"limit","limitValue":"5","pointerName":"offset"}}}})");
  EXPECT_EQ(spec.paging.type, PagingType::offset);
  EXPECT_EQ(spec.paging.offset_name, "offset");
}

constexpr std::string_view kInputSpec =
    R"({"sourceSpec":{"attributes":{"uiAttributes":{}},"spec":{"type":"object","properties":{
  "urlParams":{"type":"object","properties":{"path":{"type":"string"}}},"contentPath":{"type":"object"},
  "paginationParams":{"type":"object"},"scheduleParams":{"type":"object"}}}}})";

TEST(SourceSpec, TakesWhatTheSpecLeavesToTheUserFromParams) {
  const auto spec =
      read(kInputSpec, R"({"urlParams":{"path":"/p","method":"GET"},"contentPath":{"path":"$.items"},
    "paginationParams":{"type":"PAGE","pageParamName":"page","endPageIndex":"headers.X-PageCount"}})");
  EXPECT_EQ(spec.url.path, "/p");
  EXPECT_EQ(spec.paging.end_page_header, "x-pagecount");
  EXPECT_EQ(spec.paging.request_max, 10'000);
  EXPECT_TRUE(spec.schedule.empty());
  EXPECT_EQ(first_problem(kInputSpec, "{}"), "/params/urlParams");
  EXPECT_EQ(first_problem(kInputSpec, R"({"urlParams":{"path":"/"},"paginationParams":{"type":"SPIRAL"}})"),
            "/params/paginationParams/type");
}

TEST(SourceSpec, NamesEveryProblemWithItsPlace) {
  const auto with_paging = [](const std::string& paging) {
    return first_problem(R"({"sourceSpec":{"attributes":{"urlParams":{"host":"h"},"paginationParams":)" +
                         paging + "}}}");
  };
  const std::string at = "/sourceSpec/attributes/paginationParams";
  EXPECT_EQ(with_paging(R"({"type":"X"})"), at + "/type");
  EXPECT_EQ(with_paging(R"({})"), at + "/type");
  EXPECT_EQ(with_paging(R"({"type":"OFFSET","limitValue":5,"offSetName":"o"})"), at + "/limitName");
  EXPECT_EQ(with_paging(R"({"type":"OFFSET","limitName":"l","limitValue":"x","offsetName":"o"})"),
            at + "/limitValue");
  EXPECT_EQ(with_paging(R"({"type":"PAGE"})"), at + "/pageParamName");
  EXPECT_EQ(with_paging(R"({"type":"PAGE","pageParamName":"p","initialPageIndex":3,"endPageIndex":2})"),
            at + "/endPageIndex");
  EXPECT_EQ(with_paging(R"({"type":"POINTER"})"), at + "/pointerPath");
  EXPECT_EQ(with_paging(R"({"type":"POINTER","pointerPath":"$.a[*]"})"), at + "/pointerPath");
  EXPECT_EQ(with_paging(R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.t"})"),
            at + "/parameterName");
  EXPECT_EQ(
      with_paging(
          R"({"type":"CONTINUATION_TOKEN","continuationTokenPath":"$.t","parameterName":"t","parameterType":"COOKIE"})"),
      at + "/parameterType");
  EXPECT_EQ(with_paging(R"({"type":"NONE","endConditionName":"$.a","endConditionValue":"Range:1"})"),
            at + "/endConditionValue");
  EXPECT_EQ(with_paging(R"({"type":"NONE"})"), "none");
  EXPECT_EQ(first_problem(R"({"sourceSpec":{"attributes":{"urlParams":{"host":"h","method":"PUT"}}}})"),
            "/sourceSpec/attributes/urlParams/method");
}

TEST(SourceSpec, QuotedNamesAreMembersWithSiblings) {
  struct Row {
    const char* path;  // a JSON text
    Names names;
  };
  const Row rows[] = {
      {R"("$['a.b']")", {"a.b"}},
      {R"("$[\"x y\"]")", {"x y"}},
      {R"("$['it\\'s.x']")", {"it's.x"}},
      {R"("$.d['a.b']")", {"d", "a.b"}},
      {R"("$['a.b'].c")", {"a.b", "c"}},
      {R"("d['a.b']")", {"d", "a.b"}},
      {R"("$['\\u00e9\\n\\\\']")", {"\u00e9\n\\"}},
      {R"("$[ 'a.b' ]")", {"a.b"}},
  };
  for (const auto& row : rows)
    for (const char* attribute : {"contentPath", "explodeEntityPath"}) {
      const auto spec = read(R"({"sourceSpec":{"attributes":{"urlParams":{"host":"h"},")" +
                             std::string(attribute) + R"(":{"path":)" + row.path + "}}}}");
      const auto& path = std::string_view(attribute) == "contentPath" ? spec.content : spec.explode;
      ASSERT_TRUE(path);
      EXPECT_TRUE(path->dotted) << row.path;
      EXPECT_EQ(path->names, row.names) << row.path;
      EXPECT_EQ(path->wrapper, row.names.back()) << row.path;
    }
}

TEST(SourceSpec, TheWrapperOfAnyOtherPathIsItsLastName) {
  for (const auto& [path, wrapper] : {std::pair{"$.pages[*]['a.b']", "a.b"},
                                      {"$['x y'][?@.c == 'd'][0]", "x y"},
                                      {"$..rows", "rows"},
                                      {"$[*]", "item"},
                                      {"$[?@.c]", "item"}}) {
    const auto spec = read(R"({"sourceSpec":{"attributes":{"urlParams":{"host":"h"},"contentPath":")" +
                           std::string(path) + "\"}}}");
    EXPECT_FALSE(spec.content->dotted) << path;
    EXPECT_EQ(spec.content->wrapper, wrapper) << path;
  }
}

TEST(SourceSpec, PathsOfMemberNames) {
  EXPECT_EQ(read_dotted_path("$.a.b"), (Names{"a", "b"}));
  EXPECT_EQ(read_dotted_path("a-b.c"), (Names{"a-b", "c"}));
  EXPECT_EQ(read_dotted_path("$"), Names{});
  EXPECT_EQ(read_member_path("$['@odata.nextLink']"), Names{"@odata.nextLink"});
  EXPECT_EQ(read_member_path("$.a[\"b.c\"].d"), (Names{"a", "b.c", "d"}));
  for (const char* complex : {"$.a[*]", "$..a", "$.a[0]", "$.a.", "$['a']", "$.a[?@.b]"})
    EXPECT_FALSE(read_dotted_path(complex)) << complex;
}

}  // namespace
}  // namespace headwater::domain
