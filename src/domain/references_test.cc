#include "domain/references.h"

#include <gtest/gtest.h>

namespace headwater::domain {
namespace {

std::string told(ResourceKind kind, std::string_view body, std::string state = "enabled") {
  Resource resource;
  resource.kind = kind;
  resource.state = std::move(state);
  resource.body = *json::parse(body);
  std::string out;
  for (const auto& reference : references_of(resource))
    out += std::string(collection_name(reference.kind)) + " " + reference.id + " " + reference.where + "\n";
  return out;
}

TEST(References, OfEveryKindThatNamesOthers) {
  const auto endpoint = R"({"baseConnectionId":"b","connectionSpec":{"id":"s"},"params":{"dataSetId":"d"}})";
  EXPECT_EQ(told(ResourceKind::connection, endpoint), "connectionSpecs s /connectionSpec/id\n");
  EXPECT_EQ(told(ResourceKind::source_connection, endpoint),
            "connectionSpecs s /connectionSpec/id\nconnections b /baseConnectionId\n");
  EXPECT_EQ(told(ResourceKind::target_connection, endpoint),
            "connectionSpecs s /connectionSpec/id\nconnections b /baseConnectionId\n"
            "dataSets d /params/dataSetId\n");
  EXPECT_EQ(told(ResourceKind::target_connection, endpoint, "draft"),
            "connectionSpecs s /connectionSpec/id\n");
  EXPECT_EQ(told(ResourceKind::dataset, R"({"schemaRef":{"id":"x"}})"), "schemas x /schemaRef/id\n");
  EXPECT_EQ(
      told(ResourceKind::flow,
           R"({"flowSpec":{"id":"f"},"sourceConnectionIds":["s"],"targetConnectionIds":["t"],
                     "transformations":[{"name":"Mapping","params":{"mappingId":"m","mappingVersion":0}}]})"),
      "flowSpecs f /flowSpec/id\nsourceConnections s /sourceConnectionIds/0\n"
      "targetConnections t /targetConnectionIds/0\nmappingSets m /transformations/0/params/mappingId\n");
}

TEST(References, WhatIsAbsentOrNullIsNone) {
  EXPECT_EQ(told(ResourceKind::target_connection, R"({"baseConnectionId":null,"params":{}})"), "");
  EXPECT_EQ(told(ResourceKind::source_connection, R"({"baseConnectionId":""})"), "");
  EXPECT_EQ(told(ResourceKind::run, R"({"flowId":"f"})"), "");
}

}  // namespace
}  // namespace headwater::domain
