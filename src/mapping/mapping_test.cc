#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mapping/mapping_set.h"
#include "mapping/mapping_set_json.h"

namespace headwater::mapping {
namespace {

MappingSet rows(std::string_view mappings, bool allow_nulls = false) {
  auto set = read_mapping_set(*json::parse(R"({"mappings":)" + std::string(mappings) + "}"));
  EXPECT_TRUE(set) << set.error().message;
  set->allow_nulls = allow_nulls;
  return *std::move(set);
}

// The row form of a test: source -> destination.
std::string attribute(std::string_view source, std::string_view destination) {
  return R"({"sourceType":"ATTRIBUTE","source":)" + json::quoted(source) + R"(,"destination":)" +
         json::quoted(destination) + "}";
}

struct Applied {
  std::string text;
  std::vector<Mapping::Failure> failures;
  std::vector<std::string> reasons;  // of the failures, which end with the scratch
};

Applied apply(const MappingSet& set, std::string_view record, std::string_view schema = "null") {
  const auto mapping = Mapping::compile(set, *json::parse(schema));
  EXPECT_TRUE(mapping) << mapping.error().message;
  json::RecordGroup in, out;
  in.append(record);
  json::RecordParser parser;
  Mapping::Scratch scratch;
  Applied applied;
  const auto parsed = parser.parse(in[0]);
  EXPECT_TRUE(parsed);
  // Twice: what the first record leaves behind must not show in the second.
  for (int i = 0; i < 2; ++i) {
    out.clear();
    mapping->apply(*parsed, scratch, out, applied.failures);
    out.close_text();
    applied.text = out[0];
  }
  for (const auto& failure : applied.failures) applied.reasons.emplace_back(failure.reason);
  return applied;
}

struct Case {
  const char* name;
  std::vector<std::pair<const char*, const char*>> rows;
  const char* record;
  const char* want;
  const char* schema = "null";
};

TEST(Mapping, PutsAttributesWhereTheRowsSay) {
  const Case cases[] = {
      {"Flat", {{"id", "_id"}}, R"({"id":7,"x":1})", R"({"_id":7})"},
      {"Nested",
       {{"email.email_id", "person.email.address"}, {"email.vip", "person.vip"}},
       R"({"email":{"email_id":"e","vip":true}})",
       R"({"person":{"email":{"address":"e"},"vip":true}})"},
      {"SourceIndex", {{"a.b[1].c", "c"}}, R"({"a":{"b":[{"c":1},{"c":2}]}})", R"({"c":2})"},
      {"IndexPastTheEnd", {{"a[5]", "c"}}, R"({"a":[1]})", "{}"},
      {"EscapedDot", {{"office.room\\.no", "room"}}, R"({"office":{"room.no":5}})", R"({"room":5})"},
      {"LiteralKeyWhenThereIsNoPath",
       {{"a.b", "x"}, {"c.d.e", "y"}},
       R"({"a.b":1,"c":{"d.e":2}})",
       R"({"x":1,"y":2})"},
      {"PathBeforeLiteralKey", {{"a.b", "x"}}, R"({"a.b":1,"a":{"b":2}})", R"({"x":2})"},
      {"Wrapped",
       {{"${a b.c}", "x"}, {"${d e}[0].f", "y"}},
       R"({"a b":{"c":1},"d e":[{"f":2}]})",
       R"({"x":1,"y":2})"},
      {"WrappedBrace", {{R"(${a\}b.c})", "x"}}, R"({"a}b":{"c":1}})", R"({"x":1})"},
      {"EscapedBrackets", {{R"(a\[0\])", R"(b\[1\])"}}, R"({"a[0]":3})", R"({"b[1]":3})"},
      {"WholeObject", {{"a", "b"}}, R"({"a":{"x":[1,{"y":2}]}})", R"({"b":{"x":[1,{"y":2}]}})"},
      {"OneSourceTwice", {{"a", "x"}, {"a", "y.z"}}, R"({"a":"é\n"})", R"({"x":"é\n","y":{"z":"é\n"}})"},
      {"EscapedNameInTheRecord", {{"ab", "x"}}, R"({"a\u0062":1})", R"({"x":1})"},
      {"MissingIsLeftOut", {{"a", "x.y"}, {"b", "x.z"}}, R"({"b":1})", R"({"x":{"z":1}})"},
      {"AllMissing", {{"a", "x.y"}}, "{}", "{}"},
      {"NullIsLeftOut",
       {{"a", "x"}, {"o", "p"}},
       R"({"a":null,"o":{"q":null,"r":[null,{"s":null}]}})",
       R"({"p":{"r":[null,{}]}})"},
      {"EmptyStringIsAValue", {{"a", "x"}}, R"({"a":""})", R"({"x":""})"},
      {"DestinationIndex", {{"a", "list[0]"}}, R"({"a":1})", R"({"list":[1]})"},
      {"DestinationIndexGap",
       {{"a", "list[2]"}, {"b", "list[0]"}},
       R"({"a":1})",
       R"({"list":[null,null,1]})"},
      {"DestinationIndexTrailing", {{"a", "list[0]"}, {"b", "list[3]"}}, R"({"a":1})", R"({"list":[1]})"},
      {"DestinationIndexMember",
       {{"a", "list[0].x"}, {"b", "list[0].y"}},
       R"({"a":1,"b":2})",
       R"({"list":[{"x":1,"y":2}]})"},
      {"Wildcard",
       {{"customer.phones[*].kind", "contactPoints[*].label"}},
       R"({"customer":{"phones":[{"kind":"home"},{"kind":"work"}]}})",
       R"({"contactPoints":[{"label":"home"},{"label":"work"}]})"},
      {"WildcardRowsShareElements",
       {{"p[*].a", "q[*].x"}, {"p[*].b", "q[*].y"}},
       R"({"p":[{"a":1,"b":2},{"b":3},{}]})",
       R"({"q":[{"x":1,"y":2},{"y":3},{}]})"},
      {"WildcardNested",
       {{"o[*].l[*].v", "r[*].s[*]"}},
       R"({"o":[{"l":[{"v":1},{"v":2}]},{"l":[]},{"l":[{"v":3},{}]}]})",
       R"({"r":[{"s":[1,2]},{"s":[]},{"s":[3,null]}]})"},
      {"WildcardWithoutArray", {{"p[*]", "q[*]"}}, R"({"p":1})", "{}"},
      {"ParentThenChild",
       {{"loc", "addr"}, {"loc.l1", "addr.line1"}},
       R"({"loc":{"l1":"5 Elm","zip":"10001","note":"x"}})",
       R"({"addr":{"zip":"10001","line1":"5 Elm"}})",
       R"({"properties":{"addr":{"type":"object","properties":{"line1":{"type":"string"},"zip":{"type":"string"}}}}})"},
      {"ChildListedBeforeParent",
       {{"n", "addr.zip"}, {"loc", "addr"}},
       R"({"n":"2","loc":{"zip":"1","l":"x"}})",
       R"({"addr":{"zip":"2","l":"x"}})"},
      {"ObjectArrayCopy",
       {{"a", "b"}},
       R"({"a":[{"x":1,"z":2},{"y":"3"}]})",
       R"({"b":[{"x":1},{"y":3}]})",
       R"({"properties":{"b":{"type":"array","items":{"properties":{"x":{"type":"integer"},"y":{"type":"integer"}}}}}})"},
  };
  for (const auto& c : cases) {
    std::string text = "[";
    for (const auto& [source, destination] : c.rows)
      text += (text.size() > 1 ? "," : "") + attribute(source, destination);
    const auto applied = apply(rows(text + "]"), c.record, c.schema);
    EXPECT_EQ(applied.text, c.want) << c.name;
    EXPECT_TRUE(applied.failures.empty()) << c.name;
  }
}

TEST(Mapping, FindsMembersWhereverTheyStandInTheNextRecord) {
  const auto first = *Mapping::compile(rows("[" + attribute("a", "x") + "," + attribute("o.b", "y") + "]"));
  const auto second = *Mapping::compile(rows("[" + attribute("b", "x") + "," + attribute("o.a", "y") + "]"));
  Mapping::Scratch scratch;
  json::RecordParser parser;
  std::vector<Mapping::Failure> failures;
  const auto mapped = [&](const Mapping& mapping, std::string_view record) {
    json::RecordGroup in, out;
    in.append(record);
    const auto parsed = parser.parse(in[0]);
    EXPECT_TRUE(parsed) << record;
    mapping.apply(*parsed, scratch, out, failures);
    out.close_text();
    return std::string(out[0]);
  };
  EXPECT_EQ(mapped(first, R"({"a":1,"b":2,"o":{"a":3,"b":4}})"), R"({"x":1,"y":4})");
  EXPECT_EQ(mapped(first, R"({"a":1,"b":2,"o":{"a":3,"b":4}})"), R"({"x":1,"y":4})");
  EXPECT_EQ(mapped(first, R"({"b":2,"a":1,"o":{"b":4,"a":3}})"), R"({"x":1,"y":4})") << "in another order";
  EXPECT_EQ(mapped(first, R"({"o":{"b":4},"c":0,"a":1})"), R"({"x":1,"y":4})");
  EXPECT_EQ(mapped(first, R"({"":0,"\u0061":1})"), R"({"x":1})") << "written with an escape";
  EXPECT_EQ(mapped(first, R"({"\u0061":1,"":0})"), R"({"x":1})");
  EXPECT_EQ(mapped(second, R"({"a":1,"b":2,"o":{"a":3,"b":4}})"), R"({"x":2,"y":3})") << "another mapping";
  EXPECT_EQ(mapped(first, R"({"a":1,"b":2,"o":{"a":3,"b":4}})"), R"({"x":1,"y":4})");
  std::string many = "{";
  for (int i = 0; i < 300; ++i) many += "\"" + std::string(80, 'n') + std::to_string(i) + "\":0,";
  EXPECT_EQ(mapped(first, many + R"("a":1})"), R"({"x":1})") << "more than are remembered";
  EXPECT_EQ(mapped(first, many + R"("a":2})"), R"({"x":2})");
}

TEST(Mapping, KeepsNullsWhenTheSetAllowsThem) {
  EXPECT_EQ(apply(rows("[" + attribute("a", "x") + "," + attribute("b", "y") + "]", true),
                  R"({"a":null,"b":{"c":null}})")
                .text,
            R"({"x":null,"y":{"c":null}})");
}

struct CoercionCase {
  const char* type;   // schema of the destination
  const char* value;  // JSON
  const char* want;   // JSON; "" when the row fails
};

TEST(Mapping, CoercesToTheTargetsTypes) {
  constexpr CoercionCase kCases[] = {
      {R"({"type":"string"})", "12.50", "\"12.50\""},
      {R"({"type":"string"})", "true", "\"true\""},
      {R"({"type":"string"})", "[1]", ""},
      {R"({"type":"boolean"})", "\"Yes\"", "true"},
      {R"({"type":"boolean"})", "\"off\"", "false"},
      {R"({"type":"boolean"})", "1", ""},
      {R"({"type":"integer"})", "\"42\"", "42"},
      {R"({"type":"integer"})", "42.0", "42"},
      {R"({"type":"integer"})", "42.5", ""},
      {R"({"type":"integer"})", "\"42.0\"", ""},
      {R"({"type":"integer"})", "9223372036854775807", "9223372036854775807"},
      {R"({"type":"integer"})", "9223372036854775808", ""},
      {R"({"type":["null","number"]})", "\"1.5e3\"", "1.5e3"},
      {R"({"type":"number"})", "\"01\"", ""},
      {R"({"type":"string","format":"date-time"})", "\"2024-03-05T09:07:03+01:00\"",
       "\"2024-03-05T09:07:03+01:00\""},
      {R"({"type":"string","format":"date-time"})", "\"2024-03-05\"", "\"2024-03-05T00:00:00Z\""},
      {R"({"type":"string","format":"date-time"})", "1709629623000", "\"2024-03-05T09:07:03Z\""},
      {R"({"type":"string","format":"date"})", "\"2024-03-05T23:07:03Z\"", "\"2024-03-05\""},
      {R"({"type":"string","format":"date"})", "\"soon\"", ""},
      {R"({"type":"array","items":{"type":"string"}})", "5", "[\"5\"]"},
      {R"({"type":"array","items":{"type":"integer"}})", "[\"1\",null]", "[1,null]"},
      {R"({"type":"array","items":{"type":"integer"}})", "[\"x\"]", ""},
      {R"({"type":"object","properties":{"a":{}}})", "5", ""},
      {R"({"type":"object","additionalProperties":{"type":"string"}})", R"({"k":1})", R"({"k":"1"})"},
      {R"({"$ref":"#/definitions/t"})", "1", "\"1\""},
      {R"({"allOf":[{"type":"string"}]})", "1", "\"1\""},
  };
  for (const auto& c : kCases) {
    const auto schema =
        R"({"definitions":{"t":{"type":"string"}},"properties":{"x":)" + std::string(c.type) + "}}";
    const auto applied =
        apply(rows("[" + attribute("v", "x") + "]"), R"({"v":)" + std::string(c.value) + "}", schema);
    const bool fails = c.want[0] == '\0';
    EXPECT_EQ(applied.text, fails ? "{}" : R"({"x":)" + std::string(c.want) + "}")
        << c.type << " " << c.value;
    EXPECT_EQ(applied.failures.size(), fails ? 1U : 0U) << c.type << " " << c.value;
  }
}

TEST(Mapping, WritesConstantsAndSimpleExpressions) {
  const auto set = rows(R"([{"sourceType":"STATIC","source":"12","destination":"s"},
      {"sourceType":"text/plain","source":"12","destination":"n"},
      {"sourceType":"EXPRESSION","source":" 'it\\'s \\d' ","destination":"e"},
      {"sourceType":"text/x.aep-xl","source":"1.5","destination":"f"},
      {"sourceType":"EXPRESSION","source":"true","destination":"t"},
      {"sourceType":"EXPRESSION","source":"null","destination":"z"},
      {"sourceType":"EXPRESSION","source":"a.b[0]","destination":"p"}])");
  EXPECT_EQ(apply(set, R"({"a":{"b":[3]}})",
                  R"({"properties":{"n":{"type":"integer"},"s":{},"e":{},"f":{},"t":{},"z":{},"p":{}}})")
                .text,
            R"({"s":"12","n":12,"e":"it's \\d","f":1.5,"t":true,"p":3})");
}

TEST(Mapping, EvaluatesExpressionsAsTheTargetsTypes) {
  const auto schema =
      R"({"properties":{"name":{"type":"string"},"n":{"type":"integer"},"when":{"type":"string","format":"date-time"},
      "day":{"type":"string","format":"date"},"tags":{"type":"array","items":{"type":"string"}},"o":{"type":"object","properties":{"a":{},"b":{"type":"string"}}},
      "flag":{"type":"boolean"},"any":{}}})";
  const auto set = rows(R"j([
      {"sourceType":"EXPRESSION","source":"concat(first, ' ', last)","destination":"name"},
      {"sourceType":"EXPRESSION","source":"amount * 2","destination":"n"},
      {"sourceType":"EXPRESSION","source":"date(t)","destination":"when"},
      {"sourceType":"EXPRESSION","source":"date(t)","destination":"day"},
      {"sourceType":"EXPRESSION","source":"split(csv, ',')","destination":"tags"},
      {"sourceType":"EXPRESSION","source":"to_object('a', null, 'b', 7, 'c', 1)","destination":"o"},
      {"sourceType":"EXPRESSION","source":"amount > 20","destination":"flag"},
      {"sourceType":"EXPRESSION","source":"{'x': amount, 'y': null, 'z': [null, o]}","destination":"any"}])j");
  EXPECT_EQ(
      apply(
          set,
          R"({"first":"Ada","last":"L.","amount":21,"t":"2022-03-04 05:06:07+0100","csv":"a,b","o":{"p":null}})",
          schema)
          .text,
      R"({"name":"Ada L.","n":42,"when":"2022-03-04T05:06:07+01:00","day":"2022-03-04","tags":["a","b"],)"
      R"("o":{"b":"7"},"flag":true,"any":{"x":21,"z":[null,{}]}})");
}

TEST(Mapping, AnExpressionThatFailsNullsItsDestinationOnly) {
  const auto set = rows(R"j([
      {"source":"p","destination":"p"},
      {"sourceType":"EXPRESSION","source":"p.a / 0","destination":"p.a"},
      {"sourceType":"EXPRESSION","source":"to_integer(t)","destination":"n"},
      {"sourceType":"EXPRESSION","source":"iif(p.b == 2, nullify(), p.b)","destination":"p.b"},
      {"sourceType":"EXPRESSION","source":"missing","destination":"p.c"}])j");
  const auto applied = apply(set, R"({"p":{"a":1,"b":2,"c":3},"t":"x"})");
  EXPECT_EQ(applied.text, R"({"p":{"c":3}})");
  ASSERT_EQ(applied.failures.size(), 2U);
  EXPECT_EQ(applied.failures[0].row, 1U);
  EXPECT_EQ(applied.reasons[0], "division by zero");
  auto nulls = set;
  nulls.allow_nulls = true;
  EXPECT_EQ(apply(nulls, R"({"p":{"a":1,"b":2,"c":3},"t":"x"})").text,
            R"({"p":{"a":null,"b":null,"c":null},"n":null})");
}

TEST(Mapping, AnExpressionRunsOverArrays) {
  const auto set = rows(R"j([
      {"sourceType":"EXPRESSION","source":"concat(shop, ':', items[*].sku)","destination":"lines[*].id"},
      {"sourceType":"EXPRESSION","source":"items[*].price * rates[*]","destination":"lines[*].total"},
      {"source":"items[*].sku","destination":"lines[*].sku"},
      {"sourceType":"EXPRESSION","source":"join('|', items[*].sku)","destination":"all"},
      {"sourceType":"EXPRESSION","source":"orders[*].no + orders[*].parts[*].n","destination":"o[*].p[*]"}])j");
  EXPECT_EQ(
      apply(set, R"({"shop":"s","items":[{"sku":"a","price":2},{"sku":"b","price":3}],"rates":[10,20,30],
      "orders":[{"no":1,"parts":[{"n":1},{"n":2}]},{"no":5,"parts":[]},{"no":7,"parts":[{"n":1}]}]})")
          .text,
      R"({"lines":[{"id":"s:a","total":20,"sku":"a"},{"id":"s:b","total":60,"sku":"b"},{"id":"s:","total":0}],)"
      R"("all":"a|b","o":[{"p":[2,3]},{"p":[]},{"p":[8]}]})");
  EXPECT_EQ(
      check(rows(R"j([{"sourceType":"EXPRESSION","source":"upper(a)","destination":"l[*].x"}])j")).size(),
      1U);
}

TEST(Mapping, ChecksAttributesAgainstTheSourceSchema) {
  const auto source =
      *json::parse(R"({"properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}},
      "l":{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer"}}}},"free":{},"flat.name":{"type":"string"}}})");
  auto set = rows(R"j([
      {"source":"a.b","destination":"x1"},{"source":"a.c","destination":"x2"},{"source":"free.any[3]","destination":"x3"},
      {"source":"flat.name","destination":"x4"},{"source":"nowhere","destination":"x5"},
      {"sourceType":"EXPRESSION","source":"l.n","destination":"x6"},
      {"sourceType":"EXPRESSION","source":"upper(a.z)","destination":"x7"},
      {"sourceType":"EXPRESSION","source":"transformArray(l, e -> e.n)","destination":"x8"}])j");
  set.source_schema = source;
  std::vector<std::size_t> at;
  for (const auto& problem : check(set)) at.push_back(problem.row);
  EXPECT_EQ(at, (std::vector<std::size_t>{1, 4, 6}));
}

TEST(Mapping, ReadsBothWireForms) {
  const auto old_form = read_mapping_set(
      *json::parse(R"({"version":0,"id":null,"xdmSchema":"https://ns.example/s1","xdmVersion":"1.0",
      "mappings":[{"sourceAttribute":"crm","destinationXdmPath":"_id","identity":false,"identityGroup":null}]})"));
  ASSERT_TRUE(old_form);
  EXPECT_EQ(old_form->schema_id, "https://ns.example/s1");
  EXPECT_EQ(old_form->content_type, "1.0");
  ASSERT_EQ(old_form->rows.size(), 1U);
  EXPECT_EQ(old_form->rows[0].type, SourceType::attribute);
  const auto new_form = read_mapping_set(*json::parse(R"({"name":"m","allowNullValues":true,
      "outputSchema":{"schemaRef":{"id":"https://ns.example/s2","contentType":"application/vnd.adobe.xed-full+json;version=1"}},
      "mappings":[{"sourceType":"text/x.schema-path","source":"a","destination":"b"}]})"));
  ASSERT_TRUE(new_form);
  EXPECT_EQ(new_form->schema_id, "https://ns.example/s2");
  EXPECT_TRUE(new_form->allow_nulls);
  EXPECT_EQ(new_form->rows[0].source, "a");
}

TEST(Mapping, ReportsEveryRowThatCannotBeRead) {
  const auto set = read_mapping_set(*json::parse(
      R"({"allowNullValues":1,"mappings":[{"source":"a"},{"source":{},"destination":"b"},{"source":"a","destination":"b","sourceType":"SQL"},5]})"));
  ASSERT_FALSE(set);
  std::vector<std::string> pointers;
  for (const auto& problem : set.error().problems) pointers.push_back(problem.pointer);
  EXPECT_EQ(pointers, (std::vector<std::string>{"/allowNullValues", "/mappings/0", "/mappings/1/source",
                                                "/mappings/2/sourceType", "/mappings/3"}));
  EXPECT_FALSE(read_mapping_set(*json::parse(R"({"mappings":{}})")));
  EXPECT_FALSE(read_mapping_set(*json::parse("[]")));
}

TEST(Mapping, ReportsEveryRowThatCannotBeUsed) {
  const auto set = rows(R"j([
      {"source":"a","destination":"x"},
      {"source":"b","destination":"x"},
      {"source":"a..b","destination":"y"},
      {"source":"a[*]","destination":"z"},
      {"source":"a","destination":"x.y[1"},
      {"sourceType":"EXPRESSION","source":"uper(name)","destination":"u"},
      {"source":"a","destination":"l[0]"},
      {"source":"a","destination":"l.m"},
      {"sourceType":"STATIC","source":"q","destination":"n"},
      {"source":"a","destination":"nowhere.x"}])j");
  const auto schema =
      *json::parse(R"({"properties":{"x":{},"y":{},"z":{},"u":{},"l":{},"n":{"type":"integer"}}})");
  const auto mapping = Mapping::compile(set, schema);
  ASSERT_FALSE(mapping);
  std::vector<std::string> pointers;
  for (const auto& problem : mapping.error().problems) pointers.push_back(problem.pointer);
  EXPECT_EQ(pointers, (std::vector<std::string>{"/mappings/1/destination", "/mappings/2/source",
                                                "/mappings/3/destination", "/mappings/4/destination",
                                                "/mappings/5/source", "/mappings/7/destination",
                                                "/mappings/8/source", "/mappings/9/destination"}));
  EXPECT_EQ(mapping.error().problems[4].reason, "Unknown function: uper (position 1).");
  EXPECT_EQ(mapping.error().problems[4].hint, "Did you mean upper?");
  EXPECT_EQ(check(set, schema).size(), 8U);
  EXPECT_TRUE(check(rows("[" + attribute("a", "b") + "]")).empty());
}

TEST(Mapping, NamesRequiredFieldsThatNoRowGives) {
  const auto schema = *json::parse(
      R"({"required":["id","at"],"properties":{"id":{},"at":{},
          "who":{"type":"object","required":["name","mail.box"],"properties":{"name":{},"mail.box":{}}},
          "lines":{"type":"array","items":{"allOf":[{"required":["sku"]},{"properties":{"sku":{},"n":{}}}]}}}})");
  const auto unfilled = [&schema](const char* mappings) { return unfilled_fields(rows(mappings), schema); };
  using Fields = std::vector<std::string>;
  EXPECT_EQ(unfilled("[]"), (Fields{"id", "at"}));
  EXPECT_EQ(unfilled(R"([{"source":"a","destination":"id"},{"source":"a","destination":"at"}])"), Fields{})
      << "an object that nobody makes needs no members";
  EXPECT_EQ(unfilled(R"([{"source":"a","destination":"id"},{"source":"a","destination":"at"},
      {"source":"b","destination":"who.name"},{"source":"l[*].n","destination":"lines[*].n"}])"),
            (Fields{"who.mail\\.box", "lines[*].sku"}));
  EXPECT_EQ(unfilled(R"([{"source":"a","destination":"id"},{"source":"a","destination":"at"},
      {"source":"b","destination":"who"},{"source":"c","destination":"who.name"},
      {"source":"l","destination":"lines"}])"),
            Fields{})
      << "a copy may bring them";
  EXPECT_EQ(unfilled_fields(rows("[]"), {}), Fields{});
}

}  // namespace
}  // namespace headwater::mapping
