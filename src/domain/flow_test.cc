#include "domain/flow.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace headwater::domain {
namespace {

json::Value parse(const char* text) { return *json::parse(text); }

const char* const kBatchSpec =
    R"({"name":"RestStorageToAEP","sourceConnectionSpecIds":["src"],"targetConnectionSpecIds":["lake"],
        "attributes":{"frequency":"batch","isSourceFlow":true,"isDraftModeSupported":true}})";
const char* const kFlow =
    R"({"name":"members","flowSpec":{"id":"fs","version":"1.0"},"sourceConnectionIds":["s1"],
        "targetConnectionIds":["t1"],"scheduleParams":{"startTime":1000,"frequency":"hour","interval":1},
        "transformations":[{"name":"Mapping","params":{"mappingId":"m1","mappingVersion":"3"}}],
        "options":{"partialIngestionPercent":5}})";

TEST(FlowTest, ReadsWhatItNames) {
  const auto names = read_flow_references(parse(kFlow));
  ASSERT_TRUE(names);
  EXPECT_EQ(names->spec.value, "fs");
  EXPECT_EQ(names->sources.front().value, "s1");
  EXPECT_EQ(names->mapping->id.value, "m1");
  EXPECT_EQ(names->mapping->version, 3);
  const auto options = read_flow_options(parse(kFlow));
  ASSERT_TRUE(options);
  EXPECT_EQ(options->partial_ingestion_percent, 5.0);
  EXPECT_TRUE(options->error_diagnostics) << "a threshold implies diagnostics";
}

TEST(FlowTest, ANamelessTransformationWithAMappingIdIsAMapping) {
  const auto names = read_flow_references(parse(
      R"({"flowSpec":{"id":"fs"},"sourceConnectionIds":["s"],"targetConnectionIds":["t"],
          "transformations":[{"name":null,"params":{"mappingId":"m9"}}]})"));
  ASSERT_TRUE(names);
  ASSERT_TRUE(names->mapping);
  EXPECT_EQ(names->mapping->id.value, "m9");
  EXPECT_FALSE(names->mapping->version);
}

TEST(FlowTest, ATransformationThatNobodyCarriesOutIsRefused) {
  const auto refusal = [](const std::string& transformations) {
    auto flow = parse(kFlow);
    flow.if_object()->set("transformations", *json::parse(transformations));
    const auto checked = check_new_flow(flow, parse(kBatchSpec), false);
    return checked ? std::string() : checked.error().where;
  };
  EXPECT_EQ(refusal(R"([{"name":"mapping","params":{"mappingId":"m"}}])"), "");
  EXPECT_EQ(refusal(R"([{"name":"Foo","params":{}}])"), "/transformations/0/name");
  EXPECT_EQ(refusal(R"([{"name":"Mapping","params":{"mappingId":"m"}},{"params":{"mappingId":"n"}}])"),
            "/transformations/1");
  const auto names = read_flow_references(parse(
      R"({"flowSpec":{"id":"fs"},"sourceConnectionIds":["s"],"targetConnectionIds":["t"],
          "transformations":[{"name":"MAPPING","params":{"mappingId":"m9"}}]})"));
  ASSERT_TRUE(names && names->mapping);
  EXPECT_EQ(names->mapping->id.value, "m9");
}

TEST(FlowTest, ReferencesThatAreWrongNameTheirPlace) {
  const auto code = [](const char* text) { return read_flow_references(parse(text)).error().code; };
  EXPECT_EQ(code(R"({})"), "FLOW-1413-400");
  EXPECT_EQ(code(R"({"flowSpec":{"id":"f"},"sourceConnectionIds":["a","b"],"targetConnectionIds":["t"]})"),
            "CONNECTOR-1302-400");
  EXPECT_EQ(code(R"({"flowSpec":{"id":"f"},"sourceConnectionIds":["a"],"targetConnectionIds":["t"],
                     "transformations":[{"name":"Mapping","params":{"mappingId":"m","mappingVersion":"x"}}]})"),
            "FLOW-1412-400");
}

TEST(FlowTest, NewFlowsCarryNoStateAndNeedASchedule) {
  const auto spec = parse(kBatchSpec);
  EXPECT_TRUE(check_new_flow(parse(kFlow), spec, false));
  EXPECT_EQ(check_new_flow(parse(R"({"name":"x","state":"enabled"})"), spec, false).error().code,
            "FLOW-1410-400");
  EXPECT_EQ(check_new_flow(parse(R"({"name":"x"})"), spec, false).error().code, "CONNECTOR-1317-400");
  EXPECT_TRUE(check_new_flow(parse(R"({"name":"x"})"), spec, true)) << "a draft may lack its schedule";
  EXPECT_TRUE(
      check_new_flow(parse(R"({"name":"x"})"), parse(R"({"attributes":{"frequency":"streaming"}})"), false));
}

TEST(FlowTest, TheFlowSpecListsTheConnectionSpecs) {
  const auto spec = parse(kBatchSpec);
  EXPECT_TRUE(check_flow_wiring(spec, ConnectionSpecId("src"), ConnectionSpecId("lake")));
  EXPECT_EQ(check_flow_wiring(spec, ConnectionSpecId("x"), ConnectionSpecId("lake")).error().code,
            "FLOW-1413-400");
  EXPECT_EQ(check_flow_wiring(spec, ConnectionSpecId("src"), ConnectionSpecId("x")).error().code,
            "CONNECTOR-1307-400");
}

TEST(FlowTest, ChangesKeepIdentityAndScheduleRules) {
  const auto before = parse(kFlow);
  auto after = before;
  after.if_object()->set("flowSpec", json::Object{{"id", "other"}});
  const auto now = from_epoch_seconds(5000);
  EXPECT_EQ(check_flow_change(before, after, parse(kBatchSpec), now).error().code, "CONNECTOR-1365-400");
  after = before;
  after.find("scheduleParams")->if_object()->set("frequency", "once");
  EXPECT_EQ(check_flow_change(before, after, parse(kBatchSpec), now).error().code, "CONNECTOR-1403-400");
  after = before;
  after.if_object()->set("name", "renamed");
  EXPECT_TRUE(check_flow_change(before, after, parse(kBatchSpec), now));
}

TEST(FlowTest, ActionsAreSpelledInManyWays) {
  EXPECT_EQ(action_from("re-trigger"), Action::retrigger);
  EXPECT_EQ(action_from("ENABLE"), Action::enable);
  EXPECT_EQ(action_from("Publish"), Action::publish);
  EXPECT_FALSE(action_from("explode"));
  EXPECT_EQ(*state_after(State::enabled, Action::disable), State::disabled);
  EXPECT_EQ(*state_after(State::enabled, Action::enable), State::enabled);
  EXPECT_EQ(*state_after(State::draft, Action::publish), State::enabled);
  EXPECT_EQ(state_after(State::draft, Action::enable).error().code, "FLOW-1444-400");
  EXPECT_EQ(state_after(State::enabled, Action::publish).error().code, "FLOW-1444-400");
  EXPECT_EQ(state_after(State::enabled, Action::finalize).error().code, "FLOW-1402-400");
}

TEST(FlowTest, InheritsFromItsConnections) {
  const auto spec = parse(R"({"id":"src","version":"1.0"})");
  const auto value =
      inherited_attributes(parse(kBatchSpec), {{"s1", spec, "b1", spec}}, {{"t1", spec, "", {}}});
  EXPECT_EQ(
      value.dump(),
      R"({"properties":{"isSourceFlow":true},"sourceConnections":[{"id":"s1","connectionSpec":{"id":"src",)"
      R"("version":"1.0"},"baseConnection":{"id":"b1","connectionSpec":{"id":"src","version":"1.0"}}}],)"
      R"("targetConnections":[{"id":"t1","connectionSpec":{"id":"src","version":"1.0"}}]})");
}

}  // namespace
}  // namespace headwater::domain
