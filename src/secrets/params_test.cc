#include "secrets/params.h"

#include <gtest/gtest.h>

#include <string>

namespace headwater::secrets {
namespace {

json::Value parse(std::string_view text) { return *json::parse(text); }

struct Case {
  const char* name;
  const char* schema;
  const char* params;
  const char* open;  // ******** written as #
};

void PrintTo(const Case& row, std::ostream* out) { *out << row.name; }

constexpr Case kCases[] = {
    {"TopLevelPassword", R"({"properties":{"password":{"type":"string","format":"password"}}})",
     R"({"host":"h","password":"p","user":"u"})", R"({"host":"h","password":"#","user":"u"})"},
    {"NestedObject", R"({"properties":{"a":{"properties":{"b":{"format":"password"}}}}})",
     R"({"a":{"b":"x","c":"y"},"b":"z"})", R"({"a":{"b":"#","c":"y"},"b":"z"})"},
    {"ArrayItems", R"({"properties":{"keys":{"items":{"properties":{"value":{"format":"password"}}}}}})",
     R"({"keys":[{"name":"k1","value":"1"},{"name":"k2","value":"2"}]})",
     R"({"keys":[{"name":"k1","value":"#"},{"name":"k2","value":"#"}]})"},
    {"Tuple",
     R"({"properties":{"t":{"items":[{},{"format":"password"}],"additionalItems":{"format":"password"}}}})",
     R"({"t":["a","b","c"]})", R"({"t":["a","#","#"]})"},
    {"AnyBranchOfOneOf", R"({"oneOf":[{"properties":{"a":{}}},{"properties":{"a":{"format":"password"}}}]})",
     R"({"a":"x"})", R"({"a":"#"})"},
    {"ThenBranch", R"({"if":{},"then":{"properties":{"a":{"format":"password"}}}})", R"({"a":"x"})",
     R"({"a":"#"})"},
    {"LocalReference",
     R"({"definitions":{"s":{"format":"password"}},"properties":{"a":{"$ref":"#/definitions/s"}}})",
     R"({"a":"x"})", R"({"a":"#"})"},
    {"ReferenceToItself", R"({"properties":{"a":{"format":"password"},"child":{"$ref":"#"}}})",
     R"({"child":{"child":{"a":"x"}}})", R"({"child":{"child":{"a":"#"}}})"},
    {"PatternProperties", R"({"patternProperties":{"^x-":{"format":"password"}}})",
     R"({"x-key":"1","key":"2"})", R"({"x-key":"#","key":"2"})"},
    {"AdditionalProperties", R"({"additionalProperties":{"format":"password"}})", R"({"any":"1"})",
     R"({"any":"#"})"},
    {"UndeclaredNamesThatSoundSecret", R"({"properties":{"secret":{"type":"string"}}})",
     R"({"password":"a","client_secret":"b","authKey2":"c","secret":"declared","accessTokenUrl":"u"})",
     R"({"password":"#","client_secret":"#","authKey2":"#","secret":"declared","accessTokenUrl":"u"})"},
    {"TokensByNameAnywhere", R"({})", R"({"accessToken":"a","deep":[{"refreshToken":"r"}]})",
     R"({"accessToken":"#","deep":[{"refreshToken":"#"}]})"},
    {"NullAndEmptyAreNone", R"({"properties":{"a":{"format":"password"},"b":{"format":"password"}}})",
     R"({"a":null,"b":""})", R"({"a":null,"b":""})"},
    {"NumbersAndObjects", R"({"properties":{"a":{"format":"password"},"b":{"format":"password"}}})",
     R"({"a":12345678901234567890.0,"b":{"pin":[1,2]}})", R"({"a":"#","b":"#"})"},
    {"NamesThatNeedEscapes", R"({"properties":{"a/b~c":{"format":"password"}}})", R"({"a/b~c":"x"})",
     R"({"a/b~c":"#"})"},
    {"NoSchema", R"(null)", R"({"user":"x","password":"y"})", R"({"user":"x","password":"#"})"},
};

std::string expanded(std::string_view open) {
  std::string out;
  for (const char c : open) {
    if (c == '#')
      out += kRedacted;
    else
      out += c;
  }
  return out;
}

class ParamsTest : public testing::TestWithParam<Case> {};

TEST_P(ParamsTest, SplitsAndMergesBack) {
  const auto& row = GetParam();
  const auto params = parse(row.params);
  const auto split = split_params(parse(row.schema), params);
  EXPECT_EQ(split.open.dump(), expanded(row.open));
  EXPECT_EQ(merge_params(split.open, split.secrets).dump(), params.dump());
}

INSTANTIATE_TEST_SUITE_P(Table, ParamsTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ParamsSplit, AValueSentBackRedactedStaysWhatItWas) {
  const auto schema = parse(R"({"properties":{"a":{"format":"password"},"b":{"format":"password"}}})");
  const SecretsByPointer stored{{"/a", Secret("old")}, {"/b", Secret("older")}};
  const auto before = parse(R"({"a":"********","b":"********"})");
  const auto changed = parse(R"({"a":"********","b":"new"})");
  EXPECT_EQ(sealed_places(changed, stored), Places{"/a"});
  const auto restored = restore_params(changed, before, stored);
  EXPECT_EQ(restored.dump(), R"({"a":"old","b":"new"})");
  const auto split = split_params(schema, restored, sealed_places(changed, stored));
  EXPECT_EQ(split.open.dump(), before.dump());
  EXPECT_EQ(split.secrets, (SecretsByPointer{{"/a", Secret("old")}, {"/b", Secret("new")}}));
}

TEST(ParamsSplit, ACredentialGoesWithItsPlaceWhereAPatchTakesIt) {
  const auto before = parse(R"({"params":{"keys":["********","********","********"],"name":"n"}})");
  const auto forged = parse(R"({"params":{"keys":["********"],"name":"********\u0000/keys/0"}})");
  const SecretsByPointer one{{"/keys/0", Secret("a")}};
  EXPECT_EQ(moved_along(forged, *json::Patch::parse("[]"), *json::Pointer::parse("/params"), one), one);
  const SecretsByPointer stored{{"/keys/0", Secret("a")}, {"/keys/1", Secret("b")}, {"/keys/2", Secret("c")}};
  const auto at = *json::Pointer::parse("/params");
  const std::vector<std::pair<const char*, const char*>> patches{
      {R"([{"op":"remove","path":"/params/keys/0"}])", R"({"keys":["b","c"],"name":"n"})"},
      {R"([{"op":"test","path":"/params/keys/0","value":"********"},
           {"op":"add","path":"/params/keys/0","value":"new"}])",
       R"({"keys":["new","a","b","c"],"name":"n"})"},
      {R"([{"op":"move","from":"/params/keys/2","path":"/params/key"}])",
       R"({"keys":["a","b"],"name":"n","key":"c"})"},
      {R"([{"op":"replace","path":"/params","value":{"keys":["x","********"]}}])", R"({"keys":["x","b"]})"},
  };
  for (const auto& [text, want] : patches) {
    const auto patch = *json::Patch::parse(text);
    const auto after = *patch.apply(before);
    const auto moved = moved_along(before, patch, at, stored);
    EXPECT_EQ(restore_params(*after.find("params"), *before.find("params"), moved).dump(), want) << text;
  }
}

TEST(ParamsSplit, ASealedPlaceStaysSealedWhateverTheSchemaSays) {
  const auto schema = parse(R"({"properties":{"a":{"type":"string"},"list":{"items":{"type":"string"}}}})");
  const auto split =
      split_described(schema, parse(R"({"a":"x","list":["y","z"],"c":"d"})"), {"/a", "/list/1", "/gone"});
  EXPECT_EQ(split.open.dump(), R"({"a":"********","list":["y","********"],"c":"d"})");
  EXPECT_EQ(split.secrets, (SecretsByPointer{{"/a", Secret("x")}, {"/list/1", Secret("z")}}));
}

TEST(ParamsSplit, AStoredValueBehindAnOpenPlaceIsKeptUnlessThePlaceChanges) {
  const SecretsByPointer stored{{"/expires", Secret("tomorrow")}, {"/unknown", Secret("")}};
  const auto before = parse(R"({"expires":"today","unknown":"today"})");
  EXPECT_EQ(restore_params(before, before, stored).dump(), R"({"expires":"tomorrow","unknown":"today"})");
  EXPECT_EQ(restore_params(parse(R"({"expires":"never"})"), before, stored).dump(), R"({"expires":"never"})");
}

TEST(ParamsSplit, ASecretWhosePlaceIsGoneIsLeftOut) {
  EXPECT_EQ(
      merge_params(parse(R"({"list":[]})"), {{"/list/0", Secret("x")}, {"/gone/a", Secret("y")}}).dump(),
      R"({"list":[]})");
}

}  // namespace
}  // namespace headwater::secrets
