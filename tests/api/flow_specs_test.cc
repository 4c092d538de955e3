#include "api/shipped_specs.h"
#include "api_fixture.h"

namespace headwater::tests {
namespace {

class FlowSpecsTest : public ApiFixture {};

TEST_F(FlowSpecsTest, TheBatchSpecNamesItsFirstSource) {
  const auto answer = get(fs("/flowSpecs?property=name==RestStorageToAEP"));
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.item().string_at("id"), kRestFlow);
  EXPECT_EQ(answer.item().find("sourceConnectionSpecIds")->if_array()->front().dump(),
            "\"" + std::string(kRestStorage) + "\"");
}

TEST_F(FlowSpecsTest, PutAddsASourceAndAStartKeepsIt) {
  auto spec = get(fs("/flowSpecs/" + std::string(kRestFlow))).item();
  spec.find("sourceConnectionSpecIds")->if_array()->emplace_back("11111111-2222-4333-8444-555555555555");
  const auto answer = put(fs("/flowSpecs/" + std::string(kRestFlow)), spec.dump());
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.id(), kRestFlow);
  auto another = spec;
  another.if_object()->set("id", "11111111-2222-4333-8444-555555555555");
  EXPECT_EQ(put(fs("/flowSpecs/" + std::string(kRestFlow)), another.dump()).at("report.pointer"), "/id");
  ASSERT_TRUE(api::install_shipped_specs(*store, tenant, clock));
  const auto after = get(fs("/flowSpecs/" + std::string(kRestFlow)));
  EXPECT_NE(after.text.find("11111111-2222-4333-8444-555555555555"), std::string::npos);
}

TEST_F(FlowSpecsTest, EverySpellingOfTransformationsIsEmittedAsOne) {
  const auto answer = post(fs("/flowSpecs"),
                           R"({"name":"f","providerId":"p","transformationSpecDTOS":[{"name":"Mapping"}]})");
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_EQ(answer.at("transformationSpecs"), R"([{"name":"Mapping"}])");
  EXPECT_EQ(get(fs("/flowSpecs/" + answer.id())).item().find("transformationSpecDTOS"), nullptr);
}

TEST_F(FlowSpecsTest, WhatIsWrongIsNamed) {
  EXPECT_EQ(post(fs("/flowSpecs"), R"({"providerId":"p"})").at("report.pointer"), "/name");
  EXPECT_EQ(post(fs("/flowSpecs"), R"({"name":"f","providerId":"p","sourceConnectionSpecIds":[1]})")
                .at("report.pointer"),
            "/sourceConnectionSpecIds/0");
  EXPECT_EQ(put(fs("/flowSpecs/none"), R"({"name":"f","providerId":"p"})").status, 404);
}

TEST_F(FlowSpecsTest, SearchTakesAQueryString) {
  const auto answer =
      post(fs("/flowSpecs/search"), R"({"queryString":"attributes.frequency==streaming","limit":10})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.body.find("items")->if_array()->size(), 3U);
}

TEST_F(FlowSpecsTest, TheAuthorsIdIsKeptWhenItIsFree) {
  const std::string body =
      R"({"id":"11111111-2222-4333-8444-555555555555","name":"f","providerId":"p","attributes":{}})";
  const auto first = post(fs("/flowSpecs"), body);
  EXPECT_EQ(first.id(), "11111111-2222-4333-8444-555555555555");
  EXPECT_EQ(first.at("version"), "1.0") << "every spec has one";
  EXPECT_EQ(first.header("location"), fs("/flowSpecs/") + first.id());
  const auto second = post(fs("/flowSpecs"), body);
  EXPECT_EQ(second.status, 201);
  EXPECT_NE(second.id(), first.id());
}

TEST_F(FlowSpecsTest, DeleteIsRefusedWhileAFlowUsesIt) {
  const auto flow = create_flow();
  const auto refused = del(fs("/flowSpecs/" + std::string(kRestFlow)));
  EXPECT_TRUE(refused.at("type").ends_with("FLOW-1417-400")) << refused.text;
  EXPECT_EQ(del(fs("/flows/" + flow)).status, 204);
  EXPECT_EQ(del(fs("/flowSpecs/" + std::string(kRestFlow))).status, 204);
  EXPECT_EQ(get(fs("/flowSpecs/" + std::string(kRestFlow))).status, 404);
  EXPECT_EQ(del(fs("/flowSpecs/" + std::string(kRestFlow))).status, 404);
}

// A flow spec of the house with another list of sources.
json::Value with_sources(json::Value spec, const std::vector<std::string>& ids) {
  json::Array list;
  for (const std::string& id : ids) list.emplace_back(id);
  spec.if_object()->set("sourceConnectionSpecIds", std::move(list));
  return spec;
}

TEST_F(FlowSpecsTest, EveryOrganisationExtendsTheShippedOnes) {
  const std::string path = fs("/flowSpecs/" + std::string(kRestFlow));
  const std::string spec = R"({"name":"s","providerId":"521eee4d-8cbe-4906-bb48-fb6bd4450033",)"
                           R"("type":"generic-streaming","sourceSpec":{}})";
  const auto own = call_as_stranger("POST", fs("/connectionSpecs"), spec).id();
  ASSERT_FALSE(own.empty());
  const auto before = get(path).item();
  auto extended = before;
  extended.find("sourceConnectionSpecIds")->if_array()->emplace_back(own);
  EXPECT_EQ(call_as_stranger("PUT", path, extended.dump()).status, 200);
  EXPECT_NE(get(path).text.find(own), std::string::npos);
  EXPECT_EQ(call_as_stranger("PUT", path, before.dump()).status, 200) << "and takes it out again";
  EXPECT_EQ(get(path).text.find(own), std::string::npos);
  ASSERT_EQ(call_as_stranger("PUT", path, extended.dump()).status, 200);
  ASSERT_EQ(call_as_stranger("DELETE", fs("/connectionSpecs/" + own)).status, 204);
  EXPECT_EQ(call_as_stranger("PUT", path, before.dump()).status, 200) << "also of a spec that is gone";
  EXPECT_EQ(call_as_stranger("DELETE", path).status, 403);
  const auto other = post(fs("/flowSpecs"), R"({"name":"f","providerId":"p"})");
  EXPECT_EQ(
      call_as_stranger("PUT", fs("/flowSpecs/" + other.id()), R"({"name":"g","providerId":"p"})").status,
      403);
}

TEST_F(FlowSpecsTest, NoOrganisationChangesAShippedOneForTheOthers) {
  const std::string path = fs("/flowSpecs/" + std::string(kRestFlow));
  const std::string kAdded = "11111111-2222-4333-8444-555555555555";
  auto spec = get(path).item();
  spec.find("sourceConnectionSpecIds")->if_array()->emplace_back(kAdded);
  ASSERT_EQ(put(path, spec.dump()).status, 200) << "its own organisation may";
  const auto before = get(path).item();
  const auto refused = [&](const json::Value& changed, std::string_view member) {
    const auto answer = call_as_stranger("PUT", path, changed.dump());
    EXPECT_EQ(answer.status, 403) << answer.text;
    EXPECT_EQ(answer.at("report.pointer"), "/" + std::string(member));
    EXPECT_NE(answer.at("errorMessage").find(member), std::string::npos) << answer.text;
  };
  const auto without = [&before](std::string_view member) {
    auto changed = before;
    changed.if_object()->erase(member);
    return changed;
  };
  const auto with = [&before](std::string_view member, json::Value value) {
    auto changed = before;
    changed.if_object()->set(member, std::move(value));
    return changed;
  };
  refused(with("name", "Evil"), "name");
  refused(with("attributes", json::Object{{"frequency", "streaming"}}), "attributes");
  refused(with("targetConnectionSpecIds", json::Array{}), "targetConnectionSpecIds");
  refused(without("scheduleSpec"), "scheduleSpec");
  refused(with("more", 1), "more");
  constexpr const char* kSources = "sourceConnectionSpecIds";
  refused(without(kSources), kSources);
  refused(with_sources(before, {std::string(kRestStorage)}), kSources);
  refused(with_sources(before, {kAdded, std::string(kRestStorage)}), kSources);
  auto foreign = before;
  foreign.find(kSources)->if_array()->emplace_back(kGenericRest);
  refused(foreign, kSources);
  EXPECT_EQ(get(path).item().dump(), before.dump());
}

}  // namespace
}  // namespace headwater::tests
