#include "api_fixture.h"

namespace headwater::tests {
namespace {

constexpr std::string_view kHourly =
    R"({"startTime":"1700000000","frequency":"hour","interval":"2","backfill":true})";

class FlowsTest : public ApiFixture {
 protected:
  struct Parts {
    std::string source, target;
  };
  Parts parts() { return {create_source(create_connection()), create_target(create_dataset())}; }
  std::string type_of(const Answer& answer) {
    const auto type = answer.at("type");
    return type.substr(type.rfind('/') + 1);
  }
};

TEST_F(FlowsTest, CreateAndLookupHaveTheDocumentedShape) {
  const auto [source, target] = parts();
  const auto mapping = create_mapping();
  const auto created =
      post(fs("/flows"), flow_body(source, target, kHourly,
                                   R"(,"options":{"errorDiagnosticsEnabled":true,"partialIngestionPercent":5},
      "transformations":[{"name":"Mapping","params":{"mappingId":")" +
                                       mapping + R"(","mappingVersion":"0"}}],"labels":["core/C1"])"));
  ASSERT_EQ(created.status, 201) << created.text;
  EXPECT_EQ(created.body.if_object()->size(), 2U);
  EXPECT_EQ(asked.changed_flows.back(), created.id());
  const auto found = get(fs("/flows/" + created.id()));
  const auto& flow = found.item();
  EXPECT_EQ(flow.string_at("state"), "enabled");
  EXPECT_EQ(flow.string_at("etag"), created.etag());
  EXPECT_EQ(flow.string_at("runs"), "/runs?property=flowId==" + created.id());
  EXPECT_EQ(flow.find("scheduleParams")->dump(), std::string(kHourly)) << "echoed as it was sent";
  EXPECT_EQ(flow.find_path("flowSpec.version")->dump(), "\"1.0\"");
  EXPECT_EQ(flow.find_path("lastOperation.operation")->dump(), "\"create\"");
  EXPECT_EQ(flow.find_path("inheritedAttributes.properties.isSourceFlow")->dump(), "true");
  const auto& inherited = flow.find_path("inheritedAttributes.sourceConnections")->if_array()->front();
  EXPECT_EQ(inherited.string_at("id"), source);
  EXPECT_NE(inherited.find_path("baseConnection.connectionSpec.id"), nullptr);
  EXPECT_EQ(flow.find_path("inheritedAttributes.targetConnections")
                ->if_array()
                ->front()
                .find_path("connectionSpec.id")
                ->dump(),
            "\"" + std::string(kDataLake) + "\"");
}

TEST_F(FlowsTest, WhatIsWrongHasItsCode) {
  const auto [source, target] = parts();
  const auto type = [&](std::string_view schedule, std::string_view more = "") {
    return type_of(post(fs("/flows"), flow_body(source, target, schedule, more)));
  };
  EXPECT_EQ(type(""), "CONNECTOR-1317-400");
  EXPECT_EQ(type("{}"), "CONNECTOR-1317-400");
  EXPECT_EQ(type(R"({"startTime":1,"frequency":"month","interval":1})"), "CONNECTOR-1397-400");
  EXPECT_EQ(type(R"({"startTime":1,"frequency":"minute","interval":5})"), "CONNECTOR-1362-400");
  EXPECT_EQ(type(kHourly, R"(,"state":"enabled")"), "FLOW-1410-400");
  EXPECT_EQ(type(kHourly, R"(,"transformations":[{"name":"Mapping","params":{"mappingId":"none"}}])"),
            "FLOW-1411-400");
  EXPECT_EQ(type(kHourly, R"(,"transformations":[{"name":"Mapping","params":{"mappingId":")" +
                              create_mapping() + R"(","mappingVersion":9}}])"),
            "FLOW-1412-400");
  EXPECT_EQ(type_of(post(fs("/flows"), flow_body("none", target, kHourly))), "FLOW-1430-400");
  EXPECT_EQ(type_of(post(fs("/flows"), R"({"name":"x","flowSpec":{"id":"none"}})")), "FLOW-1413-400");
  EXPECT_EQ(type_of(post(fs("/flows"), R"({"name":"x"})")), "FLOW-1413-400");
}

TEST_F(FlowsTest, TheFlowSpecMustListTheSourcesSpec) {
  const auto source = post(fs("/sourceConnections"),
                           R"({"name":"s","connectionSpec":{"id":"e77fd9d2-22a8-11ed-861d-0242ac120002"}})");
  const auto answer = post(fs("/flows"), flow_body(source.id(), create_target(create_dataset()), kHourly));
  EXPECT_EQ(type_of(answer), "FLOW-1413-400");
  EXPECT_NE(answer.at("errorMessage").find("sourceConnectionSpecIds"), std::string::npos);
}

TEST_F(FlowsTest, AMappingWritesTheDatasetsSchema) {
  const auto schema = create_schema();
  const auto target = create_target(create_dataset(schema));
  const auto source = create_source(create_connection());
  const auto more = [](const std::string& mapping) {
    return R"(,"transformations":[{"name":"Mapping","params":{"mappingId":")" + mapping + R"("}}])";
  };
  EXPECT_EQ(
      type_of(post(fs("/flows"), flow_body(source, target, kHourly, more(create_mapping(create_schema()))))),
      "FLOW-1425-400");
  EXPECT_EQ(post(fs("/flows"), flow_body(source, target, kHourly, more(create_mapping(schema)))).status, 201);
}

TEST_F(FlowsTest, EnableAndDisableAreIdempotent) {
  const auto id = create_flow();
  const auto enabled = post(fs("/flows/" + id + "/action?op=enable"), "");
  ASSERT_EQ(enabled.status, 200) << enabled.text;
  EXPECT_EQ(enabled.etag(), get(fs("/flows/" + id)).item().string_at("etag")) << "nothing changed";
  const auto disabled = post(fs("/flows/" + id + "/action?op=DISABLE"), R"({"percentCompleted":100})");
  ASSERT_EQ(disabled.status, 200) << disabled.text;
  EXPECT_NE(disabled.etag(), enabled.etag());
  const auto found = get(fs("/flows/" + id));
  EXPECT_EQ(found.item().string_at("state"), "disabled");
  EXPECT_EQ(found.item().find_path("lastOperation.operation")->dump(), "\"disable\"");
  EXPECT_EQ(get(fs("/flows?property=state==disabled&count=true")).text, R"({"count":1})");
  EXPECT_EQ(asked.changed_flows.size(), 2U);
  EXPECT_EQ(type_of(post(fs("/flows/" + id + "/action?op=publish"), "")), "FLOW-1444-400");
}

TEST_F(FlowsTest, ARunNowTakesAWindow) {
  const auto id = create_flow(kHourly);
  const auto answer = post(fs("/flows/" + id + "/action?op=run"),
                           R"({"windowStartTime":1700000000,"windowEndTime":"1700003600"})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  ASSERT_EQ(asked.runs.size(), 1U);
  EXPECT_EQ(asked.runs.front().flow.value, id);
  EXPECT_EQ(asked.runs.front().params.dump(),
            R"({"windowStartTime":1700000000,"windowEndTime":"1700003600"})");
  EXPECT_EQ(
      type_of(post(fs("/flows/" + id + "/action?op=run"), R"({"windowStartTime":9,"windowEndTime":1})")),
      "CONNECTOR-1381-400");
  post(fs("/flows/" + id + "/action?op=disable"), "");
  EXPECT_EQ(type_of(post(fs("/flows/" + id + "/action?op=run"), "")), "CONNECTOR-1388-400");
}

TEST_F(FlowsTest, PatchChangesWhatMayChange) {
  const auto id = create_flow(kHourly);
  const auto etag = [&] { return std::string(get(fs("/flows/" + id)).item().string_at("etag")); };
  const auto patched = patch(
      fs("/flows/" + id),
      R"([{"op":"replace","path":"/scheduleParams/frequency","value":"day"},{"op":"add","path":"/labels","value":["a"]}])",
      etag());
  ASSERT_EQ(patched.status, 200) << patched.text;
  const auto found = get(fs("/flows/" + id));
  EXPECT_EQ(found.item().find_path("scheduleParams.frequency")->dump(), "\"day\"");
  EXPECT_EQ(found.item().find_path("lastOperation.operation")->dump(), "\"update\"");
  const auto type = [&](std::string_view body) { return type_of(patch(fs("/flows/" + id), body, etag())); };
  EXPECT_EQ(type(R"([{"op":"replace","path":"/scheduleParams/frequency","value":"once"}])"),
            "CONNECTOR-1403-400")
      << "whatever once makes of backfill";
  EXPECT_EQ(type(R"([{"op":"remove","path":"/name"}])"), "CONNECTOR-1304-400") << "a create needs it too";
  EXPECT_EQ(type(R"([{"op":"add","path":"/description","value":{}}])"), "CONNECTOR-1302-400");
  EXPECT_EQ(
      type(
          R"([{"op":"replace","path":"/scheduleParams","value":{"startTime":1700000000,"frequency":"once"}}])"),
      "CONNECTOR-1403-400");
  EXPECT_EQ(type(R"([{"op":"replace","path":"/scheduleParams/backfill","value":false}])"),
            "CONNECTOR-1404-400");
  EXPECT_EQ(type(R"([{"op":"replace","path":"/state","value":"disabled"}])"), "CONNECTOR-1365-400");
  EXPECT_EQ(type_of(call("PATCH", fs("/flows/" + id), R"([{"op":"replace","path":"/name","value":"x"}])")),
            "FLOW-1403-400");
  EXPECT_EQ(patch(fs("/flows/" + id), R"([{"op":"replace","path":"/name","value":"x"}])", "\"old\"").status,
            412);
  // All operations or none.
  EXPECT_EQ(
      patch(fs("/flows/" + id),
            R"([{"op":"replace","path":"/name","value":"half"},{"op":"remove","path":"/policy/x"}])", etag())
          .status,
      400);
  EXPECT_NE(get(fs("/flows/" + id)).item().string_at("name"), "half");
}

TEST_F(FlowsTest, ANewSourceIsInherited) {
  const auto id = create_flow(kHourly);
  const auto other = create_source(create_connection());
  const auto etag = std::string(get(fs("/flows/" + id)).item().string_at("etag"));
  const auto patched =
      patch(fs("/flows/" + id),
            R"([{"op":"replace","path":"/sourceConnectionIds","value":[")" + other + R"("]}])", etag);
  ASSERT_EQ(patched.status, 200) << patched.text;
  EXPECT_EQ(
      get(fs("/flows?property=sourceConnectionIds%5B%5D==" + other)).body.find("items")->if_array()->size(),
      1U);
  EXPECT_EQ(get(fs("/flows/" + id))
                .item()
                .find_path("inheritedAttributes.sourceConnections")
                ->if_array()
                ->front()
                .string_at("id"),
            other);
}

TEST_F(FlowsTest, DeleteLeavesTheConnections) {
  const auto id = create_flow();
  const auto source = std::string(get(fs("/sourceConnections")).item().string_at("id"));
  EXPECT_EQ(del(fs("/sourceConnections/" + source)).status, 400) << "in use";
  EXPECT_EQ(del(fs("/flows/" + id)).status, 204);
  EXPECT_EQ(get(fs("/flows/" + id)).status, 404);
  EXPECT_EQ(get(fs("/sourceConnections/" + source)).status, 200);
}

TEST_F(FlowsTest, DraftsLackTheirScheduleUntilPublished) {
  const auto [source, target] = parts();
  const auto draft = post(fs("/flows?mode=draft"), flow_body(source, target, ""));
  ASSERT_EQ(draft.status, 201) << draft.text;
  EXPECT_EQ(get(fs("/flows/" + draft.id())).item().string_at("state"), "draft");
  EXPECT_EQ(type_of(post(fs("/flows/" + draft.id() + "/action?op=publish"), "")), "CONNECTOR-1317-400");
  const auto patched = patch(
      fs("/flows/" + draft.id()),
      R"([{"op":"add","path":"/scheduleParams","value":{"startTime":1,"frequency":"once"}}])", draft.etag());
  ASSERT_EQ(patched.status, 200) << patched.text;
  EXPECT_EQ(post(fs("/flows/" + draft.id() + "/action?op=publish"), "").status, 200);
  EXPECT_EQ(get(fs("/flows/" + draft.id())).item().string_at("state"), "enabled");
}

TEST_F(FlowsTest, AnotherOrganisationSeesNothing) {
  const auto id = create_flow();
  EXPECT_EQ(call_as_stranger("GET", fs("/flows/" + id)).status, 404);
  EXPECT_EQ(call_as_stranger("POST", fs("/flows/" + id + "/action?op=disable")).status, 404);
  EXPECT_EQ(call_as_stranger("POST", fs("/flows/search"), "{}").at("items"), "[]");
}

TEST_F(FlowsTest, SearchProjects) {
  create_flow();
  const auto answer =
      post(fs("/flows/search"), R"({"queryString":"state==enabled","projectionFields":"id,name"})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.item().if_object()->size(), 2U) << answer.text;
}

TEST_F(FlowsTest, StreamingFlowsHaveNoSchedule) {
  const auto source = post(fs("/sourceConnections"),
                           R"({"name":"s","connectionSpec":{"id":"e77fd9d2-22a8-11ed-861d-0242ac120002"}})");
  const auto answer =
      post(fs("/flows"), R"({"name":"st","flowSpec":{"id":"e77fde5a-22a8-11ed-861d-0242ac120002"},
      "sourceConnectionIds":[")" +
                             source.id() + R"("],"targetConnectionIds":[")" +
                             create_target(create_dataset()) + R"("]})");
  EXPECT_EQ(answer.status, 201) << answer.text;
  const auto run = post(fs("/flows/") + answer.id() + "/action?op=run", "{}");
  EXPECT_EQ(run.status, 400) << run.text;
  EXPECT_NE(run.text.find("CONNECTOR-1386-400"), std::string::npos) << run.text;
  EXPECT_TRUE(asked.runs.empty());
}

TEST_F(FlowsTest, ACopyTransformationNamesItsColumn) {
  const auto [source, target] = parts();
  const auto type = [&](const std::string& params) {
    return type_of(
        post(fs("/flows"), flow_body(source, target, kHourly,
                                     R"(,"transformations":[{"name":"Copy","params":)" + params + "}]")));
  };
  EXPECT_EQ(type("{}"), "CONNECTOR-1367-400");
  EXPECT_EQ(type(R"({"deltaColumn":{"name":""}})"), "CONNECTOR-1367-400");
  EXPECT_EQ(type(R"({"deltaColumn":{"name":"changed","timezone":1}})"), "CONNECTOR-1369-400");
  EXPECT_EQ(type(R"({"deltaColumn":{"name":"changed","timezone":"UTC"}})"), "");
}

TEST_F(FlowsTest, ADraftNeedsBothSpecsToAllowIt) {
  auto spec = get(fs("/connectionSpecs/" + std::string(kGenericRest))).item();
  const auto [source, target] = parts();
  spec.find("attributes")->if_object()->set("isDraftModeSupported", false);
  ASSERT_EQ(put(fs("/connectionSpecs/" + std::string(kGenericRest)), spec.dump()).status, 200);
  EXPECT_EQ(type_of(post(fs("/flows?mode=draft"), flow_body(source, target, ""))), "FLOW-1100-400");
}

TEST_F(FlowsTest, ProgressIsNoPartOfEnabling) {
  const auto id = create_flow();
  EXPECT_EQ(type_of(post(fs("/flows/" + id + "/action?op=enable&subOp=progress"), "")), "FLOW-1436-400");
}

TEST_F(FlowsTest, StrictModeRefusesWhatExamplesDo) {
  const auto [source, target] = parts();
  const auto type = [&](std::string_view schedule) {
    return type_of(post(fs("/flows"), flow_body(source, target, schedule)));
  };
  constexpr std::string_view kPast = R"({"startTime":1700000000,"frequency":"once"})";
  constexpr std::string_view kInterval = R"({"startTime":4000000000,"frequency":"once","interval":15})";
  EXPECT_EQ(type(kPast), "");
  EXPECT_EQ(type(kInterval), "");
  be_strict();
  EXPECT_EQ(type(kPast), "CONNECTOR-1360-400");
  EXPECT_EQ(type(kInterval), "CONNECTOR-1361-400");
  EXPECT_EQ(type(R"({"startTime":4000000000,"frequency":"once"})"), "");
  EXPECT_EQ(type_of(get(fs("/flows?limit=2&count=true"))), "FLOW-1401-400");
}

}  // namespace
}  // namespace headwater::tests
