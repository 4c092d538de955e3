#include "api_fixture.h"

namespace headwater::tests {
namespace {

class TargetConnectionsTest : public ApiFixture {};

TEST_F(TargetConnectionsTest, CreateNeedsADatasetOfTheTenant) {
  const auto dataset = create_dataset();
  const auto id = create_target(dataset);
  EXPECT_EQ(get(fs("/targetConnections/" + id)).item().find_path("params.dataSetId")->dump(),
            "\"" + dataset + "\"");
  const auto missing =
      post(fs("/targetConnections"), R"({"name":"t","connectionSpec":{"id":")" + std::string(kDataLake) +
                                         R"("},"params":{"dataSetId":"5f00aa00aa00aa00aa00aa00"}})");
  EXPECT_EQ(missing.status, 400);
  EXPECT_EQ(missing.at("report.pointer"), "/params/dataSetId");
}

TEST_F(TargetConnectionsTest, ItsSchemaIsTheDatasets) {
  const auto schema = create_schema();
  const auto with = [&](const std::string& id, const std::string& dataset) {
    return post(fs("/targetConnections"), R"({"name":"t","connectionSpec":{"id":")" + std::string(kDataLake) +
                                              R"("},"data":{"schema":{"id":")" + id +
                                              R"("}},"params":{"dataSetId":")" + dataset + R"("}})");
  };
  const auto dataset = create_dataset(schema);
  EXPECT_EQ(with(schema, dataset).status, 201);
  EXPECT_EQ(with("https://ns.example.test/any", create_dataset()).status, 201) << "the dataset has none";
  const auto other = create_schema();
  const auto refused = with(other, dataset);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.at("report.pointer"), "/data/schema/id");
  EXPECT_NE(refused.text.find(other), std::string::npos) << refused.text;
  EXPECT_NE(refused.text.find(schema), std::string::npos) << refused.text;
}

TEST_F(TargetConnectionsTest, TheSpecMustDescribeATarget) {
  const auto answer = post(fs("/targetConnections"), R"({"name":"t","connectionSpec":{"id":")" +
                                                         std::string(kGenericRest) + R"("},"params":{}})");
  EXPECT_EQ(answer.at("type"), "https://ns.adobe.com/aep/errors/CONNECTOR-1307-400");
}

TEST_F(TargetConnectionsTest, PatchAnswersIdAndEtag) {
  const auto id = create_target(create_dataset());
  const auto etag = std::string(get(fs("/targetConnections/" + id)).item().string_at("etag"));
  const auto answer =
      patch(fs("/targetConnections/" + id), R"([{"op":"replace","path":"/name","value":"n"}])", etag);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.if_object()->size(), 2U);
  EXPECT_EQ(answer.id(), id);
}

TEST_F(TargetConnectionsTest, ATargetInUseIsNotDeleted) {
  create_flow();
  const auto id = std::string(get(fs("/targetConnections")).item().string_at("id"));
  EXPECT_EQ(del(fs("/targetConnections/" + id)).at("type"), "https://ns.adobe.com/aep/errors/FLOW-1417-400");
}

TEST_F(TargetConnectionsTest, DraftsBecomeTargetsWhenTheyAreWhole) {
  const auto draft = post(fs("/targetConnections?mode=draft"),
                          R"({"name":"t","connectionSpec":{"id":")" + std::string(kDataLake) + R"("}})");
  ASSERT_EQ(draft.status, 201) << draft.text;
  EXPECT_EQ(post(fs("/targetConnections/" + draft.id() + "/action?op=publish"), "").status, 400);
  const auto patched = patch(
      fs("/targetConnections/" + draft.id()),
      R"([{"op":"add","path":"/params","value":{"dataSetId":")" + create_dataset() + R"("}}])", draft.etag());
  ASSERT_EQ(patched.status, 200) << patched.text;
  EXPECT_EQ(post(fs("/targetConnections/" + draft.id() + "/action?op=publish"), "").status, 200);
  EXPECT_EQ(get(fs("/targetConnections/" + draft.id())).item().string_at("state"), "enabled");
}

}  // namespace
}  // namespace headwater::tests
