// Sandbox management, and that nothing reaches from one sandbox into another.
#include "api_fixture.h"

namespace headwater::tests {
namespace {

constexpr std::string_view kSandboxes = "/data/foundation/sandbox-management/sandboxes";

class SandboxesTest : public ApiFixture {
 protected:
  std::string at(std::string_view name) { return std::string(kSandboxes) + "/" + std::string(name); }
  std::string type_of(const Answer& answer) {
    const auto type = answer.at("type");
    return type.substr(type.rfind('/') + 1);
  }
  Answer make(std::string_view name) {
    return post(kSandboxes, R"({"name":")" + std::string(name) + R"(","title":"Team","type":"development"})");
  }
  Answer in_dev(std::string_view method, std::string_view path, std::string_view body = {},
                const std::string& etag = {}) {
    return call(method, path, body, {{"x-sandbox-name", "dev"}, {"if-match", etag}});
  }
};

TEST_F(SandboxesTest, AreCreatedFoundListedAndDeleted) {
  const auto made = make("dev");
  ASSERT_EQ(made.status, 201) << made.text;
  EXPECT_EQ(made.header("location"), at("dev"));
  for (const auto& [member, value] : std::vector<std::pair<std::string, std::string>>{{"name", "dev"},
                                                                                      {"title", "Team"},
                                                                                      {"state", "active"},
                                                                                      {"type", "development"},
                                                                                      {"region", "local"}})
    EXPECT_EQ(made.at(member), value) << member;
  EXPECT_EQ(get(at("dev")).id(), made.id());
  EXPECT_EQ(get(kSandboxes).body.find("sandboxes")->if_array()->size(), 2U);
  EXPECT_EQ(in_dev("GET", fs("/flows")).status, 200);
  EXPECT_EQ(call("GET", fs("/flows"), {}, {{"x-sandbox-id", made.id()}}).status, 200);

  const auto deleted = del(at("dev"));
  EXPECT_EQ(deleted.status, 200) << deleted.text;
  EXPECT_EQ(deleted.at("state"), "deleted");
  EXPECT_EQ(in_dev("GET", fs("/flows")).status, 404);
  EXPECT_EQ(get(at("dev")).status, 404);
  EXPECT_EQ(type_of(del(at("dev"))), "FLOW-2100-404");
}

TEST_F(SandboxesTest, AreManagedWhateverTheSandboxHeaderSays) {
  EXPECT_EQ(call("POST", kSandboxes, R"({"name":"later"})", {{"x-sandbox-name", "later"}}).status, 201);
}

TEST_F(SandboxesTest, WhatIsWrongIsNamed) {
  EXPECT_EQ(post(kSandboxes, R"({"title":"x"})").at("report.pointer"), "/name");
  EXPECT_EQ(post(kSandboxes, R"({"name":"Upper"})").at("report.pointer"), "/name");
  EXPECT_EQ(post(kSandboxes, R"({"name":7})").at("report.pointer"), "/name");
  EXPECT_EQ(post(kSandboxes, R"({"name":"a","type":"test"})").at("report.pointer"), "/type");
  EXPECT_EQ(post(kSandboxes, R"({"name":"prod"})").status, 409);
  EXPECT_EQ(type_of(del(at("prod"))), "FLOW-1416-400");
  EXPECT_EQ(get(at("no%00body")).status, 404);
  EXPECT_EQ(call_as_stranger("GET", at("prod")).status, 200) << "everybody has a prod of their own";
  make("dev");
  EXPECT_EQ(call_as_stranger("GET", at("dev")).status, 404);
  EXPECT_EQ(call_as_stranger("DELETE", at("dev")).status, 404);
}

TEST_F(SandboxesTest, NameAndIdOfTwoSandboxesAreRefused) {
  const auto dev = make("dev");
  const auto both = call("GET", fs("/flows"), {}, {{"x-sandbox-name", "prod"}, {"x-sandbox-id", dev.id()}});
  EXPECT_EQ(type_of(both), "FLOW-2106-400");
}

TEST_F(SandboxesTest, OneWithEnabledFlowsStays) {
  make("dev");
  sandbox = "dev";
  const auto flow = create_flow();
  sandbox.clear();
  EXPECT_EQ(type_of(del(at("dev"))), "FLOW-1447-400");
  EXPECT_EQ(in_dev("POST", fs("/flows/" + flow + "/action?op=disable")).status, 200);
  EXPECT_EQ(del(at("dev")).status, 200);
}

TEST_F(SandboxesTest, ANewOneOfTheSameNameIsEmpty) {
  make("dev");
  sandbox = "dev";
  const auto connection = create_connection();
  const auto dataset = create_dataset(create_schema());
  sandbox.clear();
  ASSERT_EQ(del(at("dev")).status, 200);
  EXPECT_TRUE(lake->datasets()->empty()) << "the lake's files are gone as well";
  bool kept = false;
  EXPECT_TRUE(store->read([&](store::Transaction& transaction) -> Result<void> {
    const auto secrets = transaction.secrets_of(connection);
    kept = secrets && !secrets->empty();
    return {};
  }));
  EXPECT_FALSE(kept) << "no credential outlives its sandbox";
  make("dev");
  EXPECT_EQ(in_dev("GET", fs("/connections/" + connection)).status, 404);
  EXPECT_EQ(in_dev("GET", fs("/connections?count=true")).at("count"), "0");
  EXPECT_EQ(in_dev("GET", "/data/foundation/catalog/dataSets/" + dataset).status, 404);
}

TEST_F(SandboxesTest, NothingIsReachedFromAnotherOne) {
  make("dev");
  const auto connection = create_connection();
  const auto source = create_source(connection);
  const auto schema = create_schema();
  const auto dataset = create_dataset(schema);
  const auto target = create_target(dataset);
  const auto mapping = create_mapping(schema);
  const auto made = post(fs("/flows"), flow_body(source, target, R"({"startTime":1,"frequency":"once"})"));
  const auto run = add_run(made.id(), "failed", 0);

  for (const auto& path : {"/connections/" + connection, "/sourceConnections/" + source,
                           "/targetConnections/" + target, "/flows/" + made.id(), "/runs/" + run}) {
    EXPECT_EQ(in_dev("GET", fs(path)).status, 404) << path;
    EXPECT_EQ(in_dev("POST", fs(path) + "/action?op=publish").status / 100, 4) << path;
    if (!path.starts_with("/runs")) {
      EXPECT_EQ(in_dev("PATCH", fs(path), R"([{"op":"add","path":"/name","value":"x"}])", "\"e\"").status,
                404)
          << path;
      EXPECT_EQ(in_dev("DELETE", fs(path)).status, 404) << path;
    }
  }
  EXPECT_EQ(in_dev("GET", fs("/connections/" + connection + "/test")).status, 404);
  EXPECT_EQ(in_dev("GET", fs("/connections/" + connection + "/explore?objectType=rest")).status, 404);
  EXPECT_EQ(in_dev("POST", fs("/runs/" + run + "/action?op=re-trigger")).status, 404);
  EXPECT_EQ(in_dev("PUT", fs("/runs/" + run), "{}", "\"e\"").status, 404);
  EXPECT_EQ(type_of(in_dev("POST", fs("/runs"), R"({"flowId":")" + made.id() + "\"}")), "FLOW-1430-400");

  const std::string rest = R"("connectionSpec":{"id":")" + std::string(kGenericRest) + R"("})";
  const auto foreign_base =
      in_dev("POST", fs("/sourceConnections"),
             R"({"name":"s","data":{"format":"json"},"params":{"urlParams":{"path":"/m","method":"GET"},
             "contentPath":{"path":"$.m"},"paginationParams":{"type":"NONE"}},"baseConnectionId":")" +
                 connection + "\"," + rest + "}");
  EXPECT_EQ(foreign_base.at("report.pointer"), "/baseConnectionId") << foreign_base.text;
  const auto foreign_dataset =
      in_dev("POST", fs("/targetConnections"),
             R"({"name":"t","params":{"dataSetId":")" + dataset + R"("},"connectionSpec":{"id":")" +
                 std::string(kDataLake) + R"("}})");
  EXPECT_EQ(foreign_dataset.at("report.pointer"), "/params/dataSetId") << foreign_dataset.text;
  const auto foreign_flow = in_dev("POST", fs("/flows"), flow_body(source, target, "{}"));
  EXPECT_EQ(foreign_flow.status, 400);
  const auto foreign_schema = in_dev("POST", "/data/foundation/catalog/dataSets",
                                     R"({"name":"d","schemaRef":{"id":")" + schema + R"("}})");
  EXPECT_EQ(foreign_schema.at("report.pointer"), "/schemaRef/id");

  // From inside: own connections, a mapping set of the other sandbox.
  sandbox = "dev";
  const auto own_source = create_source(create_connection());
  const auto own_target = create_target(create_dataset());
  sandbox.clear();
  const std::string more =
      R"(,"transformations":[{"name":"Mapping","params":{"mappingId":")" + mapping + R"("}}])";
  const auto foreign_mapping = in_dev(
      "POST", fs("/flows"), flow_body(own_source, own_target, R"({"startTime":1,"frequency":"once"})", more));
  EXPECT_EQ(type_of(foreign_mapping), "FLOW-1411-400");
  for (const std::string& path :
       std::vector<std::string>{"/data/foundation/conversion/mappingSets/" + mapping,
                                "/data/foundation/export/batches/" + run + "/meta",
                                "/data/foundation/export/datasets/" + dataset + "/preview",
                                "/data/foundation/export/files/" + run + "-1"})
    EXPECT_EQ(in_dev("GET", path).status, 404) << path;
  EXPECT_EQ(get(fs("/flows/" + made.id())).status, 200) << "and all of it is still there";
}

TEST_F(SandboxesTest, RunNotesNameOnlyOwnRuns) {
  make("dev");
  const auto parent = add_run(create_flow(), "success", 1);
  sandbox = "dev";
  const auto own_flow = create_flow();
  sandbox.clear();
  const auto run = add_run(create_flow(), "success", 1);
  const auto etag = std::string(get(fs("/runs/" + run)).item().string_at("etag"));
  EXPECT_EQ(put(fs("/runs/" + run), R"({"parentFlowRunId":")" + parent + "\"}", etag).status, 200);
  const auto now = std::string(get(fs("/runs/" + run)).item().string_at("etag"));
  EXPECT_EQ(type_of(put(fs("/runs/" + run), R"({"parentFlowRunId":"none"})", now)), "FLOW-1431-400");
  EXPECT_EQ(type_of(put(fs("/runs/" + run), R"({"predecessors":[{"flowId":")" + own_flow + R"("}]})", now)),
            "FLOW-1429-400");
  EXPECT_EQ(type_of(put(fs("/runs/" + run), R"({"predecessors":[{"flowRunId":"none"}]})", now)),
            "FLOW-1428-400");
}

TEST_F(SandboxesTest, ANameThatNoneCanHaveIsToldAsItWasSent) {
  const auto message = [this](const std::string& name) {
    const auto answer = call("GET", fs("/connections"), "", {{"x-sandbox-name", name}});
    EXPECT_EQ(answer.status, 404);
    return answer.at("errorMessage");
  };
  EXPECT_EQ(
      message("PROD"),
      "The organisation has no sandbox named \"PROD\": these are lower-case letters, digits and dashes.");
  EXPECT_EQ(message("dev-7"), "The organisation has no sandbox named \"dev-7\".");
  EXPECT_NE(message(std::string(500, 'X')).find(std::string(64, 'X') + "...\""), std::string::npos);
}

}  // namespace
}  // namespace headwater::tests
