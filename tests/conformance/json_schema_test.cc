#include <gtest/gtest.h>

#include <string>

#include "json/record.h"
#include "json/value.h"
#include "schema/validator.h"

// The rules of JSON Schema draft-07 as rows: each schema with instances that it accepts and refuses. Every
// row is checked on the document path and on the record path, which must agree.
namespace headwater::schema {
namespace {

struct Row {
  const char* name;
  const char* schema;
  const char* valid;    // JSON array of instances
  const char* invalid;  // JSON array of instances
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

constexpr Row kRows[] = {
    {"BooleanTrue", "true", R"([1,"a",null,{},[]])", "[]"},
    {"BooleanFalse", "false", "[]", R"([1,"a",null,{},[]])"},
    {"EmptySchema", "{}", R"([1,null,{"a":1}])", "[]"},
    {"TypeInteger", R"({"type":"integer"})", "[1,1.0,-3,1e3,12345678910111213141516171819202122]",
     R"([1.1,"1",null,true,1e-1])"},
    {"TypeNumber", R"({"type":"number"})", "[1,1.5,-1e400]", R"(["1",null,false])"},
    {"TypeList", R"({"type":["integer","null"]})", "[1,null]", R"([1.5,"a",{}])"},
    {"TypeString", R"({"type":"string"})", R"(["","\u00e9"])", "[1,null]"},
    {"TypeObjectArray", R"({"type":["object","array"]})", "[{},[]]", R"([null,"",0])"},
    {"Enum", R"({"enum":[6,"foo",[],true,{"foo":12}]})", R"([6.0,"foo",[],true,{"foo":12.0}])",
     R"([null,{"foo":false},{"foo":12,"b":1},[1],7])"},
    {"EnumKeepsKindsApart", R"({"enum":[false,[0],{"a":1}]})", "[false,[0],[0.0]]",
     "[0,[false],true,{\"a\":true}]"},
    {"ConstNull", R"({"const":null})", "[null]", "[0,false,[]]"},
    {"ConstBigNumber", R"({"const":9007199254740993})", "[9007199254740993]", "[9007199254740992]"},
    {"ConstFraction", R"({"const":-2.0})", "[-2,-2.0,-20e-1]", "[2,-2.00000000000000000001]"},
    {"ConstObjectOrder", R"({"const":{"a":1,"b":[2]}})", R"([{"b":[2],"a":1}])",
     R"([{"a":1},{"a":1,"b":[2,3]}])"},
    {"ConstEscapes", R"({"const":"a\nb"})", R"(["a\nb","a\u000ab"])", R"(["a\\nb"])"},
    {"MultipleOfInteger", R"({"multipleOf":2})", R"([10,"x",0,-4])", "[7]"},
    {"MultipleOfDecimal", R"({"multipleOf":0.01})", "[4.35,0,0.29,1e2]", "[4.355]"},
    {"MultipleOfTiny", R"({"multipleOf":1e-8})", "[12391239123,1.00000001]", "[1e-9]"},
    {"MultipleOfOverflow", R"({"type":"integer","multipleOf":0.5})", "[1e308]", "[0.5]"},
    {"MultipleOfNever", R"({"multipleOf":0.123456789})", "[0.246913578]", "[1e308]"},
    {"MultipleOfLong", R"({"multipleOf":1234567890123456789012345})", "[2469135780246913578024690,0]",
     "[1234567890123456789012346]"},
    {"MaximumBig", R"({"maximum":18446744073709551615})", "[18446744073709551615]",
     "[18446744073709551616,18446744073709551615.5]"},
    {"ExclusiveMaximumDecimal", R"({"exclusiveMaximum":972783798187987123879878123.18878137})",
     "[972783798187987123879878123.18878136]", "[972783798187987123879878123.18878137]"},
    {"MinimumSigned", R"({"minimum":-2})", R"([-1,-2,-2.0,"x"])", "[-2.0001,-3]"},
    {"ExclusiveMinimum", R"({"exclusiveMinimum":1.1})", "[1.2]", "[1.1,0.6]"},
    {"LengthCountsCodePoints", R"({"minLength":2,"maxLength":2})", R"(["ab","💩💩","\ud83d\udca9a",1])",
     R"(["a","abc","💩"])"},
    {"LengthMayBeWrittenAsDecimal", R"({"maxLength":2.0})", R"(["ab"])", R"(["abc"])"},
    {"PatternIsNotAnchored", R"({"pattern":"a+"})", R"(["xxaayy",true])", R"(["xyz"])"},
    {"PatternDollar", R"({"pattern":"^abc$"})", R"(["abc"])", R"(["abc\n"])"},
    {"PatternDigitIsAscii", R"({"pattern":"^\\d$"})", R"(["0"])", R"(["\u07c0","\u09ea"])"},
    {"PatternWordIsAscii", R"({"pattern":"^\\w$"})", R"(["a","_"])", R"(["é"])"},
    {"PatternNotWord", R"({"pattern":"^[\\W]$"})", R"(["é","-"])", R"(["a"])"},
    {"PatternSpace", R"({"pattern":"^\\s$"})",
     R"([" ","\t","\u000b","\u000c","\u00a0","\ufeff","\n","\u2029","\u2003"])", R"(["\u0001","\u2013"])"},
    {"PatternControl", R"({"pattern":"^\\cC$"})", R"(["\u0003"])", R"(["\\cC"])"},
    {"PatternDotStopsAtLineEnds", R"({"pattern":"^.$"})", R"(["a","💩"])", R"(["\n","\u2028"])"},
    {"PatternUnicode", R"({"pattern":"^\\u{1F432}\\uD83D\\uDC32$"})", R"(["🐲🐲"])", R"(["🐲"])"},
    {"PatternProperty", R"({"pattern":"^\\p{Letter}+$"})", R"(["abc","écolé"])", R"(["1"])"},
    {"PatternPropertyDigit", R"({"pattern":"^\\p{digit}+$"})", R"(["42","৪২"])", R"(["-%#"])"},
    {"PatternScript", R"({"pattern":"^\\p{Script=Greek}+$"})", R"(["αβγ"])", R"(["abc"])"},
    {"PatternBracketInClass", R"({"pattern":"^[[:a]+$"})", R"(["[:a"])", R"(["b"])"},
    {"PatternLookahead", R"({"pattern":"^(?!-)[a-z-]+(?<!-)$"})", R"(["a-b"])", R"(["-a","a-"])"},
    {"FormatIsForStrings", R"({"format":"ipv4"})", R"([1,null,{},"127.0.0.1"])",
     R"(["127.0.0.256","127.0.0"])"},
    {"FormatUnknown", R"({"format":"password"})", R"(["x"])", "[]"},
    {"ItemsSchema", R"({"items":{"type":"integer"}})", R"([[1,2],[],{"foo":"bar"}])", R"([[1,"x"]])"},
    {"ItemsFalse", R"({"items":false})", "[[]]", "[[1]]"},
    {"ItemsPositions", R"({"items":[{"type":"integer"},{"type":"string"}]})",
     R"([[1,"a"],[1],[],[1,"a",true]])", R"([["a",1]])"},
    {"AdditionalItems", R"({"items":[{}],"additionalItems":{"type":"integer"}})", R"([[null,2,3],[null]])",
     R"([[null,"a"]])"},
    {"AdditionalItemsFalse", R"({"items":[{},{}],"additionalItems":false})", "[[1,2],[1]]", "[[1,2,3]]"},
    {"AdditionalItemsAlone", R"({"additionalItems":false})", "[[1,2,3]]", "[]"},
    {"AdditionalItemsBesideOneSchema", R"({"items":{},"additionalItems":false})", "[[1,2,3]]", "[]"},
    {"ItemCounts", R"({"minItems":1,"maxItems":2})", R"([[1],[1,2],""])", "[[],[1,2,3]]"},
    {"UniqueItems", R"({"uniqueItems":true})",
     R"([[1,2],[1,true],[0,false],[{"a":1},{"a":2}],[[1],[true]],["1",1]])",
     R"([[1,1],[1.0,1.00,1],[{"a":1,"b":2},{"b":2,"a":1}],["a","\u0061"],[[1],[1.0]]])"},
    {"UniqueItemsLong", R"({"uniqueItems":true})", "[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]]",
     "[[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,1.0],[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,"
     "170e-1]]"},
    {"UniqueItemsFalse", R"({"uniqueItems":false})", "[[1,1]]", "[]"},
    {"Contains", R"({"contains":{"minimum":5}})", "[[3,5],[6],{}]", "[[],[1,2]]"},
    {"ContainsFalse", R"({"contains":false})", "[{}]", "[[],[1]]"},
    {"MemberCounts", R"({"minProperties":1,"maxProperties":2})", R"([{"a":1},{"a":1,"b":2},[]])",
     R"([{},{"a":1,"b":2,"c":3}])"},
    {"Required", R"({"required":["a","b"]})", R"([{"a":null,"b":1},[],1])", R"([{"a":1},{}])"},
    {"RequiredOddNames", R"({"required":["a\nb","c\"d","__proto__"]})",
     R"([{"a\nb":1,"c\"d":1,"__proto__":1}])", R"([{"a\nb":1}])"},
    {"Properties", R"({"properties":{"a":{"type":"integer"},"b":false}})", R"([{},{"a":1},{"c":[]},[]])",
     R"([{"a":"x"},{"b":1}])"},
    {"PropertyNamedRef", R"({"properties":{"$ref":{"type":"string"}}})", R"([{"$ref":"a"}])",
     R"([{"$ref":2}])"},
    {"PropertyWithEscapedName", R"({"properties":{"foo\nbar":{"type":"number"},"fooéx":{"type":"number"}}})",
     R"([{"foo\nbar":1,"foo\u00e9x":1}])", R"([{"foo\u000abar":"1"},{"foo\u00e9x":"1"}])"},
    {"PatternProperties", R"({"patternProperties":{"a*":{"type":"integer"},"aaa*":{"maximum":20}}})",
     R"([{"a":21},{"aaaa":18}])", R"([{"a":"bar"},{"aaaa":31},{"aaa":"foo","aaaa":31}])"},
    {"AdditionalProperties",
     R"({"properties":{"a":{}},"patternProperties":{"^v":{}},"additionalProperties":false})",
     R"([{"a":1},{"v1":1}])", R"([{"a":1,"b":2}])"},
    {"AdditionalPropertiesSchema", R"({"properties":{"a":{}},"additionalProperties":{"type":"boolean"}})",
     R"([{"a":1,"b":true}])", R"([{"b":12}])"},
    {"AdditionalPropertiesLooksAtNeighboursOnly",
     R"({"allOf":[{"properties":{"a":{}}}],"additionalProperties":{"type":"boolean"}})", R"([{"a":true}])",
     R"([{"a":1}])"},
    {"PropertyNames", R"({"propertyNames":{"maxLength":3,"pattern":"^a"}})", R"([{"a":1,"abc":2},{},[]])",
     R"([{"abcd":1},{"b":1}])"},
    {"PropertyNamesFalse", R"({"propertyNames":false})", "[{}]", R"([{"a":1}])"},
    {"DependenciesList", R"({"dependencies":{"b":["a"],"c":["a","b"]}})",
     R"([{},{"a":1},{"a":1,"b":1},{"a":1,"b":1,"c":1}])", R"([{"b":1},{"a":1,"c":1}])"},
    {"DependenciesSchema",
     R"({"dependencies":{"b":{"properties":{"a":{"type":"integer"}}},"n":false,"y":true}})",
     R"([{"a":"x"},{"a":1,"b":2},{"y":1}])", R"([{"a":"x","b":2},{"n":1}])"},
    {"AllOf", R"({"allOf":[{"required":["a"]},{"properties":{"a":{"type":"string"}}}]})", R"([{"a":"x"}])",
     R"([{"a":1},{}])"},
    {"AnyOf", R"({"anyOf":[{"type":"integer"},{"minimum":2}]})", R"([1,2.5,"x"])", "[1.5]"},
    {"OneOf", R"({"oneOf":[{"type":"integer"},{"minimum":2}]})", "[1,2.5]", "[3,1.5]"},
    {"OneOfManyTrue", R"({"oneOf":[true,true,false]})", "[]", R"(["a"])"},
    {"Not", R"({"not":{"type":"integer"}})", R"(["a",1.5])", "[1]"},
    {"NotNot", R"({"not":{"not":{}}})", "[1]", "[]"},
    {"IfThenElse", R"({"if":{"exclusiveMaximum":0},"then":{"minimum":-10},"else":{"multipleOf":2}})",
     "[-1,0,4]", "[-100,3]"},
    {"IfAlone", R"({"if":{"const":0}})", "[0,1]", "[]"},
    {"ThenAlone", R"({"then":{"const":0}})", "[1]", "[]"},
    {"IfFalse", R"({"if":false,"then":{"const":"t"},"else":{"const":"e"}})", R"(["e"])", R"(["t"])"},
    {"RefPointer", R"({"properties":{"a":{"type":"integer"},"b":{"$ref":"#/properties/a"}}})", R"([{"b":3}])",
     R"([{"b":true}])"},
    {"RefRelativePosition", R"({"items":[{"type":"integer"},{"$ref":"#/items/0"}]})", "[[1,2]]",
     R"([[1,"a"]])"},
    {"RefEscaped",
     R"({"definitions":{"t~f":{"type":"integer"},"s/f":{"type":"integer"},"p%f":{"type":"integer"},"q\"f":{"type":"integer"}},"properties":{"a":{"$ref":"#/definitions/t~0f"},"b":{"$ref":"#/definitions/s~1f"},"c":{"$ref":"#/definitions/p%25f"},"d":{"$ref":"#/definitions/q%22f"}}})",
     R"([{"a":1,"b":1,"c":1,"d":1}])", R"([{"a":"x"},{"b":"x"},{"c":"x"},{"d":"x"}])"},
    {"RefEmptyNames",
     R"({"definitions":{"":{"definitions":{"":{"type":"number"}}}},"allOf":[{"$ref":"#/definitions//definitions/"}]})",
     "[1]", R"(["a"])"},
    {"RefRecursive", R"({"properties":{"foo":{"$ref":"#"}},"additionalProperties":false})",
     R"([{"foo":{"foo":false}}])", R"([{"foo":{"bar":1}},{"bar":1}])"},
    {"RefSiblingsIgnored",
     R"({"definitions":{"a":{"type":"array"}},"properties":{"foo":{"$ref":"#/definitions/a","maxItems":2}}})",
     R"([{"foo":[1,2,3]}])", R"([{"foo":"x"}])"},
    {"RefToBoolean", R"({"allOf":[{"$ref":"#/definitions/no"}],"definitions":{"no":false}})", "[]", "[1]"},
    {"RefMetaschema", R"({"$ref":"http://json-schema.org/draft-07/schema#"})",
     R"([{"minLength":1},true,{"definitions":{"a":{}}}])",
     R"([{"minLength":-1},{"type":"x"},{"pattern":"("},5])"},
    {"RefTree",
     R"({"$id":"http://localhost:1234/tree","type":"object","properties":{"nodes":{"type":"array","items":{"$ref":"node"}}},"required":["nodes"],"definitions":{"node":{"$id":"http://localhost:1234/node","type":"object","properties":{"value":{"type":"number"},"subtree":{"$ref":"tree"}},"required":["value"]}}})",
     R"([{"nodes":[{"value":1,"subtree":{"nodes":[{"value":1.1}]}}]}])",
     R"([{"nodes":[{"value":1,"subtree":{"nodes":[{"value":"x"}]}}]}])"},
    {"RefSiblingIdDoesNotChangeBase",
     R"({"$id":"http://localhost:1234/s/base/","definitions":{"foo":{"$id":"http://localhost:1234/s/foo.json","type":"string"},"base_foo":{"$id":"foo.json","type":"number"}},"allOf":[{"$id":"http://localhost:1234/s/","$ref":"foo.json"}]})",
     "[1]", R"(["a"])"},
    {"RefAnchor", R"({"allOf":[{"$ref":"#foo"}],"definitions":{"A":{"$id":"#foo","type":"integer"}}})", "[1]",
     R"(["a"])"},
    {"RefAnchorAfterBaseChange",
     R"({"$id":"http://localhost:1234/root","allOf":[{"$ref":"http://localhost:1234/nested.json#foo"}],"definitions":{"A":{"$id":"nested.json","definitions":{"B":{"$id":"#foo","type":"integer"}}}}})",
     "[1]", R"(["a"])"},
    {"RefUrn",
     R"({"$id":"urn:uuid:deadbeef-1234-0000-0000-4321feebdaed","properties":{"foo":{"$ref":"urn:uuid:deadbeef-1234-0000-0000-4321feebdaed#/definitions/bar"}},"definitions":{"bar":{"type":"string"}}})",
     R"([{"foo":"a"}])", R"([{"foo":1}])"},
    {"RefUrnAnchor",
     R"({"$id":"urn:uuid:deadbeef-1234-ff00-00ff-4321feebdaed","properties":{"foo":{"$ref":"urn:uuid:deadbeef-1234-ff00-00ff-4321feebdaed#something"}},"definitions":{"bar":{"$id":"#something","type":"string"}}})",
     R"([{"foo":"a"}])", R"([{"foo":1}])"},
    {"RefFileUri",
     R"({"$id":"file:///folder/file.json","definitions":{"foo":{"type":"number"}},"allOf":[{"$ref":"#/definitions/foo"}]})",
     "[1]", R"(["a"])"},
    {"RefAbsolutePath",
     R"({"$id":"http://example.com/ref/absref.json","definitions":{"a":{"$id":"http://example.com/ref/absref/foobar.json","type":"number"},"b":{"$id":"http://example.com/absref/foobar.json","type":"string"}},"allOf":[{"$ref":"/absref/foobar.json"}]})",
     R"(["a"])", "[1]"},
    {"RefIntoIf",
     R"({"allOf":[{"$ref":"http://example.com/ref/if"},{"if":{"$id":"http://example.com/ref/if","type":"integer"}}]})",
     "[1]", R"(["a"])"},
    {"RefTwiceIsNoLoop",
     R"({"definitions":{"int":{"type":"integer"}},"allOf":[{"properties":{"foo":{"$ref":"#/definitions/int"}}},{"additionalProperties":{"$ref":"#/definitions/int"}}]})",
     R"([{"foo":1}])", R"([{"foo":"a"}])"},
    {"IdInsideEnumIsNoId",
     R"({"definitions":{"id_in_enum":{"enum":[{"$id":"https://localhost:1234/id/my.json","type":"null"}]},"real":{"$id":"https://localhost:1234/id/my.json","type":"string"},"z":{"const":{"$id":"https://localhost:1234/id/my.json","type":"null"}}},"anyOf":[{"$ref":"#/definitions/id_in_enum"},{"$ref":"https://localhost:1234/id/my.json"}]})",
     R"(["a",{"$id":"https://localhost:1234/id/my.json","type":"null"}])", "[1]"},
    {"IdInsideUnknownKeywordIsNoId",
     R"({"definitions":{"u0":{"not":{"array_of_schemas":[{"$id":"https://localhost:1234/u/my.json","type":"null"}]}},"real":{"$id":"https://localhost:1234/u/my.json","type":"string"}},"anyOf":[{"$ref":"#/definitions/u0"},{"$ref":"https://localhost:1234/u/my.json"}]})",
     R"(["a"])", "[null,1]"},
    {"RefIntoUnknownKeyword",
     R"({"properties":{"a":{"$ref":"#/custom/a"}},"custom":{"a":{"type":"integer"}}})", R"([{"a":1}])",
     R"([{"a":"x"}])"},
    {"AnnotationsSayNothing",
     R"({"title":"t","description":"d","default":1,"examples":[2],"$comment":"c","readOnly":true,"contentMediaType":"application/json","unknown":{"type":"x"}})",
     R"(["a"])", "[]"},
    {"DefaultIsNotChecked", R"({"properties":{"a":{"type":"integer","default":[]}}})", R"([{},{"a":13}])",
     R"([{"a":"x"}])"},
};

class JsonSchemaTest : public testing::TestWithParam<Row> {};

void expect_all(const Validator& validator, const char* instances, bool want) {
  const auto list = *json::parse(instances);
  json::RecordParser parser;
  for (const auto& instance : *list.if_array()) {
    const auto text = instance.dump();
    EXPECT_EQ(validator.accepts(instance), want) << text;
    EXPECT_EQ(validator.validate(instance).empty(), want) << text;
    json::RecordGroup group;
    group.append(text);
    const auto record = parser.parse(group[0]);
    ASSERT_TRUE(record) << text;
    EXPECT_EQ(validator.accepts(*record), want) << "as a record: " << text;
    EXPECT_EQ(validator.violations(*record).empty(), want) << "as a record: " << text;
  }
}

TEST_P(JsonSchemaTest, AcceptsAndRefuses) {
  const auto& row = GetParam();
  const auto schema = json::parse(row.schema);
  ASSERT_TRUE(schema) << schema.error().message;
  const auto validator = Validator::compile(*schema);
  ASSERT_TRUE(validator) << validator.error().message << " at " << validator.error().where;
  expect_all(*validator, row.valid, true);
  expect_all(*validator, row.invalid, false);
  // What the standard calls a schema, its metaschema accepts.
  EXPECT_TRUE(Validator::compile(draft7_metaschema())->accepts(*schema));
}

INSTANTIATE_TEST_SUITE_P(Draft7, JsonSchemaTest, testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace headwater::schema
