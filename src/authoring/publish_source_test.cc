#include "authoring/publish_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "authoring/source_template.h"
#include "authoring/spec_comparison.h"

namespace headwater::authoring {
namespace {

using json::Array;
using json::Object;
using json::Value;
using testing::HasSubstr;
using testing::IsEmpty;

const SourceTexts kTexts{"acme", "Acme", "Items of Acme accounts.", "crm"};

SourceArtifacts artifacts() { return make_artifacts(kTexts, rest_spec(kTexts, rest_template())); }

TEST(CatalogSpec, ArtifactsBecomeEntries) {
  auto given = artifacts();
  given.icon = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
  given.label = "Acme, of the files";
  const auto spec = catalog_spec(given);
  ASSERT_TRUE(spec);
  const auto* shown = spec->find_path("sourceSpec.attributes.uiAttributes");
  EXPECT_EQ(*shown->find("label"), *json::parse(R"({"key":"acme-label","text":"Acme, of the files"})"));
  EXPECT_EQ(*shown->find("description"),
            *json::parse(R"({"key":"acme-description","text":"Items of Acme accounts."})"));
  EXPECT_EQ(*shown->find("category"), *json::parse(R"({"key":"crm"})"));
  EXPECT_EQ(shown->find("icon")->string_at("key"), "acme-icon");
  EXPECT_EQ(shown->find("icon")->string_at("svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>");
  EXPECT_EQ(shown->find("isSource")->as_bool_lenient(), true);
}

TEST(CatalogSpec, WhatIsPulledIsPublishedUnchanged) {
  for (const auto& spec : {rest_spec(kTexts, rest_template()), streaming_spec(kTexts)}) {
    auto stored = *catalog_spec(make_artifacts(kTexts, spec));
    const Value published = stored;
    for (const char* member : {"createdAt", "updatedAt", "etag", "createdBy"})
      stored.if_object()->set(member, "x");
    const auto pulled = artifacts_of(stored, "acme");
    EXPECT_EQ(pulled.label, "Acme");
    EXPECT_EQ(pulled.icon, plain_icon("Acme"));
    EXPECT_THAT(compare_specs(published, *catalog_spec(pulled)), IsEmpty());
  }
}

TEST(CatalogSpec, ASpecWithoutEntriesIsGivenTexts) {
  const auto pulled =
      artifacts_of(*json::parse(R"({"id":"1","name":"acme-x","description":"Items."})"), "acme-x");
  EXPECT_EQ(pulled.label, "Acme x");
  EXPECT_EQ(pulled.description, "Items.");
  EXPECT_EQ(pulled.category, "protocols");
  EXPECT_THAT(pulled.icon, HasSubstr("<svg"));
}

TEST(CompareSpecs, TellsMemberByMember) {
  const auto changes = compare_specs(*json::parse(R"({"a":1,"b":{"c":[1,2],"d":true},"e":"x"})"),
                                     *json::parse(R"({"a":1.0,"b":{"c":[1,3,4],"f/g":null},"e":"y"})"));
  std::vector<std::string> told;
  told.reserve(changes.size());
  for (const auto& change : changes)
    told.push_back(std::string(change.kind == SpecChange::Kind::added     ? "+"
                               : change.kind == SpecChange::Kind::removed ? "-"
                                                                          : "~") +
                   change.pointer);
  EXPECT_THAT(told, testing::ElementsAre("~/b/c/1", "+/b/c/2", "-/b/d", "+/b/f~1g", "~/e"));
}

struct BreakCase {
  const char* name;
  const char* place;  // dotted, of the template
  const char* value;  // "" removes
  const char* pointer;
  bool of_a_flow;  // one that gives accountId, with the account "API Key Authentication"
};

TEST(BreakingChanges, SayWhichFlowsDoNotSurvive) {
  const FlowUse flow{"1", "f", *json::parse(R"({"accountId":"7"})"), "api-key authentication", "prod"};
  const FlowUse other{"2", "g", Object{}, "Other", "prod"};
  for (const auto& [name, place, value, pointer, of_a_flow] :
       std::vector<BreakCase>{{"Content", "sourceSpec.attributes.contentPath.path", R"("$.rows")",
                               "/sourceSpec/attributes/contentPath", true},
                              {"Wrapper", "sourceSpec.attributes.contentPath.overrideWrapperAttribute",
                               R"("x")", "/sourceSpec/attributes/contentPath", true},
                              {"Host", "sourceSpec.attributes.urlParams.host", R"("https://b.test")",
                               "/sourceSpec/attributes/urlParams/host", true},
                              {"Path", "sourceSpec.attributes.urlParams.path", R"("/v2")",
                               "/sourceSpec/attributes/urlParams/path", true},
                              {"Method", "sourceSpec.attributes.urlParams.method", R"("POST")",
                               "/sourceSpec/attributes/urlParams/method", true},
                              {"InputGone", "sourceSpec.spec.properties.accountId", "",
                               "/sourceSpec/spec/properties/accountId", true},
                              {"InputType", "sourceSpec.spec.properties.accountId.type", R"("integer")",
                               "/sourceSpec/spec/properties/accountId", true},
                              {"InputRequired", "sourceSpec.spec.required", R"(["accountId","region"])",
                               "/sourceSpec/spec/required", true},
                              {"AuthGone", "authSpec", "[]", "/authSpec/0", true}}) {
    const auto before = rest_spec(kTexts, rest_template());
    auto after = before;
    const std::string path(place);
    const auto cut = path.rfind('.');
    Value* at = &after;
    if (cut != std::string::npos)
      for (std::size_t begin = 0; begin < cut;) {
        const auto end = std::min(path.find('.', begin), cut);
        at = at->find(path.substr(begin, end - begin));
        begin = end + 1;
      }
    const std::string last = cut == std::string::npos ? path : path.substr(cut + 1);
    if (*value == '\0')
      at->if_object()->erase(last);
    else
      at->if_object()->set(last, *json::parse(value));
    const auto breaking = breaking_changes(before, after);
    ASSERT_EQ(breaking.size(), 1U) << name;
    EXPECT_EQ(breaking[0].pointer, pointer) << name;
    EXPECT_EQ(breaks(breaking[0], flow), of_a_flow) << name;
    const bool reaches_all = breaking[0].reach == BreakingChange::Reach::every_flow ||
                             breaking[0].reach == BreakingChange::Reach::flows_that_lack;
    EXPECT_EQ(breaks(breaking[0], other), reaches_all) << name;
  }
}

// They were told as changes that keep every flow as it is.
TEST(FetchChanges, WhatIsFetchedOtherwiseIsTold) {
  const auto before = rest_spec(kTexts, rest_template());
  for (const auto& [member, value, message] : std::vector<std::array<const char*, 3>>{
           {"paginationParams", R"({"type":"NONE"})", "first page only"},
           {"paginationParams", R"({"type":"PAGE","pageParamName":"p"})", "Paging changes"},
           {"scheduleParams", "{}", "window changes"},
           {"bodyParams", R"({"a":1})", "body changes"}}) {
    auto after = before;
    after.find("sourceSpec")->find("attributes")->if_object()->set(member, *json::parse(value));
    const auto changes = fetch_changes(before, after);
    ASSERT_EQ(changes.size(), 1U) << member;
    EXPECT_EQ(changes[0].pointer, "/sourceSpec/attributes/" + std::string(member));
    EXPECT_THAT(changes[0].message, HasSubstr(message));
    EXPECT_THAT(breaking_changes(before, after), IsEmpty());
  }
  auto slower = before;
  slower.find("sourceSpec")
      ->find("attributes")
      ->find("paginationParams")
      ->if_object()
      ->set("delayRequestMillis", 5);
  slower.find("sourceSpec")->find("attributes")->find("urlParams")->if_object()->set("method", "get");
  EXPECT_THAT(fetch_changes(before, slower), IsEmpty());
  EXPECT_THAT(breaking_changes(before, slower), IsEmpty());
}

Value with_attribute(const char* member, const char* value) {
  auto spec = rest_spec(kTexts, rest_template());
  spec.if_object()->set("authSpec", *json::parse(R"([{"name":"Token","type":"KeyBased","spec":{"properties":
      {"accessToken":{"type":"string","format":"password"}}}}])"));
  spec.find("sourceSpec")->find("attributes")->if_object()->set(member, *json::parse(value));
  return spec;
}

// They were told as changes that keep every flow, and the next run was refused by the source.
TEST(BreakingChanges, WhatCarriesACredentialBreaksTheFlowsOfItsAccount) {
  const FlowUse flow{"1", "f", Object{}, "Token", "prod"};
  const FlowUse other{"2", "g", Object{}, "Other", "prod"};
  struct Case {
    const char *member, *before, *after, *pointer;
    bool of_all;
  };
  for (const auto& [member, before, after, pointer, of_all] :
       std::vector<Case>{{"headerParams", R"({"Authorization":"Bearer ${accessToken}"})", "{}",
                          "/sourceSpec/attributes/headerParams/authorization", false},
                         {"headerParams", R"({"Authorization":"Bearer ${accessToken}"})",
                          R"({"authorization":"Token ${accessToken}"})",
                          "/sourceSpec/attributes/headerParams/authorization", false},
                         {"headerParams", R"({"Authorization":"Basic x"})", "{}",
                          "/sourceSpec/attributes/headerParams/authorization", true},
                         {"headerParams", "{}", R"({"Authorization":"Basic x"})",
                          "/sourceSpec/attributes/headerParams/authorization", true},
                         {"headerParams", R"({"X-Key":"${accessToken}"})", R"({"X-Key":"k ${accessToken}"})",
                          "/sourceSpec/attributes/headerParams/x-key", false},
                         {"urlParams", R"({"host":"https://a.test","queryParams":{"k":"${accessToken}"}})",
                          R"({"host":"https://a.test","queryParams":{}})",
                          "/sourceSpec/attributes/urlParams/queryParams/k", false},
                         {"bodyParams", R"({"a":{"k":"${accessToken}"}})", R"({"a":{}})",
                          "/sourceSpec/attributes/bodyParams/a/k", false}}) {
    const auto breaking = breaking_changes(with_attribute(member, before), with_attribute(member, after));
    ASSERT_EQ(breaking.size(), 1U) << member << before;
    EXPECT_EQ(breaking[0].pointer, pointer);
    EXPECT_TRUE(breaks(breaking[0], flow)) << pointer;
    EXPECT_EQ(breaks(breaking[0], other), of_all) << pointer;
  }
  const char* same = R"({"Authorization":"Bearer ${accessToken}"})";
  EXPECT_THAT(
      breaking_changes(with_attribute("headerParams", same),
                       with_attribute("headerParams", R"({"authorization":"Bearer ${accessToken}"})")),
      IsEmpty())
      << "two spellings are one header";
}

TEST(Comparison, TellsChangesAndWhomTheyBreak) {
  auto before = rest_spec(kTexts, rest_template());
  before.if_object()->set("id", "of-the-server");
  before.if_object()->set("etag", "2");
  Value after = before;
  after.if_object()->erase("id");
  after.if_object()->set("etag", "3");
  auto& attributes = *after.find("sourceSpec")->find("attributes")->if_object();
  attributes.set("contentPath", Object{{"path", "$.gone"}});
  const auto told = encode(compare_for_publication(before, after), {{"f1", "Orders", Object{}, "", "prod"}});
  EXPECT_THAT(told.find("breaking")->dump(), HasSubstr("/sourceSpec/attributes/contentPath"));
  EXPECT_EQ(told.find("flows")->dump(),
            R"([{"id":"f1","name":"Orders","sandbox":"prod","effect":"breaks"}])");
  for (const Value& change : *told.find("changes")->if_array())
    EXPECT_THAT(std::string(change.string_at("pointer")), HasSubstr("/contentPath"));
  const auto same = encode(compare_for_publication(before, before), {{"f1", "Orders", Object{}, "", "prod"}});
  EXPECT_EQ(same.find("changes")->dump(), "[]");
  EXPECT_EQ(same.find("flows")->if_array()->front().string_at("effect"), "keeps");
}

TEST(FetchChanges, AnotherHeaderIsTold) {
  const auto before = with_attribute("headerParams", R"({"X-GitHub-Api-Version":"2022-11-28"})");
  for (const char* after : {"{}", R"({"X-GitHub-Api-Version":"2026-01-01"})"}) {
    const auto changes = fetch_changes(before, with_attribute("headerParams", after));
    ASSERT_EQ(changes.size(), 1U) << after;
    EXPECT_THAT(changes[0].message, HasSubstr("headers change"));
    EXPECT_THAT(breaking_changes(before, with_attribute("headerParams", after)), IsEmpty());
  }
  EXPECT_THAT(fetch_changes(before, before), IsEmpty());
}

Value old_form(const char* host, const char* content, const char* paging) {
  auto spec = *json::parse(R"({"type":"generic-rest","sourceSpec":{"attributes":{"urlParams":{}},
      "spec":{"properties":{"shop":{"type":"string"}}}}})");
  auto* source = spec.find("sourceSpec");
  source->find("attributes")->find("urlParams")->if_object()->set("hostname", host);
  auto& places = *source->find("spec")->find("properties")->if_object();
  places.set("contentPath", *json::parse(content));
  places.set("paginationParams", *json::parse(paging));
  return spec;
}

// Only the newest spelling and place of each was compared: the rest was published without a question.
TEST(BreakingChanges, WhatStandsInAnOlderPlaceOrSpellingIsTold) {
  const char* none = R"({"type":"NONE"})";
  const auto before = old_form("https://a.test", R"("$.items")", none);
  const auto moved = breaking_changes(before, old_form("https://b.test", R"("$.items")", none));
  ASSERT_EQ(moved.size(), 1U);
  EXPECT_EQ(moved[0].pointer, "/sourceSpec/attributes/urlParams/host");
  const auto reshaped = breaking_changes(before, old_form("https://a.test", R"({"path":"$.rows"})", none));
  ASSERT_EQ(reshaped.size(), 1U);
  EXPECT_EQ(reshaped[0].pointer, "/sourceSpec/attributes/contentPath");
  const auto paged = old_form("https://a.test", R"("$.items")", R"({"type":"PAGE","pageParamName":"p"})");
  EXPECT_THAT(breaking_changes(before, paged), IsEmpty());
  ASSERT_EQ(fetch_changes(before, paged).size(), 1U);
  EXPECT_THAT(fetch_changes(before, paged)[0].message, HasSubstr("Paging changes"));
}

TEST(BreakingChanges, AnotherSpellingOfTheSameBreaksNothing) {
  const auto before = old_form("https://a.test", R"("$.items")", R"({"type":"NONE"})");
  const auto after = *json::parse(R"({"type":"generic-rest","sourceSpec":{"attributes":{
      "urlParams":{"host":"https://a.test","method":"get"},"contentPath":{"path":"$.items"}},
      "spec":{"properties":{"shop":{"type":"string"}}}}})");
  EXPECT_THAT(breaking_changes(before, after), IsEmpty());
  EXPECT_THAT(fetch_changes(before, after), IsEmpty());
}

TEST(BreakingChanges, TextsAndOptionalInputsBreakNothing) {
  const auto before = rest_spec(kTexts, rest_template());
  auto rest = rest_template();
  rest.inputs.set("region", Object{{"type", "string"}});
  rest.query = {{"region", "${region}"}};
  const auto after = rest_spec({"acme", "Other", "Other.", "payments"}, rest);
  EXPECT_THAT(breaking_changes(before, after), IsEmpty());
}

// Each member, input and authentication was looked for among all of the other spec.
TEST(CompareSpecs, LargeSpecsTakeTimeThatGrowsWithThem) {
  constexpr int kMany = 60'000;
  const auto spec_with = [](const std::string& ending) {
    std::vector<json::Member> inputs;
    json::Array accounts;
    for (int i = 0; i < kMany; ++i) {
      const auto name = "a" + std::to_string(i) + ending;
      inputs.push_back({name, json::Object{{"type", "string"}}});
      accounts.push_back(json::Object{
          {"name", name}, {"spec", json::Object{{"properties", json::Object{{"key", json::Object{}}}}}}});
    }
    json::Value spec = json::Object{{"name", "acme"}, {"authSpec", std::move(accounts)}};
    spec.if_object()->set(
        "sourceSpec",
        json::Object{
            {"spec", json::Object{{"properties", json::Object::from_members(std::move(inputs))}}},
            {"attributes", json::Object{{"urlParams", json::Object{{"host", "https://a.test"}}},
                                        {"headerParams", json::Object{{"X-Key", "${key}" + ending}}}}}});
    return spec;
  };
  const auto before = spec_with("");
  EXPECT_TRUE(breaking_changes(before, before).empty());
  EXPECT_TRUE(compare_specs(before, before).empty());
  EXPECT_EQ(compare_specs(before, spec_with("x")).size(), 500U);
  const auto breaking = breaking_changes(before, spec_with("x"));
  EXPECT_EQ(breaking.size(), 5'001U);
  EXPECT_EQ(breaking.back().reach, BreakingChange::Reach::every_flow);
}

}  // namespace
}  // namespace headwater::authoring
