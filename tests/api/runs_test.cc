#include "api_fixture.h"

namespace headwater::tests {
namespace {

class RunsTest : public ApiFixture {
 protected:
  std::string type_of(const Answer& answer) {
    const auto type = answer.at("type");
    return type.substr(type.rfind('/') + 1);
  }
};

constexpr std::string_view kHourly = R"({"startTime":1700000000,"frequency":"hour","interval":1})";

TEST_F(RunsTest, AnOnDemandRunAnswersInEveryDocumentedForm) {
  const auto flow = create_flow();
  const auto answer = post(fs("/runs/"), R"({"flowId":")" + flow + R"(","params":{"startTime":"1700000000",
      "windowStartTime":"1699990000","windowEndTime":1700000000}})");
  ASSERT_EQ(answer.status, 201) << answer.text;
  EXPECT_FALSE(answer.id().empty());
  EXPECT_EQ(answer.item().string_at("id"), answer.id());
  EXPECT_EQ(answer.item().string_at("etag"), answer.etag());
  EXPECT_EQ(asked.runs.front().params.string_at("windowStartTime"), "1699990000");
  EXPECT_EQ(post(fs("/runs"), R"({"flowId":")" + flow + R"(","status":"active"})").status, 201)
      << "without params";
}

TEST_F(RunsTest, WhatIsWrongHasItsCode) {
  const auto run = [this](std::string_view body) { return type_of(post(fs("/runs"), body)); };
  EXPECT_EQ(run("{}"), "FLOW-1446-400");
  EXPECT_EQ(run(R"({"flowId":"none"})"), "FLOW-1430-400");
  const auto hourly = create_flow(kHourly);
  EXPECT_EQ(run(R"({"flowId":")" + hourly + "\"}"), "CONNECTOR-1386-400");
  const auto once = create_flow();
  EXPECT_EQ(run(R"({"flowId":")" + once + R"(","params":{"windowStartTime":9,"windowEndTime":1}})"),
            "CONNECTOR-1381-400");
  post(fs("/flows/" + once + "/action?op=disable"), "");
  EXPECT_EQ(run(R"({"flowId":")" + once + "\"}"), "CONNECTOR-1388-400");
  EXPECT_TRUE(asked.runs.empty());
}

TEST_F(RunsTest, ListsFilterByFlowStatusAndTime) {
  const auto flow = create_flow();
  const auto id = add_run(flow, "failed", 0);
  add_run(flow, "success", 10);
  const auto count = [this](const std::string& query) {
    return get(fs("/runs?count=true&" + query)).at("count");
  };
  EXPECT_EQ(count("property=flowId==" + flow), "2");
  EXPECT_EQ(count("property=metrics.statusSummary.status==Failed"), "1") << "letter case is ignored";
  EXPECT_EQ(count("property=metrics.durationSummary.startedAtUTC%3E1600000000000"), "2");
  EXPECT_EQ(count("property=metrics.durationSummary.startedAtUTC%3E1800000000000"), "0");
  const auto found = get(fs("/runs/" + id));
  ASSERT_EQ(found.status, 200);
  EXPECT_EQ(found.item().string_at("flowId"), flow);
}

TEST_F(RunsTest, OnlyFailedOrEmptyRunsAreTriggeredAgain) {
  const auto flow = create_flow();
  const auto failed = add_run(flow, "failed", 0);
  const auto good = add_run(flow, "success", 5);
  const auto again = post(fs("/runs/" + failed + "/action?op=re-trigger"), "");
  ASSERT_EQ(again.status, 200) << again.text;
  EXPECT_NE(again.id(), failed) << "the id of the new run";
  EXPECT_EQ(asked.retriggered.front(), failed);
  EXPECT_EQ(type_of(post(fs("/runs/" + good + "/action?op=RE_TRIGGER"), "")), "CONNECTOR-1387-400");
  post(fs("/flows/" + flow + "/action?op=disable"), "");
  EXPECT_EQ(type_of(post(fs("/runs/" + failed + "/action?op=re-trigger"), "")), "CONNECTOR-1388-400");
  EXPECT_EQ(type_of(post(fs("/runs/" + failed + "/action?op=enable"), "")), "FLOW-1435-400");
}

TEST_F(RunsTest, ARepeatedRetriggerWithOneKeyStartsOneRun) {
  const auto path = fs("/runs/" + add_run(create_flow(), "failed", 0) + "/action?op=re-trigger");
  const auto once = call("POST", path, "", {{"Idempotency-Key", "key-1"}});
  ASSERT_EQ(once.status, 200) << once.text;
  const auto again = call("POST", path, "", {{"Idempotency-Key", "key-1"}});
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.text, once.text);
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_EQ(asked.retriggered.size(), 1U);
  EXPECT_EQ(call("POST", path, "", {{"Idempotency-Key", "key-2"}}).status, 200);
  EXPECT_EQ(asked.retriggered.size(), 2U);
}

TEST_F(RunsTest, CancelIsOurExtension) {
  const auto id = add_run(create_flow(), "inProgress", 0);
  EXPECT_EQ(post(fs("/runs/" + id + "/action?op=cancel"), "").id(), id);
  EXPECT_EQ(asked.cancelled.front(), id);
}

TEST_F(RunsTest, PutTakesNotesAndLeavesTheEngineItsPart) {
  const auto id = add_run(create_flow(), "success", 5);
  const std::string body = R"({"providerRefId":"ref-1"})";
  EXPECT_EQ(type_of(call("PUT", fs("/runs/" + id), body)), "FLOW-1403-400");
  const auto etag = std::string(get(fs("/runs/" + id)).item().string_at("etag"));
  EXPECT_EQ(type_of(put(fs("/runs/" + id), R"({"metrics":{}})", etag)), "FLOW-1402-400");
  EXPECT_EQ(put(fs("/runs/" + id), body, "\"old\"").status, 412);
  const auto answer = put(fs("/runs/" + id), body, etag);
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.at("providerRefId"), "ref-1");
  EXPECT_EQ(answer.at("metrics.recordSummary.outputRecordCount"), "5");
}

TEST_F(RunsTest, AnotherOrganisationCannotTouchThem) {
  const auto id = add_run(create_flow(), "failed", 0);
  EXPECT_EQ(call_as_stranger("GET", fs("/runs/" + id)).status, 404);
  EXPECT_EQ(call_as_stranger("POST", fs("/runs/" + id + "/action?op=re-trigger")).status, 404);
  EXPECT_EQ(call_as_stranger("POST", fs("/runs/" + id + "/action?op=cancel")).status, 404);
  EXPECT_TRUE(asked.retriggered.empty());
}

TEST_F(RunsTest, TheDeltaColumnStaysTheFlows) {
  const auto flow =
      post(fs("/flows"),
           flow_body(create_source(create_connection()), create_target(create_dataset()),
                     R"({"startTime":1700000000,"frequency":"once"})",
                     R"(,"transformations":[{"name":"Copy","params":{"deltaColumn":{"name":"changed"}}}])"));
  ASSERT_EQ(flow.status, 201) << flow.text;
  const auto run = [&](const std::string& column) {
    return type_of(
        post(fs("/runs"), R"({"flowId":")" + flow.id() + R"(","params":{"deltaColumn":)" + column + "}}"));
  };
  EXPECT_EQ(run(R"({"name":"other"})"), "CONNECTOR-1382-400");
  EXPECT_EQ(run(R"("changed")"), "CONNECTOR-1380-400");
  EXPECT_EQ(run(R"({"name":"changed"})"), "");
}

TEST_F(RunsTest, NotesHaveTheirTypes) {
  const auto id = add_run(create_flow(), "success", 5);
  const auto etag = std::string(get(fs("/runs/" + id)).item().string_at("etag"));
  for (const char* body :
       {R"({"providerRefId":1})", R"({"childFlowRunIds":{}})", R"({"childFlowRunIds":[1]})",
        R"({"predecessors":["x"]})", R"({"recordTypes":"profile"})", R"({"parentFlowRunId":[]})"})
    EXPECT_EQ(put(fs("/runs/" + id), body, etag).status, 400) << body;
  EXPECT_EQ(put(fs("/runs/" + id), R"({"childFlowRunIds":[")" + id + R"("],"recordTypes":["profile"]})", etag)
                .status,
            200);
}

}  // namespace
}  // namespace headwater::tests
