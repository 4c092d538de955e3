#include "engine/map/mapper.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "mapping/mapping_set_json.h"

namespace headwater::map {
namespace {

constexpr const char* kTarget = R"({"type":"object","required":["id"],"properties":{
    "id":{"type":"integer"},"name":{"type":"string"},"kind":{"enum":["a","b"]}}})";

mapping::Mapping mapping_of(std::string_view rows, std::string_view schema) {
  const auto set = mapping::read_mapping_set(*json::parse(R"({"mappings":)" + std::string(rows) + "}"));
  return *mapping::Mapping::compile(*set, *json::parse(schema));
}

Mapped map(Mapper& mapper, std::initializer_list<std::string_view> records) {
  json::RecordGroup group;
  for (const auto record : records) group.append(record);
  Mapped mapped;
  mapper.map(group, mapped);
  EXPECT_EQ(mapped.accepted.size(), mapped.source_of.size());
  return mapped;
}

TEST(Mapper, PassesRecordsThroughWithoutMappingAndSchema) {
  Mapper mapper;
  EXPECT_TRUE(mapper.is_identity());
  const auto mapped = map(mapper, {R"({"a":1})", R"({"b":2})"});
  ASSERT_EQ(mapped.accepted.size(), 2U);
  EXPECT_EQ(mapped.accepted[1], R"({"b":2})");
}

TEST(Mapper, MapsThenChecksAndSaysWhy) {
  Mapper mapper(
      mapping_of(
          R"([{"source":"i.d","destination":"id"},{"source":"n","destination":"name"},{"source":"k","destination":"kind"}])",
          kTarget),
      *schema::Validator::compile(*json::parse(kTarget)));
  EXPECT_FALSE(mapper.is_identity());
  const auto mapped = map(mapper, {R"({"i":{"d":"7"},"n":5,"k":"a"})", R"({"n":"x"})", R"({"i":{"d":"x"}})",
                                   R"({"i":{"d":1},"k":"c"})", R"({"i":)", R"({"i":{"d":2},"n":[1]})"});
  ASSERT_EQ(mapped.accepted.size(), 2U);
  EXPECT_EQ(mapped.accepted[0], R"({"id":7,"name":"5","kind":"a"})");
  EXPECT_EQ(mapped.accepted[1], R"({"id":2})");
  EXPECT_EQ(mapped.source_of, (std::vector<std::size_t>{0, 5}));
  ASSERT_EQ(mapped.failures.size(), 2U);
  EXPECT_EQ(mapped.failures[0].row, 0U);
  EXPECT_EQ(mapped.failures[0].first, 2U);
  EXPECT_EQ(mapped.failures[0].count, 1U);
  EXPECT_EQ(mapped.failures[1].message,
            "Mapping 1 (n to name) failed: an object or array cannot become a string.");
  ASSERT_EQ(mapped.rejected.size(), 4U);
  EXPECT_EQ(mapped.rejected[0].index, 1U);
  EXPECT_EQ(mapped.rejected[0].code, "INGEST-1555-400");
  EXPECT_EQ(mapped.rejected[0].message, "required member /id is missing.");
  EXPECT_EQ(mapped.rejected[1].code, "MAPPER-3700-400");
  EXPECT_NE(
      mapped.rejected[1].message.find("Mapping 0 (i.d to id) failed: the value cannot become an integer."),
      std::string::npos)
      << mapped.rejected[1].message;
  EXPECT_EQ(mapped.rejected[2].code, "INGEST-1401-400");
  EXPECT_EQ(mapped.rejected[2].message, "/kind must be one of \"a\", \"b\".");
  EXPECT_EQ(mapped.rejected[3].code, "INGEST-1401-400");
}

// The failed row has nothing to do with what is missing, or is what should have written it.
TEST(Mapper, NamesTheRowThatLeftARequiredMemberOut) {
  constexpr const char* kSchema = R"({"type":"object","required":["id"],"properties":{"id":{"type":"integer"},
      "score":{"type":"integer"},"tags":{"type":"array","items":{"type":"object","required":["kind"],
      "properties":{"kind":{"type":"integer"},"note":{"type":"string"}}}}}})";
  Mapper mapper(mapping_of(R"([{"source":"s","destination":"score"},{"source":"i","destination":"id"},
      {"source":"t[*].k","destination":"tags[*].kind"},{"source":"t[*].n","destination":"tags[*].note"}])",
                           kSchema),
                *schema::Validator::compile(*json::parse(kSchema)));
  const auto mapped =
      map(mapper, {R"({"s":"x"})", R"({"s":"x","i":"y"})", R"({"i":1,"t":[{"k":1},{"k":"z","n":"a"}]})"});
  ASSERT_EQ(mapped.rejected.size(), 3U);
  EXPECT_EQ(mapped.rejected[0].code, "INGEST-1555-400");
  EXPECT_EQ(mapped.rejected[0].message, "required member /id is missing.");
  EXPECT_EQ(mapped.rejected[1].code, "MAPPER-3700-400");
  EXPECT_NE(mapped.rejected[1].message.find("Mapping 1 (i to id)"), std::string::npos);
  EXPECT_EQ(mapped.rejected[2].code, "MAPPER-3700-400");
  EXPECT_NE(mapped.rejected[2].message.find("Mapping 2 (t[*].k to tags[*].kind)"), std::string::npos);
}

TEST(Mapper, ChecksWithoutMapping) {
  Mapper mapper(std::nullopt, *schema::Validator::compile(*json::parse(kTarget)));
  const auto mapped = map(mapper, {R"({"id":1})", R"({"id":null})", R"({"id":1,"name":2})", R"({"id":"7"})"});
  ASSERT_EQ(mapped.accepted.size(), 1U);
  ASSERT_EQ(mapped.rejected.size(), 3U);
  EXPECT_EQ(mapped.rejected[2].message, "/id is a string, but must be a whole number.");
  EXPECT_EQ(mapped.rejected[0].code, "INGEST-1555-400");
  EXPECT_EQ(mapped.rejected[0].message, "/id is null, and must not be.");
  EXPECT_EQ(mapped.rejected[1].code, "INGEST-1401-400");
  EXPECT_EQ(mapped.rejected[1].message, "/name is a number, but must be a string.");
}

}  // namespace
}  // namespace headwater::map
