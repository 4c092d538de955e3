#include <gmock/gmock.h>

#include "lake/lake_test.h"
#include "lake/layout.h"

namespace headwater::lake {
namespace {

using test::one_of;
using ::testing::HasSubstr;

json::Value parsed(std::string_view text) { return *json::parse(text); }

using TypesTest = test::LakeFixture;

struct NumberCase {
  const char* name;
  std::vector<std::string> texts;
  const char* type;
  std::vector<std::string> back;
};

TEST_F(TypesTest, NumbersKeepTheirPrecision) {
  const std::vector<NumberCase> cases{
      {"WholeBeyondDouble", {"9007199254740993", "-1"}, "BIGINT", {"9007199254740993", "-1"}},
      {"Unsigned64", {"18446744073709551615"}, "DECIMAL(38,0)", {"18446744073709551615"}},
      {"Money", {"19.90", "5"}, "DECIMAL(18,2)", {"19.90", "5.00"}},
      {"Fraction", {"0.1", "-2.5e3"}, "DOUBLE", {"0.1", "-2500"}},
      {"ThirtyDigits",
       {"123456789012345678901234567890"},
       "DECIMAL(38,0)",
       {"123456789012345678901234567890"}},
      {"LongFraction", {"3.14159265358979323846"}, "DECIMAL(38,20)", {"3.14159265358979323846"}},
      {"ShortestDouble", {"0.30000000000000004"}, "DOUBLE", {"0.30000000000000004"}},
      {"BeyondEveryType", {"1e400"}, "JSON", {"1e400"}},
      {"FortyDigits",
       {"1234567890123456789012345678901234567890"},
       "JSON",
       {"1234567890123456789012345678901234567890"}}};
  for (const auto& item : cases) {
    SCOPED_TRACE(item.name);
    put(item.name, "", Format::parquet);
    std::vector<std::string> records;
    records.reserve(item.texts.size());
    for (const auto& text : item.texts) records.push_back("{\"v\":" + text + "}");
    land(batch("b", {}, item.name), records);
    const auto from = " FROM \"" + std::string(item.name) + "\"";
    EXPECT_EQ(one_of(*lake_, "SELECT any_value(typeof(v))" + from), item.type);
    test::Rows want;
    for (const auto& text : item.back) want.push_back({text});
    EXPECT_EQ(test::rows_of(*lake_, "SELECT v" + from), want);
  }
}

TEST_F(TypesTest, NestedValuesComeBackWhole) {
  land(
      batch("b1"),
      {R"({"id":1,"who":{"name":"Ada","tags":["x","y"]},"pairs":[{"k":"a","v":1},{"k":"b","v":null}],"map":[]})",
       R"({"id":2,"who":null,"pairs":[],"map":[1,"two"],"gone":null})"});
  const test::Rows want{
      {"1", R"({"name":"Ada","tags":["x","y"]})", R"([{"k":"a","v":1},{"k":"b","v":null}])", "[]"},
      {"2", "NULL", "[]", R"([1,"two"])"}};
  EXPECT_EQ(test::rows_of(*lake_, "SELECT id, who, pairs, map FROM sales ORDER BY id"), want);
}

TEST_F(TypesTest, StringsKeepTheirBytes) {
  land(batch("b1"),
       {R"({"s":"a\u0000b"})", R"({"s":"quote \" back \\ slash \/ \u00e9\ud83d\ude00 line\nend"})",
        R"({"s":"short"})", R"({"s":"exactly12byt"})", R"({"s":"thirteen byte"})", R"({"s":""})"});
  const test::Rows want{{std::string("a\0b", 3)},
                        {"quote \" back \\ slash / \u00e9\U0001F600 line\nend"},
                        {"short"},
                        {"exactly12byt"},
                        {"thirteen byte"},
                        {""}};
  EXPECT_EQ(test::rows_of(*lake_, "SELECT s FROM ds1"), want);
}

TEST_F(TypesTest, WhatFitsNoColumnIsKeptVerbatim) {
  const std::vector<std::string> first(
      12'000, R"({"id":1,"price":1.5,"who":{"name":"Ada","pad":")" + std::string(900, 'x') + "\"}}");
  const std::string late =
      R"({"id":"two","price":0.1234567890123456789,"who":{"name":7,"late":true},"new":[1, 2],"_other":"mine"})";
  auto writer = *lake_->open_batch(batch("b1"));
  std::vector<Misfit> misfits;
  ASSERT_TRUE(writer->append(test::group_of(first), misfits).has_value());
  ASSERT_TRUE(writer->append(test::group_of({late}), misfits).has_value());
  const auto totals = *writer->commit();
  EXPECT_EQ(totals.records, first.size() + 1);
  EXPECT_EQ(totals.records_with_other, 1U);
  EXPECT_THAT(totals.other_members,
              ::testing::UnorderedElementsAre("id", "price", "who.name", "who.late", "new", "_other"));
  const test::Rows want{{"NULL", "NULL", late}};
  EXPECT_EQ(test::rows_of(*lake_, "SELECT id, price, _other FROM sales WHERE _other IS NOT NULL"), want);
  EXPECT_EQ(one_of(*lake_, "SELECT count(*) FROM sales"), "12001");
}

TEST_F(TypesTest, MembersThatDifferInCaseOnlyDoNotClash) {
  const auto totals = land(batch("b1"), {R"({"Id":1,"id":2,"":3})"});
  EXPECT_EQ(totals.records_with_other, 1U);
  EXPECT_EQ(one_of(*lake_, "SELECT \"Id\" FROM sales"), "1");
  EXPECT_EQ(one_of(*lake_, "SELECT _other FROM sales"), R"({"id":2,"":3})");
}

TEST_F(TypesTest, ARepeatedMemberKeepsItsLastValue) {
  land(batch("b1"),
       {R"({"a":[1,2],"s":{"x":1,"y":2},"a":[3],"s":{"x":5}})", R"({"a":[4,5],"s":{"x":1,"y":1}})"});
  const test::Rows want{{"[3]", R"({"x":5,"y":null})"}, {"[4,5]", R"({"x":1,"y":1})"}};
  EXPECT_EQ(test::rows_of(*lake_, "SELECT a, s FROM sales"), want);
}

const char* const kSchema = R"({"type":"object","properties":{
  "id":{"type":"integer"},"amount":{"type":"number"},"exact":{"type":"number","multipleOf":0.01},
  "big":{"type":"integer","maximum":18446744073709551615},"ok":{"type":"boolean"},"day":{"type":"string","format":"date"},
  "at":{"type":["string","null"],"format":"date-time"},"name":{"type":"string"},
  "home":{"type":"object","properties":{"city":{"type":"string"},"zip":{"type":"integer"}}},
  "tags":{"type":"array","items":{"type":"string"}},"extra":{"type":"object"}}})";

TEST_F(TypesTest, TheTargetSchemaTypesTheColumns) {
  land(
      batch("b1", parsed(kSchema)),
      {R"({"id":"42","amount":1.5,"exact":19.9,"big":18446744073709551615,"ok":"true","day":"2024-02-29","at":"2024-03-05T09:07:03.25+02:00","name":7,"home":{"city":"Ulm","zip":89073},"tags":["a"],"extra":{"k":1}})"});
  const test::Rows want{{"42", "1.5", "19.90", "18446744073709551615", "true", "2024-02-29",
                         "2024-03-05T07:07:03.25Z", "7", R"({"city":"Ulm","zip":89073})", R"(["a"])",
                         R"({"k":1})"}};
  EXPECT_EQ(test::rows_of(
                *lake_, "SELECT id, amount, exact, big, ok, day, \"at\", name, home, tags, extra FROM sales"),
            want);
}

TEST_F(TypesTest, AValueThatCannotBecomeItsColumnIsRejected) {
  std::vector<Misfit> misfits;
  const auto totals =
      land(batch("b1", parsed(kSchema)),
           {R"({"id":1,"tags":["a","b"]})", R"({"id":"x"})", R"({"id":9223372036854775808})",
            R"({"day":"2023-02-29"})", R"({"tags":["fine",{"no":1}]})", R"({"home":{"zip":true}})", "{broken",
            "[1]", R"({"id":2,"tags":["c"],"unknown":1})"},
           &misfits);
  EXPECT_EQ(totals.records, 2U);
  ASSERT_EQ(misfits.size(), 7U);
  EXPECT_EQ(misfits[0].index, 1U);
  EXPECT_EQ(misfits[0].code, "INGEST-1401-400");
  EXPECT_EQ(misfits[0].message, "The member 'id' holds a string that cannot become a 64-bit whole number.");
  EXPECT_THAT(misfits[3].message, HasSubstr("'tags'"));
  EXPECT_THAT(misfits[4].message, HasSubstr("'home.zip' holds a boolean"));
  EXPECT_THAT(misfits[6].message, HasSubstr("object"));
  const test::Rows want{{"1", R"(["a","b"])", "NULL"}, {"2", R"(["c"])", R"({"unknown":1})"}};
  EXPECT_EQ(test::rows_of(*lake_, "SELECT id, tags, _other FROM sales"), want);
}

TEST_F(TypesTest, ASchemaThatGrewReadsNullFromOlderFiles) {
  const char* const first =
      R"({"properties":{"id":{"type":"integer"},"home":{"type":"object","properties":{"city":{"type":"string"}}}}})";
  const char* const second =
      R"({"properties":{"id":{"type":"integer"},"home":{"type":"object","properties":{"city":{"type":"string"},"zip":{"type":"integer"}}},"mail":{"type":"string"}}})";
  land(batch("b1", parsed(first)), {R"({"id":1,"home":{"city":"Ulm"}})"});
  land(batch("b2", parsed(second)), {R"({"id":2,"home":{"city":"Bonn","zip":5},"mail":"x@example.test"})"});
  const test::Rows want{{"1", R"({"city":"Ulm","zip":null})", "NULL"},
                        {"2", R"({"city":"Bonn","zip":5})", "x@example.test"}};
  EXPECT_EQ(test::rows_of(*lake_, "SELECT id, home, mail FROM sales ORDER BY id"), want);
  ASSERT_EQ(lake_->compact(DatasetId("ds1"))->files_after, 1U);
  EXPECT_EQ(test::rows_of(*lake_, "SELECT id, home, mail FROM sales ORDER BY id"), want);
}

TEST(LayoutTest, SurvivesItsJson) {
  const auto layout = *Layout::from_schema(parsed(kSchema));
  EXPECT_EQ(*Layout::from_json(layout.to_json()), layout);
  EXPECT_FALSE(Layout::from_schema(parsed("{}")).has_value());
}

TEST(LayoutTest, FollowsReferencesAndParts) {
  const auto layout = *Layout::from_schema(parsed(
      R"({"allOf":[{"$ref":"#/definitions/base"},{"properties":{"b":{"$ref":"#/definitions/name"}}}],
          "definitions":{"base":{"properties":{"a":{"type":"integer"}}},"name":{"type":"string"}}})"));
  ASSERT_EQ(layout.columns.size(), 2U);
  EXPECT_EQ(sql_type(layout.columns[0].type), "BIGINT");
  EXPECT_EQ(sql_type(layout.columns[1].type), "VARCHAR");
}

TEST(LayoutTest, ASchemaThatRefersToItselfEnds) {
  const auto layout = Layout::from_schema(
      parsed(R"({"definitions":{"n":{"type":"object","properties":{"next":{"$ref":"#/definitions/n"}}}},
                 "properties":{"a":{"$ref":"#/definitions/n"}}})"));
  EXPECT_TRUE(layout.has_value());
}

}  // namespace
}  // namespace headwater::lake
