#include "domain/record_schema.h"

#include <gtest/gtest.h>

#include "base/result.h"

namespace headwater::domain {
namespace {

using json::Value;

Value doc(std::string_view text) { return *json::parse(text); }

TEST(RecordSchema, EventsOfATimeSeriesHaveAnIdAndATime) {
  const Value made = record_schema(
      doc(R"({"meta:extends":["https://ns.adobe.com/xdm/context/experienceevent"],"properties":{"a":{}}})"));
  EXPECT_EQ(made.find_path("properties._id.type")->dump(), R"("string")");
  EXPECT_EQ(made.find_path("properties.timestamp.format")->dump(), R"("date-time")");
  EXPECT_EQ(made.find("required")->dump(), R"(["_id","timestamp"])");
  EXPECT_NE(made.find_path("properties.a"), nullptr);
}

TEST(RecordSchema, WhatTheDocumentSaysStays) {
  const Value made = record_schema(doc(
      R"({"meta:extends":["https://ns.adobe.com/xdm/context/experienceevent"],"required":["timestamp","a"],
              "properties":{"timestamp":{"type":"integer"}}})"));
  EXPECT_EQ(made.find_path("properties.timestamp")->dump(), R"({"type":"integer"})");
  EXPECT_EQ(made.find("required")->dump(), R"(["timestamp","a","_id"])");
}

TEST(RecordSchema, OthersStayAsTheyAre) {
  for (const char* text : {R"({"properties":{"a":{}}})", R"(true)", R"({"meta:extends":7})",
                           R"({"meta:extends":["https://ns.acme.test/group"]})"})
    EXPECT_EQ(record_schema(doc(text)).dump(), doc(text).dump());
  const Value profile =
      record_schema(doc(R"({"meta:extends":["https://ns.adobe.com/xdm/context/profile"]})"));
  EXPECT_EQ(profile.find("properties")->dump(), R"({"_id":{"type":"string"}})");
  EXPECT_EQ(profile.find("required"), nullptr);
}

TEST(RecordSchema, FieldGroupsAreUnknown) {
  EXPECT_FALSE(extends_unknown(doc("{}")));
  EXPECT_FALSE(extends_unknown(doc(R"({"meta:extends":["https://ns.adobe.com/xdm/context/profile"]})")));
  EXPECT_TRUE(extends_unknown(doc(R"({"meta:extends":["https://ns.adobe.com/xdm/context/profile",
      "https://ns.adobe.com/xdm/context/profile-person-details"]})")));
}

}  // namespace
}  // namespace headwater::domain
