#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "api_fixture.h"
#include "tests/servers/postgres_fixture.h"

namespace headwater::tests {
namespace {

/// The same API on both stores.
class ConcurrencyTest : public ApiFixture, public testing::WithParamInterface<std::string> {
 protected:
  ConcurrencyTest()
      : ApiFixture(GetParam() == "postgres" ? PostgresServer::shared().new_database() : GetParam()) {}

  Answer post_once(std::string_view path, std::string_view body, const std::string& key) {
    return call("POST", path, body, {{"Idempotency-Key", key}});
  }

  static std::string target_body(const std::string& dataset, std::string_view name = "lake") {
    return R"({"name":")" + std::string(name) + R"(","description":"","connectionSpec":{"id":")" +
           std::string(kDataLake) +
           R"(","version":"1.0"},"data":{"format":"parquet_xdm"},"params":{"dataSetId":")" + dataset +
           R"("}})";
  }

  std::string count_of(std::string_view collection) {
    return get(fs("/" + std::string(collection) + "?count=true")).at("count");
  }
};

INSTANTIATE_TEST_SUITE_P(Stores, ConcurrencyTest, testing::Values("sqlite", "postgres"),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(ConcurrencyTest, FiftyWritersLoseNoUpdate) {
  const std::string path = fs("/targetConnections/" + create_target(create_dataset()));
  const auto append = [&] {
    for (;;) {
      const Answer current = get(path);
      const std::string text(current.item().string_at("description"));
      const Answer answer = patch(path, R"([{"op":"add","path":"/description","value":")" + text + "x\"}]",
                                  current.item().string_at("etag"));
      if (answer.status == 200) return;
      ASSERT_EQ(answer.status, 412) << answer.text;
    }
  };
  std::vector<std::thread> writers;
  for (int i = 0; i < 50; ++i) writers.emplace_back([&] { append(); });
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(get(path).item().string_at("description"), std::string(50, 'x'));
}

TEST_P(ConcurrencyTest, OfEqualCreatesWithOneKeyOneCreates) {
  const std::string body = target_body(create_dataset());
  std::vector<Answer> answers(20);
  std::vector<std::thread> callers;
  for (auto& answer : answers)
    callers.emplace_back([&] { answer = post_once(fs("/targetConnections"), body, "key-1"); });
  for (auto& caller : callers) caller.join();
  std::set<std::string> ids;
  int replayed = 0;
  for (const auto& answer : answers) {
    EXPECT_EQ(answer.status, 201) << answer.text;
    EXPECT_EQ(answer.header("location"), fs("/targetConnections/" + answer.id()));
    ids.insert(answer.id());
    replayed += answer.header("idempotency-replayed") == "true" ? 1 : 0;
  }
  EXPECT_EQ(ids.size(), 1U);
  EXPECT_EQ(replayed, 19);
  EXPECT_EQ(count_of("targetConnections"), "1");
}

TEST_P(ConcurrencyTest, AKeyStandsForOneRequest) {
  const std::string dataset = create_dataset();
  const Answer first = post_once(fs("/targetConnections"), target_body(dataset), "key-1");
  ASSERT_EQ(first.status, 201) << first.text;
  const Answer other = post_once(fs("/targetConnections"), target_body(dataset, "other"), "key-1");
  EXPECT_EQ(other.status, 422) << other.text;
  EXPECT_EQ(other.at("report.pointer"), "Idempotency-Key");
  EXPECT_THAT(other.at("errorMessage"), testing::HasSubstr("send a new key"));
  EXPECT_EQ(post_once(fs("/targetConnections/"), target_body(dataset), "key-1").id(), first.id())
      << "a trailing slash is no other route";
  EXPECT_NE(post_once(fs("/targetConnections"), target_body(dataset), "key-2").id(), first.id());
  EXPECT_NE(post(fs("/targetConnections"), target_body(dataset)).id(), first.id());
  const Answer bad = post_once(fs("/targetConnections"), target_body(dataset), "two words");
  EXPECT_EQ(bad.status, 400) << bad.text;
  const auto as_stranger = [&] {
    return call_as_stranger("POST", "/data/foundation/catalog/dataSets", R"({"name":"theirs"})");
  };
  EXPECT_EQ(as_stranger().status, 201) << "another organisation has keys of its own";
}

TEST_P(ConcurrencyTest, WhatFailedMayBeRepairedUnderItsKey) {
  const Answer refused = post_once(fs("/targetConnections"), target_body("no-such-dataset"), "key-1");
  EXPECT_EQ(refused.status, 400) << refused.text;
  EXPECT_EQ(post_once(fs("/targetConnections"), target_body(create_dataset()), "key-1").status, 201);
}

TEST_P(ConcurrencyTest, EveryCreateKnowsKeys) {
  const std::string schema = R"({"title":"Member","type":"object","properties":{"id":{"type":"string"}}})";
  const std::string mapping =
      R"({"version":0,"mappings":[{"sourceType":"ATTRIBUTE","source":"m.id","destination":"id"}]})";
  const std::string flow_spec = R"({"name":"mine","providerId":"0ed90a81-07f4-4586-8190-b40eccef1c5a"})";
  const std::string flow = create_flow();
  const struct {
    std::string path;
    std::string body;
  } cases[] = {
      {"/data/foundation/schemaregistry/tenant/schemas", schema},
      {"/data/foundation/conversion/mappingSets", mapping},
      {"/data/foundation/catalog/dataSets", R"({"name":"d"})"},
      {fs("/flowSpecs"), flow_spec},
      {fs("/runs"), R"({"flowId":")" + flow + "\"}"},
      {fs("/flows/" + flow + "/action?op=run"), ""},
  };
  for (const auto& [path, body] : cases) {
    const Answer first = post_once(path, body, "key");
    EXPECT_LT(first.status, 300) << path << first.text;
    const Answer again = post_once(path, body, "key");
    EXPECT_EQ(again.status, first.status) << path;
    EXPECT_EQ(again.text, first.text) << path;
    EXPECT_EQ(again.header("etag"), first.header("etag")) << path;
    EXPECT_EQ(again.header("idempotency-replayed"), "true") << path;
  }
  EXPECT_EQ(asked.runs.size(), 2U) << "each ran once";
}

TEST_P(ConcurrencyTest, ARequestIdComesBackInHeaderAndProblem) {
  const Answer problem = call("GET", fs("/flows/none"), "", {{"x-request-id", "mine-1"}});
  EXPECT_EQ(problem.header("x-request-id"), "mine-1");
  EXPECT_EQ(problem.at("report.request-id"), "mine-1");
  const Answer fine = call("GET", fs("/flows"), "", {{"x-request-id", "mine-2"}});
  EXPECT_EQ(fine.header("x-request-id"), "mine-2");
}

}  // namespace
}  // namespace headwater::tests
