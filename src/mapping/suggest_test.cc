#include "mapping/suggest.h"

#include <gtest/gtest.h>

#include <string>

#include "mapping/internal/path.h"

namespace headwater::mapping {
namespace {

std::string suggested(std::string_view sample, std::string_view schema) {
  const auto found = suggest(*json::parse(sample), *json::parse(schema));
  if (!found) return found.error().message;
  std::string out;
  for (const auto& one : *found) out += one.source + " > " + one.destination + "\n";
  return out;
}

TEST(Suggest, PairsNamesHoweverTheyAreWritten) {
  EXPECT_EQ(
      suggested(
          R"({"first_name":"Ada","LASTNAME":"L","e-mail":"a@b","age":"36","created":"2024-01-02","noise":1,
                         "address":{"zip_code":"1","street":"x"},"items":[{"sku":"a","unitPrice":1.5}],"tags":["a"]})",
          R"({"properties":{"firstName":{"type":"string"},"lastName":{"type":"string"},"email":{"type":"string"},
                         "age":{"type":"integer"},"createdAt":{"type":"string","format":"date-time"},
                         "homeAddress":{"type":"object","properties":{"zipCode":{"type":"string"}}},
                         "lines":{"type":"array","items":{"type":"object","properties":{"sku":{"type":"string"},"price":{"type":"number"}}}},
                         "tags":{"type":"array","items":{"type":"string"}},"unrelated":{"type":"boolean"}}})"),
      "age > age\ncreated > createdAt\ne-mail > email\nfirst_name > firstName\naddress.zip_code > "
      "homeAddress.zipCode\n"
      "LASTNAME > lastName\nitems[*].unitPrice > lines[*].price\nitems[*].sku > lines[*].sku\ntags > tags\n");
}

TEST(Suggest, NamesWhatIsLeftOfTheSource) {
  const auto found = suggest(*json::parse(R"({"a":1,"zzz":{"q":2}})"),
                             *json::parse(R"({"properties":{"a":{"type":"integer"}}})"), Unmapped::named);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].destination, "a");
  EXPECT_EQ((*found)[1].source, "zzz.q");
  EXPECT_EQ((*found)[1].destination, "");
  EXPECT_EQ((*found)[1].score, 0);
}

TEST(Suggest, WritesNamesSoThatTheyCanBeReadAgain) {
  const std::string record =
      R"({"2024":7,"a[0]":1,"a.b":2,"a\\b":3,"${x}":4,"First Name":"Ada","":5,"in":{"":6}})";
  const auto found = suggest(*json::parse(record), *json::parse("{}"), Unmapped::named);
  ASSERT_TRUE(found);
  std::string sources;
  for (const auto& one : *found) {
    PathError error;
    const auto path = parse_path(one.source, error);
    EXPECT_EQ(error.reason, "") << one.source;
    ASSERT_EQ(path.size(), 1U);
    sources += path[0].name + "\n";
  }
  EXPECT_EQ(sources, "2024\na[0]\na.b\na\\b\n${x}\nFirst Name\n");
}

TEST(Suggest, TakesSeveralRecordsAndSaysWhatItCannotRead) {
  EXPECT_EQ(suggested(R"([{"a":1},{"b":2}])", R"({"properties":{"b":{"type":"integer"}}})"), "b > b\n");
  EXPECT_EQ(suggested("{}", R"({"properties":{"b":{}}})"), "");
  EXPECT_EQ(suggested("5", "{}"), "The sample must be a record: a JSON object, or an array of them.");
  EXPECT_EQ(suggested("{}", "[]"), "The target schema must be a JSON object.");
}

}  // namespace
}  // namespace headwater::mapping
